// Who works together: disjoint groups of ranks, each a list in order. A collective runs on all
// groups of a partition at once (one group is the common case; the rails of a cluster are another),
// so its memory grows with the ranks and not with the groups.
//
// Constant once built, and shared by the stages of one collective.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "cluster/machine.h"

namespace windtunnel::cluster {

// A rank's place: which group, where in it, and how large the group is.
struct Place {
  uint32_t group = 0;
  uint32_t position = 0;
  uint32_t size = 0;  // 0: the rank belongs to no group
};

class Partition {
 public:
  // Errors: no group, an empty group, a rank listed twice.
  static base::Result<std::shared_ptr<const Partition>> make(
      const std::vector<std::vector<Rank>>& groups);

  uint32_t ranks() const { return static_cast<uint32_t>(places_.size()); }  // highest rank + 1
  uint32_t groups() const { return static_cast<uint32_t>(first_.size() - 1); }
  uint32_t size(uint32_t group) const { return first_[group + 1] - first_[group]; }
  std::span<const Rank> members(uint32_t group) const {
    return {&members_[first_[group]], size(group)};
  }
  Rank rank(uint32_t group, uint32_t position) const { return members_[first_[group] + position]; }
  bool has(Rank rank) const { return rank < places_.size() && places_[rank].size > 0; }
  const Place& place(Rank rank) const { return places_[rank]; }

 private:
  Partition() = default;
  std::vector<Rank> members_;    // of all groups, one after another
  std::vector<uint32_t> first_;  // groups() + 1 entries: where each group begins in members_
  std::vector<Place> places_;    // by rank
};

// Shared because the stages of one collective work on the same or related partitions and outlive
// one another in no fixed order.
using PartitionRef = std::shared_ptr<const Partition>;

}  // namespace windtunnel::cluster
