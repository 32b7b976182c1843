#include "study/factory_measure.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "des/confidence.h"
#include "report/csv.h"
#include "scenario/span.h"

namespace windtunnel::study {
namespace {

namespace unit = report::unit;
using report::Measurements;

void add_values(Measurements& m, const FactoryFold& fold) {
  for (size_t i = 0; i < fold.names().size(); ++i) {
    const FactoryValue& value = fold.names()[i];
    const des::Tally& tally = fold.tallies()[i];
    report::Metric metric;
    metric.name = value.name;
    metric.unit = value.unit;
    metric.label = value.label;
    metric.headline = value.headline;
    metric.value = tally.count() > 0 ? tally.mean() : std::numeric_limits<double>::quiet_NaN();
    if (tally.count() > 1) metric.ci95 = des::confidence_interval(tally).half_width;
    m.metrics.push_back(std::move(metric));
  }
}

void add_limits(Measurements& m, const factory::Plant& plant, const FactoryFold& fold) {
  for (size_t s = 0; s < plant.stations.size(); ++s) {
    report::Metric metric;
    metric.name = "station." + plant.stations[s].name + ".limiting.share";
    metric.unit = unit::kShare;
    metric.label = plant.stations[s].name + ": stretches in which it was the busiest";
    metric.value = fold.stations()[s].limiting / static_cast<double>(fold.count());
    m.metrics.push_back(std::move(metric));
  }
}

void add_assumptions(Measurements& m, const FactoryScenario& scenario, const FactoryFold& fold) {
  m.assumptions.push_back({"measured", scenario::format(scenario.description.run.duration),
                           "each of " + std::to_string(fold.count()) + " replications"});
  m.assumptions.push_back({"warm-up", scenario::format(scenario.warm_up),
                           "before that, from an empty plant; curves over the run show it"});
  m.assumptions.push_back({"intervals", "95 %", "Student's t over replications"});
  m.assumptions.push_back(
      {"times, yields, prices", "see the scenario", "assumed unless it says where they are from"});
}

}  // namespace

Measurements measure_factory(const FactoryScenario& scenario, const FactoryFold& fold) {
  Measurements m;
  m.kind = "factory";
  add_values(m, fold);
  add_limits(m, scenario.plant, fold);
  report::Metric replications;
  replications.name = "replications";
  replications.value = static_cast<double>(fold.count());
  replications.label = "replications";
  m.metrics.push_back(std::move(replications));
  m.bottleneck = find_factory_bottleneck(scenario.plant, fold);
  add_assumptions(m, scenario, fold);
  return m;
}

std::string factory_stations_csv(const factory::Plant& plant, const FactoryFold& fold) {
  std::string csv = "station,machines";
  for (size_t s = 0; s < factory::kMachineStates; ++s)
    csv += fmt::format(",{}_share",
                       factory::machine_state_name(static_cast<factory::MachineState>(s)));
  csv += ",queue_mean,limiting_share\n";
  const auto runs = static_cast<double>(fold.count());
  for (size_t s = 0; s < plant.stations.size(); ++s) {
    const StationFold& station = fold.stations()[s];
    csv += fmt::format("{},{}", report::csv_field(plant.stations[s].name),
                       fold.first().stations[s].machines);
    for (const double share : station.shares) csv += fmt::format(",{:.6f}", share / runs);
    csv += fmt::format(",{:.6f},{:.6f}\n", station.queue_mean / runs, station.limiting / runs);
  }
  return csv;
}

std::string factory_orders_csv(const factory::Plant& plant, const FactoryFold& fold) {
  std::string csv = "order,item,quantity,rush,due_s,done_mean_s,late_share,late_by_mean_s,cause\n";
  const auto runs = static_cast<double>(fold.count());
  for (size_t o = 0; o < plant.orders.size(); ++o) {
    const factory::Order& order = plant.orders[o];
    const OrderFold& result = fold.orders()[o];
    csv += fmt::format("{},{},{},{},{},{},{:.4f},{},{}\n", report::csv_field(order.name),
                       report::csv_field(order.item), order.quantity, order.rush ? "yes" : "no",
                       order.due ? fmt::format("{:.0f}", order.due->seconds()) : "",
                       result.done.count() > 0 ? fmt::format("{:.0f}", result.done.mean()) : "",
                       static_cast<double>(result.late) / runs,
                       result.late > 0 ? fmt::format("{:.0f}", result.tardiness.mean()) : "",
                       report::csv_field(result.cause));
  }
  return csv;
}

}  // namespace windtunnel::study
