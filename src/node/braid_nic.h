// NICs that speak Braid and move flows: each flow is one write over a channel of its own, opened
// when the flow is due and closed when the source knows that everything has arrived.
#pragma once

#include <cstdint>

#include "fabric/block.h"
#include "fabric/topology.h"
#include "node/braid_channels.h"
#include "node/flow_book.h"
#include "node/nic_totals.h"

namespace windtunnel::node {

struct BraidNicOptions {
  braid::EndpointConfig endpoint;  // queue pairs and pools grow with the flows open at once
  uint64_t seed = 1;
  uint32_t workers = 1;
};

class BraidNics final : public fabric::HostSide {
 public:
  // `topology` and `book` outlive it.
  BraidNics(const fabric::Topology& topology, FlowBook& book, const BraidNicOptions& options);

  int64_t run_host(uint32_t host, std::span<const fabric::Arrival> arrivals, int64_t until_ps,
                   std::span<fabric::HostLink> links, fabric::Emitter& out) override;
  void dropped(const fabric::Parcel& parcel, uint32_t worker) override {
    channels_.dropped(parcel, worker);
  }
  // Between windows.
  void balance() { channels_.balance(); }

  NicTotals totals() const { return channels_.totals(); }
  const BraidChannels& channels() const { return channels_; }
  // Bytes of transport state.
  base::Bytes footprint() const { return channels_.footprint(); }

 private:
  struct Driver;

  FlowBook& book_;
  BraidChannels channels_;
};

}  // namespace windtunnel::node
