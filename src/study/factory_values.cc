// The figures of one replication.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "scenario/suggest.h"
#include "study/factory_measure.h"

namespace windtunnel::study {
namespace {

namespace unit = report::unit;
using factory::Outcome;
using factory::Plant;

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
constexpr double kYear = 365.0 * 86'400;

double count(int64_t n) { return static_cast<double>(n); }

class Values {
 public:
  Values(const FactoryScenario& scenario, const Outcome& outcome)
      : scenario_(scenario), plant_(scenario.plant), outcome_(outcome) {
    for (const factory::Stock& stock : plant_.stocks) stocked_.insert(stock.item);
  }

  std::vector<FactoryValue> all() {
    output();
    items();
    stocks();
    stations();
    orders();
    people();
    if (plant_.fleet) fleet();
    bill();
    checks();
    return std::move(values_);
  }

 private:
  void add(std::string name, double value, std::string in, std::string label,
           bool headline = false) {
    values_.push_back({std::move(name), value, std::move(in), std::move(label), headline});
  }
  bool is_made(size_t item) const { return !plant_.items[item].route.empty(); }
  bool is_shipped(size_t item) const {
    return is_made(item) && !stocked_.contains(plant_.items[item].name);
  }
  double seconds() const { return outcome_.measured.seconds(); }
  int64_t shipped() const {
    int64_t sum = 0;
    for (size_t i = 0; i < plant_.items.size(); ++i)
      if (is_shipped(i)) sum += outcome_.items[i].finished;
    return sum;
  }

  void output() {
    int64_t finished = 0;
    double present = 0;
    for (size_t i = 0; i < plant_.items.size(); ++i) {
      if (is_made(i)) finished += outcome_.items[i].finished;
      present += outcome_.items[i].in_process_mean;
    }
    const double per_second = seconds() > 0 ? count(shipped()) / seconds() : 0;
    add("shipped.total", count(shipped()), unit::kCount, "shipped", true);
    add("shipped.per_year", per_second * kYear, unit::kCount, "shipped, per year of 365 days",
        true);
    add("finished.total", count(finished), unit::kCount, "finished, parts included");
    add("wip.mean", present, unit::kCount, "released and not finished, mean", true);
  }

  void items() {
    for (size_t i = 0; i < plant_.items.size(); ++i) {
      if (!is_made(i)) continue;
      const factory::ItemOutcome& item = outcome_.items[i];
      const std::string& name = plant_.items[i].name;
      add("finished." + name, count(item.finished), unit::kCount, name + ": finished");
      add("throughput." + name, seconds() > 0 ? count(item.finished) / seconds() : 0,
          unit::kPerSecond, name + ": finished per second");
      add("scrapped." + name, count(item.scrapped), unit::kCount, name + ": scrapped");
      add("reworked." + name, count(item.reworked), unit::kCount, name + ": sent to rework");
      const bool any = item.lead.count() > 0;
      const bool headline = is_shipped(i) && plant_.items.size() <= 3;
      add("lead." + name + ".mean", any ? item.lead_mean : kNothing, unit::kSeconds,
          name + ": lead time from release to the end, mean", headline);
      for (const int p : {50, 90, 99})
        add(fmt::format("lead.{}.p{}", name, p), any ? item.lead.quantile(p / 100.0) : kNothing,
            unit::kSeconds, fmt::format("{}: lead time that {} % stay below", name, p));
    }
  }

  void stocks() {
    double all = 0;
    for (const factory::Stock& stock : plant_.stocks) {
      const auto item = std::find_if(outcome_.items.begin(), outcome_.items.end(),
                                     [&](const auto& made) { return made.name == stock.item; });
      all += item->stock_mean;
      add("stock." + stock.item + ".mean", item->stock_mean, unit::kCount,
          stock.item + ": in stock, mean");
      add("stock." + stock.item + ".max", count(item->stock_max), unit::kCount,
          stock.item + ": in stock, most");
    }
    if (!plant_.stocks.empty()) add("stock.total.mean", all, unit::kCount, "in all stocks, mean");
  }

  void stations() {
    for (const factory::StationOutcome& station : outcome_.stations) {
      const std::string prefix = "station." + station.name + ".";
      for (size_t s = 0; s < factory::kMachineStates; ++s) {
        const char* state = factory::machine_state_name(static_cast<factory::MachineState>(s));
        add(prefix + state + ".share", station.shares[s], unit::kShare,
            fmt::format("{}: {}", station.name, state));
      }
      add(prefix + "queue.mean", station.queue_mean, unit::kCount, station.name + ": queue, mean");
      add(prefix + "queue.max", count(station.queue_max), unit::kCount,
          station.name + ": queue, longest");
      add(prefix + "wait.mean", station.wait.count() > 0 ? station.wait.mean() : kNothing,
          unit::kSeconds, station.name + ": wait, mean");
      add(prefix + "setups", count(station.setups), unit::kCount, station.name + ": setups");
      add(prefix + "breakdowns", count(station.breakdowns), unit::kCount,
          station.name + ": breakdowns");
      add(prefix + "lost", count(station.lost), unit::kCount, station.name + ": turned away");
      add(prefix + "worked", count(station.worked), unit::kCount, station.name + ": operations");
      add(prefix + "energy", station.energy, unit::kJoules, station.name + ": energy");
    }
  }

  void orders() {
    if (plant_.orders.empty()) return;
    const double end = (scenario_.warm_up + scenario_.description.run.duration).seconds();
    int64_t due = 0;
    int64_t late = 0;
    int64_t finished = 0;
    double tardiness = 0;
    for (const factory::OrderOutcome& order : outcome_.orders) {
      const bool done = order.finished >= order.quantity;
      finished += done ? 1 : 0;
      if (!order.has_due || (!done && order.due.seconds() > end)) continue;
      ++due;
      const double over = (done ? order.done.seconds() : end) - order.due.seconds();
      if (over <= 0) continue;
      ++late;
      tardiness += over;
    }
    add("orders.finished", count(finished), unit::kCount, "orders finished", true);
    add("orders.late", count(late), unit::kCount, "orders late", true);
    add("orders.on_time.share", due > 0 ? 1 - count(late) / count(due) : kNothing, unit::kShare,
        "orders on time, of those due", true);
    add("orders.tardiness.mean", late > 0 ? tardiness / count(late) : 0, unit::kSeconds,
        "orders: time beyond the due date, of late ones, mean");
  }

  void people() {
    for (size_t c = 0; c < plant_.crews.size(); ++c) {
      // An engine that keeps no books of crews and loops measures nothing of them.
      const bool kept = c < outcome_.crews.size();
      factory::CrewOutcome crew = kept ? outcome_.crews[c] : factory::CrewOutcome{};
      crew.name = plant_.crews[c].name;
      const double busy = crew.on_shift_mean > 0 ? crew.busy_mean / crew.on_shift_mean : kNothing;
      add("crew." + crew.name + ".busy.share", busy, unit::kShare,
          crew.name + ": at work, of the time on shift");
      add("crew." + crew.name + ".wanted.mean", crew.waiting_mean, unit::kCount,
          crew.name + ": machines that wait for them, mean");
    }
    for (size_t l = 0; l < plant_.loops.size(); ++l)
      add("loop." + plant_.loops[l].name + ".in_use.mean",
          l < outcome_.loops.size() ? outcome_.loops[l].in_use_mean : kNothing, unit::kCount,
          plant_.loops[l].name + ": cards in use, mean");
  }

  void fleet() {
    const factory::FleetOutcome& fleet = outcome_.fleet;
    add("fleet.trips", count(fleet.trips), unit::kCount, "vehicles: trips");
    add("fleet.loaded.share", fleet.loaded, unit::kShare, "vehicles: loaded");
    add("fleet.empty.share", fleet.empty, unit::kShare, "vehicles: driving empty");
    add("fleet.waiting.share", fleet.waiting, unit::kShare, "vehicles: waiting for a way");
    add("fleet.charging.share", fleet.charging, unit::kShare, "vehicles: charging");
    add("fleet.idle.share", fleet.idle, unit::kShare, "vehicles: idle");
    add("fleet.call_wait.mean", fleet.call_wait.count() > 0 ? fleet.call_wait.mean() : kNothing,
        unit::kSeconds, "vehicles: from the request to the pick-up, mean");
    add("fleet.deadlocks", count(fleet.deadlocks), unit::kCount,
        "vehicles: deadlocks found and undone");
  }

  void bill() {
    const auto per_shipped = [&](double value) {
      return shipped() > 0 ? value / count(shipped()) : kNothing;
    };
    const std::string& currency = scenario_.description.currency;
    add("energy.total", outcome_.energy, unit::kJoules, "energy");
    add("energy.per_shipped", per_shipped(outcome_.energy), unit::kJoules, "energy per shipped");
    add("cost.total", outcome_.cost, currency, "cost");
    add("cost.per_shipped", per_shipped(outcome_.cost), currency, "cost per shipped");
  }

  // Little's law at every station: pieces present are the rate of arrivals times the stay.
  void checks() {
    double worst = 0;
    for (const factory::StationOutcome& station : outcome_.stations) {
      if (station.present_mean <= 0 || seconds() <= 0) continue;
      const double expected = count(station.arrived) / seconds() * station.stay_mean;
      worst = std::max(worst, std::abs(station.present_mean - expected) / station.present_mean);
    }
    add("little.worst", worst, unit::kShare, "Little's law: largest deviation at a station");
  }

  const FactoryScenario& scenario_;
  const Plant& plant_;
  const Outcome& outcome_;
  std::set<std::string> stocked_;
  std::vector<FactoryValue> values_;
};

template <class Outcomes, class Things>
void name(Outcomes& outcomes, const Things& things) {
  outcomes.resize(things.size());
  for (size_t i = 0; i < things.size(); ++i) outcomes[i].name = things[i].name;
}

}  // namespace

std::vector<FactoryValue> factory_values(const FactoryScenario& scenario, const Outcome& outcome) {
  return Values(scenario, outcome).all();
}

base::Result<size_t> find_half_width_value(const FactoryScenario& scenario) {
  const FactoryRunDescription& run = scenario.description.run;
  if (run.half_width.part == 0) return 0;
  std::vector<std::string> names;
  for (const FactoryValue& value : factory_values(scenario, blank_outcome(scenario.plant)))
    names.push_back(value.name);
  const auto found = std::find(names.begin(), names.end(), run.half_width_of);
  if (found != names.end()) return static_cast<size_t>(found - names.begin());
  return base::fail(scenario.marks.at("run.half_width_of"),
                    fmt::format("run.half_width_of: found {}, expected a metric of this plant such "
                                "as `finished.total`",
                                scenario::quoted(run.half_width_of)),
                    scenario::suggestion(run.half_width_of, names));
}

Outcome blank_outcome(const Plant& plant) {
  Outcome outcome;
  name(outcome.items, plant.items);
  name(outcome.stations, plant.stations);
  name(outcome.orders, plant.orders);
  name(outcome.crews, plant.crews);
  name(outcome.loops, plant.loops);
  return outcome;
}

}  // namespace windtunnel::study
