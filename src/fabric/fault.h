// What happens to links while a run goes on. A switch that dies is every link that touches it going
// down, in both directions; the caller expands it.
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
