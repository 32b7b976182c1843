#include "planning/vehicle_search.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace windtunnel::planning {
namespace {

constexpr int64_t kFar = std::numeric_limits<int64_t>::max();

// A partial plan. `key`: twice the operations done per job, plus 1 when the job has been carried to
// the next; then the vehicles' places. `times`: of jobs (done, or arrived), machines, vehicles, and
// the makespan so far.
struct Partial {
  std::vector<uint32_t> key;
  std::vector<int64_t> times;
  int64_t bound = 0;
  uint32_t parent = 0;
  VehicleStep step;  // its vehicle counts in the parent's order of vehicles
};

class Layers {
 public:
  Layers(const VehicleShop& shop, size_t width, int64_t better_than, std::function<bool()> stop)
      : shop_(shop),
        jobs_(shop.shop.jobs.size()),
        machines_(shop.shop.machines),
        width_(std::max<size_t>(1, width)),
        better_than_(better_than),
        stop_(std::move(stop)) {
    for (const auto& job : shop.shop.jobs) steps_ += 2 * job.size();
  }

  // The best plan below `better_than`, if there is one.
  bool run(VehiclePlan& best) {
    std::vector<Partial> layer{root()};
    std::vector<std::vector<std::pair<uint32_t, VehicleStep>>> history;
    for (size_t step = 0; step < steps_; ++step) {
      std::vector<Partial> next;
      for (uint32_t i = 0; i < layer.size(); ++i) {
        if (stop_ && stop_()) {
          complete_ = false;
          return false;
        }
        extend(layer[i], i, next);
      }
      keep_undominated(next);
      narrow(next);
      history.emplace_back();
      for (const Partial& partial : next) history.back().emplace_back(partial.parent, partial.step);
      layer = std::move(next);
      if (layer.empty()) return false;
    }
    uint32_t at = 0;
    for (uint32_t i = 1; i < layer.size(); ++i)
      if (layer[i].times.back() < layer[at].times.back()) at = i;
    best.makespan.value = layer[at].times.back();
    best.steps = trace(history, at);
    return true;
  }
  bool complete() const { return complete_; }

  Partial root() const {
    Partial partial;
    partial.key.assign(jobs_ + shop_.vehicles, 0);
    partial.times.assign(jobs_ + machines_ + shop_.vehicles + 1, 0);
    partial.bound = bound(partial);
    return partial;
  }

 private:
  const JobShop::Operation& next_of(const Partial& p, size_t job) const {
    return shop_.shop.jobs[job][p.key[job] / 2];
  }
  bool finished(const Partial& p, size_t job) const {
    return p.key[job] == 2 * shop_.shop.jobs[job].size();
  }
  // Where the job's operation `done` finds it before being carried.
  size_t place_before(size_t job, size_t done) const {
    return done == 0 ? 0 : shop_.shop.jobs[job][done - 1].machine + 1;
  }

  void extend(const Partial& parent, uint32_t index, std::vector<Partial>& next) const {
    for (uint32_t job = 0; job < jobs_; ++job) {
      if (finished(parent, job)) continue;
      if (parent.key[job] % 2 == 1) {
        add(processed(parent, job), index, {job, VehicleStep::kProcess}, next);
        continue;
      }
      for (uint32_t vehicle = 0; vehicle < shop_.vehicles; ++vehicle)
        add(carried(parent, job, vehicle), index, {job, vehicle}, next);
    }
  }

  void add(Partial child, uint32_t parent, VehicleStep step, std::vector<Partial>& next) const {
    sort_vehicles(child);
    child.bound = bound(child);
    if (child.bound >= better_than_) return;
    child.parent = parent;
    child.step = step;
    next.push_back(std::move(child));
  }

  Partial processed(const Partial& parent, size_t job) const {
    Partial child = parent;
    const JobShop::Operation& operation = next_of(parent, job);
    int64_t& machine = child.times[jobs_ + operation.machine];
    machine = child.times[job] = std::max(machine, child.times[job]) + operation.time;
    child.times.back() = std::max(child.times.back(), machine);
    ++child.key[job];
    return child;
  }

  Partial carried(const Partial& parent, size_t job, size_t vehicle) const {
    Partial child = parent;
    const size_t from = place_before(job, parent.key[job] / 2);
    const size_t to = next_of(parent, job).machine + 1;
    int64_t& ready = child.times[jobs_ + machines_ + vehicle];
    uint32_t& place = child.key[jobs_ + vehicle];
    ready = std::max(ready + shop_.travel_time(place, from), child.times[job]) +
            shop_.travel_time(from, to);
    place = static_cast<uint32_t>(to);
    child.times[job] = ready;
    ++child.key[job];
    return child;
  }

  // Vehicles are alike: partial plans that differ in their names are one.
  void sort_vehicles(Partial& p) const {
    for (size_t i = 1; i < shop_.vehicles; ++i)
      for (size_t k = i; k > 0 && vehicle_of(p, k) < vehicle_of(p, k - 1); --k) {
        std::swap(p.key[jobs_ + k], p.key[jobs_ + k - 1]);
        std::swap(p.times[jobs_ + machines_ + k], p.times[jobs_ + machines_ + k - 1]);
      }
  }
  std::pair<uint32_t, int64_t> vehicle_of(const Partial& p, size_t i) const {
    return {p.key[jobs_ + i], p.times[jobs_ + machines_ + i]};
  }

  int64_t bound(const Partial& p) const {
    int64_t least = p.times.back();
    std::vector<int64_t> machine_work(machines_, 0);
    std::vector<int64_t> machine_head(machines_, kFar);
    std::vector<int64_t> machine_tail(machines_, kFar);
    int64_t loaded = 0;
    int64_t last = kFar;  // least time of an operation that a last trip leads to
    for (size_t job = 0; job < jobs_; ++job) {
      if (finished(p, job)) continue;
      const auto& operations = shop_.shop.jobs[job];
      size_t at = p.key[job] / 2;
      int64_t time = p.times[job];
      if (p.key[job] % 2 == 0) time = fetched(p, job, place_before(job, at));
      std::vector<int64_t>& rest = rest_;
      rest.assign(operations.size() + 1, 0);
      for (size_t i = operations.size(); i-- > at;) {
        const bool travels = i > at || p.key[job] % 2 == 0;
        const int64_t trip =
            travels ? shop_.travel_time(place_before(job, i), operations[i].machine + 1) : 0;
        loaded += trip;
        if (travels) last = std::min(last, operations[i].time + rest[i + 1]);
        rest[i] = rest[i + 1] + operations[i].time + trip;
      }
      for (; at < operations.size(); ++at) {
        const size_t m = operations[at].machine;
        if (at > p.key[job] / 2 || p.key[job] % 2 == 0)
          time += shop_.travel_time(place_before(job, at), m + 1);
        time = std::max(time, p.times[jobs_ + m]);
        machine_head[m] = std::min(machine_head[m], time);
        machine_tail[m] = std::min(machine_tail[m], rest[at + 1]);
        machine_work[m] += operations[at].time;
        time += operations[at].time;
      }
      least = std::max(least, time);
    }
    for (size_t m = 0; m < machines_; ++m)
      if (machine_head[m] != kFar)
        least = std::max(least, machine_head[m] + machine_work[m] + machine_tail[m]);
    if (last == kFar) return least;
    int64_t ready = loaded;
    for (size_t v = 0; v < shop_.vehicles; ++v) ready += p.times[jobs_ + machines_ + v];
    const auto count = static_cast<int64_t>(shop_.vehicles);
    return std::max(least, (ready + count - 1) / count + last);
  }

  // When the first vehicle can be where the job waits, and the job as well.
  int64_t fetched(const Partial& p, size_t job, size_t place) const {
    int64_t first = kFar;
    for (size_t v = 0; v < shop_.vehicles; ++v)
      first = std::min(first,
                       p.times[jobs_ + machines_ + v] + shop_.travel_time(p.key[jobs_ + v], place));
    return std::max(first, p.times[job]);
  }

  static bool dominates(const Partial& a, const Partial& b) {
    for (size_t i = 0; i < a.times.size(); ++i)
      if (a.times[i] > b.times[i]) return false;
    return true;
  }

  // Of equal keys only those that no other is as good as.
  void keep_undominated(std::vector<Partial>& layer) const {
    std::sort(layer.begin(), layer.end(), [](const Partial& a, const Partial& b) {
      if (a.key != b.key) return a.key < b.key;
      if (a.times != b.times) return a.times < b.times;
      return std::pair(a.parent, a.step.job) < std::pair(b.parent, b.step.job);
    });
    std::vector<Partial> kept;
    size_t group = 0;  // first of the present key in `kept`
    for (Partial& partial : layer) {
      if (!kept.empty() && kept.back().key != partial.key) group = kept.size();
      bool dominated = false;
      for (size_t i = group; i < kept.size() && !dominated; ++i)
        dominated = dominates(kept[i], partial);
      if (!dominated) kept.push_back(std::move(partial));
    }
    layer = std::move(kept);
  }

  void narrow(std::vector<Partial>& layer) {
    if (layer.size() <= width_) return;
    complete_ = false;
    std::stable_sort(layer.begin(), layer.end(),
                     [](const Partial& a, const Partial& b) { return a.bound < b.bound; });
    layer.resize(width_);
  }

  // From the layers' steps to a plan in which vehicles keep their names.
  std::vector<VehicleStep> trace(
      const std::vector<std::vector<std::pair<uint32_t, VehicleStep>>>& history,
      uint32_t at) const {
    std::vector<VehicleStep> steps;
    for (size_t layer = history.size(); layer-- > 0;) {
      steps.push_back(history[layer][at].second);
      at = history[layer][at].first;
    }
    std::reverse(steps.begin(), steps.end());
    Partial now = root();
    std::vector<uint32_t> name = given_order(shop_.vehicles);
    for (VehicleStep& step : steps) {
      const size_t vehicle = step.vehicle;
      if (vehicle == VehicleStep::kProcess) {
        now = processed(now, step.job);
        continue;
      }
      now = carried(now, step.job, vehicle);
      step.vehicle = name[vehicle];
      for (size_t i = 1; i < shop_.vehicles; ++i)
        for (size_t k = i; k > 0 && vehicle_of(now, k) < vehicle_of(now, k - 1); --k) {
          std::swap(now.key[jobs_ + k], now.key[jobs_ + k - 1]);
          std::swap(now.times[jobs_ + machines_ + k], now.times[jobs_ + machines_ + k - 1]);
          std::swap(name[k], name[k - 1]);
        }
    }
    return steps;
  }

  const VehicleShop& shop_;
  size_t jobs_;
  size_t machines_;
  size_t width_;
  int64_t better_than_;
  std::function<bool()> stop_;
  size_t steps_ = 0;
  bool complete_ = true;
  mutable std::vector<int64_t> rest_;
};

}  // namespace

int64_t vehicle_bound(const VehicleShop& shop) {
  check_vehicle_shop(shop);
  return Layers(shop, 1, kFar, {}).root().bound;
}

VehiclePlan best_vehicle_plan(const VehicleShop& shop, const VehicleLimits& limits) {
  check_vehicle_shop(shop);
  VehiclePlan best;
  // Ever wider: a narrow pass finds a plan whose makespan makes the wide one narrow. The first pass
  // does not stop, so that there is a plan.
  best.makespan = {kFar, vehicle_bound(shop)};
  for (size_t width = std::min<size_t>(limits.width, 8);;
       width = std::min(limits.width, 8 * width)) {
    const bool first = best.steps.empty();
    Layers layers(shop, width, best.makespan.value, first ? std::function<bool()>() : limits.stop);
    layers.run(best);
    if (layers.complete()) best.makespan.lower_bound = best.makespan.value;
    if (best.makespan.optimal() || width >= limits.width) return best;
    if (limits.stop && limits.stop()) return best;
  }
}

}  // namespace windtunnel::planning
