// The simulation a factory runs in: one world, counting microseconds.
#pragma once

#include "des/simulation.h"
#include "factory/plant.h"

namespace windtunnel::factory {

using Sim = des::Simulation<Tick>;

}  // namespace windtunnel::factory
