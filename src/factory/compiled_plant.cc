#include "factory/compiled_plant.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <utility>

#include "base/check.h"

namespace windtunnel::factory {
namespace {

using Names = std::map<std::string, uint32_t>;

template <class Things>
Names names_of(const Things& things) {
  Names names;
  for (size_t i = 0; i < things.size(); ++i) {
    names.emplace(things[i].name, static_cast<uint32_t>(i));
  }
  return names;
}

uint32_t find(const Names& names, const std::string& name) {
  const auto found = names.find(name);
  WT_CHECK(found != names.end(), "a plant without problems knows the names it uses");
  return found->second;
}
uint32_t find_or_none(const Names& names, const std::string& name) {
  return name.empty() ? kNone : find(names, name);
}

std::vector<uint32_t> without(const std::vector<uint32_t>& all, const std::vector<uint32_t>& some) {
  std::vector<uint32_t> out;
  std::ranges::set_difference(all, some, std::back_inserter(out));
  return out;
}
CardMoves moves_between(const std::vector<uint32_t>& before, const std::vector<uint32_t>& after) {
  return {without(after, before), without(before, after)};
}

Duration scaled(Duration time, Ratio scale) {
  const auto ticks = static_cast<base::Int128>(time.ticks()) * scale.part;
  return Duration::ticks(static_cast<int64_t>((ticks + scale.whole / 2) / scale.whole));
}

Duration setup_time(Duration time, const SetupMatrix& matrix) {
  return std::max(Duration::zero(), scaled(time, matrix.scale) - matrix.saved);
}

class Compiler {
 public:
  explicit Compiler(const Plant& plant)
      : plant_(plant),
        items_(names_of(plant.items)),
        stations_(names_of(plant.stations)),
        crews_(names_of(plant.crews)),
        calendars_(names_of(plant.calendars)),
        places_(names_of(plant.places)),
        matrices_(names_of(plant.setups)),
        releases_(names_of(plant.releases)) {
    out_.plant = plant;
  }

  CompiledPlant compile() {
    for (const Crew& crew : plant_.crews) {
      out_.crew_calendars.push_back(find_or_none(calendars_, crew.calendar));
    }
    if (plant_.fleet) out_.layout = Layout::build(plant_);
    items();
    stocks();
    matrices();
    stations();
    steps();
    rides();
    loops();
    releases();
    orders();
    return std::move(out_);
  }

 private:
  void items() {
    for (const Item& item : plant_.items) {
      CompiledItem made;
      made.family = number(families_, item.family.empty() ? item.name : item.family);
      if (!item.protocol.empty()) made.protocol = 1 + number(protocols_, item.protocol);
      out_.items.push_back(made);
    }
  }
  static uint32_t number(Names& names, const std::string& name) {
    return names.emplace(name, static_cast<uint32_t>(names.size())).first->second;
  }

  void stocks() {
    for (const Stock& stock : plant_.stocks) {
      const uint32_t item = find(items_, stock.item);
      out_.items[item].stock = static_cast<uint32_t>(out_.stocks.size());
      out_.stocks.push_back(item);
      out_.stock_places.push_back(find_or_none(places_, stock.place));
    }
  }

  void matrices() {
    for (const SetupMatrix& matrix : plant_.setups) {
      for (const SetupRow& row : matrix.rows) number(families_, row.from);
    }
    out_.families = static_cast<uint32_t>(families_.size());
    for (const SetupMatrix& matrix : plant_.setups) {
      CompiledMatrix made;
      made.times.resize(size_t{out_.families} * out_.families);
      for (const SetupRow& row : matrix.rows) {
        const size_t from = find(families_, row.from);
        for (size_t j = 0; j < row.to.size(); ++j) {
          const uint32_t to = find(families_, matrix.rows[j].from);
          made.times[from * out_.families + to] = setup_time(row.to[j], matrix);
        }
      }
      made.has_initial = matrix.initial.has_value();
      if (matrix.initial) made.initial = setup_time(*matrix.initial, matrix);
      out_.setups.push_back(std::move(made));
    }
  }

  void stations() {
    for (const Station& station : plant_.stations) {
      CompiledStation made;
      made.machine = out_.machines;
      made.buffer = station.buffer.value_or(kUnlimited);
      made.setups = find_or_none(matrices_, station.setups);
      made.setup_crew = find_or_none(crews_, station.setup_crew);
      made.operators = find_or_none(crews_, station.operators);
      made.calendar = find_or_none(calendars_, station.calendar);
      made.place = find_or_none(places_, station.place);
      for (const Breakdown& breakdown : station.breakdowns) {
        made.repair_crews.push_back(find_or_none(crews_, breakdown.crew));
      }
      const int64_t machines = machine_count(station);
      made.machines.resize(static_cast<size_t>(machines));
      out_.machines += static_cast<uint32_t>(machines);
      for (const MachineGroup& group : station.groups) {
        if (!group.protocols.empty()) made.alike = false;
        for (const std::string& protocol : group.protocols) number(protocols_, protocol);
      }
      cyclic_order(station, made);
      out_.stations.push_back(std::move(made));
    }
  }
  static int64_t machine_count(const Station& station) {
    if (station.groups.empty()) return station.machines;
    int64_t count = 0;
    for (const MachineGroup& group : station.groups) count += group.count;
    return count;
  }
  void cyclic_order(const Station& station, CompiledStation& made) {
    std::vector<bool> seen(out_.families);
    const auto add = [&](uint32_t family) {
      if (!seen[family]) made.families.push_back(family);
      seen[family] = true;
    };
    if (made.setups != kNone) {
      for (const SetupRow& row : plant_.setups[made.setups].rows) add(find(families_, row.from));
    }
    for (size_t i = 0; i < plant_.items.size(); ++i) {
      for (const Step& step : plant_.items[i].route) {
        if (step.station == station.name) add(out_.items[i].family);
      }
    }
    made.turn_of.assign(out_.families, kNone);
    for (size_t i = 0; i < made.families.size(); ++i) {
      made.turn_of[made.families[i]] = static_cast<uint32_t>(i);
    }
  }

  void steps() {
    for (size_t i = 0; i < plant_.items.size(); ++i) {
      const Item& item = plant_.items[i];
      const auto first = static_cast<uint32_t>(out_.steps.size());
      if (!item.route.empty()) out_.items[i].step = first;
      for (size_t k = 0; k < item.route.size(); ++k) {
        CompiledStep step = make_step(item.route[k]);
        step.item = static_cast<uint32_t>(i);
        step.family = out_.items[i].family;
        step.line = line_of(step, first + static_cast<uint32_t>(k));
        if (k + 1 < item.route.size()) step.next = first + static_cast<uint32_t>(k) + 1;
        step.rework_to = first + rework_position(item, k);
        out_.steps.push_back(std::move(step));
      }
    }
    for (size_t s = 0; s < out_.stations.size(); ++s)
      serve_lines(plant_.stations[s], out_.stations[s]);
  }
  CompiledStep make_step(const Step& step) const {
    CompiledStep made;
    made.station = find(stations_, step.station);
    made.time = Sampler(step.time);
    made.docking = Sampler(step.docking);
    made.docks = !step.docking.is_zero();
    for (const Part& part : step.parts) {
      const uint32_t stock = out_.items[find(items_, part.item)].stock;
      WT_CHECK(stock != kNone, "a part comes from a stock");
      made.parts.push_back({stock, part.count});
    }
    made.yield = step.yield;
    made.always_passes = step.yield.part >= step.yield.whole;
    made.on_fail = step.on_fail;
    made.rework_time = Sampler(step.rework_time);
    made.rework_max = step.rework_max;
    return made;
  }
  static uint32_t rework_position(const Item& item, size_t step) {
    const std::string& to = item.route[step].rework_to;
    if (to.empty()) return static_cast<uint32_t>(step);
    for (size_t k = 0; k < item.route.size(); ++k) {
      const Step& other = item.route[k];
      if ((other.name.empty() ? other.station : other.name) == to) return static_cast<uint32_t>(k);
    }
    WT_CHECK(false, "rework goes to a step of the route");
    return 0;
  }
  // Pieces share a line unless the station has to tell them apart.
  uint32_t line_of(const CompiledStep& step, uint32_t index) {
    const Station& station = plant_.stations[step.station];
    CompiledStation& made = out_.stations[step.station];
    const CompiledItem& item = out_.items[step.item];
    const bool by_family = station.serve == Serve::kSameFamily ||
                           station.serve == Serve::kExhaustive || station.serve == Serve::kGated;
    const LineKey key{step.station, by_family ? item.family : kNone,
                      made.alike ? kNone : item.protocol, station.batch_max > 1 ? index : kNone};
    const auto [found, is_new] = lines_.emplace(key, static_cast<uint32_t>(made.lines.size()));
    if (is_new) made.lines.push_back({item.family, item.protocol});
    return found->second;
  }
  void serve_lines(const Station& station, CompiledStation& made) {
    size_t machine = 0;
    const std::vector<MachineGroup> one = {{station.machines, {}}};
    for (const MachineGroup& group : station.groups.empty() ? one : station.groups) {
      std::set<uint32_t> spoken;
      for (const std::string& protocol : group.protocols)
        spoken.insert(1 + find(protocols_, protocol));
      for (int64_t i = 0; i < group.count; ++i, ++machine) {
        for (size_t line = 0; line < made.lines.size(); ++line) {
          const uint32_t protocol = made.lines[line].protocol;
          if (spoken.empty() || protocol == 0 || spoken.contains(protocol)) {
            made.machines[machine].lines.push_back(static_cast<uint32_t>(line));
          }
        }
      }
    }
  }

  void rides() {
    const auto place = [&](uint32_t step) { return out_.stations[out_.steps[step].station].place; };
    for (uint32_t i = 0; i < out_.steps.size(); ++i) {
      CompiledStep& step = out_.steps[i];
      const uint32_t stock = out_.items[step.item].stock;
      const uint32_t at_end = stock == kNone ? kNone : out_.stock_places[stock];
      const uint32_t onward = step.next == kNone ? at_end : place(step.next);
      step.rides_onward = out_.needs_ride(place(i), onward);
      step.rides_back = out_.needs_ride(place(i), place(step.rework_to));
    }
  }

  // A piece holds a card from the first visit of `from` to the next visit of `to`, or to the end.
  void loops() {
    for (const Loop& loop : plant_.loops) {
      const CompiledLoop made{find(stations_, loop.from), find(stations_, loop.to)};
      const auto index = static_cast<uint32_t>(out_.loops.size());
      out_.loops.push_back(made);
      out_.stations[made.from].loop_begins = true;
      bool holds = false;
      for (CompiledStep& step : out_.steps) {
        const bool first = &step == &out_.steps[out_.items[step.item].step];
        holds = (holds && !first) || step.station == made.from;
        if (holds) step.cards.push_back(index);
        if (step.station == made.to) holds = false;
      }
    }
    const std::vector<uint32_t> none;
    for (CompiledStep& step : out_.steps) {
      step.onward =
          moves_between(step.cards, step.next == kNone ? none : out_.steps[step.next].cards);
      step.back = moves_between(step.cards, out_.steps[step.rework_to].cards);
    }
  }

  void releases() {
    for (const Release& release : plant_.releases) {
      CompiledRelease made;
      made.between = Sampler(release.between);
      for (const ReleaseShare& share : release.shares) {
        made.shares.push_back({find(items_, share.item), share.weight, share.lot,
                               share.stock_cap.value_or(kUnlimited)});
        made.weights += share.weight;
      }
      if (release.kind == ReleaseKind::kSaturated) made.sequence = mixed(made.shares);
      out_.releases.push_back(std::move(made));
    }
  }
  // Each time the share that is furthest behind what its weight asks for.
  static std::vector<uint32_t> mixed(const std::vector<CompiledShare>& shares) {
    int64_t divisor = 0;
    for (const CompiledShare& share : shares) divisor = std::gcd(divisor, share.weight);
    int64_t all = 0;
    for (const CompiledShare& share : shares) all += share.weight / std::max<int64_t>(divisor, 1);
    std::vector<int64_t> behind(shares.size());
    std::vector<uint32_t> sequence;
    for (int64_t n = 0; n < all; ++n) {
      for (size_t i = 0; i < shares.size(); ++i) behind[i] += shares[i].weight / divisor;
      const auto most = std::max_element(behind.begin(), behind.end());
      *most -= all;
      sequence.push_back(static_cast<uint32_t>(most - behind.begin()));
    }
    return sequence;
  }

  void orders() {
    for (const Order& order : plant_.orders) {
      CompiledOrder made;
      made.item = find(items_, order.item);
      made.release = order.by.empty() ? only_order_release() : find(releases_, order.by);
      if (order.due) made.due = order.due->ticks();
      Duration released = Duration::zero();
      if (order.release) {
        released = *order.release;
      } else if (order.due && plant_.releases[made.release].lead > Duration::zero()) {
        released = *order.due - plant_.releases[made.release].lead;
      }
      made.released = Time::at(std::max(Duration::zero(), released));
      out_.orders.push_back(made);
    }
  }
  uint32_t only_order_release() const {
    for (size_t i = 0; i < plant_.releases.size(); ++i) {
      if (plant_.releases[i].kind == ReleaseKind::kOrders) return static_cast<uint32_t>(i);
    }
    WT_CHECK(false, "orders need a release of kind orders");
    return 0;
  }

  struct LineKey {
    uint32_t station;
    uint32_t family;
    uint32_t protocol;
    uint32_t step;
    auto operator<=>(const LineKey&) const = default;
  };

  const Plant& plant_;
  CompiledPlant out_;
  Names items_;
  Names stations_;
  Names crews_;
  Names calendars_;
  Names places_;
  Names matrices_;
  Names releases_;
  Names families_;
  Names protocols_;
  std::map<LineKey, uint32_t> lines_;
};

}  // namespace

CompiledPlant compile_plant(const Plant& plant) { return Compiler(plant).compile(); }

}  // namespace windtunnel::factory
