// RoCE NICs on small leaf-spine networks:
//
//   spine 0 .. 3            400 Gb/s, 1 us a link; a 4,096-byte packet takes 81,920 ps, a 64-byte
//     |  \ /  |             control packet 1,280 ps
//   leaf 0    leaf 1
//   0 1 2 3   4 5 6 7
#include "node/roce_nic.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "des/windowed_run.h"
#include "fabric/network.h"
#include "fabric/topology_fixture.h"
#include "node/workload.h"

namespace windtunnel::node {
namespace {

constexpr uint32_t kHosts = 8;
constexpr int64_t kPayload = 4032;
constexpr int64_t kPacketPs = 81'920;
constexpr int64_t kControlPs = 1'280;
constexpr int64_t kLinkPs = 1'000'000;
constexpr int64_t kMtu = 4096;

// What can still arrive after a pause: two flights of 50,000 bytes and two packets.
constexpr int64_t kHeadroom = 2 * 50'000 + 2 * kMtu;
constexpr int64_t kXoff = 200'000;
// Enough to keep a port busy until what a resumed sender sends arrives.
constexpr int64_t kXon = 150'000;

fabric::NetworkOptions lossless() {
  fabric::NetworkOptions options;
  options.queue.discipline = fabric::Discipline::kPfc;
  options.queue.capacity = base::Bytes(kXoff + kHeadroom);
  options.queue.control_capacity = base::Bytes(1'000'000);
  options.queue.pfc_xoff = base::Bytes(kXoff);
  options.queue.pfc_xon = base::Bytes(kXon);
  options.queue.ecn_low = base::Bytes(25 * kMtu);
  options.queue.ecn_high = base::Bytes(75 * kMtu);
  return options;
}
fabric::NetworkOptions lossy(int64_t packets) {
  fabric::NetworkOptions options = lossless();
  options.queue.discipline = fabric::Discipline::kTailDrop;
  options.queue.capacity = base::Bytes(packets * kMtu);
  options.queue.ecn_low = base::Bytes(packets * kMtu / 5);
  options.queue.ecn_high = base::Bytes(packets * kMtu * 4 / 5);
  return options;
}

FlowSpec flow(uint32_t src, uint32_t dst, int64_t packets) {
  FlowSpec spec;
  spec.src = src;
  spec.dst = dst;
  spec.bytes = packets * kPayload;
  return spec;
}
Workload workload_of(std::vector<FlowSpec> flows) {
  Workload workload;
  workload.hosts = kHosts;
  workload.flows = std::move(flows);
  return workload;
}
std::vector<uint32_t> identity() {
  std::vector<uint32_t> positions(kHosts);
  std::iota(positions.begin(), positions.end(), 0);
  return positions;
}
fabric::Topology topology_of(uint32_t planes) {
  auto d = fabric::leaf_spine(kHosts, 4, 1, base::Rate::gbps(400), base::Duration::us(1));
  d.planes = planes;
  return fabric::Topology::build(d, 3).value();
}

struct Lab {
  Lab(Workload w, const RoceNicOptions& nic, const fabric::NetworkOptions& net, uint32_t planes = 1,
      base::Duration until = base::Duration::ms(200))
      : workload(std::move(w)),
        topology(topology_of(planes)),
        book(workload, identity()),
        nics(topology, book, nic),
        network(topology, net, nics) {
    PartitionOf partitions;
    for (uint32_t h = 0; h < kHosts; ++h) partitions.push_back(network.partition_of_unit(h));
    book.set_partitions(partitions);
    des::WindowedOptions run;
    run.threads = net.threads;
    run.until = base::Time::at(until);
    outcome = des::run_windowed(network, run);
  }
  int64_t complete_ps(uint32_t f) const { return book.reception()[f].complete_ps; }
  int64_t finished_ps(uint32_t f) const { return book.progress()[f].finished_ps; }
  // Every flow's bytes arrived, each once, and its sender knows.
  void expect_delivered() const {
    int64_t packets = 0;
    for (uint32_t f = 0; f < workload.flows.size(); ++f) {
      EXPECT_EQ(book.reception()[f].bytes, workload.flows[f].bytes) << "flow " << f;
      EXPECT_GE(finished_ps(f), complete_ps(f)) << "flow " << f;
      EXPECT_GT(complete_ps(f), 0) << "flow " << f;
      packets += (workload.flows[f].bytes + kPayload - 1) / kPayload;
    }
    EXPECT_EQ(nics.totals().packets_delivered, packets);
    EXPECT_EQ(book.ended(), static_cast<int64_t>(workload.flows.size()));
    EXPECT_TRUE(outcome.exhausted);
  }
  Workload workload;
  fabric::Topology topology;
  FlowBook book;
  RoceNics nics;
  fabric::Network network;
  des::WindowedOutcome outcome;
};

// n packets leave back to back; the last is stored and forwarded by h - 1 switches on h links.
int64_t unloaded_ps(int64_t packets, int64_t links) {
  return (packets + links - 1) * kPacketPs + links * kLinkPs;
}

TEST(RoceNics, AnUnloadedFlowTakesItsSerialisationAndTheWay) {
  for (const uint32_t qps : {1u, 8u}) {
    for (const int64_t packets : {1, 3, 100}) {
      RoceNicOptions nic;
      nic.qps_per_flow = qps;
      nic.ack_every = 1;
      for (const auto& [dst, links] : {std::pair{1u, 2}, std::pair{5u, 4}}) {
        Lab lab(workload_of({flow(0, dst, packets)}), nic, lossless());
        lab.expect_delivered();
        const int64_t one_way = unloaded_ps(packets, links);
        // Eight queue pairs on eight paths still share the port of the NIC.
        EXPECT_EQ(lab.complete_ps(0), one_way) << packets << " packets, " << qps << " pairs";
        EXPECT_EQ(lab.finished_ps(0), one_way + links * (kControlPs + kLinkPs));
        EXPECT_EQ(lab.nics.totals().packets_sent, packets);
        EXPECT_EQ(lab.nics.totals().control_sent, packets);
      }
    }
  }
}

TEST(RoceNics, AShortLastPacketTakesOnlyItsOwnSize) {
  FlowSpec spec = flow(0, 1, 2);
  spec.bytes = kPayload + 936;  // the second packet has 1,000 bytes: 20,000 ps
  Lab lab(workload_of({spec}), RoceNicOptions{}, lossless());
  lab.expect_delivered();
  // It waits at the leaf for the first, which is out after two packet times.
  EXPECT_EQ(lab.complete_ps(0), 2 * kPacketPs + 20'000 + 2 * kLinkPs);
}

TEST(RoceNics, CoalescesAcknowledgements) {
  RoceNicOptions nic;
  nic.ack_every = 16;
  Lab lab(workload_of({flow(0, 5, 100)}), nic, lossless());
  lab.expect_delivered();
  EXPECT_EQ(lab.nics.counters().acks_sent, 7);  // 6 * 16 and the last
}

TEST(RoceNics, TwoFlowsShareABottleneckFairlyUnderPfcAlone) {
  RoceNicOptions nic;
  nic.congestion_control = false;
  Lab lab(workload_of({flow(1, 0, 5000), flow(2, 0, 5000)}), nic, lossless());
  lab.expect_delivered();
  EXPECT_EQ(lab.network.totals().dropped, 0);
  EXPECT_EQ(lab.nics.totals().retransmitted, 0);
  EXPECT_EQ(lab.network.totals().marked, 0);
  EXPECT_EQ(lab.nics.counters().cnps_sent, 0);
  // Equal parts and no idle moment: the last two packets are those of the two flows, give or take
  // what an input may hold.
  EXPECT_EQ(std::max(lab.complete_ps(0), lab.complete_ps(1)), unloaded_ps(10'000, 2));
  EXPECT_NEAR(static_cast<double>(lab.complete_ps(0) - lab.complete_ps(1)), 0,
              static_cast<double>((kXoff + kHeadroom) / kMtu * kPacketPs));
}

// What reaches host 0 of endless flows in 20 ms, as a share of its link, and the least received of
// one flow over the most.
struct Shares {
  double used = 0;
  double fair = 0;
};
Shares shares_under_dcqcn(const DcqcnOptions& dcqcn) {
  constexpr double kSeconds = 0.02;
  RoceNicOptions nic;
  nic.dcqcn = dcqcn;
  Lab lab(workload_of({flow(1, 0, 1'000'000), flow(2, 0, 1'000'000)}), nic, lossless(), 1,
          base::Duration::from_seconds(kSeconds));
  EXPECT_EQ(lab.network.totals().dropped, 0);
  EXPECT_EQ(lab.nics.totals().retransmitted, 0);
  EXPECT_EQ(lab.nics.totals().timeouts, 0);
  EXPECT_GT(lab.nics.counters().cnps_sent, 0);
  const int64_t a = lab.book.reception()[0].bytes;
  const int64_t b = lab.book.reception()[1].bytes;
  const double packets = static_cast<double>(a + b) / kPayload;
  return {packets * kPacketPs * 1e-12 / kSeconds,
          static_cast<double>(std::min(a, b)) / static_cast<double>(std::max(a, b))};
}

TEST(RoceNics, TwoFlowsShareABottleneckFairlyUnderDcqcn) {
  const Shares scaled = shares_under_dcqcn(dcqcn_scaled(base::Rate::gbps(400)));
  EXPECT_GT(scaled.used, 0.85);
  EXPECT_GT(scaled.fair, 0.85);
  // The paper's periods are slow for this link: 20 ms are hardly enough to recover from the start.
  const Shares paper = shares_under_dcqcn(dcqcn_defaults(base::Rate::gbps(400)));
  EXPECT_GT(paper.used, 0.6);
  EXPECT_LT(paper.used, scaled.used);
  EXPECT_LT(paper.fair, scaled.fair);
}

TEST(RoceNics, ASevenfoldIncastPausesItsSourcesAndDropsNothing) {
  for (const bool control : {true, false}) {
    RoceNicOptions nic;
    nic.congestion_control = control;
    IncastOptions incast_options;
    incast_options.hosts = kHosts;
    incast_options.sources = {1, 2, 3, 4, 5, 6, 7};
    incast_options.bytes = 1000 * kPayload;
    Lab lab(incast(incast_options), nic, lossless());
    lab.expect_delivered();
    EXPECT_EQ(lab.network.totals().dropped, 0);
    EXPECT_EQ(lab.nics.totals().retransmitted, 0);
    for (uint32_t h = 1; h < 4; ++h) EXPECT_GT(lab.network.counters({h, 0}).paused_ps, 0) << h;
    if (control) {
      EXPECT_GT(lab.nics.counters().cnps_received, 0);
      EXPECT_EQ(lab.nics.counters().cnps_received, lab.nics.counters().cnps_sent);
    } else {
      // Without DCQCN, only PFC holds them back, and the bottleneck never idles.
      int64_t last_ps = 0;
      for (uint32_t f = 0; f < 7; ++f) last_ps = std::max(last_ps, lab.complete_ps(f));
      EXPECT_EQ(last_ps, unloaded_ps(7000, 2));
    }
  }
}

TEST(RoceNics, DcqcnEndsThePausesOfALongIncast) {
  const auto paused_share = [](bool control) {
    RoceNicOptions nic;
    nic.congestion_control = control;
    Lab lab(workload_of({flow(1, 0, 10'000), flow(2, 0, 10'000), flow(3, 0, 10'000)}), nic,
            lossless());
    lab.expect_delivered();
    int64_t paused_ps = 0;
    for (uint32_t h = 1; h < 4; ++h) paused_ps += lab.network.counters({h, 0}).paused_ps;
    return static_cast<double>(paused_ps) / static_cast<double>(3 * lab.complete_ps(0));
  };
  const double without = paused_share(false);
  EXPECT_GT(without, 0.5);  // each may send a third of the time
  EXPECT_LT(paused_share(true), without / 4);
}

// A tail-drop bottleneck and a link that loses at random: everything arrives once, at a price.
TEST(RoceNics, GoBackNDeliversEverythingOnceOverLossyFabrics) {
  RoceNicOptions nic;
  nic.retry_limit = 100;
  fabric::NetworkOptions net = lossy(50);
  net.faults.push_back(
      {base::Time::zero(), {kHosts + 2, 1}, fabric::FaultKind::kLoss, base::Ratio{1, 200}});
  for (uint32_t host = 1; host < kHosts; ++host) {
    net.faults.push_back(
        {base::Time::zero(), {host, 0}, fabric::FaultKind::kLoss, base::Ratio{1, 1000}});
  }
  Lab lab(workload_of({flow(1, 0, 2000), flow(2, 0, 2000), flow(5, 0, 2000), flow(3, 6, 2001)}),
          nic, net);
  lab.expect_delivered();
  const NicTotals totals = lab.nics.totals();
  EXPECT_GT(lab.network.totals().lost, 0);
  EXPECT_GT(lab.network.totals().dropped, 0);
  EXPECT_GT(lab.nics.counters().naks_sent, 0);
  EXPECT_GT(totals.retransmitted, lab.network.totals().lost + lab.network.totals().dropped);
  EXPECT_GT(totals.refused, 0);
  EXPECT_EQ(totals.packets_sent - totals.retransmitted, 8001);
  // Data that did not arrive was lost or dropped; what else was is control.
  const int64_t missing =
      totals.packets_sent - totals.packets_delivered - totals.duplicates - totals.refused;
  EXPECT_GT(missing, 0);
  EXPECT_LE(missing, lab.network.totals().lost + lab.network.totals().dropped);
}

TEST(RoceNics, OneLossCostsARoundTripOfPackets) {
  // The first packet of a long flow is lost; 2 links, so its NAK comes back after the second packet
  // has arrived: 2 * (2 us + ...) later.
  fabric::NetworkOptions net = lossless();
  const base::Time while_first_leaves = base::Time::at(base::Duration::ps(kPacketPs / 2));
  const base::Time second = base::Time::at(base::Duration::ps(kPacketPs + kPacketPs / 2));
  net.faults = {{while_first_leaves, {0, 0}, fabric::FaultKind::kDown, {}},
                {second, {0, 0}, fabric::FaultKind::kUp, {}}};
  Lab lab(workload_of({flow(0, 1, 1000)}), RoceNicOptions{}, net);
  lab.expect_delivered();
  // The second packet is there at 3 packet times and 2 links, its NAK 2 control times and 2 links
  // later; what has begun by then goes out, and then everything again.
  const int64_t nak_ps = 3 * kPacketPs + 2 * kLinkPs + 2 * kControlPs + 2 * kLinkPs;
  const int64_t wasted = nak_ps / kPacketPs + 1;
  EXPECT_EQ(lab.nics.totals().retransmitted, wasted);
  EXPECT_EQ(lab.nics.counters().naks_sent, 1);
  EXPECT_EQ(lab.nics.totals().timeouts, 0);
  EXPECT_EQ(lab.complete_ps(0), unloaded_ps(1000 + wasted, 2));
}

TEST(RoceNics, ALostTailWaitsForTheTimer) {
  RoceNicOptions nic;
  fabric::NetworkOptions net = lossless();
  const base::Time last = base::Time::at(base::Duration::ps(9 * kPacketPs + kPacketPs / 2));
  const base::Time after = base::Time::at(base::Duration::ps(11 * kPacketPs));
  net.faults = {{last, {0, 0}, fabric::FaultKind::kDown, {}},
                {after, {0, 0}, fabric::FaultKind::kUp, {}}};
  nic.ack_every = 1;
  Lab lab(workload_of({flow(0, 1, 10)}), nic, net);
  lab.expect_delivered();
  EXPECT_EQ(lab.nics.totals().timeouts, 1);
  EXPECT_EQ(lab.nics.totals().retransmitted, 1);
  // The timer runs from the acknowledgement of the ninth.
  const int64_t acknowledged_ps = unloaded_ps(9, 2) + 2 * (kControlPs + kLinkPs);
  EXPECT_EQ(lab.complete_ps(0),
            acknowledged_ps + nic.retransmission_timeout.ps() + unloaded_ps(1, 2));
}

TEST(RoceNics, AFlowIntoADeadLinkFailsAfterItsRetries) {
  RoceNicOptions nic;
  nic.retry_limit = 3;
  nic.qps_per_flow = 4;
  fabric::NetworkOptions net = lossless();
  net.faults = {{base::Time::zero(), {kHosts, 1}, fabric::FaultKind::kDown, {}}};
  Lab lab(workload_of({flow(0, 1, 50), flow(0, 2, 50)}), nic, net);
  EXPECT_TRUE(lab.outcome.exhausted);
  EXPECT_EQ(lab.book.ended(), 2);
  EXPECT_TRUE(lab.book.progress()[0].failed);
  EXPECT_EQ(lab.finished_ps(0), -1);
  EXPECT_FALSE(lab.book.progress()[1].failed);
  EXPECT_GT(lab.finished_ps(1), 0);
  EXPECT_LT(lab.outcome.end, base::Time::at(nic.retransmission_timeout * 5));
}

TEST(RoceNics, QueuePairsTakeTheirOwnPaths) {
  const auto uplinks = [](uint32_t qps) {
    RoceNicOptions nic;
    nic.qps_per_flow = qps;
    Lab lab(workload_of({flow(0, 4, 800)}), nic, lossless());
    lab.expect_delivered();
    int used = 0;
    for (uint32_t up = 0; up < 4; ++up) {
      used += lab.network.counters({kHosts, 4 + up}).parcels > 0 ? 1 : 0;
    }
    return used;
  };
  EXPECT_EQ(uplinks(1), 1);
  EXPECT_GT(uplinks(8), 1);
}

// What arrived of endless flows within `until`, in shares of the link.
std::vector<double> shares_after(const Workload& workload, const RoceNicOptions& nic,
                                 base::Duration until) {
  Lab lab(workload, nic, lossless(), 1, until);
  EXPECT_EQ(lab.network.totals().dropped, 0);
  std::vector<double> shares;
  for (const FlowReception& r : lab.book.reception()) {
    const double packets = static_cast<double>(r.bytes) / kPayload;
    shares.push_back(packets * kPacketPs / static_cast<double>(until.ps()));
  }
  return shares;
}

// One path a flow: four flows over four spines get the full rate, or half, or a third of it, as
// their hashes fall (MRC's testbed saw the same of RoCE with one queue pair).
TEST(RoceNics, FlowsOnOnePathGetFullHalfOrAThirdOfTheRate) {
  int full = 0;
  int less = 0;
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    RoceNicOptions nic;
    nic.seed = seed;
    nic.congestion_control = false;
    const Workload workload = workload_of(
        {flow(0, 4, 100'000), flow(1, 5, 100'000), flow(2, 6, 100'000), flow(3, 7, 100'000)});
    for (const double share : shares_after(workload, nic, base::Duration::ms(2))) {
      const double ways = std::round(1 / share);
      EXPECT_NEAR(share * ways, 1, 0.05) << "seed " << seed;
      EXPECT_LE(ways, 4) << "seed " << seed;
      ++(ways == 1 ? full : less);
    }
  }
  EXPECT_GT(full, 0);
  EXPECT_GT(less, 0);
}

// An incast of six to host 0 and a victim to its neighbour on the same leaf: PFC alone holds up
// whoever shares a port with the incast; DCQCN over several paths hardly touches the victim.
TEST(RoceNics, PfcAloneHurtsAVictimThatDcqcnSpares) {
  std::vector<FlowSpec> flows;
  for (uint32_t src = 2; src < kHosts; ++src) flows.push_back(flow(src, 0, 1'000'000));
  flows.push_back(flow(7, 1, 1'000'000));
  flows[5].src = 4;  // host 7 sends to the victim only
  const Workload workload = workload_of(flows);
  double with_pfc = 1;
  double with_dcqcn = 1;
  for (uint64_t seed = 1; seed <= 4; ++seed) {  // whether their one path crosses is the seed's
    RoceNicOptions nic;
    nic.seed = seed;
    nic.congestion_control = false;
    with_pfc = std::min(with_pfc, shares_after(workload, nic, base::Duration::ms(2)).back());
    nic.congestion_control = true;
    nic.dcqcn = dcqcn_scaled(nic.line_rate);
    nic.qps_per_flow = 8;
    with_dcqcn = std::min(with_dcqcn, shares_after(workload, nic, base::Duration::ms(5)).back());
  }
  EXPECT_LT(with_pfc, 0.5);
  EXPECT_GT(with_dcqcn, 0.8);
}

TEST(RoceNics, QueuePairsAreDividedOverThePlanes) {
  RoceNicOptions nic;
  nic.qps_per_flow = 4;
  Lab lab(workload_of({flow(0, 5, 1000)}), nic, lossless(), 2);
  lab.expect_delivered();
  EXPECT_EQ(lab.network.counters({0, 0}).parcels, 500);
  EXPECT_EQ(lab.network.counters({0, 1}).parcels, 500);
  EXPECT_EQ(lab.complete_ps(0), unloaded_ps(500, 4));
}

TEST(RoceNics, FlowsOfOnePortTakeTurns) {
  Lab lab(workload_of({flow(0, 1, 100), flow(0, 2, 100)}), RoceNicOptions{}, lossless());
  lab.expect_delivered();
  EXPECT_EQ(lab.complete_ps(0), unloaded_ps(199, 2));
  EXPECT_EQ(lab.complete_ps(1), unloaded_ps(200, 2));
}

TEST(RoceNics, TriggeredFlowsFollowOneAnother) {
  Lab lab(all_to_all(kHosts, 50 * kPayload, 1, base::Time::zero()), RoceNicOptions{}, lossless());
  lab.expect_delivered();
  for (uint32_t f = 1; f < lab.workload.flows.size(); ++f) {
    if (lab.workload.flows[f].src == lab.workload.flows[f - 1].src) {
      EXPECT_EQ(lab.book.progress()[f].started_ps, lab.finished_ps(f - 1)) << f;
    }
  }
}

// Marks cut the rate and time restores it.
TEST(RoceNics, RatesRecoverWhenTheCrowdHasGone) {
  Lab lab(workload_of({flow(1, 0, 2000), flow(2, 0, 2000), flow(3, 0, 2000)}), RoceNicOptions{},
          lossless());
  lab.expect_delivered();
  const base::Time end = base::Time::at(base::Duration::ps(lab.complete_ps(0)));
  EXPECT_LT(lab.nics.rate(0, 0, end), base::Rate::gbps(400));
  EXPECT_EQ(lab.nics.rate(0, 0, end + base::Duration::ms(100)), base::Rate::gbps(400));
}

TEST(RoceNics, TheNumberOfThreadsDoesNotShow) {
  for (const bool pfc : {true, false}) {
    const auto result = [pfc](uint32_t threads) {
      RoceNicOptions nic;
      nic.qps_per_flow = 3;
      fabric::NetworkOptions net = pfc ? lossless() : lossy(40);
      net.threads = threads;
      net.faults.push_back(
          {base::Time::zero(), {2, 0}, fabric::FaultKind::kLoss, base::Ratio{1, 500}});
      Lab lab(all_to_all(kHosts, 200'000, 2, base::Time::zero()), nic, net);
      lab.expect_delivered();
      const NicTotals totals = lab.nics.totals();
      std::vector<int64_t> all{totals.packets_sent, totals.retransmitted, totals.control_sent,
                               lab.nics.counters().cnps_sent, lab.network.totals().packet_hops};
      for (uint32_t f = 0; f < lab.workload.flows.size(); ++f) all.push_back(lab.finished_ps(f));
      return all;
    };
    EXPECT_EQ(result(1), result(2)) << (pfc ? "lossless" : "lossy");
  }
}

}  // namespace
}  // namespace windtunnel::node
