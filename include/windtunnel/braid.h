// Public: the Braid transport of windtunnel::braid, an endpoint as a state machine.
#pragma once

#include "braid/config.h"    // IWYU pragma: export
#include "braid/endpoint.h"  // IWYU pragma: export
#include "braid/packet.h"    // IWYU pragma: export
