// Curves, charts and maps of a factory for the page.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "des/confidence.h"
#include "factory/problem_list.h"
#include "study/factory_line_drawing.h"
#include "study/factory_measure.h"

namespace windtunnel::study {
namespace {

namespace unit = report::unit;
using factory::kMachineStates;
using factory::Plant;
using factory::StateShares;
using report::Series;

constexpr size_t kRowsMax = 48;
constexpr size_t kNodesMax = 120;
constexpr size_t kColumnsMax = 96;
constexpr size_t kCurvesMax = 8;
constexpr double kDay = 86'400;

Series series(std::string name, std::string title, std::string about) {
  Series s;
  s.name = std::move(name);
  s.title = std::move(title);
  s.about = std::move(about);
  return s;
}

std::vector<std::string> state_names() {
  std::vector<std::string> names;
  for (size_t s = 0; s < kMachineStates; ++s)
    names.emplace_back(factory::machine_state_name(static_cast<factory::MachineState>(s)));
  return names;
}

class Drawer {
 public:
  Drawer(const FactoryScenario& scenario, const FactoryFold& fold)
      : scenario_(scenario), plant_(scenario.plant), fold_(fold) {
    for (const factory::Stock& stock : plant_.stocks) stocked_.insert(stock.item);
    for (size_t i = 0; i < plant_.items.size(); ++i)
      if (!plant_.items[i].route.empty() && !stocked_.contains(plant_.items[i].name))
        shipped_.push_back(i);
  }

  std::vector<Series> all() {
    if (plant_.stations.size() + plant_.stocks.size() <= kNodesMax)
      all_.push_back(draw_line(plant_, fold_));
    states();
    hours();
    stretches();
    gantt();
    in_process();
    ramp();
    lead();
    return std::move(all_);
  }

 private:
  double runs() const { return static_cast<double>(fold_.count()); }

  void states() {
    report::Stack stack;
    stack.of = "station";
    stack.parts = state_names();
    for (size_t s = 0; s < std::min(plant_.stations.size(), kRowsMax); ++s)
      stack.rows.push_back(
          {plant_.stations[s].name, mean_shares(fold_.stations()[s].shares, fold_.count())});
    Series out = series("station.states", "What stations did",
                        "Shares of the measured time over all machines of a station, mean of "
                        "all replications.");
    out.data = std::move(stack);
    all_.push_back(std::move(out));
  }

  // The busiest stations, in the order of the plant, when there are too many to show.
  std::vector<size_t> shown() const {
    std::vector<size_t> stations(plant_.stations.size());
    for (size_t s = 0; s < stations.size(); ++s) stations[s] = s;
    if (stations.size() <= kRowsMax) return stations;
    std::stable_sort(stations.begin(), stations.end(), [&](size_t a, size_t b) {
      return fold_.stations()[a].limiting > fold_.stations()[b].limiting;
    });
    stations.resize(kRowsMax);
    std::sort(stations.begin(), stations.end());
    return stations;
  }
  static double limiting(const StateShares& sum, double of) {
    StateShares mean = sum;
    for (double& share : mean) share /= of;
    return limiting_share(mean);
  }

  void hours() {
    report::HeatMap map;
    map.unit = unit::kShare;
    map.rows.title = "station";
    map.columns.title = "hour of the day";
    for (int h = 0; h < 24; ++h) map.columns.labels.push_back(fmt::format("{:02}", h));
    for (const size_t s : shown()) {
      map.rows.labels.push_back(plant_.stations[s].name);
      for (const StateShares& sum : fold_.stations()[s].by_hour_of_day)
        map.values.push_back(limiting(sum, runs()));
    }
    Series out = series("bottleneck.hours", "What limits, by hour of the day",
                        "Share of its open time that a station was at work, set up or down; the "
                        "darkest of a column limits.");
    out.data = std::move(map);
    all_.push_back(std::move(out));
  }

  void stretches() {
    const size_t count = fold_.stations().front().by_stretch.size();
    if (count == 0) return;
    const size_t merged = (count + kColumnsMax - 1) / kColumnsMax;
    const double length = fold_.first().stations.front().profile.stretch.seconds();
    report::HeatMap map;
    map.unit = unit::kShare;
    map.rows.title = "station";
    map.columns.title = "since the start";
    map.columns.unit = unit::kSeconds;
    for (size_t t = 0; t < count; t += merged)
      map.columns.values.push_back(static_cast<double>(t) * length);
    for (const size_t s : shown()) {
      map.rows.labels.push_back(plant_.stations[s].name);
      const std::vector<StateShares>& by_stretch = fold_.stations()[s].by_stretch;
      for (size_t t = 0; t < count; t += merged) {
        StateShares sum{};
        const size_t end = std::min(count, t + merged);
        for (size_t i = t; i < end; ++i)
          for (size_t k = 0; k < sum.size(); ++k) sum[k] += by_stretch[i][k];
        map.values.push_back(limiting(sum, runs() * static_cast<double>(end - t)));
      }
    }
    Series out = series("bottleneck.stretches", "What limits, over the run",
                        "The same over stretches of the run, the warm-up included.");
    out.data = std::move(map);
    all_.push_back(std::move(out));
  }

  void gantt() {
    const factory::Outcome& first = fold_.first();
    const FactoryRunDescription& run = scenario_.description.run;
    if (first.gantt.empty()) return;
    report::Gantt chart;
    chart.of = "machine";
    chart.start_s = run.gantt_from.value_or(scenario_.warm_up).seconds();
    chart.end_s = chart.start_s + run.gantt_length.seconds();
    chart.kinds = state_names();
    std::map<std::pair<uint32_t, uint32_t>, std::vector<report::Gantt::Interval>> rows;
    for (const factory::Bar& bar : first.gantt) {
      if (bar.end <= bar.begin) continue;
      const auto item = static_cast<size_t>(bar.item);
      rows[{bar.station, bar.machine}].push_back(
          {bar.begin.seconds(), bar.end.seconds(), static_cast<size_t>(bar.state),
           bar.item >= 0 && item < plant_.items.size() ? plant_.items[item].name : ""});
    }
    for (auto& [machine, intervals] : rows) {
      if (chart.rows.size() == kRowsMax) break;
      std::stable_sort(intervals.begin(), intervals.end(),
                       [](const auto& a, const auto& b) { return a.start_s < b.start_s; });
      const factory::StationOutcome& station = first.stations[machine.first];
      chart.rows.push_back({station.machines > 1
                                ? fmt::format("{} {}", station.name, machine.second + 1)
                                : station.name,
                            std::move(intervals)});
    }
    Series out = series("machine.gantt", "What each machine did",
                        "The chosen stretch of the first replication.");
    out.data = std::move(chart);
    all_.push_back(std::move(out));
  }

  void in_process() {
    report::TimeSeries curve;
    curve.unit = unit::kCount;
    curve.lines = {{"mean", {}}};
    const bool several = fold_.count() > 1;
    if (several) {
      curve.lines.push_back({"95 % from", {}});
      curve.lines.push_back({"95 % to", {}});
    }
    for (size_t b = 0; b < fold_.bins().size(); ++b) {
      const des::TimeSeries::Bin& bin = fold_.bins()[b];
      const des::Tally& tally = fold_.in_process()[b];
      if (tally.count() == 0 || (several && tally.count() < 2)) continue;
      curve.time_s.push_back(
          factory::Duration::ticks(bin.begin + (bin.end - bin.begin) / 2).seconds());
      curve.lines[0].values.push_back(tally.mean());
      if (!several) continue;
      const des::Interval interval = des::confidence_interval(tally);
      curve.lines[1].values.push_back(interval.low());
      curve.lines[2].values.push_back(interval.high());
    }
    if (curve.time_s.empty()) return;
    Series out = series("wip", "Pieces in process",
                        "Released and not yet finished, with the interval for the mean of "
                        "independent runs.");
    out.data = std::move(curve);
    all_.push_back(std::move(out));
  }

  // Pieces a day, so that stretches of any length compare.
  void ramp() {
    const double length = fold_.first().stretch.seconds();
    if (length <= 0) return;
    const std::vector<size_t>& items = shipped_.empty() ? made() : shipped_;
    size_t count = 0;
    for (const size_t item : items) count = std::max(count, fold_.finished()[item].size());
    const size_t merged = std::max<size_t>(1, count / kColumnsMax);
    report::TimeSeries curve;
    curve.unit = "pieces/day";
    for (size_t t = 0; t + merged <= count; t += merged)
      curve.time_s.push_back((static_cast<double>(t) + static_cast<double>(merged) / 2) * length);
    for (size_t i = 0; i < std::min(items.size(), kCurvesMax); ++i) {
      const std::vector<des::Tally>& finished = fold_.finished()[items[i]];
      report::TimeSeries::Line line;
      line.label = plant_.items[items[i]].name;
      for (size_t t = 0; t + merged <= count; t += merged) {
        double sum = 0;
        for (size_t k = t; k < std::min(t + merged, finished.size()); ++k)
          sum += finished[k].mean();
        line.values.push_back(sum / (static_cast<double>(merged) * length) * kDay);
      }
      curve.lines.push_back(std::move(line));
    }
    if (curve.time_s.empty() || curve.lines.empty()) return;
    Series out = series("ramp", "Finished per day",
                        "From the empty plant on, mean of all "
                        "replications.");
    out.data = std::move(curve);
    all_.push_back(std::move(out));
  }
  const std::vector<size_t>& made() {
    for (size_t i = 0; i < plant_.items.size(); ++i)
      if (!plant_.items[i].route.empty()) made_.push_back(i);
    return made_;
  }

  void lead() {
    size_t drawn = 0;
    for (const size_t item : shipped_) {
      const des::QuantileSketch& sketch = fold_.lead()[item];
      if (sketch.count() == 0 || drawn++ == kCurvesMax) continue;
      report::Distribution distribution;
      distribution.unit = unit::kSeconds;
      distribution.count = static_cast<uint64_t>(sketch.count());
      for (const des::QuantileSketch::Point& point : sketch.points())
        distribution.points.push_back({point.value, point.share});
      const std::string& name = plant_.items[item].name;
      Series out = series("lead." + name, name + ": lead time",
                          "From release to the end of the route, all replications.");
      out.data = std::move(distribution);
      all_.push_back(std::move(out));
    }
  }

  const FactoryScenario& scenario_;
  const Plant& plant_;
  const FactoryFold& fold_;
  std::set<std::string> stocked_;
  std::vector<size_t> shipped_;
  std::vector<size_t> made_;
  std::vector<Series> all_;
};

}  // namespace

std::vector<Series> factory_series(const FactoryScenario& scenario, const FactoryFold& fold) {
  return Drawer(scenario, fold).all();
}

}  // namespace windtunnel::study
