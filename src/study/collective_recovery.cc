#include "study/collective_recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace windtunnel::study {
namespace {

using node::Arrived;
namespace unit = report::unit;

constexpr double kLeastRoom = 0.1;   // below where the rate settles: that is still there
constexpr double kRoomOfSwing = 2;   // and so many times as much as it fell of itself before
constexpr double kMostBytes = 0.9;   // have arrived when the last begin to be among themselves
constexpr size_t kIntervalsMin = 4;  // on either side of a fault

double mean(const std::vector<double>& rates, size_t from, size_t to) {
  double sum = 0;
  for (size_t i = from; i < to; ++i) sum += rates[i];
  return sum / static_cast<double>(to - from);
}

// With both neighbours, as far as they lie in [from, to).
double smoothed(const std::vector<double>& rates, size_t i, size_t from, size_t to) {
  return mean(rates, i > from ? i - 1 : from, std::min(to, i + 2));
}

size_t lowest_of(const std::vector<double>& rates, size_t from, size_t to) {
  size_t lowest = from;
  for (size_t i = from; i < to; ++i) {
    if (smoothed(rates, i, from, to) < smoothed(rates, lowest, from, to)) lowest = i;
  }
  return lowest;
}

// The first fault that comes after the beginning; null when there is none.
const FaultDescription* first_fault(const CollectiveWorld& world) {
  const FaultDescription* first = nullptr;
  for (const FaultDescription& fault : world.scenario().description.faults) {
    if (fault.at.ps() > 0 && (first == nullptr || fault.at < first->at)) first = &fault;
  }
  return first;
}

std::pair<const char*, const char*> words_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::kLinkDown:
      return {"link down", "link up"};
    case FaultKind::kDegraded:
      return {"link degraded", "link whole"};
    case FaultKind::kLoss:
      return {"packets lost", "none lost"};
    case FaultKind::kSwitchDead:
      return {"switch dead", "switch alive"};
  }
  return {"", ""};
}

// The interval in which most of all bytes have arrived.
size_t end_of_most(const std::vector<int64_t>& bytes) {
  int64_t all = 0;
  for (const int64_t some : bytes) all += some;
  int64_t sum = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    sum += bytes[i];
    if (static_cast<double>(sum) >= kMostBytes * static_cast<double>(all)) return i;
  }
  return bytes.size();
}

class Story {
 public:
  Story(const CollectiveWorld& world, const FaultDescription& fault)
      : fault_(fault),
        interval_(world.series_interval()),
        ranks_(static_cast<int64_t>(world.scenario().spec.group.size())),
        ranks_touched_(world.nics().ranks_watched()) {
    const std::vector<int64_t> bytes = world.nics().arrived_series(Arrived::kBetweenServers);
    all_ = rates(bytes, ranks_, bytes.size());
    if (ranks_touched_ > 0 && ranks_touched_ < ranks_) {
      touched_ =
          rates(world.nics().arrived_series(Arrived::kWatched), ranks_touched_, bytes.size());
    }
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    recovery_ = find_recovery(touched_.empty() ? all_ : touched_, at(), end_of_most(bytes))
                    .value_or(Recovery{kNone, kNone, kNone, {}});
  }

  void add(report::Measurements& m) const {
    add_metrics(m);
    if (all_.size() >= 2) m.series.push_back(series());
  }

 private:
  size_t at() const { return static_cast<size_t>(fault_.at.ps() / interval_.ps()); }

  // Of each rank on average.
  std::vector<double> rates(const std::vector<int64_t>& bytes, int64_t ranks, size_t size) const {
    std::vector<double> rates(size, 0);
    for (size_t i = 0; i < std::min(size, bytes.size()); ++i) {
      rates[i] =
          static_cast<double>(bytes[i]) * 8 / interval_.seconds() / static_cast<double>(ranks);
    }
    return rates;
  }

  // From the fault; an interval that recovers is judged by its start.
  double recovery_seconds() const {
    if (!recovery_.recovered) return std::numeric_limits<double>::quiet_NaN();
    const double start = static_cast<double>(*recovery_.recovered) * interval_.seconds();
    return std::max(0.0, start - fault_.at.seconds());
  }

  void add_metrics(report::Measurements& m) const {
    const auto add = [&m](const char* name, double value, const char* of, std::string label,
                          bool headline = false) {
      m.metrics.push_back({name, value, of, {}, std::move(label), headline});
    };
    const char* const who = touched_.empty() ? "a rank" : "a rank that the fault touched";
    add("recovery.time", recovery_seconds(), unit::kSeconds,
        "from the fault until the rate is where it settles", true);
    add("recovery.rate_after.share", recovery_.after / recovery_.before, unit::kShare,
        "rate after the fault, of that before", true);
    add("recovery.rate_lowest.share", recovery_.lowest / recovery_.before, unit::kShare,
        "lowest rate, of that before");
    add("recovery.rate_before", recovery_.before, unit::kBitsPerSecond,
        fmt::format("payload from other servers to {}, before the fault", who));
    add("recovery.rate_after", recovery_.after, unit::kBitsPerSecond, "and where it settles");
  }

  report::Series series() const {
    report::TimeSeries series;
    series.unit = unit::kBitsPerSecond;
    for (size_t i = 0; i < all_.size(); ++i) {
      series.time_s.push_back(static_cast<double>(i + 1) * interval_.seconds());
    }
    series.lines.push_back({fmt::format("all ranks ({})", ranks_), all_});
    if (!touched_.empty()) {
      series.lines.push_back({fmt::format("ranks below the fault ({})", ranks_touched_), touched_});
    }
    const auto [begins, ends] = words_of(fault_.kind);
    series.marks.push_back({fault_.at.seconds(), begins});
    if (recovery_seconds() > 0) {
      series.marks.push_back({fault_.at.seconds() + recovery_seconds(), "recovered"});
    }
    if (fault_.until && fault_.until->seconds() < series.time_s.back()) {
      series.marks.push_back({fault_.until->seconds(), ends});
    }
    std::ranges::stable_sort(series.marks, {}, &report::TimeSeries::Mark::at_s);
    return {"recovery.rate", "Rate before, during and after the fault",
            fmt::format("Payload from other servers that arrived at a rank, mean of each group, in "
                        "intervals of {:g} µs; "
                        "recovered: the rate is where it settles.",
                        interval_.seconds() * 1e6),
            std::move(series)};
  }

  const FaultDescription& fault_;
  base::Duration interval_;
  int64_t ranks_;
  int64_t ranks_touched_;
  std::vector<double> all_;
  std::vector<double> touched_;  // empty: the fault touches all or none
  Recovery recovery_;
};

}  // namespace

std::optional<Recovery> find_recovery(const std::vector<double>& rates, size_t fault, size_t end) {
  end = std::min(end, rates.size());
  if (fault < kIntervalsMin || end < fault + 1 + kIntervalsMin) return {};
  const size_t first = fault + 1;  // the interval of the fault is partly before it
  Recovery recovery;
  recovery.before = mean(rates, fault / 2, fault);
  recovery.after = mean(rates, (first + end) / 2, end);
  const size_t lowest_before = lowest_of(rates, fault / 2, fault);
  const size_t lowest = lowest_of(rates, first, end);
  const auto smooth = [&](size_t i) { return smoothed(rates, i, first, end); };
  recovery.lowest = smooth(lowest);
  const double swing = 1 - smoothed(rates, lowest_before, fault / 2, fault) / recovery.before;
  const double enough = (1 - std::fmax(kLeastRoom, kRoomOfSwing * swing)) * recovery.after;
  if (recovery.lowest >= enough) {
    recovery.recovered = fault;
    return recovery;
  }
  for (size_t i = lowest; i < end && !recovery.recovered; ++i) {
    if (smooth(i) >= enough) recovery.recovered = i;
  }
  return recovery;
}

std::vector<bool> hosts_touched(const fabric::Topology& topology,
                                const std::vector<fabric::Fault>& faults) {
  std::vector<bool> touched(topology.hosts(), false);
  const auto tier = [&](uint32_t unit) {
    return topology.is_host(unit) ? -1
                                  : int{topology.switch_at(topology.switch_of_unit(unit)).tier};
  };
  for (const fabric::Fault& fault : faults) {
    if (fault.at == base::Time::zero()) continue;
    const uint32_t other = topology.peer(fault.link).unit;
    const uint32_t lower = tier(fault.link.unit) < tier(other) ? fault.link.unit : other;
    if (topology.is_host(lower)) {
      touched[lower] = true;
      continue;
    }
    const fabric::SwitchModel& s = topology.switch_at(topology.switch_of_unit(lower));
    for (uint32_t i = s.first; i < s.first + s.span; ++i) touched[i] = true;
  }
  return touched;
}

void add_recovery(report::Measurements& m, const CollectiveWorld& world) {
  if (const FaultDescription* fault = first_fault(world)) Story(world, *fault).add(m);
}

}  // namespace windtunnel::study
