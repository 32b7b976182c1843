// For the known-answer tests of networks: a world with a seed and a warm-up.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "des/queueing_fixture.h"

namespace windtunnel::des::queueing {

// A model has processes, restart() for the end of the warm-up, and sample().
class Plant {
 public:
  explicit Plant(uint64_t seed) : seed_(seed) {}
  virtual ~Plant() = default;
  Sim& kernel() { return sim_; }
  void run(const RunLength& length) {
    sim_.run_until(Time::at(Duration::from_seconds(length.warm_up)));
    restart();
    sim_.run_until(sim_.now() + Duration::from_seconds(length.length));
  }

 protected:
  virtual void restart() = 0;
  RandomStream stream(const std::string& name) const { return {seed_, name}; }
  auto spend(double seconds) { return sim_.delay(Duration::from_seconds(seconds)); }
  Sim sim_;
  uint64_t seed_;
};

template <class Model>
auto replicate_model(RunLength length, const std::function<void(Model&)>& set_up = {}) {
  length.length *= kEffort;
  return replicate({.count = length.replications, .seed = 1, .threads = 2}, [&](Replication r) {
    Model model(r.seed);
    if (set_up) set_up(model);
    model.run(length);
    return model.sample();
  });
}

}  // namespace windtunnel::des::queueing
