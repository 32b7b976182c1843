// Packets of somebody who is not the peer.
#pragma once

#include "base/random.h"
#include "tests/braid_stage.h"

namespace windtunnel::braid_hostile {

inline constexpr uint32_t kInertKinds = 8;

// A packet for `side` that must change nothing: a number of no queue pair, a PSN outside the range,
// feedback about what is not under way.
braid::Packet forge_inert(Stage& stage, uint8_t side, uint32_t qp, uint32_t kind,
                          base::RandomStream& random);
// A well-formed packet whose fields are near the truth or far from it.
braid::Packet forge_random(Stage& stage, uint8_t side, uint32_t qp, base::RandomStream& random);

}  // namespace windtunnel::braid_hostile
