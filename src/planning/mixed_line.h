// A line that makes several models in a mix: balanced for the average robot, judged for each model.
//
// Averages stay exact: times are weighted with whole shares and not divided, so a cycle time of the
// mix is `cycle time * total share` in the weighted tasks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "planning/line_balance.h"

namespace windtunnel::planning {

struct LineModel {
  std::string name;
  int64_t share = 1;           // how many of it in a round of the mix; at least 1
  std::vector<int64_t> times;  // by task; 0 where the model does not need it
};

struct MixedLine {
  std::vector<LineModel> models;
  std::vector<std::pair<uint32_t, uint32_t>> precedences;

  int64_t total_share() const;
  // Every task with its time in a whole round of the mix.
  LineTasks weighted() const;
};

// The station where a model takes longest: where it holds up the line when it comes.
struct ModelBottleneck {
  size_t station = 0;
  int64_t load = 0;
};

struct MixedBalance {
  LineBalance balance;         // of the weighted tasks: its cycle time is that of a whole round
  double mean_cycle_time = 0;  // per robot
  std::vector<ModelBottleneck> bottlenecks;  // by model
};

MixedBalance balance_mixed_line(const MixedLine& line, size_t stations,
                                const BalanceLimits& limits = {});

}  // namespace windtunnel::planning
