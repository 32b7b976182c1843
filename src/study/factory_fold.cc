// Replications added up.
#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/random.h"
#include "study/factory_measure.h"

namespace windtunnel::study {
namespace {

using factory::MachineState;
using factory::Outcome;
using factory::StateShares;

double share(const StateShares& shares, MachineState state) {
  return shares[static_cast<size_t>(state)];
}

void add_to(StateShares& sum, const StateShares& shares) {
  for (size_t s = 0; s < sum.size(); ++s) sum[s] += shares[s];
}

bool all_done(const Outcome& outcome) {
  return !outcome.orders.empty() &&
         std::all_of(outcome.orders.begin(), outcome.orders.end(),
                     [](const auto& order) { return order.finished >= order.quantity; });
}

// The station that is busiest in a stretch, if any is open in it.
size_t busiest(const Outcome& outcome, size_t stretch) {
  size_t best = outcome.stations.size();
  double most = 0;
  for (size_t s = 0; s < outcome.stations.size(); ++s) {
    const double busy = limiting_share(outcome.stations[s].profile.by_stretch[stretch]);
    if (busy <= most) continue;
    most = busy;
    best = s;
  }
  return best;
}

}  // namespace

double limiting_share(const StateShares& shares) {
  const double open = 1 - share(shares, MachineState::kOff);
  if (open <= 1e-9) return 0;
  return (share(shares, MachineState::kWorking) + share(shares, MachineState::kSetup) +
          share(shares, MachineState::kDown)) /
         open;
}

FactoryFold::FactoryFold(const FactoryScenario& scenario)
    : scenario_(&scenario),
      names_(factory_values(scenario, blank_outcome(scenario.plant))),
      tallies_(names_.size()),
      stations_(scenario.plant.stations.size()),
      lead_(scenario.plant.items.size()),
      finished_(scenario.plant.items.size()),
      orders_(scenario.plant.orders.size()) {}

void FactoryFold::add(const Outcome& outcome) {
  const std::vector<FactoryValue> values = factory_values(*scenario_, outcome);
  WT_CHECK(values.size() == names_.size(), "every replication measures the same");
  for (size_t i = 0; i < values.size(); ++i)
    if (!std::isnan(values[i].value)) tallies_[i].add(values[i].value);
  for (size_t i = 0; i < lead_.size(); ++i) lead_[i].merge(outcome.items[i].lead);
  add_stations(outcome);
  add_curves(outcome);
  add_orders(outcome);
  if (count_ == 0) first_ = outcome;
  // Nothing more to do is no standstill.
  if (outcome.stuck && !all_done(outcome) && stuck_++ == 0) stuck_where_ = outcome.stuck_where;
  events_ += static_cast<uint64_t>(outcome.events);
  fingerprint_ = base::hash_combine(fingerprint_, outcome.fingerprint);
  ++count_;
}

size_t FactoryFold::first_measured(const Outcome& outcome) const {
  const int64_t stretch = std::max<int64_t>(1, outcome.stations.front().profile.stretch.ticks());
  return static_cast<size_t>((scenario_->warm_up.ticks() + stretch - 1) / stretch);
}

void FactoryFold::add_stations(const Outcome& outcome) {
  size_t stretches = 0;
  for (size_t s = 0; s < stations_.size(); ++s) {
    StationFold& fold = stations_[s];
    const factory::StationOutcome& station = outcome.stations[s];
    add_to(fold.shares, station.shares);
    for (size_t h = 0; h < fold.by_hour_of_day.size(); ++h)
      add_to(fold.by_hour_of_day[h], station.profile.by_hour_of_day[h]);
    fold.by_stretch.resize(station.profile.by_stretch.size());
    for (size_t t = 0; t < fold.by_stretch.size(); ++t)
      add_to(fold.by_stretch[t], station.profile.by_stretch[t]);
    fold.queue_mean += station.queue_mean;
    stretches = fold.by_stretch.size();
  }
  for (size_t t = 0; t < stretches; ++t) {
    const size_t best = busiest(outcome, t);
    if (best < stations_.size()) stations_[best].limiting += 1.0 / static_cast<double>(stretches);
  }
}

void FactoryFold::add_curves(const Outcome& outcome) {
  if (count_ == 0) {
    bins_ = outcome.in_process;
    in_process_.resize(bins_.size());
  }
  const size_t bins = std::min(in_process_.size(), outcome.in_process.size());
  for (size_t b = 0; b < bins; ++b) in_process_[b].add(outcome.in_process[b].mean);
  const size_t items = std::min(finished_.size(), outcome.finished_by_stretch.size());
  for (size_t i = 0; i < items; ++i) {
    const std::vector<int64_t>& counts = outcome.finished_by_stretch[i];
    if (count_ == 0) finished_[i].resize(counts.size());
    for (size_t t = 0; t < std::min(counts.size(), finished_[i].size()); ++t)
      finished_[i][t].add(static_cast<double>(counts[t]));
  }
}

void FactoryFold::add_orders(const Outcome& outcome) {
  const double end = (scenario_->warm_up + scenario_->description.run.duration).seconds();
  for (size_t o = 0; o < std::min(orders_.size(), outcome.orders.size()); ++o) {
    const factory::OrderOutcome& order = outcome.orders[o];
    const bool done = order.finished >= order.quantity;
    OrderFold& fold = orders_[o];
    if (done) fold.done.add(order.done.seconds());
    const double over = (done ? order.done.seconds() : end) - order.due.seconds();
    if (!order.has_due || over <= 0) continue;
    if (fold.late++ == 0) fold.cause = order.cause;
    fold.tardiness.add(over);
  }
}

}  // namespace windtunnel::study
