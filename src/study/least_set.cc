#include "study/least_set.h"

#include <algorithm>
#include <queue>
#include <set>
#include <utility>

namespace windtunnel::study {
namespace {

// Prices are sums of products of a few numbers: equal ones may differ in the last digits.
constexpr double kSame = 1e-9;

bool no_more_than(const SearchPoint& a, const SearchPoint& b) {
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
  }
  return true;
}

// Asks only what earlier answers leave open.
class Questions {
 public:
  explicit Questions(const MeetsTarget& meets) : meets_(meets) {}

  // Empty when stopped.
  std::optional<bool> operator()(const SearchPoint& point) {
    const auto rules_out = [&](const SearchPoint& failed) { return no_more_than(point, failed); };
    if (std::any_of(failed_.begin(), failed_.end(), rules_out)) return false;
    const auto vouches = [&](const SearchPoint& met) { return no_more_than(met, point); };
    if (std::any_of(met_.begin(), met_.end(), vouches)) return true;
    ++asked_;
    const std::optional<bool> answer = meets_(point);
    if (answer) (*answer ? met_ : failed_).push_back(point);
    return answer;
  }
  int64_t asked() const { return asked_; }

 private:
  const MeetsTarget& meets_;
  std::vector<SearchPoint> met_;
  std::vector<SearchPoint> failed_;
  int64_t asked_ = 0;
};

// The least value of range i with which the highest of all others meets the target: no answer has
// less. Empty when stopped.
std::optional<int64_t> least_alone(const std::vector<SearchRange>& ranges, size_t i,
                                   SearchPoint highest, Questions& ask) {
  int64_t fails = ranges[i].low - 1;
  int64_t meets = ranges[i].high;
  while (meets - fails > 1) {
    highest[i] = fails + (meets - fails) / 2;
    const std::optional<bool> answer = ask(highest);
    if (!answer) return std::nullopt;
    (*answer ? meets : fails) = highest[i];
  }
  return meets;
}

struct Candidate {
  double price = 0;
  SearchPoint point;
  // For a queue whose top is the largest.
  bool operator<(const Candidate& other) const {
    if (price > other.price + kSame) return true;
    if (price < other.price - kSame) return false;
    return point > other.point;
  }
};

}  // namespace

double price_of(const std::vector<SearchRange>& ranges, const SearchPoint& point) {
  double price = 0;
  for (size_t i = 0; i < ranges.size(); ++i)
    price += ranges[i].price * static_cast<double>(point[i] - ranges[i].low);
  return price;
}

LeastSet find_least_set(const std::vector<SearchRange>& ranges, const MeetsTarget& meets) {
  Questions ask(meets);
  const auto stopped = [&] { return LeastSet{{}, true, ask.asked()}; };
  SearchPoint highest;
  for (const SearchRange& range : ranges) highest.push_back(range.high);
  const std::optional<bool> possible = ask(highest);
  if (!possible) return stopped();
  if (!*possible) return {{}, false, ask.asked()};
  SearchPoint lowest = highest;
  for (size_t i = 0; i < ranges.size(); ++i) {
    const std::optional<int64_t> least = least_alone(ranges, i, highest, ask);
    if (!least) return stopped();
    lowest[i] = *least;
  }
  std::priority_queue<Candidate> queue;
  std::set<SearchPoint> seen{lowest};
  queue.push({price_of(ranges, lowest), lowest});
  while (!queue.empty()) {
    const SearchPoint point = queue.top().point;
    queue.pop();
    const std::optional<bool> answer = ask(point);
    if (!answer) return stopped();
    if (*answer) return {point, false, ask.asked()};
    for (size_t i = 0; i < ranges.size(); ++i) {
      SearchPoint more = point;
      if (++more[i] > ranges[i].high || !seen.insert(more).second) continue;
      queue.push({price_of(ranges, more), std::move(more)});
    }
  }
  return {highest, false, ask.asked()};
}

std::vector<SearchPoint> points_within(const std::vector<SearchRange>& ranges, double budget,
                                       size_t most) {
  std::vector<SearchPoint> points;
  SearchPoint point;
  for (const SearchRange& range : ranges) point.push_back(range.low);
  const auto affordable = [&] { return price_of(ranges, point) <= budget + kSame; };
  const auto nothing_to_add = [&] {
    for (size_t i = 0; i < ranges.size(); ++i) {
      if (point[i] == ranges[i].high) continue;
      ++point[i];
      const bool could = affordable();
      --point[i];
      if (could) return false;
    }
    return true;
  };
  // Counts up like an odometer whose last wheel is the fastest; a wheel turns over when it is at
  // its end or the budget is.
  while (affordable() && points.size() <= most) {
    if (nothing_to_add()) points.push_back(point);
    size_t i = ranges.size();
    while (i > 0) {
      --i;
      if (++point[i] <= ranges[i].high && affordable()) break;
      point[i] = ranges[i].low;
      if (i == 0) return points;
    }
  }
  return points;
}

}  // namespace windtunnel::study
