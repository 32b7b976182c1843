// Whether a plant can still move. Looked at now and then, not at every event.
#pragma once

#include <string>

namespace windtunnel::factory {

class World;

// Empty while something can move, or when there is nothing to do. Otherwise who waits for what:
// either nothing at all can happen any more, or some stations wait for each other in a circle, each
// with all its machines blocked and no room for what the others would hand to it.
std::string find_stuck(World& world);

}  // namespace windtunnel::factory
