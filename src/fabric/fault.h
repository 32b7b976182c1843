// What happens to links while a run goes on. A switch that dies is every link that touches it going
// down, in both directions; the caller expands it.
//
// With PFC an outage of either direction of a cable ends what its two ends asked of each other: a
// dead link carries no pause frame, one that was under way counts no more, and the cable comes back
// with nobody paused but for what an input still too full then asks for.
#pragma once

#include <cstdint>

#include "base/units.h"
#include "fabric/topology.h"

namespace windtunnel::fabric {

enum class FaultKind : uint8_t {
  kDown,  // what is sent into the link is lost; what already flies still arrives
  kUp,
  kRate,  // the link runs at `share` of its nominal rate; queue and ECN thresholds scale with it
  kLoss,  // each parcel is lost with probability `share`
};

struct Fault {
  base::Time at;
  PortEnd link;  // the sending end; faults are per direction
  FaultKind kind = FaultKind::kDown;
  base::Ratio share;
};

}  // namespace windtunnel::fabric
