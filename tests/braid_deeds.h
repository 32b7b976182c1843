// What the operator does to a running episode: ports, deny lists, regions, back pressure, stalled
// drivers; and the forger's packets.
#pragma once

#include "tests/braid_driver.h"

namespace windtunnel::braid_hostile {

// The action numbered `number` begins or ends now.
void do_deed(Stage& stage, Driver& driver, const Action& action, bool begin, uint32_t number);

}  // namespace windtunnel::braid_hostile
