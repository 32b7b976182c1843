#include "des/selection.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"

namespace windtunnel::des {

KimNelson::KimNelson(size_t systems, const SelectionOptions& options)
    : options_(options), survivors_(systems), tallies_(systems), kept_(systems) {
  WT_CHECK(systems > 0, "there is something to choose from");
  WT_CHECK(options.indifference > 0, "an indifference zone has a width");
  WT_CHECK(options.first >= 2 && options.alpha > 0 && options.alpha < 1,
           "first >= 2, 0 < alpha < 1");
  std::iota(survivors_.begin(), survivors_.end(), size_t{0});
  const auto freedom = static_cast<double>(options.first - 1);
  const auto others = static_cast<double>(std::max<size_t>(systems, 2) - 1);
  const double eta = (std::pow(2 * options.alpha / others, -2 / freedom) - 1) / 2;
  width_ = 2 * eta * freedom;
}

void KimNelson::add(std::span<const double> observations) {
  WT_CHECK(observations.size() == survivors_.size(), "one observation for each survivor");
  ++rounds_;
  for (size_t i = 0; i < survivors_.size(); ++i) {
    tallies_[survivors_[i]].add(observations[i]);
    if (rounds_ <= options_.first) kept_[survivors_[i]].push_back(observations[i]);
  }
  if (rounds_ == options_.first) measure_differences();
  if (rounds_ >= options_.first) leave_out();
}

size_t KimNelson::leader() const {
  return *std::max_element(survivors_.begin(), survivors_.end(), [this](size_t a, size_t b) {
    return tallies_[a].mean() < tallies_[b].mean();
  });
}

void KimNelson::measure_differences() {
  const size_t n = kept_.size();
  variances_.assign(n * n, 0);
  for (size_t i = 0; i < n; ++i) {
    for (size_t l = 0; l < n; ++l) {
      Tally difference;
      for (size_t r = 0; r < kept_[i].size(); ++r) difference.add(kept_[i][r] - kept_[l][r]);
      variances_[i * n + l] = difference.variance();
    }
  }
  kept_.clear();
}

// A system leaves when some other is ahead by more than what chance may still turn round. The
// allowance falls to zero with the rounds, so the race ends.
void KimNelson::leave_out() {
  const auto r = static_cast<double>(rounds_);
  const double delta = options_.indifference;
  const auto behind = [&](size_t i) {
    return std::any_of(survivors_.begin(), survivors_.end(), [&](size_t l) {
      const double variance = variances_[i * tallies_.size() + l];
      const double allowance =
          std::max(0.0, delta / (2 * r) * (width_ * variance / (delta * delta) - r));
      return tallies_[i].mean() < tallies_[l].mean() - allowance;
    });
  };
  std::vector<size_t> stay;
  for (const size_t i : survivors_) {
    if (!behind(i)) stay.push_back(i);
  }
  // Exact ties do not end; the first of them is as good as any.
  const bool over = std::all_of(stay.begin(), stay.end(), [&](size_t i) {
    return width_ * variances_[i * tallies_.size() + stay.front()] <= delta * delta * r &&
           tallies_[i].mean() == tallies_[stay.front()].mean();
  });
  if (over) stay.resize(1);
  survivors_ = std::move(stay);
}

std::vector<int64_t> ocba_allocation(std::span<const Tally> systems, int64_t total) {
  const size_t n = systems.size();
  WT_CHECK(n > 0 && total >= static_cast<int64_t>(n), "at least one observation a system");
  size_t best = 0;
  for (size_t i = 1; i < n; ++i) {
    if (systems[i].mean() > systems[best].mean()) best = i;
  }
  // Weights of the others: (deviation / distance from the best) squared; of the best its deviation
  // times the root of the sum of (weight / deviation) squared.
  std::vector<double> weight(n);
  double spread = 0;
  for (size_t i = 0; i < n; ++i) {
    if (i == best) continue;
    const double least = 1e-3 * std::max(systems[best].deviation(), 1e-12);
    const double distance = std::max(systems[best].mean() - systems[i].mean(), least);
    weight[i] = systems[i].variance() / (distance * distance);
    if (systems[i].variance() > 0) spread += weight[i] * weight[i] / systems[i].variance();
  }
  weight[best] = n == 1 ? 1 : systems[best].deviation() * std::sqrt(spread);
  const double sum = std::accumulate(weight.begin(), weight.end(), 0.0);
  // One each, the rest by weight; what rounding leaves goes to the largest remainders.
  const auto rest = static_cast<double>(total - static_cast<int64_t>(n));
  std::vector<int64_t> counts(n, 1);
  std::vector<std::pair<double, size_t>> remainders;
  int64_t left = total - static_cast<int64_t>(n);
  for (size_t i = 0; i < n; ++i) {
    const double share = sum > 0 ? rest * weight[i] / sum : rest / static_cast<double>(n);
    const auto whole = static_cast<int64_t>(share);
    counts[i] += whole;
    left -= whole;
    remainders.emplace_back(static_cast<double>(whole) - share, i);
  }
  std::sort(remainders.begin(), remainders.end());
  for (size_t k = 0; left > 0; ++k, --left) ++counts[remainders[k % n].second];
  return counts;
}

}  // namespace windtunnel::des
