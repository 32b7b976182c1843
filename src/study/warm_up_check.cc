#include "study/warm_up_check.h"

#include <algorithm>
#include <cmath>

#include "des/output_analysis.h"

namespace windtunnel::study {
namespace {

constexpr size_t kStretchesMin = 40;
// What shows: a difference of so many standard errors that is also so large a share of the mean.
constexpr double kErrors = 4;
constexpr double kShare = 0.02;

struct Part {
  double mean = 0;
  double error = 0;  // standard error of the mean, correlation of neighbours included
};

// Stretches are correlated, so the error comes from means of a few longer ones.
Part measure(std::span<const double> curve) {
  constexpr size_t kGroups = 8;
  des::Tally all;
  for (const double x : curve) all.add(x);
  const size_t length = std::max<size_t>(1, curve.size() / kGroups);
  des::Tally groups;
  for (size_t begin = 0; begin + length <= curve.size(); begin += length) {
    des::Tally group;
    for (size_t i = begin; i < begin + length; ++i) group.add(curve[i]);
    groups.add(group.mean());
  }
  const auto count = static_cast<double>(std::max<int64_t>(groups.count(), 1));
  return {all.mean(), groups.deviation() / std::sqrt(count)};
}

// How far b is from a: in standard errors and as a share; the smaller of both measures, so that 1
// means it shows.
double difference(const Part& a, const Part& b) {
  const double gap = std::abs(a.mean - b.mean);
  const double error = std::hypot(a.error, b.error);
  const double size = std::max(std::abs(a.mean), std::abs(b.mean));
  if (gap == 0 || size == 0) return 0;
  const double errors = error > 0 ? gap / (kErrors * error) : HUGE_VAL;
  return std::min(errors, gap / (kShare * size));
}

}  // namespace

WarmUpCheck check_warm_up(std::span<const double> curve, size_t warm_up) {
  WarmUpCheck check;
  if (warm_up >= curve.size() || curve.size() - warm_up < kStretchesMin) return check;
  const des::WarmUp found = des::mser5(curve);
  // Where noise hides the place, the first fifth of what is measured stands for it.
  const size_t cut = found.settled ? found.observations : warm_up + (curve.size() - warm_up) / 5;
  if (cut > warm_up) {
    check.steady_from = cut;
    const Part early = measure(curve.subspan(warm_up, cut - warm_up));
    const Part late = measure(curve.subspan(cut));
    check.early = early.mean;
    check.late = late.mean;
    // Of few stretches the spread is not known; the rest tells it.
    const double scale =
        std::sqrt(static_cast<double>(curve.size() - cut) / static_cast<double>(cut - warm_up));
    if (difference({early.mean, late.error * scale}, late) >= 1) {
      check.verdict = WarmUpCheck::Verdict::kTooShort;
      return check;
    }
  }
  // A curve that goes on rising, or falling, has nothing steady: each third lies beyond the one
  // before.
  const std::span<const double> measured = curve.subspan(warm_up);
  const size_t third = measured.size() / 3;
  const Part first = measure(measured.first(third));
  const Part middle = measure(measured.subspan(third, third));
  const Part last = measure(measured.subspan(2 * third));
  const bool one_way = (first.mean < middle.mean) == (middle.mean < last.mean);
  if (one_way && difference(first, middle) >= 1 && difference(middle, last) >= 1) {
    check.verdict = WarmUpCheck::Verdict::kNotSettled;
    check.early = first.mean;
    check.late = last.mean;
  }
  return check;
}

}  // namespace windtunnel::study
