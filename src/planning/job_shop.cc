#include "planning/job_shop.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/check.h"
#include "planning/job_shop_graph.h"

namespace windtunnel::planning {
namespace {

// One operation on its machine alone: when its job can be there, its time, what follows.
struct Alone {
  int64_t head;
  int64_t time;
  int64_t tail;
};

// Always works on the operation with the longest tail among those that are there.
int64_t preemptive_makespan(std::vector<Alone> operations) {
  std::sort(operations.begin(), operations.end(),
            [](const Alone& a, const Alone& b) { return a.head < b.head; });
  const auto later_tail = [](const Alone& a, const Alone& b) { return a.tail < b.tail; };
  std::vector<Alone> waiting;  // a heap
  int64_t now = 0;
  int64_t makespan = 0;
  for (size_t next = 0; next < operations.size() || !waiting.empty();) {
    if (waiting.empty()) now = std::max(now, operations[next].head);
    while (next < operations.size() && operations[next].head <= now) {
      waiting.push_back(operations[next++]);
      std::push_heap(waiting.begin(), waiting.end(), later_tail);
    }
    std::pop_heap(waiting.begin(), waiting.end(), later_tail);
    Alone& running = waiting.back();
    const int64_t until =
        next < operations.size() ? operations[next].head : std::numeric_limits<int64_t>::max();
    const int64_t worked = std::min(running.time, until - now);
    now += worked;
    running.time -= worked;
    if (running.time > 0) {
      std::push_heap(waiting.begin(), waiting.end(), later_tail);
      continue;
    }
    makespan = std::max(makespan, now + running.tail);
    waiting.pop_back();
  }
  return makespan;
}

}  // namespace

std::optional<JobShopTimes> job_shop_times(const JobShop& shop, const MachineOrders& orders) {
  JobShopGraph graph(shop);
  graph.set_orders(orders);
  if (!graph.evaluate()) return std::nullopt;
  JobShopTimes times;
  times.makespan = graph.makespan();
  for (uint32_t op = 0; op < graph.operations(); ++op) times.start.push_back(graph.head(op));
  return times;
}

int64_t job_shop_bound(const JobShop& shop) {
  std::vector<std::vector<Alone>> machines(shop.machines);
  int64_t bound = 0;
  for (const auto& job : shop.jobs) {
    int64_t rest = 0;
    for (const JobShop::Operation& operation : job) rest += operation.time;
    bound = std::max(bound, rest);
    int64_t head = 0;
    for (const JobShop::Operation& operation : job) {
      rest -= operation.time;
      machines[operation.machine].push_back({head, operation.time, rest});
      head += operation.time;
    }
  }
  for (auto& operations : machines)
    bound = std::max(bound, preemptive_makespan(std::move(operations)));
  return bound;
}

}  // namespace windtunnel::planning
