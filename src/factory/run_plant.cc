#include <algorithm>
#include <string>
#include <utility>

#include "factory/measure.h"
#include "factory/model.h"
#include "factory/stuck.h"
#include "factory/world.h"

namespace windtunnel::factory {
namespace {

constexpr int64_t kSlices = 512;  // in which a run is asked whether it should go on

// False when the run was told to end. Once nothing can move any more, nothing will.
bool run_until(World& world, Time end, Duration slice) {
  while (world.sim.now() < end) {
    world.sim.run_until(std::min(end, world.sim.now() + slice));
    if (world.stuck_where.empty()) world.stuck_where = find_stuck(world);
    if (world.options.go_on && !world.options.go_on(world.sim.now())) return false;
  }
  return true;
}

}  // namespace

Outcome run_plant(const Model& model, const RunOptions& options) {
  World world(model.compiled(), options);
  const Duration slice = Duration::ticks(std::max<int64_t>(1, world.end.ticks() / kSlices));
  if (options.warm_up > Duration::zero()) {
    if (!run_until(world, Time::at(options.warm_up), slice)) return {};
    world.restart();
  }
  if (!run_until(world, world.end, slice)) return {};
  return measure(world);
}

}  // namespace windtunnel::factory
