#include "study/claim_sweeps.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scenario/suggest.h"

namespace windtunnel::study {
namespace {

using Errors = std::vector<base::Error>;

// Points on an interval: enough that a curve through them looks like one.
constexpr int kIntervalPoints = 41;

class SweepPlanner {
 public:
  SweepPlanner(const SweepText& text, const std::string& path, const SweepContext& context)
      : text_(text), path_(path), context_(context) {}

  tl::expected<ClaimSweep, Errors> operator()() {
    const int ways = (text_.input.empty() ? 0 : 1) + (text_.key.empty() ? 0 : 1) +
                     (text_.points.empty() ? 0 : 1);
    if (ways != 1) {
      complain("", "expected one of `input`, `key` and `points`: what is to be varied");
    } else if (!text_.input.empty()) {
      vary_input();
    } else {
      vary_runs();
    }
    if (errors_.empty() && sweep_.points.size() < 2) complain("", "expected at least two values");
    if (errors_.empty()) return std::move(sweep_);
    return tl::unexpected(std::move(errors_));
  }

 private:
  base::SourceMark at(const std::string& key) const {
    return context_.marks.at(key.empty() ? path_ : path_ + "." + key);
  }
  void complain(const std::string& key, std::string message, std::string hint = {}) {
    errors_.push_back({at(key), std::move(message), std::move(hint)});
  }

  // --- inputs ----------------------------------------------------------------------------------

  void vary_input() {
    const base::Result<size_t> input = context_.names.input(text_.input);
    if (!input) {
      complain("input", input.error().message, input.error().hint);
      return;
    }
    const ClaimInput& varied = context_.plan.inputs[*input];
    sweep_.input = *input;
    sweep_.label = text_.label.empty() ? varied.label : text_.label;
    sweep_.dimension = varied.value.dimension;
    sweep_.percent = varied.percent;
    if (!text_.runs.empty()) complain("runs", "an input concerns no runs");
    if (text_.values.empty()) {
      interval();
      return;
    }
    for (size_t i = 0; i < text_.values.size(); ++i) {
      const auto value = figure(fmt::format("values[{}]", i), text_.values[i]);
      if (value) add(text_.values[i], *value);
    }
    sort_points();
  }

  void interval() {
    if (text_.from.empty() || text_.to.empty()) {
      complain("", "expected `values`, or `from` and `to`");
      return;
    }
    const auto from = figure("from", text_.from);
    const auto to = figure("to", text_.to);
    if (!from || !to) return;
    if (*from >= *to) {
      complain("to",
               fmt::format("found {}, expected more than `from`", scenario::quoted(text_.to)));
      return;
    }
    sweep_.interval = true;
    for (int i = 0; i < kIntervalPoints; ++i) {
      const double share = static_cast<double>(i) / (kIntervalPoints - 1);
      const double value = *from + (*to - *from) * share;
      add(catalog::to_string(catalog::Figure{value, sweep_.dimension}), value);
    }
  }

  std::optional<double> figure(const std::string& key, const std::string& text) {
    const base::Result<catalog::Figure> value = catalog::parse_figure(text);
    if (!value) {
      complain(key, value.error().message, value.error().hint);
      return {};
    }
    if (value->dimension != sweep_.dimension) {
      complain(key, fmt::format("found {}, expected a value in {}", scenario::quoted(text),
                                catalog::to_string(sweep_.dimension)));
      return {};
    }
    return value->value;
  }

  void add(const std::string& label, double value) {
    ClaimPoint point;
    point.label = label;
    point.at = value;
    point.jobs.resize(context_.plan.runs.size());
    sweep_.points.push_back(std::move(point));
  }

  void sort_points() {
    std::stable_sort(sweep_.points.begin(), sweep_.points.end(),
                     [](const ClaimPoint& a, const ClaimPoint& b) { return a.at < b.at; });
  }

  // --- scenarios -------------------------------------------------------------------------------

  void vary_runs() {
    sweep_.label = text_.label.empty() ? text_.key : text_.label;
    const std::vector<size_t> runs = concerned();
    if (!errors_.empty()) return;
    std::vector<PointText> points = text_.points;
    for (const std::string& value : text_.values) {
      points.push_back({value, value, {text_.key + "=" + value}});
    }
    place(points);
    for (size_t i = 0; i < points.size(); ++i) {
      const std::string key =
          text_.points.empty() ? fmt::format("values[{}]", i) : fmt::format("points[{}]", i);
      ClaimPoint& point = sweep_.points[i];
      point.set = points[i].set;
      if (point.set.empty()) continue;  // the runs as they are
      for (const size_t run : runs) {
        const auto job = context_.jobs.need(run, point.set, at(key));
        if (job) {
          point.jobs[run] = *job;
        } else {
          errors_.insert(errors_.end(), job.error().begin(), job.error().end());
        }
      }
    }
    if (sweep_.placed) sort_points();
  }

  std::vector<size_t> concerned() {
    std::vector<size_t> runs(context_.runs.begin(), context_.runs.end());
    if (!text_.runs.empty()) {
      runs.clear();
      for (size_t i = 0; i < text_.runs.size(); ++i) {
        const base::Result<size_t> run = context_.names.run(text_.runs[i]);
        const std::string key = fmt::format("runs[{}]", i);
        if (!run) {
          complain(key, run.error().message, run.error().hint);
        } else if (context_.runs.count(*run) == 0) {
          lacks_run(key, fmt::format("run `{}` is named by none of the formulas", text_.runs[i]));
        } else {
          runs.push_back(*run);
        }
      }
    }
    if (runs.empty() && errors_.empty()) lacks_run("", "no run is named by the formulas");
    return runs;
  }

  // A formula that has a mistake of its own may be the one that names the run.
  void lacks_run(const std::string& key, std::string message) {
    complain(key, context_.complete ? std::move(message) : std::string());
  }

  // Points stand on an axis when each has a place in the same unit, else side by side.
  void place(const std::vector<PointText>& points) {
    for (const PointText& text : points) {
      const base::Result<catalog::Figure> value = catalog::parse_figure(text.at);
      if (!value || (!sweep_.points.empty() && value->dimension != sweep_.dimension)) {
        sweep_.placed = false;
      } else if (sweep_.points.empty()) {
        sweep_.dimension = value->dimension;
      }
      add(text.label.empty() ? text.at : text.label, value ? value->value : 0);
      sweep_.percent = sweep_.percent || text.at.find('%') != std::string::npos;
    }
    for (size_t i = 0; !sweep_.placed && i < sweep_.points.size(); ++i) {
      sweep_.points[i].at = static_cast<double>(i);
    }
    if (!sweep_.placed) sweep_.dimension = {};
  }

  const SweepText& text_;
  const std::string& path_;
  const SweepContext& context_;
  ClaimSweep sweep_;
  Errors errors_;
};

}  // namespace

tl::expected<ClaimSweep, Errors> plan_sweep(const SweepText& text, const std::string& path,
                                            const SweepContext& context) {
  return SweepPlanner(text, path, context)();
}

}  // namespace windtunnel::study
