#include "planning/ideal_layers.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/random.h"

namespace windtunnel::planning {
namespace {

size_t hash_of(const std::array<uint64_t, kLineTasksMax / 64>& ideal) {
  uint64_t hash = 0;
  for (const uint64_t word : ideal) hash = base::hash_combine(hash, word);
  return hash;
}

}  // namespace

IdealLayers::IdealLayers(const LineTasks& tasks, size_t width)
    : tasks_(tasks), width_(width), before_(tasks.times.size(), Ideal{}) {
  for (const auto& [first, second] : tasks.precedences)
    before_[second][first / 64] |= uint64_t{1} << (first % 64);
  work_ = std::accumulate(tasks.times.begin(), tasks.times.end(), int64_t{0});
}

IdealLayers::Answer IdealLayers::fit(int64_t cycle_time, int64_t stations) {
  cycle_time_ = cycle_time;
  stations_ = stations;
  std::vector<State> layer{State{{}, 0, cycle_time, 0, 0, 0}};  // the next task opens station 1
  std::vector<std::vector<Step>> steps;
  Answer answer;
  for (size_t done = 0; done < tasks_.times.size(); ++done) {
    std::vector<State> next;
    table_.assign(1024, 0);
    for (uint32_t i = 0; i < layer.size(); ++i) extend(layer[i], i, next);
    if (narrow(next)) answer.complete = false;
    steps.emplace_back();
    for (const State& state : next) steps.back().push_back({state.parent, state.task});
    layer = std::move(next);
    if (layer.empty()) return answer;
  }
  answer.feasible = true;
  answer.station_of = trace(steps);
  return answer;
}

void IdealLayers::extend(const State& state, uint32_t index, std::vector<State>& next) {
  for (size_t task = 0; task < tasks_.times.size(); ++task) {
    if ((state.ideal[task / 64] >> (task % 64) & 1) != 0) continue;
    bool ready = true;
    for (size_t word = 0; word < state.ideal.size(); ++word)
      ready = ready && (before_[task][word] & ~state.ideal[word]) == 0;
    if (!ready) continue;
    const int64_t time = tasks_.times[task];
    if (time > cycle_time_) return;
    const bool opens = state.stations == 0 || state.load + time > cycle_time_;
    State child{state.ideal,
                state.stations + (opens ? 1 : 0),
                opens ? time : state.load + time,
                state.work + time,
                index,
                static_cast<uint32_t>(task)};
    child.ideal[task / 64] |= uint64_t{1} << (task % 64);
    if (can_finish(child)) keep_better(child, next);
  }
}

bool IdealLayers::can_finish(const State& state) const {
  const int64_t room = cycle_time_ - state.load;
  const int64_t beyond = std::max<int64_t>(0, work_ - state.work - room);
  const int64_t more = cycle_time_ == 0 ? 0 : (beyond + cycle_time_ - 1) / cycle_time_;
  return state.stations + more <= stations_;
}

// One state per ideal, the first of equals. The table is open addressing over indexes into `next`;
// its order is never looked at.
void IdealLayers::keep_better(const State& child, std::vector<State>& next) {
  if (2 * (next.size() + 1) > table_.size()) {
    table_.assign(2 * table_.size(), 0);
    for (uint32_t i = 0; i < next.size(); ++i) {
      size_t slot = hash_of(next[i].ideal);
      while (table_[slot & (table_.size() - 1)] != 0) ++slot;
      table_[slot & (table_.size() - 1)] = i + 1;
    }
  }
  size_t slot = hash_of(child.ideal) & (table_.size() - 1);
  while (table_[slot] != 0 && next[table_[slot] - 1].ideal != child.ideal)
    slot = (slot + 1) & (table_.size() - 1);
  if (table_[slot] == 0) {
    next.push_back(child);
    table_[slot] = static_cast<uint32_t>(next.size());
    return;
  }
  State& known = next[table_[slot] - 1];
  if (std::pair(child.stations, child.load) < std::pair(known.stations, known.load)) known = child;
}

// Leaves the `width_` ideals whose closed stations have wasted least, of equals those that have
// done most work. Sorted whole: which stay, and in which place, must not depend on the library.
bool IdealLayers::narrow(std::vector<State>& layer) const {
  if (layer.size() <= width_) return false;
  const auto waste = [this](const State& s) {
    return (s.stations - 1) * cycle_time_ + s.load - s.work;
  };
  std::sort(layer.begin(), layer.end(), [&](const State& a, const State& b) {
    const auto worth = [&](const State& s) { return std::pair(waste(s), -s.work); };
    return std::pair(worth(a), a.ideal) < std::pair(worth(b), b.ideal);
  });
  layer.resize(width_);
  return true;
}

std::vector<uint32_t> IdealLayers::trace(const std::vector<std::vector<Step>>& steps) const {
  std::vector<uint32_t> sequence;
  uint32_t at = 0;
  for (size_t layer = steps.size(); layer-- > 0;) {
    sequence.push_back(steps[layer][at].task);
    at = steps[layer][at].parent;
  }
  std::reverse(sequence.begin(), sequence.end());
  std::vector<uint32_t> station_of(sequence.size());
  uint32_t station = 0;
  int64_t load = 0;
  for (const uint32_t task : sequence) {
    load += tasks_.times[task];
    if (load > cycle_time_) {
      ++station;
      load = tasks_.times[task];
    }
    station_of[task] = station;
  }
  return station_of;
}

}  // namespace windtunnel::planning
