// Dynamic programming over ideals of a precedence graph, layer by layer of equal size: can the
// tasks be done by so many stations within a cycle time?
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "planning/line_balance.h"

namespace windtunnel::planning {

class IdealLayers {
 public:
  explicit IdealLayers(const LineTasks& tasks, size_t width);

  struct Answer {
    bool feasible = false;
    bool complete = true;  // no ideal was left out for lack of room: infeasible is a proof
    std::vector<uint32_t> station_of = {};
  };
  Answer fit(int64_t cycle_time, int64_t stations);

 private:
  using Ideal = std::array<uint64_t, kLineTasksMax / 64>;
  // For one ideal, fewer stations are better, and of as many the lesser load of the last: whatever
  // can follow the one can follow the other.
  struct State {
    Ideal ideal = {};
    int64_t stations = 0;  // begun
    int64_t load = 0;      // of the last
    int64_t work = 0;      // of all
    uint32_t parent = 0;   // index into the layer before
    uint32_t task = 0;     // that was added to it
  };
  struct Step {
    uint32_t parent;
    uint32_t task;
  };

  void extend(const State& state, uint32_t index, std::vector<State>& next);
  bool can_finish(const State& state) const;
  void keep_better(const State& child, std::vector<State>& next);
  bool narrow(std::vector<State>& layer) const;
  std::vector<uint32_t> trace(const std::vector<std::vector<Step>>& steps) const;

  const LineTasks& tasks_;
  size_t width_;
  std::vector<Ideal> before_;  // predecessors, by task
  int64_t work_ = 0;
  int64_t cycle_time_ = 0;
  int64_t stations_ = 0;
  std::vector<uint32_t> table_;  // of the layer being made: 1 + index of a state, by ideal; 0 none
};

}  // namespace windtunnel::planning
