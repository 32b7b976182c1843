#include "study/claim_sensitivity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "report/human.h"
#include "study/claim_judge.h"

namespace windtunnel::study {
namespace {

ShownUnit axis_unit(const ClaimSweep& sweep) {
  return shown_unit(sweep.percent ? "%" : "1", sweep.dimension);
}

class Varied {
 public:
  Varied(const ClaimValues& values, const PlannedClaim& claim, const ClaimSensitivity& sensitivity)
      : values_(values), claim_(claim), sweep_(sensitivity.vary), unit_(axis_unit(sweep_)) {
    result_.label = sweep_.label;
    result_.why = sensitivity.why;
  }

  report::SensitivityResult operator()() {
    curve();
    size_t holding = 0;
    for (const bool holds : result_.holds) holding += holds ? 1 : 0;
    result_.everywhere = holding == result_.holds.size();
    result_.nowhere = holding == 0;
    if (!result_.everywhere && !result_.nowhere) {
      result_.condition = sweep_.placed ? ranges() : names();
    }
    return std::move(result_);
  }

 private:
  void curve() {
    const ClaimFigure& figure = claim_.figures[*claim_.decides];
    const ShownUnit unit = shown_unit(figure.unit, figure.value.dimension);
    result_.curve = axis_of(sweep_);
    result_.curve.unit = unit.name;
    report::Curve::Line line{figure.label, {}};
    for (const ClaimPoint& point : sweep_.points) {
      const ClaimChanges changes = changes_at(sweep_, point);
      line.values.push_back(values_.figure(claim_, *claim_.decides, changes) * unit.factor);
      result_.holds.push_back(values_.holds(claim_, changes).value_or(false));
    }
    result_.low = line.values.front();
    result_.high = line.values.front();
    for (const double value : line.values) {
      result_.low = std::fmin(result_.low, value);
      result_.high = std::fmax(result_.high, value);
    }
    const auto& bound = claim_.at_least ? claim_.at_least : claim_.at_most;
    result_.curve.reference = values_.value(claim_, *bound) * unit.factor;
    result_.curve.reference_label = "the claim";
    result_.curve.lines.push_back(std::move(line));
  }

  // Where it begins or ceases to hold between two points: exactly on an interval, else the point
  // that still holds, because nothing was tried between them.
  double edge(size_t i) {
    const double low = sweep_.points[i].at;
    const double high = sweep_.points[i + 1].at;
    double at = result_.holds[i] ? low : high;
    if (sweep_.interval) {
      const auto margin = [&](double x) {
        ClaimChanges changes;
        changes.inputs[*sweep_.input] = x;
        return values_.margin(claim_, changes);
      };
      at = find_root(margin, low, high).value_or(at);
    }
    result_.break_evens.push_back(at * unit_.factor);
    return at;
  }

  std::string shown(double at) const { return report::human(at * unit_.factor, unit_.name, 4); }

  std::string ranges() {
    std::string text;
    const size_t count = result_.holds.size();
    for (size_t i = 0; i < count; ++i) {
      if (!result_.holds[i] || (i > 0 && result_.holds[i - 1])) continue;
      size_t last = i;
      while (last + 1 < count && result_.holds[last + 1]) ++last;
      const std::string from = i > 0 ? shown(edge(i - 1)) : "";
      const std::string to = last + 1 < count ? shown(edge(last)) : "";
      if (!text.empty()) text += " or ";
      text += from.empty() ? "at most " + to
              : to.empty() ? "at least " + from
              : from == to ? from
                           : fmt::format("from {} to {}", from, to);
    }
    return fmt::format("{} is {} (tried from {} to {})", sweep_.label, text,
                       shown(sweep_.points.front().at), shown(sweep_.points.back().at));
  }

  std::string names() const {
    std::string text;
    std::string others;
    for (size_t i = 0; i < result_.holds.size(); ++i) {
      std::string& list = result_.holds[i] ? text : others;
      list += (list.empty() ? "" : " or ") + sweep_.points[i].label;
    }
    return fmt::format("{} is {} (not {})", sweep_.label, text, others);
  }

  const ClaimValues& values_;
  const PlannedClaim& claim_;
  const ClaimSweep& sweep_;
  ShownUnit unit_;
  report::SensitivityResult result_;
};

}  // namespace

std::optional<double> find_root(const std::function<double(double)>& f, double low, double high) {
  constexpr int kStepsMax = 200;
  constexpr double kWidth = 1e-9;
  double f_low = f(low);
  const double f_high = f(high);
  if (std::isnan(f_low) || std::isnan(f_high) || (f_low < 0) == (f_high < 0)) return {};
  for (int step = 0; step < kStepsMax; ++step) {
    const double middle = low + (high - low) / 2;
    if (high - low <= kWidth * std::fmax(std::fabs(low), std::fabs(high))) return middle;
    const double f_middle = f(middle);
    if (std::isnan(f_middle)) return {};
    if ((f_middle < 0) == (f_low < 0)) {
      low = middle;
      f_low = f_middle;
    } else {
      high = middle;
    }
  }
  return low + (high - low) / 2;
}

ClaimChanges changes_at(const ClaimSweep& sweep, const ClaimPoint& point) {
  ClaimChanges changes;
  if (sweep.input) {
    changes.inputs[*sweep.input] = point.at;
  } else {
    changes.point = &point;
  }
  return changes;
}

report::Curve axis_of(const ClaimSweep& sweep) {
  const ShownUnit unit = axis_unit(sweep);
  report::Curve curve;
  curve.x_title = sweep.label;
  curve.x_unit = unit.name;
  curve.placed = sweep.placed;
  for (const ClaimPoint& point : sweep.points) {
    curve.at.push_back(point.at * unit.factor);
    curve.labels.push_back(point.label);
  }
  return curve;
}

report::SensitivityResult vary(const ClaimValues& values, const PlannedClaim& claim,
                               const ClaimSensitivity& sensitivity) {
  return Varied(values, claim, sensitivity)();
}

}  // namespace windtunnel::study
