// A group as servers by rails: what hierarchical and rail-aligned algorithms work on. Positions of
// the group may be in any order; every server must hold as many of them as the others.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "cluster/placement.h"

namespace windtunnel::cluster {

class Grid {
 public:
  // Servers in order of first appearance in the group; within a server by rail, then position.
  // Errors: servers with different numbers of ranks; a placement that lacks a rank.
  static base::Result<Grid> make(const std::vector<Rank>& group, const Placement& placement);

  uint32_t servers() const { return static_cast<uint32_t>(positions_.size()) / rails_; }
  uint32_t rails() const { return rails_; }  // ranks of a server
  // The position in the group of rail `rail` of server `server`.
  uint32_t position(uint32_t server, uint32_t rail) const {
    return positions_[server * rails_ + rail];
  }
  uint32_t server_of(uint32_t position) const { return cells_[position] / rails_; }
  uint32_t rail_of(uint32_t position) const { return cells_[position] % rails_; }
  // Whether the group lists server after server, each by rail.
  bool in_order() const;

  // The group as lists of ranks: one per server, or one per rail.
  std::vector<std::vector<Rank>> by_server(const std::vector<Rank>& group) const;
  std::vector<std::vector<Rank>> by_rail(const std::vector<Rank>& group) const;

 private:
  Grid() = default;
  uint32_t rails_ = 1;
  std::vector<uint32_t> positions_;  // by server, then rail
  std::vector<uint32_t> cells_;      // the inverse: server * rails + rail, by position
};

}  // namespace windtunnel::cluster
