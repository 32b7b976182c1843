// From outcomes of replications to measurements: what is counted, and how it is folded together.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "des/quantile_sketch.h"
#include "des/statistics.h"
#include "factory/outcome.h"
#include "report/measurements.h"
#include "study/factory_schema.h"

namespace windtunnel::study {

// One figure of one replication. The list is the same, name by name, for every run of a plant.
struct FactoryValue {
  std::string name;
  double value = 0;  // NaN: there was nothing to measure
  std::string unit;
  std::string label;
  bool headline = false;
};
std::vector<FactoryValue> factory_values(const FactoryScenario& scenario,
                                         const factory::Outcome& outcome);
// An outcome in which nothing happened: for the names of all figures before a run.
factory::Outcome blank_outcome(const factory::Plant& plant);

// Index of run.half_width_of among the figures; 0 when no half width is wanted. Error: no such one.
base::Result<size_t> find_half_width_value(const FactoryScenario& scenario);

// What was late in how many replications.
struct OrderFold {
  int64_t late = 0;
  des::Tally done;       // s, when finished
  des::Tally tardiness;  // s, when late
  std::string cause;     // of the first replication in which it was late
};

struct StationFold {
  factory::StateShares shares{};  // sums over replications, like all below
  std::array<factory::StateShares, 24> by_hour_of_day{};
  std::vector<factory::StateShares> by_stretch;
  double limiting = 0;  // stretches in which it was the one that limited, as a share
  double queue_mean = 0;
};

// Replications added up, in the order of their numbers and in bounded memory.
class FactoryFold {
 public:
  explicit FactoryFold(const FactoryScenario& scenario);
  void add(const factory::Outcome& outcome);

  int64_t count() const { return count_; }
  const std::vector<des::Tally>& tallies() const { return tallies_; }  // by factory_values()
  const std::vector<FactoryValue>& names() const { return names_; }
  const std::vector<StationFold>& stations() const { return stations_; }
  const std::vector<des::QuantileSketch>& lead() const { return lead_; }  // by item
  const std::vector<des::TimeSeries::Bin>& bins() const { return bins_; }
  const std::vector<des::Tally>& in_process() const { return in_process_; }  // by bin
  const std::vector<std::vector<des::Tally>>& finished() const { return finished_; }
  const std::vector<OrderFold>& orders() const { return orders_; }
  const factory::Outcome& first() const { return first_; }
  uint64_t events() const { return events_; }
  uint64_t fingerprint() const { return fingerprint_; }
  int64_t stuck() const { return stuck_; }  // replications that came to a standstill
  const std::string& stuck_where() const { return stuck_where_; }

 private:
  size_t first_measured(const factory::Outcome& outcome) const;  // index of a stretch
  void add_stations(const factory::Outcome& outcome);
  void add_curves(const factory::Outcome& outcome);
  void add_orders(const factory::Outcome& outcome);

  const FactoryScenario* scenario_;
  std::vector<FactoryValue> names_;
  std::vector<des::Tally> tallies_;
  std::vector<StationFold> stations_;
  std::vector<des::QuantileSketch> lead_;
  std::vector<des::TimeSeries::Bin> bins_;
  std::vector<des::Tally> in_process_;
  std::vector<std::vector<des::Tally>> finished_;  // item, stretch
  std::vector<OrderFold> orders_;
  factory::Outcome first_;
  int64_t count_ = 0;
  uint64_t events_ = 0;
  uint64_t fingerprint_ = 0;
  int64_t stuck_ = 0;
  std::string stuck_where_;
};

// Of the time a station was open: at work, set up or down. What limits a plant is busy so.
double limiting_share(const factory::StateShares& shares);

report::Measurements measure_factory(const FactoryScenario& scenario, const FactoryFold& fold);
report::Bottleneck find_factory_bottleneck(const factory::Plant& plant, const FactoryFold& fold);
// Curves, charts and maps for the page.
std::vector<report::Series> factory_series(const FactoryScenario& scenario,
                                           const FactoryFold& fold);
std::string factory_stations_csv(const factory::Plant& plant, const FactoryFold& fold);
std::string factory_orders_csv(const factory::Plant& plant, const FactoryFold& fold);

}  // namespace windtunnel::study
