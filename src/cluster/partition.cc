#include "cluster/partition.h"

#include <fmt/core.h>

#include <algorithm>

namespace windtunnel::cluster {
namespace {

base::Status check_groups(const std::vector<std::vector<Rank>>& groups) {
  if (groups.empty()) return base::fail("a partition needs at least one group");
  for (size_t g = 0; g < groups.size(); ++g) {
    if (groups[g].empty()) return base::fail(fmt::format("group {} has no ranks", g));
  }
  return {};
}

}  // namespace

base::Result<PartitionRef> Partition::make(const std::vector<std::vector<Rank>>& groups) {
  if (auto ok = check_groups(groups); !ok) return tl::unexpected(ok.error());
  Rank highest = 0;
  for (const auto& group : groups) {
    highest = std::max(highest, *std::max_element(group.begin(), group.end()));
  }
  Partition out;
  out.places_.resize(size_t{highest} + 1);
  out.first_.push_back(0);
  for (uint32_t g = 0; g < groups.size(); ++g) {
    const auto size = static_cast<uint32_t>(groups[g].size());
    for (uint32_t position = 0; position < size; ++position) {
      Place& place = out.places_[groups[g][position]];
      if (place.size > 0) {
        return base::fail(fmt::format("rank {} stands twice in the groups", groups[g][position]));
      }
      place = {g, position, size};
    }
    out.members_.insert(out.members_.end(), groups[g].begin(), groups[g].end());
    out.first_.push_back(static_cast<uint32_t>(out.members_.size()));
  }
  return std::make_shared<const Partition>(std::move(out));
}

}  // namespace windtunnel::cluster
