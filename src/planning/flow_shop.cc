#include "planning/flow_shop.h"

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "planning/setup_bound.h"

namespace windtunnel::planning {
namespace {

constexpr int64_t kFar = std::numeric_limits<int64_t>::max();

// Time of a job on machines [from, to).
int64_t time_between(const FlowShop& shop, size_t job, size_t from, size_t to) {
  int64_t sum = 0;
  for (size_t m = from; m < to; ++m) sum += shop.time(job, m);
  return sum;
}

// Least time before a machine's first job and after its last, of two different jobs if there are
// two.
int64_t least_ends(const FlowShop& shop, size_t before, size_t after) {
  int64_t least = kFar;
  for (size_t first = 0; first < shop.jobs; ++first) {
    for (size_t last = 0; last < shop.jobs; ++last) {
      if (first == last && shop.jobs > 1) continue;
      least = std::min(least, time_between(shop, first, 0, before) +
                                  time_between(shop, last, after + 1, shop.machines));
    }
  }
  return least;
}

int64_t one_machine_bound(const FlowShop& shop, size_t machine) {
  int64_t work = 0;
  for (size_t job = 0; job < shop.jobs; ++job) work += shop.time(job, machine);
  if (!shop.setups.empty()) work += std::max<int64_t>(0, path_setup_bound(shop.setups[machine]));
  return least_ends(shop, machine, machine) + work;
}

// Two machines u < v; between them a job takes no machine's time from others, only its own (lag).
int64_t two_machine_bound(const FlowShop& shop, size_t u, size_t v) {
  struct Lagged {
    int64_t first, lag, second;
  };
  std::vector<Lagged> jobs;
  for (size_t job = 0; job < shop.jobs; ++job)
    jobs.push_back({shop.time(job, u), time_between(shop, job, u + 1, v), shop.time(job, v)});
  // Johnson's rule with lags (Mitten, Management Science 5, 1959): what the first machine does
  // quickly, by rising first + lag; then the others, by falling lag + second.
  const auto rest = std::stable_partition(
      jobs.begin(), jobs.end(), [](const Lagged& job) { return job.first <= job.second; });
  std::stable_sort(jobs.begin(), rest, [](const Lagged& a, const Lagged& b) {
    return a.first + a.lag < b.first + b.lag;
  });
  std::stable_sort(rest, jobs.end(), [](const Lagged& a, const Lagged& b) {
    return a.lag + a.second > b.lag + b.second;
  });
  int64_t first = 0;
  int64_t second = 0;
  for (const Lagged& job : jobs) {
    first += job.first;
    second = std::max(second, first + job.lag) + job.second;
  }
  return least_ends(shop, u, v) + second;
}

}  // namespace

void check_flow_shop(const FlowShop& shop) {
  WT_CHECK(shop.times.size() == shop.jobs * shop.machines, "a time for each job and machine");
  for (const int64_t time : shop.times)
    WT_CHECK(time >= 0 && time <= kJobTimeMax, "time is within kJobTimeMax");
  WT_CHECK(shop.setups.empty() || shop.setups.size() == shop.machines, "setups for each machine");
  for (const SetupMatrix& setups : shop.setups)
    WT_CHECK(setups.families() == shop.jobs, "a setup between any two jobs");
}

int64_t makespan(const FlowShop& shop, std::span<const uint32_t> order) {
  std::vector<int64_t> free(shop.machines, 0);
  for (size_t i = 0; i < order.size(); ++i) {
    int64_t arrives = 0;
    for (size_t m = 0; m < shop.machines; ++m) {
      const bool sets_up = i > 0 && !shop.setups.empty();
      const int64_t setup = sets_up ? shop.setups[m].at(order[i - 1], order[i]) : 0;
      arrives = std::max(arrives, free[m] + setup) + shop.time(order[i], m);
      free[m] = arrives;
    }
  }
  return free.empty() ? 0 : free.back();
}

int64_t makespan_bound(const FlowShop& shop) {
  if (shop.jobs == 0 || shop.machines == 0) return 0;
  int64_t bound = 0;
  for (size_t m = 0; m < shop.machines; ++m) bound = std::max(bound, one_machine_bound(shop, m));
  if (!shop.setups.empty()) return bound;
  for (size_t u = 0; u < shop.machines; ++u)
    for (size_t v = u + 1; v < shop.machines; ++v)
      bound = std::max(bound, two_machine_bound(shop, u, v));
  return bound;
}

FlowShop first_jobs(const FlowShop& shop, size_t jobs) {
  WT_CHECK(jobs <= shop.jobs, "a part of the jobs");
  FlowShop part{jobs, shop.machines, shop.times, {}};
  part.times.resize(jobs * shop.machines);
  for (const SetupMatrix& setups : shop.setups) {
    SetupMatrix corner(jobs, std::vector<int64_t>(jobs * jobs, 0));
    for (size_t from = 0; from < jobs; ++from)
      for (size_t to = 0; to < jobs; ++to) corner.set(from, to, setups.at(from, to));
    part.setups.push_back(std::move(corner));
  }
  return part;
}

}  // namespace windtunnel::planning
