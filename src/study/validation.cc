#include "study/validation.h"

#include <cmath>

#include "base/check.h"
#include "study/network_run.h"

namespace windtunnel::study {

double NamedValues::at(const std::string& name) const {
  for (const auto& [key, value] : values) {
    if (key == name) return value;
  }
  base::check_failed("metric exists", __FILE__, __LINE__, name);
}

base::Result<NamedValues> measure_values(const NetworkDescription& description,
                                         Observer& observer) {
  NetworkScenario scenario;
  scenario.description = description;
  return measure_values(scenario, observer);
}

base::Result<NamedValues> measure_values(const NetworkScenario& scenario, Observer& observer) {
  NetworkRunOptions options;
  options.sample = false;
  auto run = run_network(scenario, options, observer);
  if (!run) return tl::unexpected(run.error());
  if (run->stopped) return base::fail("stopped");
  NamedValues named;
  for (const report::Metric& m : run->measurements.metrics)
    named.values.emplace_back(m.name, m.value);
  return named;
}

base::Result<NamedValues> average_values(NetworkDescription description, int seeds,
                                         Observer& observer) {
  NamedValues sum;
  for (description.seed = 1; description.seed <= seeds; ++description.seed) {
    const auto values = measure_values(description, observer);
    if (!values) return values;
    if (sum.values.empty()) {
      sum = *values;
    } else {
      for (size_t i = 0; i < sum.values.size(); ++i)
        sum.values[i].second += values->values[i].second;
    }
  }
  for (auto& [name, value] : sum.values) value /= seeds;
  return sum;
}

Comparison compare_value(std::string what, double ours, double theirs, std::string unit,
                         double allowed) {
  Comparison c;
  c.what = std::move(what);
  c.ours = ours;
  c.theirs = theirs;
  c.unit = std::move(unit);
  c.allowed = allowed;
  c.holds = std::abs(ours - theirs) <= allowed * std::abs(theirs);
  return c;
}

Comparison compare_bound(std::string what, double ours, double bound, std::string unit) {
  Comparison c;
  c.what = std::move(what);
  c.ours = ours;
  c.theirs = bound;
  c.unit = std::move(unit);
  c.rule = Comparison::Rule::kAtMost;
  c.holds = ours <= bound;
  return c;
}

Comparison compare_least(std::string what, double ours, double bound, std::string unit) {
  Comparison c = compare_bound(std::move(what), ours, bound, std::move(unit));
  c.rule = Comparison::Rule::kAtLeast;
  c.holds = ours >= bound;
  return c;
}

Comparison compare_interval(std::string what, const des::Interval& ours, double theirs,
                            std::string unit, IntervalAllowance allowed) {
  Comparison c;
  c.what = std::move(what);
  c.ours = ours.mean;
  c.theirs = theirs;
  c.unit = std::move(unit);
  c.allowed = allowed.width;
  c.rule = Comparison::Rule::kInterval;
  c.half_width = ours.half_width;
  c.level = ours.level;
  const double size = std::abs(theirs);
  c.holds = std::abs(ours.mean - theirs) <= ours.half_width + allowed.bias * size &&
            ours.half_width <= allowed.width * size;
  return c;
}

Comparison compare_order(const std::vector<std::pair<std::string, double>>& ascending) {
  Comparison c;
  c.unit = report::unit::kCount;
  c.theirs = static_cast<double>(ascending.size());
  c.rule = Comparison::Rule::kOrder;
  c.holds = true;
  for (size_t i = 0; i < ascending.size(); ++i) {
    c.what += (i == 0 ? "order: " : " < ") + ascending[i].first;
    const bool in_place = i == 0 || ascending[i - 1].second < ascending[i].second;
    c.ours += in_place ? 1 : 0;
    c.holds = c.holds && in_place;
  }
  return c;
}

}  // namespace windtunnel::study
