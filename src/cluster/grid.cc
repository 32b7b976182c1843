#include "cluster/grid.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

namespace windtunnel::cluster {
namespace {

base::Status covers(const std::vector<uint32_t>& table, const std::vector<Rank>& group,
                    const char* what) {
  if (table.empty()) return {};
  const Rank highest = *std::max_element(group.begin(), group.end());
  if (highest < table.size()) return {};
  return base::fail(fmt::format("the placement gives {} for {} ranks, but the group has rank {}",
                                what, table.size(), highest));
}

base::Status check_placement(const std::vector<Rank>& group, const Placement& placement) {
  if (group.empty()) return base::fail("a group needs at least one rank");
  if (placement.per_server == 0) return base::fail("a server holds at least one rank");
  if (auto ok = covers(placement.server_of, group, "servers"); !ok) return ok;
  return covers(placement.rail_of, group, "rails");
}

}  // namespace

base::Result<Grid> Grid::make(const std::vector<Rank>& group, const Placement& placement) {
  if (auto ok = check_placement(group, placement); !ok) return tl::unexpected(ok.error());
  std::map<uint32_t, uint32_t> numbers;  // of servers, by first appearance
  std::vector<uint32_t> sizes;
  std::vector<std::tuple<uint32_t, uint32_t, uint32_t>> order;  // server, rail, position
  for (uint32_t position = 0; position < group.size(); ++position) {
    const uint32_t server = placement.server(group[position]);
    const auto number = numbers.emplace(server, static_cast<uint32_t>(numbers.size())).first;
    sizes.resize(numbers.size());
    ++sizes[number->second];
    order.emplace_back(number->second, placement.rail(group[position]), position);
  }
  const auto [least, most] = std::minmax_element(sizes.begin(), sizes.end());
  if (*least != *most) {
    return base::fail(fmt::format(
        "the group has {} ranks on one server and {} on another, and needs as many on each", *least,
        *most));
  }
  std::sort(order.begin(), order.end());
  Grid grid;
  grid.rails_ = *most;
  grid.cells_.resize(group.size());
  for (uint32_t cell = 0; cell < order.size(); ++cell) {
    grid.positions_.push_back(std::get<2>(order[cell]));
    grid.cells_[grid.positions_[cell]] = cell;
  }
  return grid;
}

bool Grid::in_order() const { return std::is_sorted(positions_.begin(), positions_.end()); }

std::vector<std::vector<Rank>> Grid::by_server(const std::vector<Rank>& group) const {
  std::vector<std::vector<Rank>> out(servers());
  for (size_t cell = 0; cell < positions_.size(); ++cell) {
    out[cell / rails_].push_back(group[positions_[cell]]);
  }
  return out;
}

std::vector<std::vector<Rank>> Grid::by_rail(const std::vector<Rank>& group) const {
  std::vector<std::vector<Rank>> out(rails_);
  for (size_t cell = 0; cell < positions_.size(); ++cell) {
    out[cell % rails_].push_back(group[positions_[cell]]);
  }
  return out;
}

}  // namespace windtunnel::cluster
