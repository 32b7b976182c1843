// NICs that speak RoCEv2, the baseline of today: reliable connections with go-back-N (roce_qp.h),
// DCQCN (roce_dcqcn.h), one path a queue pair. What a user compares Braid with; the same surface as
// BraidNics.
//
// A flow is split evenly over `qps_per_flow` queue pairs, each with an entropy of its own that it
// never changes, and with one port: queue pair q leaves by port q mod planes. Queue pairs take
// turns at their port. Each is paced: a packet may leave when the one before it would have left at
// the pair's rate; what a pair does not use it does not save up. Acknowledgements, NAKs and CNPs
// are control parcels: they go first and are not held back by PFC, as on a priority of their own.
//
// Every header fits a parcel's cargo, so there is no side store and drops need no bookkeeping.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/units.h"
#include "fabric/block.h"
#include "fabric/topology.h"
#include "node/flow_book.h"
#include "node/nic_totals.h"
#include "node/roce_dcqcn.h"
#include "node/roce_qp.h"
#include "node/roce_turns.h"

namespace windtunnel::node {

struct RoceNicOptions {
  base::Bytes mtu{4096};   // whole data packet on the link, header included
  base::Bytes header{64};  // of which header; also the size of ACK, NAK and CNP
  base::Rate line_rate = base::Rate::gbps(400);  // of one port; where DCQCN starts
  bool congestion_control = true;                // DCQCN; off: every queue pair at the link's rate
  std::optional<DcqcnOptions> dcqcn;             // empty: dcqcn_defaults(line_rate)
  // IBTA 9.7: 4.096 us * 2^n. n = 8 is longer than lossless fabrics hold a packet, and short enough
  // to see what loss costs; NCCL sets n = 20 (4.3 s), where a lost tail ends a run.
  base::Duration retransmission_timeout = base::Duration::ns(4096 * 256);
  uint32_t retry_limit = 7;   // of the verbs' 3-bit field; without progress
  uint32_t qps_per_flow = 1;  // row 20 of the MRC comparison has 1 and 8
  uint32_t ack_every = 4;     // packets; the last of a flow is always acknowledged
  uint64_t seed = 1;          // of entropies and first PSNs
};

// What RoCE counts beyond NicTotals.
struct RoceCounters {
  int64_t acks_sent = 0;
  int64_t naks_sent = 0;
  int64_t cnps_sent = 0;
  int64_t cnps_received = 0;
};

class RoceNics final : public fabric::HostSide {
 public:
  // `book` outlives it. Checked: mtu > header, qps_per_flow >= 1, fewer than 2^31
  // queue pairs.
  RoceNics(const fabric::Topology& topology, FlowBook& book, const RoceNicOptions& options);

  int64_t run_host(uint32_t host, std::span<const fabric::Arrival> arrivals, int64_t until_ps,
                   std::span<fabric::HostLink> links, fabric::Emitter& out) override;
  void dropped(const fabric::Parcel& parcel, uint32_t worker) override;
  // Between windows; for the same surface as BraidNics, nothing to do.
  void balance() {}

  // `refused` are packets dropped behind a gap.
  NicTotals totals() const;
  RoceCounters counters() const;
  // Bytes of transport state.
  base::Bytes footprint() const;
  // The rate DCQCN grants queue pair `k` of `flow` at now_ps; between windows.
  base::Rate rate(uint32_t flow, uint32_t k, base::Time now) const;

 private:
  struct Sender : RoceSender {
    bool closed = false;  // its end has been counted
  };
  struct alignas(64) Host {
    RoceTurns turns;
    NicTotals totals;
    RoceCounters counters;
  };
  // How far the queue pairs of a flow are, at its source.
  struct FlowState {
    uint32_t open = 0;  // queue pairs not yet done
    bool failed = false;
  };
  class Handler;  // of RoceTurns::run
  struct Run {
    uint32_t number;
    Host& host;
    std::span<fabric::HostLink> links;
    fabric::Emitter& out;
  };

  void create_queue_pairs();
  uint32_t flow_of(uint32_t qp) const { return qp / qps_; }
  uint32_t port_of(uint32_t qp) const { return qp % planes_; }
  int64_t packets_of_flow(uint32_t flow) const;
  int64_t wire_bytes(uint32_t qp, int64_t index) const;

  void begin_due(Run& run, int64_t now_ps);
  void finish_links(Run& run, int64_t now_ps);
  void run_timers(Run& run, int64_t now_ps);
  void arrive(Run& run, const fabric::Parcel& parcel, int64_t now_ps);
  void arrive_data(Run& run, const fabric::Parcel& parcel, int64_t now_ps);
  void arrive_control(Run& run, const fabric::Parcel& parcel, int64_t now_ps);
  void progressed(Run& run, uint32_t qp, int64_t now_ps);
  void fail(Run& run, uint32_t flow, int64_t now_ps);
  void ready(Host& host, uint32_t qp, int64_t now_ps);
  void talk(Host& host, uint32_t qp);
  void offer(Run& run, int64_t now_ps);
  bool send_control(Run& run, uint32_t port, int64_t now_ps);
  bool send_data(Run& run, uint32_t port, int64_t now_ps);
  void transmit(Run& run, uint32_t qp, fabric::HostLink& link, int64_t now_ps);

  FlowBook& book_;
  RoceNicOptions options_;
  DcqcnOptions dcqcn_;
  RoceQpOptions protocol_;
  uint32_t qps_;
  uint32_t planes_;
  int64_t header_;
  int64_t payload_;
  std::vector<Host> hosts_;
  std::vector<Sender> senders_;          // by queue pair: flow * qps_ + k
  std::vector<RoceReceiver> receivers_;  // likewise
  std::vector<FlowState> flows_;
};

}  // namespace windtunnel::node
