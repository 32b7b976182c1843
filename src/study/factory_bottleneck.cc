// Which station limits a plant, and how that shows. A station limits what it can when it is at
// work, set up or down all the time; those before it are blocked and those after it starve (the
// turning point of Li and Meerkov, Production Systems Engineering, 2009).
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "factory/problem_list.h"
#include "study/factory_measure.h"

namespace windtunnel::study {
namespace {

using factory::MachineState;
using factory::Plant;

struct Mean {
  double limiting = 0;
  double setup = 0;
  double down = 0;
  double blocked = 0;
  double starved = 0;
};

using Edges = std::set<std::pair<size_t, size_t>>;

// From each station to those its pieces go to, through stocks too.
Edges edges_of(const Plant& plant) {
  const auto stations = factory::NameTable::of(plant.stations);
  const auto items = factory::NameTable::of(plant.items);
  Edges edges;
  const auto join = [&](const std::string& from, const std::string& to) {
    if (from != to) edges.insert({stations.find(from), stations.find(to)});
  };
  for (const factory::Item& item : plant.items) {
    for (size_t k = 0; k < item.route.size(); ++k) {
      if (k > 0) join(item.route[k - 1].station, item.route[k].station);
      for (const factory::Part& part : item.route[k].parts) {
        const factory::Item& made = plant.items[items.find(part.item)];
        if (!made.route.empty()) join(made.route.back().station, item.route[k].station);
      }
    }
  }
  return edges;
}

std::vector<Mean> means_of(const FactoryFold& fold) {
  std::vector<Mean> means;
  const auto runs = static_cast<double>(std::max<int64_t>(fold.count(), 1));
  for (const StationFold& station : fold.stations()) {
    factory::StateShares shares = station.shares;
    for (double& share : shares) share /= runs;
    const auto of = [&](MachineState state) { return shares[static_cast<size_t>(state)]; };
    means.push_back({limiting_share(shares), of(MachineState::kSetup), of(MachineState::kDown),
                     of(MachineState::kBlocked), of(MachineState::kStarved)});
  }
  return means;
}

// Those before it are blocked more than it starves, and those after it starve more than it is
// blocked.
bool is_turning_point(size_t station, const std::vector<Mean>& means, const Edges& edges) {
  for (const auto& [from, to] : edges) {
    if (to == station && means[from].blocked < means[station].starved) return false;
    if (from == station && means[to].starved < means[station].blocked) return false;
  }
  return true;
}

// The busiest; a turning point that is nearly as busy goes before it.
size_t limiting_station(const std::vector<Mean>& means, const Edges& edges) {
  constexpr double kNearly = 0.97;
  size_t best = 0;
  for (size_t s = 1; s < means.size(); ++s)
    if (means[s].limiting > means[best].limiting) best = s;
  if (is_turning_point(best, means, edges)) return best;
  for (size_t s = 0; s < means.size(); ++s)
    if (means[s].limiting >= kNearly * means[best].limiting && is_turning_point(s, means, edges))
      return s;
  return best;
}

std::string neighbours(size_t best, const Plant& plant, const std::vector<Mean>& means,
                       const Edges& edges) {
  const auto worst = [&](bool before) {
    size_t found = factory::kNowhere;
    for (const auto& [from, to] : edges) {
      const size_t other = before ? from : to;
      if ((before ? to : from) != best) continue;
      const auto value = [&](size_t s) { return before ? means[s].blocked : means[s].starved; };
      if (found == factory::kNowhere || value(other) > value(found)) found = other;
    }
    return found;
  };
  std::string text;
  const size_t up = worst(true);
  const size_t down = worst(false);
  if (up != factory::kNowhere && means[up].blocked > 0.005)
    text += fmt::format(" {} before it is blocked {:.0f} % of the time", plant.stations[up].name,
                        100 * means[up].blocked);
  if (down != factory::kNowhere && means[down].starved > 0.005)
    text += fmt::format("{} {} after it starves {:.0f} %", text.empty() ? "" : ",",
                        plant.stations[down].name, 100 * means[down].starved);
  return text.empty() ? text : ";" + text;
}

}  // namespace

report::Bottleneck find_factory_bottleneck(const Plant& plant, const FactoryFold& fold) {
  constexpr double kBusy = 0.85;
  report::Bottleneck bottleneck;
  if (fold.count() == 0 || plant.stations.empty()) return bottleneck;
  const std::vector<Mean> means = means_of(fold);
  const Edges edges = edges_of(plant);
  const size_t best = limiting_station(means, edges);
  const Mean& mean = means[best];
  bottleneck.what = plant.stations[best].name;
  bottleneck.where = plant.stations[best].place;
  bottleneck.share = mean.limiting;
  const std::string busy = fmt::format(
      "{} was at work, in setup or down for {:.0f} % of its open hours (setup {:.0f} %, down "
      "{:.0f} %)",
      bottleneck.what, 100 * mean.limiting, 100 * mean.setup, 100 * mean.down);
  bottleneck.explanation =
      mean.limiting >= kBusy
          ? fmt::format("{} and limited the plant{}.", busy, neighbours(best, plant, means, edges))
          : fmt::format(
                "No station was busy all the time: what is released, parts or people limit. "
                "The busiest, {}.",
                busy);
  std::vector<size_t> order(means.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return means[a].limiting > means[b].limiting; });
  for (const size_t s : order) {
    if (s == best || bottleneck.runners.size() == 4) continue;
    bottleneck.runners.push_back({plant.stations[s].name, means[s].limiting});
  }
  return bottleneck;
}

}  // namespace windtunnel::study
