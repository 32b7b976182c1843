// What a run has measured, at its end.
#pragma once

#include "factory/outcome.h"

namespace windtunnel::factory {

class World;

Outcome measure(World& world);

}  // namespace windtunnel::factory
