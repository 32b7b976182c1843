#include "planning/flow_shop_search.h"

#include <algorithm>
#include <utility>

#include "planning/flow_shop_insertion.h"

namespace windtunnel::planning {
namespace {

// Jobs taken out per iteration, and the temperature in tenths of the mean operation time: the
// values that Ruiz and Stuetzle settled on.
constexpr size_t kRemoved = 4;
constexpr double kTemperature = 0.5;

void insert(FlowShopInsertion& insertion, std::vector<uint32_t>& order, uint32_t job) {
  const size_t position = insertion.best_place(order, job).position;
  order.insert(order.begin() + static_cast<std::ptrdiff_t>(position), job);
}

std::vector<uint32_t> by_total_time(const FlowShop& shop) {
  std::vector<int64_t> total(shop.jobs, 0);
  for (size_t i = 0; i < shop.times.size(); ++i) total[i / shop.machines] += shop.times[i];
  std::vector<uint32_t> jobs = given_order(shop.jobs);
  std::stable_sort(jobs.begin(), jobs.end(),
                   [&](uint32_t a, uint32_t b) { return total[a] > total[b]; });
  return jobs;
}

class IteratedGreedy {
 public:
  IteratedGreedy(const FlowShop& shop, base::RandomStream random)
      : shop_(shop), insertion_(shop), random_(random) {
    double sum = 0;
    for (const int64_t time : shop.times) sum += static_cast<double>(time);
    temperature_ = kTemperature * sum / (10 * static_cast<double>(shop.times.size()));
  }

  FlowShopOrder run(const SearchLimits& limits) {
    FlowShopOrder best{insertion_order(shop_), {}, 0};
    best.makespan = {makespan(shop_, best.order), makespan_bound(shop_)};
    current_ = best.order;
    int64_t length = descend(current_, best.makespan.value);
    keep_better(best, current_, length);
    SearchBudget budget(limits);
    while (budget.next(best.makespan)) {
      std::vector<uint32_t> order = current_;
      const int64_t next = descend(order, rebuild(order));
      keep_better(best, order, next);
      if (next > length && static_cast<double>(next - length) > random_.exponential(temperature_))
        continue;
      current_ = std::move(order);
      length = next;
    }
    best.iterations = budget.used();
    return best;
  }

 private:
  static void keep_better(FlowShopOrder& best, const std::vector<uint32_t>& order, int64_t length) {
    if (length >= best.makespan.value) return;
    best.makespan.value = length;
    best.order = order;
  }

  int64_t rebuild(std::vector<uint32_t>& order) {
    std::vector<uint32_t> removed;
    for (size_t i = std::min(kRemoved, order.size()); i > 0; --i) {
      const auto at = order.begin() + static_cast<std::ptrdiff_t>(random_.below(order.size()));
      removed.push_back(*at);
      order.erase(at);
    }
    int64_t length = 0;
    for (const uint32_t job : removed) {
      const auto place = insertion_.best_place(order, job);
      order.insert(order.begin() + static_cast<std::ptrdiff_t>(place.position), job);
      length = place.makespan;
    }
    return length;
  }

  // Puts each job, in random turn, to its best place until none moves to advantage.
  int64_t descend(std::vector<uint32_t>& order, int64_t length) {
    for (bool better = true; better;) {
      better = false;
      std::vector<uint32_t> turn = order;
      for (size_t i = turn.size(); i > 1; --i) std::swap(turn[i - 1], turn[random_.below(i)]);
      for (const uint32_t job : turn) {
        std::vector<uint32_t> without = order;
        without.erase(std::find(without.begin(), without.end(), job));
        const auto place = insertion_.best_place(without, job);
        if (place.makespan >= length) continue;
        without.insert(without.begin() + static_cast<std::ptrdiff_t>(place.position), job);
        order = std::move(without);
        length = place.makespan;
        better = true;
      }
    }
    return length;
  }

  const FlowShop& shop_;
  FlowShopInsertion insertion_;
  base::RandomStream random_;
  double temperature_ = 0;
  std::vector<uint32_t> current_;
};

}  // namespace

std::vector<uint32_t> insertion_order(const FlowShop& shop) {
  FlowShopInsertion insertion(shop);
  std::vector<uint32_t> order;
  for (const uint32_t job : by_total_time(shop)) insert(insertion, order, job);
  return order;
}

FlowShopOrder searched_flow_shop(const FlowShop& shop, const SearchLimits& limits,
                                 base::RandomStream random) {
  check_flow_shop(shop);
  if (shop.jobs < 2 || shop.machines == 0) {
    const int64_t length = makespan(shop, given_order(shop.jobs));
    return {given_order(shop.jobs), {length, length}, 0};
  }
  return IteratedGreedy(shop, random).run(limits);
}

}  // namespace windtunnel::planning
