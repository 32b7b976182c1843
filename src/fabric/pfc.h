// How much an input must hold so that PFC drops nothing: a check that needs no run.
#pragma once

#include "base/units.h"
#include "fabric/port.h"
#include "fabric/topology.h"

namespace windtunnel::fabric {

// What can still arrive over a cable below `tier` (0: host cables) after the input at its end has
// gone over pfc_xoff: the parcel that did it, what is sent while the pause flies back and what then
// still flies, switch latencies included, and the parcel that has begun when the pause arrives.
// `parcel`: the largest on the wire.
base::Bytes pfc_headroom(const TopologyDescription& topology, size_t tier, base::Bytes parcel);

// The least QueueSettings::capacity with which no input of `topology` drops.
base::Bytes pfc_capacity_min(const TopologyDescription& topology, base::Bytes pfc_xoff,
                             base::Bytes parcel);

}  // namespace windtunnel::fabric
