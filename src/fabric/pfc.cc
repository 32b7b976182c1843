#include "fabric/pfc.h"

#include <algorithm>

namespace windtunnel::fabric {

base::Bytes pfc_headroom(const TopologyDescription& topology, size_t tier, base::Bytes parcel) {
  const TierDescription& upper = topology.tiers[tier];
  base::Duration there_and_back = upper.link_latency * 2 + upper.switch_latency;
  if (tier > 0) there_and_back += topology.tiers[tier - 1].switch_latency;
  // transferred() rounds down; a byte on its way is a byte.
  const base::Bytes flying =
      base::transferred(there_and_back + base::transfer_time(base::Bytes(1), upper.link_rate) -
                            base::Duration::ticks(1),
                        upper.link_rate);
  return flying + parcel * 2;
}

base::Bytes pfc_capacity_min(const TopologyDescription& topology, base::Bytes pfc_xoff,
                             base::Bytes parcel) {
  base::Bytes most;
  for (size_t tier = 0; tier < topology.tiers.size(); ++tier) {
    most = std::max(most, pfc_headroom(topology, tier, parcel));
  }
  return pfc_xoff + most;
}

}  // namespace windtunnel::fabric
