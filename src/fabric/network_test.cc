// The network by known answers: small scripts whose times follow from serialisation and latency by
// hand. All links 400 Gb/s and 1 us unless said otherwise: 81.92 ns for 4,096 B, 1.28 ns for 64 B.
#include "fabric/network.h"

#include <algorithm>
#include <map>
#include <vector>

#include "base/random.h"
#include "fabric/script_fixture.h"
#include "fabric/topology_fixture.h"

namespace windtunnel::fabric {
namespace {

constexpr uint64_t kSeed = 20261122;
constexpr int64_t kFull = 81'920;
constexpr int64_t kHop = 1'000'000;

TopologyDescription tree(uint32_t hosts) {
  return fat_tree_3(hosts, 1, base::Rate::gbps(400), base::Duration::us(1));
}
TopologyDescription leaves(uint32_t hosts, uint32_t down) {
  return leaf_spine(hosts, down, 1, base::Rate::gbps(400), base::Duration::us(1));
}

Experiment experiment(TopologyDescription topology) {
  Experiment e;
  e.topology = std::move(topology);
  e.seed = kSeed;
  e.queue.capacity = base::Bytes(1 << 30);
  e.queue.control_capacity = base::Bytes(1 << 30);
  e.queue.ecn_low = e.queue.ecn_high = base::Bytes(1 << 30);
  return e;
}

// Numbers that are multiples of 4 are not answered; 2 modulo 4 are, with 64 B (script_fixture.h).
void send(Experiment& e, int64_t at_ps, uint32_t from, uint32_t to, uint32_t number,
          uint16_t bytes = 4096) {
  Injection i;
  i.at_ps = at_ps;
  i.host = from;
  i.parcel.dst_and_flags = to;
  i.parcel.bytes = bytes;
  i.parcel.flow = from;
  i.parcel.cargo[0] = number;
  i.parcel.cargo[1] = from;
  e.injections.push_back(i);
}

// When parcel `number` arrives; -1 if it does not.
int64_t arrival(const Outcome& outcome, uint32_t number) {
  for (const Delivery& d : outcome.deliveries) {
    if (d.number == number) return d.at_ps;
  }
  return -1;
}
int64_t answer_arrival(const Outcome& outcome, uint32_t number) {
  return arrival(outcome, number | kAnswerBit);
}

LinkCounters sum(const Outcome& outcome) {
  LinkCounters s;
  for (const LinkCounters& c : outcome.links) {
    s.parcels += c.parcels;
    s.marked += c.marked;
    s.trimmed += c.trimmed;
    s.dropped += c.dropped;
    s.lost += c.lost;
    s.queue_bytes_max = std::max(s.queue_bytes_max, c.queue_bytes_max);
  }
  return s;
}

// Store and forward: n serialisations and n flights there, and the same for the answer's 64 B.
TEST(Network, OneParcelTakesASerialisationAndAFlightPerLink) {
  struct Way {
    uint32_t dst, links;
    int64_t round_trip_ps;
  };
  for (const Way w : {Way{1, 2, 4'166'400}, Way{4, 4, 8'332'800}, Way{127, 6, 12'499'200}}) {
    Experiment e = experiment(tree(128));
    send(e, 500, 0, w.dst, 2);
    const Outcome o = run_network(e, 1);
    EXPECT_EQ(arrival(o, 2), 500 + w.links * (kFull + kHop));
    EXPECT_EQ(answer_arrival(o, 2), 500 + w.round_trip_ps);
    EXPECT_EQ(sum(o).parcels, 2 * w.links);
  }
}

// A message of n full parcels and a short last one, which is answered. Behind a full parcel the
// short one waits at every switch, so it arrives one short serialisation after it.
TEST(Network, MessagesTakeTheirTimeOnTheFirstLinkAndAFlightPerLink) {
  struct Message {
    int64_t bytes;
    uint32_t dst;
    int64_t round_trip_ps;
  };
  for (const Message m :
       {Message{65'536, 1, 5'416'960}, Message{65'536, 4, 9'583'360},
        Message{65'536, 127, 13'749'760}, Message{1'000'000, 1, 24'403'200},
        Message{1'000'000, 4, 28'569'600}, Message{1'000'000, 127, 32'736'000},
        Message{16'000'000, 1, 329'164'800}, Message{16'000'000, 127, 337'497'600}}) {
    Experiment e = experiment(tree(128));
    int64_t left = m.bytes;
    uint32_t number = 0;
    for (; left > 4032; left -= 4032) send(e, 0, 0, m.dst, 4 * number++);
    const uint32_t last = 4 * number + 2;
    send(e, 0, 0, m.dst, last, static_cast<uint16_t>(left + 64));
    EXPECT_EQ(answer_arrival(run_network(e, 1), last), m.round_trip_ps) << m.bytes << " B";
  }
}

TEST(Network, EveryTierAddsItsOwnRateLatencyAndSwitch) {
  Experiment e = experiment(tree(16));
  auto& tiers = e.topology.tiers;
  tiers[0].link_rate = base::Rate::gbps(100);
  tiers[1].link_rate = base::Rate::gbps(200);
  tiers[2].link_rate = base::Rate::bits_per_second(333'333'333'333);
  tiers[0].link_latency = base::Duration::ns(300);
  tiers[1].link_latency = base::Duration::ns(700);
  tiers[2].link_latency = base::Duration::ps(123'456);
  tiers[0].switch_latency = base::Duration::ns(11);
  tiers[1].switch_latency = base::Duration::ns(500);
  tiers[2].switch_latency = base::Duration::ns(800);
  send(e, 0, 0, 15, 4, 1000);
  // 1,000 B: 80 ns at 100 Gb/s, 40 at 200, 24,001 ps (rounded up) at 333.333333333.
  EXPECT_EQ(arrival(run_network(e, 1), 4), 2 * (80'000 + 300'000) + 2 * (40'000 + 700'000) +
                                               2 * (24'001 + 123'456) + 2 * 11'000 + 2 * 500'000 +
                                               800'000);
}

// A slow switch behind a long cable is further ahead than any cable with its upper switch: here by
// up to 16 windows, where 16 slots would not do.
TEST(Network, TheSlowestSwitchBehindTheLongestCableIsNotTooFar) {
  Experiment e = experiment(leaves(4, 2));
  e.topology.tiers[1].link_latency = base::Duration::us(5);
  e.topology.tiers[0].switch_latency = base::Duration::ns(10'900);
  for (uint32_t n = 0; n < 8; ++n) send(e, n * 7'777'777, n % 2, 2 + n % 2, 4 * n);
  for (const uint32_t threads : {1u, 3u}) {
    const Outcome o = run_network(e, threads);
    for (uint32_t n = 0; n < 8; ++n) {
      EXPECT_EQ(arrival(o, 4 * n), n * 7'777'777 + 4 * kFull + 12 * kHop + 21'800'000);
    }
  }
}

// Two hosts send n parcels each at line rate to a third below the same switch: its port is busy
// from the first arrival on and serves them in turn, the lower inlet first.
TEST(Network, TwoFlowsIntoOnePortShareItInTurn) {
  constexpr uint32_t kEach = 50;
  Experiment e = experiment(tree(128));
  for (uint32_t n = 0; n < kEach; ++n) {
    send(e, 0, 0, 2, 8 * n);
    send(e, 0, 1, 2, 8 * n + 4);
  }
  const Outcome o = run_network(e, 1);
  for (uint32_t n = 0; n < kEach; ++n) {
    EXPECT_EQ(arrival(o, 8 * n), 2 * kHop + (2 * n + 2) * kFull);
    EXPECT_EQ(arrival(o, 8 * n + 4), 2 * kHop + (2 * n + 3) * kFull);
  }
  // After the k-th pair k + 1 parcels wait, the one on the wire included.
  EXPECT_EQ(sum(o).queue_bytes_max, (kEach + 1) * 4096);
}

// With room for c of them, every pair after the (c - 1)th loses one.
TEST(Network, TailDropLosesWhatTheQueueCannotHold) {
  constexpr uint32_t kEach = 50, kRoom = 7;
  Experiment e = experiment(tree(128));
  e.queue.discipline = Discipline::kTailDrop;
  e.queue.capacity = base::Bytes(kRoom * 4096);
  for (uint32_t n = 0; n < kEach; ++n) {
    send(e, 0, 0, 2, 8 * n);
    send(e, 0, 1, 2, 8 * n + 4);
  }
  const Outcome o = run_network(e, 1);
  EXPECT_EQ(sum(o).dropped, kEach + 1 - kRoom);
  EXPECT_EQ(o.deliveries.size(), 2 * kEach - (kEach + 1 - kRoom));
  EXPECT_EQ(o.deliveries.back().at_ps,
            2 * kHop + kFull + static_cast<int64_t>(o.deliveries.size()) * kFull)
      << "the port never idles";
}

TEST(Network, TrimmedParcelsReachTheirDestinationAsHeaders) {
  Experiment e = experiment(tree(128));
  e.queue.capacity = base::Bytes(4 * 4096);
  for (uint32_t n = 0; n < 100; ++n) {
    send(e, 0, 0, 2, 8 * n);
    send(e, 0, 1, 2, 8 * n + 4);
  }
  const Outcome o = run_network(e, 1);
  EXPECT_EQ(o.deliveries.size(), 200u);
  int64_t trimmed = 0;
  for (const Delivery& d : o.deliveries) {
    const auto flags = static_cast<uint8_t>(d.dst_and_flags >> 24);
    if ((flags & ParcelFlags::kTrimmed) == 0) continue;
    EXPECT_EQ(flags, ParcelFlags::kTrimmed | ParcelFlags::kLastHopTrim |
                         static_cast<uint8_t>(ParcelClass::kControl));
    EXPECT_EQ(d.bytes, 64u);
    ++trimmed;
  }
  EXPECT_EQ(trimmed, sum(o).trimmed);
  EXPECT_GE(trimmed, 97) << "one of each pair but the first three, and the headers' own time";
}

// Control overtakes the data of its own host only in switches: there it waits for one parcel.
TEST(Network, ControlOvertakesQueuedDataInTheSwitch) {
  Experiment e = experiment(tree(128));
  for (uint32_t n = 0; n < 20; ++n) {
    send(e, 0, 0, 3, 8 * n);
    send(e, 0, 1, 3, 8 * n + 4);
  }
  send(e, 10 * kFull + 5'000, 2, 3, 400, 64);
  e.injections.back().parcel.set_class(ParcelClass::kControl);
  // It reaches the switch 5,000 + 1,280 ps into the eleventh parcel that leaves the port.
  EXPECT_EQ(arrival(run_network(e, 1), 400), 2 * kHop + 11 * kFull + 1'280);
}

// All parcels of one flow and entropy take one way; the entropies of a flow take all of them.
TEST(Network, FlowAndEntropyNameAPath) {
  Experiment e = experiment(tree(128));
  for (uint32_t n = 0; n < 100; ++n) send(e, n * 1'000'000, 0, 127, 4 * n);
  const auto uplinks_used = [&e] {
    const Topology t = Topology::build(e.topology, kSeed).value();
    const std::vector<PortEnd> ends = all_ends(t);
    const Outcome o = run_network(e, 1);
    std::map<uint32_t, uint32_t> used;  // by tier of the link: how many upward links carried any
    for (size_t i = 0; i < ends.size(); ++i) {
      const bool up = t.is_host(ends[i].unit) ||
                      ends[i].port >= t.switch_at(t.switch_of_unit(ends[i].unit)).down;
      if (up && o.links[i].parcels > 0) ++used[t.link_tier(ends[i])];
    }
    return used;
  };
  EXPECT_EQ(uplinks_used(), (std::map<uint32_t, uint32_t>{{0, 1}, {1, 1}, {2, 1}}));
  for (uint32_t n = 0; n < 100; ++n) {
    e.injections[n].parcel.entropy = static_cast<uint16_t>(n);
  }
  EXPECT_EQ(uplinks_used(), (std::map<uint32_t, uint32_t>{{0, 1}, {1, 4}, {2, 16}}))
      << "4 x 4 paths, seed " << kSeed;
}

Fault fault(int64_t at_ps, PortEnd link, FaultKind kind, base::Ratio share = {}) {
  return {base::Time::at(base::Duration::ps(at_ps)), link, kind, share};
}

// The ToR's port to host 1 (unit 128 is the first ToR of 128 hosts).
constexpr PortEnd kToHost1{128, 1};

TEST(Faults, ADeadLinkLosesWhatIsSentIntoItAndNothingElse) {
  Experiment e = experiment(tree(128));
  for (uint32_t n = 0; n < 6; ++n) send(e, 0, 0, 1, 4 * n);
  // Parcel k leaves the ToR at 1 us + (k + 2) serialisations. Dead from the third on, at the very
  // instant of its last bit; back just after the fourth.
  e.faults = {fault(kHop + 4 * kFull, kToHost1, FaultKind::kDown),
              fault(kHop + 5 * kFull + 1, kToHost1, FaultKind::kUp)};
  const Outcome o = run_network(e, 1);
  for (const uint32_t n : {0u, 1u, 4u, 5u})
    EXPECT_EQ(arrival(o, 4 * n), 2 * kHop + (n + 2) * kFull);
  for (const uint32_t n : {2u, 3u}) EXPECT_EQ(arrival(o, 4 * n), -1);
  EXPECT_EQ(sum(o).lost, 2);
}

TEST(Faults, ANewRateBeginsWithTheNextParcel) {
  Experiment e = experiment(tree(128));
  for (uint32_t n = 0; n < 4; ++n) send(e, 0, 0, 1, 4 * n);
  // Host 0 sends parcel 1 from 81.92 to 163.84 ns; a quarter of the rate from 100 ns on.
  e.faults = {fault(100'000, {0, 0}, FaultKind::kRate, {1, 4}),
              fault(2 * kFull + 4 * kFull, {0, 0}, FaultKind::kRate, {1, 1})};
  const Outcome o = run_network(e, 1);
  EXPECT_EQ(arrival(o, 4), 2 * kHop + 3 * kFull);
  EXPECT_EQ(arrival(o, 8), 2 * kHop + 7 * kFull);
  EXPECT_EQ(arrival(o, 12), 2 * kHop + 8 * kFull) << "the rate is back before parcel 3 begins";
}

// Two parcels fit the full queue; at half the rate one does.
TEST(Faults, QueuesShrinkWithTheRate) {
  for (const bool slow : {false, true}) {
    Experiment e = experiment(tree(128));
    e.queue.discipline = Discipline::kTailDrop;
    e.queue.capacity = base::Bytes(2 * 4096);
    send(e, 0, 0, 1, 0);
    send(e, 0, 2, 1, 4);
    send(e, 0, 3, 1, 8);
    if (slow) e.faults = {fault(0, kToHost1, FaultKind::kRate, {1, 2})};
    const Outcome o = run_network(e, 1);
    EXPECT_EQ(sum(o).dropped, slow ? 2 : 1);
    EXPECT_EQ(arrival(o, 0), 2 * kHop + (slow ? 3 : 2) * kFull);
  }
}

TEST(Faults, AShareOfManyDigitsIsTakenExactly) {
  Experiment e = experiment(tree(16));
  for (TierDescription& t : e.topology.tiers) t.link_rate = base::Rate::gbps(100'000);
  e.faults = {fault(0, {0, 0}, FaultKind::kRate, {333'333'333'333, 1'000'000'000'000})};
  send(e, 10, 0, 1, 4);
  const base::Rate left = base::Rate::bits_per_second(33'333'333'333'300);
  EXPECT_EQ(arrival(run_network(e, 1), 4),
            10 + transfer_time(base::Bytes(4096), left).ps() + kHop +
                transfer_time(base::Bytes(4096), base::Rate::gbps(100'000)).ps() + kHop);
}

// Faults of one instant take effect in the order in which they are given.
TEST(Faults, TheLastWordOfAnInstantCounts) {
  for (const bool up_last : {false, true}) {
    Experiment e = experiment(tree(16));
    e.faults = {fault(0, {0, 0}, up_last ? FaultKind::kDown : FaultKind::kUp),
                fault(0, {0, 0}, up_last ? FaultKind::kUp : FaultKind::kDown)};
    send(e, 0, 0, 1, 4);
    EXPECT_EQ(arrival(run_network(e, 1), 4) >= 0, up_last);
  }
}

// A run that ends inside a window ends there exactly: a parcel that arrives at that instant has not
// arrived, and what is on the wire counts as far as it was sent.
TEST(Network, ARunEndsAtItsPicosecond) {
  constexpr int64_t kArrives = 2 * (kFull + kHop);
  for (const uint32_t threads : {1u, 2u}) {
    for (const int64_t late : {0, 1}) {
      Experiment e = experiment(tree(128));
      send(e, 0, 0, 1, 0);
      send(e, kArrives - 1'000, 2, 3, 4);
      e.until = base::Time::at(base::Duration::ps(kArrives + late));
      const Outcome o = run_network(e, threads);
      EXPECT_EQ(arrival(o, 0), late == 0 ? -1 : kArrives);
      EXPECT_EQ(o.links[0].busy_ps, kFull);
      EXPECT_EQ(o.links[2].busy_ps, 1'000 + late);
      EXPECT_EQ(o.links[2].parcels, 0);
      EXPECT_FALSE(o.exhausted);
    }
  }
}

// An arrival that the end leaves untaken is something left, even when nothing else is.
TEST(Network, AnArrivalAfterTheEndIsLeft) {
  Experiment e = experiment(tree(128));
  send(e, 0, 0, 1, 0);
  e.until = base::Time::at(base::Duration::ps(kFull + kHop));  // at the ToR
  EXPECT_FALSE(run_network(e, 1).exhausted);
  e.until = base::Time::at(base::Duration::ps(2 * (kFull + kHop)));  // at the host
  EXPECT_FALSE(run_network(e, 1).exhausted);
  e.until += base::Duration::ps(1);
  EXPECT_TRUE(run_network(e, 1).exhausted);
}

TEST(Network, TotalsAreTheSumsOfTheLinks) {
  Experiment e = experiment(tree(16));
  e.queue.capacity = base::Bytes(3 * 4096);
  e.queue.ecn_low = base::Bytes(0);
  e.queue.ecn_high = base::Bytes(3 * 4096);
  for (uint32_t n = 0; n < 400; ++n) send(e, 1000 * n, n % 15, 15, 4 * n + 2);
  e.faults = {fault(0, {16, 0}, FaultKind::kLoss, {1, 5})};
  const Topology topology = Topology::build(e.topology, e.seed).value();
  ScriptedHosts hosts(topology, e.injections, 1);
  NetworkOptions options;
  options.queue = e.queue;
  options.faults = e.faults;
  Network network(topology, options, hosts);
  hosts.attach(network);
  const des::WindowedOutcome run = run_windowed(network, {});
  EXPECT_TRUE(run.exhausted);
  const LinkCounters s = sum(hosts.outcome());
  const NetworkTotals totals = network.totals();
  EXPECT_EQ(totals.packet_hops, s.parcels);
  EXPECT_EQ(totals.trimmed, s.trimmed);
  EXPECT_EQ(totals.marked, s.marked);
  EXPECT_EQ(totals.dropped, s.dropped);
  EXPECT_EQ(totals.lost, s.lost);
  EXPECT_GT(s.trimmed, 0);
  EXPECT_GT(s.marked, 0);
  EXPECT_GT(s.lost, 0);
  EXPECT_EQ(network.queued({31, 0}), base::Bytes(0)) << "nothing is left when it is over";
  EXPECT_GT(network.footprint().count(),
            static_cast<int64_t>(topology.switch_ports() * sizeof(Port)));
  EXPECT_EQ(network.link({16, 0}).loss_per_2_32, 858'993'459u) << "a fifth of 2^32";
}

// The hops kept are those of the first windows, whoever ran them.
TEST(Network, ATraceThatIsCutIsCutAtTheSameHopForAnyNumberOfThreads) {
  Experiment e = experiment(tree(128));
  for (uint32_t n = 0; n < 400; ++n) send(e, 50'000 * n, n % 8, 120 + n % 8, 4 * n);
  const Topology topology = Topology::build(e.topology, e.seed).value();
  std::vector<std::vector<int64_t>> kept;
  for (const uint32_t threads : {1u, 2u, 3u}) {
    ScriptedHosts hosts(topology, e.injections, threads);
    NetworkOptions options;
    options.queue = e.queue;
    options.threads = threads;
    options.traced_flows = {0, 1, 2, 3, 4, 5, 6, 7};
    options.trace_hops_max = 300;
    Network network(topology, options, hosts);
    hosts.attach(network);
    des::WindowedOptions run;
    run.threads = threads;
    run_windowed(network, run);
    std::vector<int64_t>& times = kept.emplace_back();
    for (const HopRecord& hop : network.trace()) times.push_back(hop.done_ps);
    EXPECT_EQ(static_cast<int64_t>(times.size()) + network.trace_not_kept(), 400 * 6);
    EXPECT_GE(times.size(), 300u);
    EXPECT_LT(times.size(), 500u);
  }
  EXPECT_EQ(kept[0], kept[1]);
  EXPECT_EQ(kept[0], kept[2]);
}

TEST(FaultsDeathTest, NameLinksThatAreThere) {
  const auto run = [](PortEnd end) {
    Experiment e = experiment(tree(16));
    e.faults = {fault(0, end, FaultKind::kDown)};
    run_network(e, 1);
  };
  run({16, 3});
  EXPECT_DEATH(run({16, 4}), "a port that is not there");
  EXPECT_DEATH(run({3, 1}), "a port that is not there");
  EXPECT_DEATH(run({36, 0}), "a unit that is not there");
}

// What waits in a queue can be asked for between windows.
TEST(Network, QueuesCanBeWatchedBetweenWindows) {
  Experiment e = experiment(tree(128));
  for (uint32_t n = 0; n < 50; ++n) {
    send(e, 0, 0, 2, 8 * n);
    send(e, 0, 1, 2, 8 * n + 4);
  }
  const Topology topology = Topology::build(e.topology, e.seed).value();
  ScriptedHosts hosts(topology, e.injections, 1);
  NetworkOptions options;
  options.queue = e.queue;
  Network network(topology, options, hosts);
  hosts.attach(network);
  std::vector<int64_t> waiting;
  des::WindowedOptions run;
  run.on_window = [&](base::Time) {
    waiting.push_back(network.queued({128, 2}).count() / 4096);
    return true;
  };
  run_windowed(network, run);
  // Pairs arrive from 1.08192 us on. At 2 us there have been 12 (the last at 1.98304) and 11 have
  // left; at 3 us 24 and 23, and so on: one more waits for every pair.
  ASSERT_GE(waiting.size(), 4u);
  EXPECT_EQ(waiting[0], 0);
  EXPECT_EQ(waiting[1], 13);
  EXPECT_EQ(waiting[2], 25);
  EXPECT_EQ(waiting[3], 37);
}

}  // namespace
}  // namespace windtunnel::fabric
