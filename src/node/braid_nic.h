// NICs that speak Braid: the one place that knows both the transport and the network.
//
// Each host has one braid::Endpoint; this adapter turns its packets into parcels and back, keeps
// one parcel on each port at a time, posts flows when they are due and tells the flow book how they
// fare. Data headers are rebuilt from the parcel's 12 bytes of cargo and the flow's constants
// (header compression: nothing is lost, see expand_data); control headers travel in a side store.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "braid/endpoint.h"
#include "fabric/block.h"
#include "fabric/topology.h"
#include "node/flow_book.h"
#include "node/nic_totals.h"
#include "node/side_store.h"

namespace windtunnel::node {

struct BraidNicOptions {
  braid::EndpointConfig endpoint;  // queue pairs and pools are sized by the workload
  uint64_t seed = 1;
  uint32_t workers = 1;
};

class BraidNics final : public fabric::HostSide {
 public:
  // `topology` and `book` outlive it. One queue pair per flow at each end.
  BraidNics(const fabric::Topology& topology, FlowBook& book, const BraidNicOptions& options);
  ~BraidNics() override;

  int64_t run_host(uint32_t host, std::span<const fabric::Arrival> arrivals, int64_t until_ps,
                   std::span<fabric::HostLink> links, fabric::Emitter& out) override;
  void dropped(const fabric::Parcel& parcel, uint32_t worker) override;
  // Between windows.
  void balance() { controls_.balance(); }

  NicTotals totals() const;
  const braid::Endpoint& endpoint(uint32_t host) const { return hosts_[host].endpoint; }
  // Bytes of transport state.
  base::Bytes footprint() const;

 private:
  struct FlowQps {
    uint32_t source_qp = 0;
    uint32_t destination_qp = 0;
    uint32_t first_psn = 0;
    uint32_t rkey = 0;  // of the destination's memory
  };
  struct Host {
    braid::Endpoint endpoint;
    std::vector<uint32_t> flow_of_qp;
    bool quiet = false;  // transmit() had nothing and nothing has happened since
  };
  // What one call of run_host works on.
  struct Run {
    uint32_t host;
    Host& self;
    std::span<fabric::HostLink> links;
    fabric::Emitter& out;
  };

  void create_endpoints(const BraidNicOptions& options);
  void connect_flows();
  void begin_due(Run& run, int64_t now_ps);
  void arrive(Run& run, const fabric::Parcel& parcel, int64_t now_ps);
  void finish_links(Run& run, int64_t now_ps);
  void offer(Run& run, int64_t now_ps);
  void reap(Run& run, int64_t now_ps);
  fabric::Parcel pack(Run& run, const braid::Packet& packet);
  fabric::Parcel pack_data(const braid::Packet& packet) const;
  fabric::Parcel pack_control(Run& run, const braid::Packet& packet);
  braid::Packet expand_data(const fabric::Parcel& parcel) const;

  const fabric::Topology& topology_;
  FlowBook& book_;
  std::vector<Host> hosts_;
  std::vector<FlowQps> flows_;
  SideStore<braid::Packet> controls_;
  uint32_t payload_ = 0;
  uint32_t header_ = 0;
  braid::WireProfile wire_;
};

}  // namespace windtunnel::node
