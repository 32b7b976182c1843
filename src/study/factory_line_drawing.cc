#include "study/factory_line_drawing.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "factory/problem_list.h"

namespace windtunnel::study {
namespace {

using factory::NameTable;
using factory::Plant;

constexpr double kHour = 3'600;

class Drawing {
 public:
  Drawing(const Plant& plant, const FactoryFold& fold)
      : plant_(plant), fold_(fold), stations_(NameTable::of(plant.stations)) {}

  report::Diagram draw() {
    nodes();
    links();
    levels();
    for (const auto& [ends, rate] : rates_) {
      report::Diagram::Link link;
      link.from = ends.first;
      link.to = ends.second;
      link.forward.value = rate;
      diagram_.links.push_back(std::move(link));
    }
    return std::move(diagram_);
  }

 private:
  void nodes() {
    diagram_.unit = "pieces/h";
    for (size_t s = 0; s < factory::kMachineStates; ++s)
      diagram_.states.emplace_back(
          factory::machine_state_name(static_cast<factory::MachineState>(s)));
    for (size_t s = 0; s < plant_.stations.size(); ++s) {
      report::Diagram::Node node;
      node.name = plant_.stations[s].name;
      const int64_t machines = fold_.first().stations[s].machines;
      if (machines > 1) node.label = fmt::format("{} machines", machines);
      node.kind = "station";
      node.shares = mean_shares(fold_.stations()[s].shares, fold_.count());
      diagram_.nodes.push_back(std::move(node));
    }
    for (const factory::Stock& stock : plant_.stocks) {
      report::Diagram::Node node;
      node.name = "stock of " + stock.item;
      node.kind = "stock";
      stock_nodes_[stock.item] = diagram_.nodes.size();
      diagram_.nodes.push_back(std::move(node));
    }
  }

  double rate(size_t item) const {
    const factory::Outcome& first = fold_.first();
    const double hours = first.measured.seconds() / kHour;
    return hours > 0 ? static_cast<double>(first.items[item].finished) / hours : 0;
  }
  void join(size_t from, size_t to, double rate) {
    if (from != to) rates_[{from, to}] += rate;
  }

  void links() {
    for (size_t i = 0; i < plant_.items.size(); ++i) {
      const factory::Item& item = plant_.items[i];
      const double pieces = rate(i);
      std::set<size_t> seen;
      for (size_t k = 0; k < item.route.size(); ++k) {
        const size_t here = stations_.find(item.route[k].station);
        const bool onward = seen.insert(here).second;
        if (k > 0) {
          const size_t before = stations_.find(item.route[k - 1].station);
          join(before, here, pieces);
          if (!onward) back_.insert({before, here});
        }
        for (const factory::Part& part : item.route[k].parts)
          join(stock_nodes_.at(part.item), here, pieces * static_cast<double>(part.count));
      }
      const auto stock = stock_nodes_.find(item.name);
      if (!item.route.empty() && stock != stock_nodes_.end())
        join(stations_.find(item.route.back().station), stock->second, pieces);
    }
  }

  // A level further than the furthest before it. Ways back to where a piece has been do not count;
  // routes that run against each other end with the number of rounds.
  void levels() {
    std::vector<double> level(diagram_.nodes.size());
    for (size_t round = 0; round < diagram_.nodes.size(); ++round) {
      bool moved = false;
      for (const auto& [ends, rate] : rates_) {
        if (back_.contains(ends) || level[ends.second] > level[ends.first]) continue;
        if (level[ends.first] + 1 >= static_cast<double>(diagram_.nodes.size())) continue;
        level[ends.second] = level[ends.first] + 1;
        moved = true;
      }
      if (!moved) break;
    }
    std::map<double, double> next;
    for (size_t n = 0; n < level.size(); ++n) {
      diagram_.nodes[n].level = level[n];
      diagram_.nodes[n].position = next[level[n]]++;
    }
  }

  const Plant& plant_;
  const FactoryFold& fold_;
  NameTable stations_;
  std::map<std::string, size_t> stock_nodes_;
  std::map<std::pair<size_t, size_t>, double> rates_;
  std::set<std::pair<size_t, size_t>> back_;
  report::Diagram diagram_;
};

}  // namespace

std::vector<double> mean_shares(const factory::StateShares& sum, int64_t count) {
  std::vector<double> shares(sum.begin(), sum.end());
  double all = 0;
  for (double& share : shares) {
    share /= static_cast<double>(std::max<int64_t>(count, 1));
    all += share;
  }
  // Rounding must not keep them from summing to one.
  if (all > 0)
    for (double& share : shares) share /= all;
  return shares;
}

report::Series draw_line(const Plant& plant, const FactoryFold& fold) {
  report::Series series;
  series.name = "plant.line";
  series.title = "The plant";
  series.about =
      "Stations with the shares of their time, stocks, and the pieces that pass between them per "
      "hour.";
  series.data = Drawing(plant, fold).draw();
  return series;
}

}  // namespace windtunnel::study
