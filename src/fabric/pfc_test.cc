// Priority flow control on small leaf-spine networks whose hosts send as fast as they are let.
//
//   spine 0   spine 1
//     |   \   /   |         100 Gb/s, 1 us a link: 12,500 bytes fly, a 1,250-byte parcel takes 100
//   leaf 0    leaf 1        ns; hosts 0-3 below leaf 0, hosts 4-7 below leaf 1.
//   0 1 2 3   4 5 6 7
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/random.h"
#include "fabric/network.h"
#include "fabric/pfc.h"
#include "fabric/topology_fixture.h"
#include "tests/support/episodes.h"

namespace windtunnel::fabric {
namespace {

constexpr uint32_t kHosts = 8;
constexpr uint16_t kParcel = 1250;
constexpr int64_t kInFlight = 2 * 12'500 + 2 * kParcel;  // what still comes after a pause

struct Traffic {
  std::vector<std::vector<uint32_t>> to{kHosts};  // by source: destination of each parcel
  uint32_t control_every = 0;                     // one small control parcel per so many
};

class Greedy final : public HostSide {
 public:
  explicit Greedy(const Traffic& traffic) : traffic_(traffic), hosts_(kHosts) {}

  int64_t run_host(uint32_t host, std::span<const Arrival> arrivals, int64_t until_ps,
                   std::span<HostLink> links, Emitter& out) override {
    HostLink& link = links[0];
    for (int64_t now_ps = out.begin_ps();;) {
      send(host, link, now_ps);
      const int64_t arrival_ps =
          arrivals.empty() ? INT64_MAX : out.begin_ps() + arrivals.front().offset_ps();
      const int64_t done_ps = link.serving ? link.link.busy_until_ps : INT64_MAX;
      now_ps = std::min(arrival_ps, done_ps);
      if (now_ps >= until_ps) return done_ps;
      if (done_ps == now_ps) {
        link.finish(out);
      } else {
        arrive(host, *arrivals.front().parcel, link, now_ps);
        arrivals = arrivals.subspan(1);
      }
    }
  }
  void dropped(const Parcel& parcel, uint32_t worker) override {
    (void)parcel;
    (void)worker;
  }

  int64_t data_received(uint32_t host) const { return hosts_[host].data; }
  int64_t controls_received() const {
    int64_t sum = 0;
    for (const State& s : hosts_) sum += s.control;
    return sum;
  }
  int64_t pauses_heard(uint32_t host) const { return hosts_[host].pauses; }
  int64_t last_ps(uint32_t host) const { return hosts_[host].last_ps; }
  int64_t control_last_ps(uint32_t host) const { return hosts_[host].control_last_ps; }

 private:
  struct State {
    size_t sent = 0;
    size_t controls = 0;
    int64_t data = 0;
    int64_t control = 0;
    int64_t pauses = 0;
    int64_t last_ps = 0;
    int64_t control_last_ps = 0;
  };

  void send(uint32_t host, HostLink& link, int64_t now_ps) {
    State& s = hosts_[host];
    const std::vector<uint32_t>& to = traffic_.to[host];
    if (link.serving || to.empty()) return;
    Parcel parcel;
    parcel.flow = host;
    const uint32_t every = traffic_.control_every;
    if (every > 0 && (s.controls + 1) * every <= to.size() &&
        (link.link.paused || (s.controls + 1) * every <= s.sent)) {
      ++s.controls;
      parcel.dst_and_flags = to[0];
      parcel.set_class(ParcelClass::kControl);
      parcel.bytes = 64;
    } else if (s.sent < to.size() && !link.link.paused) {
      parcel.dst_and_flags = to[s.sent++];
      parcel.set(ParcelFlags::kNoEcn);
      parcel.bytes = kParcel;
    } else {
      return;
    }
    link.start(parcel, now_ps);
  }
  void arrive(uint32_t host, const Parcel& parcel, HostLink& link, int64_t now_ps) {
    State& s = hosts_[host];
    if (parcel.parcel_class() == ParcelClass::kPause) {
      s.pauses += parcel.cargo[0];
      link_pause(link.link, parcel.cargo[0] != 0, now_ps, link.counters);
    } else if (parcel.parcel_class() == ParcelClass::kControl) {
      ++s.control;
      s.control_last_ps = now_ps;
    } else {
      ++s.data;
      s.last_ps = now_ps;
    }
  }

  const Traffic& traffic_;
  std::vector<State> hosts_;
};

NetworkOptions options_of(int64_t xoff, int64_t xon, int64_t capacity, uint32_t threads = 1) {
  NetworkOptions options;
  options.threads = threads;
  options.queue.discipline = Discipline::kPfc;
  options.queue.capacity = base::Bytes(capacity);
  options.queue.control_capacity = base::Bytes(1'000'000);
  options.queue.pfc_xoff = base::Bytes(xoff);
  options.queue.pfc_xon = base::Bytes(xon);
  return options;
}

TopologyDescription two_leaves() {
  return leaf_spine(kHosts, 4, 2, base::Rate::gbps(100), base::Duration::us(1));
}

struct Lab {
  explicit Lab(Traffic t, const NetworkOptions& options,
               base::Time until = base::Time::at(base::Duration::ms(20)),
               const TopologyDescription& links = two_leaves())
      : traffic(std::move(t)),
        topology(Topology::build(links, 7).value()),
        hosts(traffic),
        network(topology, options, hosts) {
    des::WindowedOptions run;
    run.threads = options.threads;
    run.until = until;
    exhausted = des::run_windowed(network, run).exhausted;
  }
  uint32_t leaf(uint32_t i) const { return topology.unit_of_switch(i); }
  int64_t delivered() const {
    int64_t sum = 0;
    for (uint32_t h = 0; h < kHosts; ++h) sum += hosts.data_received(h);
    return sum;
  }
  Traffic traffic;
  Topology topology;
  Greedy hosts;
  Network network;
  bool exhausted = false;
};

Traffic incast(std::vector<uint32_t> sources, uint32_t destination, size_t parcels) {
  Traffic traffic;
  for (const uint32_t s : sources) traffic.to[s].assign(parcels, destination);
  return traffic;
}

TEST(Pfc, AnIncastIsHeldBackAtItsSourcesAndLosesNothing) {
  const int64_t xoff = 20'000;
  Lab lab(incast({1, 2, 3, 4, 5, 6, 7}, 0, 2000), options_of(xoff, 10'000, xoff + kInFlight));
  EXPECT_TRUE(lab.exhausted);
  EXPECT_EQ(lab.network.totals().dropped, 0);
  EXPECT_EQ(lab.hosts.data_received(0), 7 * 2000);
  for (uint32_t h = 1; h < kHosts; ++h) {
    EXPECT_GT(lab.hosts.pauses_heard(h), 0) << h;
    EXPECT_GT(lab.network.counters({h, 0}).paused_ps, 0) << h;
  }
  EXPECT_EQ(lab.hosts.pauses_heard(0), 0);
  // Three hosts and two spines come in at leaf 0; all they may hold can wait for host 0.
  EXPECT_LE(lab.network.counters({lab.leaf(0), 0}).queue_bytes_max, 5 * (xoff + kInFlight));
  // The bottleneck never idles once it is busy: 7 * 2000 parcels of 100 ns, after the first one's
  // own way of two links.
  EXPECT_EQ(lab.hosts.last_ps(0), 7 * 2000 * 100'000 + 100'000 + 2'000'000);
}

TEST(Pfc, CongestionSpreadsUpstreamThroughTheSpines) {
  const int64_t xoff = 20'000;
  Lab lab(incast({4, 5, 6, 7}, 0, 2000), options_of(xoff, 10'000, xoff + kInFlight));
  EXPECT_EQ(lab.network.totals().dropped, 0);
  EXPECT_EQ(lab.delivered(), 4 * 2000);
  int64_t paused_spines = 0;
  int64_t paused_uplinks = 0;
  for (uint32_t spine = 0; spine < 2; ++spine) {
    paused_spines += lab.network.counters({lab.leaf(2 + spine), 0}).paused_ps > 0 ? 1 : 0;
    paused_uplinks += lab.network.counters({lab.leaf(1), 4 + spine}).paused_ps > 0 ? 1 : 0;
  }
  EXPECT_GT(paused_spines, 0);
  EXPECT_GT(paused_uplinks, 0);
}

TEST(Pfc, WithoutRoomForWhatFliesParcelsAreDropped) {
  Lab lab(incast({1, 2, 3}, 0, 2000), options_of(20'000, 10'000, 20'000));
  EXPECT_GT(lab.network.totals().dropped, 0);
  EXPECT_EQ(lab.hosts.data_received(0) + lab.network.totals().dropped, 3 * 2000);
}

// The room stated at QueueSettings::capacity is enough and, to within a parcel, needed.
TEST(Pfc, TheRoomAfterThePauseIsTwoFlightsAndTwoParcels) {
  const int64_t xoff = 20'000;
  Lab enough(incast({1, 2, 3}, 0, 2000), options_of(xoff, 10'000, xoff + kInFlight));
  EXPECT_EQ(enough.network.totals().dropped, 0);
  // Two of three sources wait at a time, so hardly anything drains while the pause travels.
  Lab less(incast({1, 2, 3}, 0, 2000), options_of(xoff, 10'000, xoff + kInFlight / 2));
  EXPECT_GT(less.network.totals().dropped, 0);
}

// Links and switches of different speeds, where the uplinks need the most room and nearly all of
// it.
TEST(Pfc, TheLeastCapacityIsEnoughAndNotMuchMore) {
  TopologyDescription links = two_leaves();
  EXPECT_EQ(pfc_headroom(links, 0, base::Bytes(kParcel)).count(), kInFlight);
  links.tiers[0].switch_latency = base::Duration::ns(1'300);
  links.tiers[1].link_rate = base::Rate::bits_per_second(333'333'333'333);
  links.tiers[1].link_latency = base::Duration::ns(2'700);
  links.tiers[1].switch_latency = base::Duration::ns(900);
  // 3.3 us at 12.5 bytes a ns; 7.6 us at 41.666666666625.
  EXPECT_EQ(pfc_headroom(links, 0, base::Bytes(kParcel)).count(), 41'250 + 2 * kParcel);
  EXPECT_EQ(pfc_headroom(links, 1, base::Bytes(kParcel)).count(), 316'667 + 2 * kParcel);
  const int64_t xoff = 20'000;
  const int64_t least = pfc_capacity_min(links, base::Bytes(xoff), base::Bytes(kParcel)).count();
  EXPECT_EQ(least, xoff + 316'667 + 2 * kParcel);
  const auto dropped = [&](int64_t capacity) {
    Lab lab(incast({1, 4, 5, 6, 7}, 0, 2000), options_of(xoff, 10'000, capacity),
            base::Time::at(base::Duration::ms(20)), links);
    EXPECT_TRUE(lab.exhausted);
    return lab.network.totals().dropped;
  };
  EXPECT_EQ(dropped(least), 0);
  EXPECT_GT(dropped(xoff + 316'667 / 2), 0);
}

TEST(Pfc, ASlowLinkSetsThePaceOfItsSource) {
  NetworkOptions options = options_of(20'000, 10'000, 20'000 + kInFlight);
  options.faults.push_back(
      {base::Time::zero(), {kHosts, 0}, FaultKind::kRate, base::Ratio{1, 4}});  // leaf 0 to host 0
  Lab lab(incast({1}, 0, 4000), options);
  EXPECT_EQ(lab.network.totals().dropped, 0);
  EXPECT_EQ(lab.hosts.data_received(0), 4000);
  EXPECT_EQ(lab.hosts.last_ps(0), 4000 * 400'000 + 100'000 + 2'000'000);
}

TEST(Pfc, AQueueThatMustRunEmptyStillLetsItsSourceGoOn) {
  Lab lab(incast({1, 2}, 0, 500), options_of(5'000, 0, 5'000 + kInFlight));
  EXPECT_TRUE(lab.exhausted);
  EXPECT_EQ(lab.delivered(), 2 * 500);
  EXPECT_EQ(lab.network.totals().dropped, 0);
}

TEST(Pfc, ControlPassesPausedLinks) {
  Traffic traffic = incast({1, 2, 3}, 0, 1000);
  traffic.control_every = 50;
  Lab lab(std::move(traffic), options_of(20'000, 10'000, 20'000 + kInFlight));
  EXPECT_EQ(lab.network.totals().dropped, 0);
  EXPECT_EQ(lab.hosts.controls_received(), 3 * (1000 / 50));
  EXPECT_LT(lab.hosts.control_last_ps(0), lab.hosts.last_ps(0) / 2);
}

// Everything here happens on a grid of 100 ns, so an input goes over the threshold and under it
// again in one instant. A port that took the two frames in the wrong order would wait for ever.
TEST(Pfc, APauseAndItsEndInOneInstantTakeEffectInOrder) {
  for (int64_t parcels = 1; parcels <= 6; ++parcels) {
    Traffic traffic;
    for (uint32_t s = 0; s < kHosts; ++s) {
      for (uint32_t i = 0; i < 800; ++i) {
        traffic.to[s].push_back((s + 1 + i * (s % 3 + 1) % 7) % kHosts);
      }
    }
    const int64_t xoff = parcels * kParcel;
    Lab lab(std::move(traffic), options_of(xoff, xoff, xoff + kInFlight));
    EXPECT_TRUE(lab.exhausted);
    EXPECT_EQ(lab.network.totals().dropped, 0) << parcels;
    EXPECT_EQ(lab.delivered(), int64_t{kHosts} * 800) << "xoff " << parcels << " parcels";
  }
}

base::Time us(int64_t n) { return base::Time::at(base::Duration::us(n)); }

// Both directions of the cable at `end`.
void flap(std::vector<Fault>& faults, PortEnd end, PortEnd peer, base::Time down, base::Time up) {
  for (const PortEnd e : {end, peer}) {
    faults.push_back({down, e, FaultKind::kDown, {}});
    faults.push_back({up, e, FaultKind::kUp, {}});
  }
}
constexpr PortEnd kHost1{1, 0};
constexpr PortEnd kLeafToHost1{kHosts, 1};

// Host 1's input at the leaf fills while the way back is dead: it never hears of it.
TEST(Pfc, ADeadLinkCarriesNoPause) {
  NetworkOptions options = options_of(20'000, 10'000, 20'000 + kInFlight);
  options.faults.push_back({base::Time::zero(), kLeafToHost1, FaultKind::kDown, {}});
  Lab lab(incast({1, 2, 3}, 0, 2000), options);
  EXPECT_TRUE(lab.exhausted);
  EXPECT_EQ(lab.hosts.pauses_heard(1), 0);
  EXPECT_GT(lab.hosts.pauses_heard(2), 0);
  EXPECT_GT(lab.network.totals().dropped, 0) << "nobody held host 1 back";
}

// Host 1 is paused at `when`, and its input at the leaf fills further with what was under way. An
// outage of 2 us ends the pause; the leaf, still holding too much, asks again as soon as the cable
// is whole, which host 1 hears a flight later.
TEST(Pfc, AnOutageEndsThePauseAndTheCableComesBackClean) {
  const auto paused_at = [](base::Time end, std::vector<Fault> faults) {
    NetworkOptions options = options_of(20'000, 10'000, 20'000 + kInFlight);
    options.faults = std::move(faults);
    Lab lab(incast({1, 2, 3, 4, 5, 6, 7}, 0, 2000), options, end);
    return lab.network.link(kHost1).paused;
  };
  int64_t when = 1;
  while (when < 100 && !paused_at(us(when), {})) ++when;
  ASSERT_LT(when, 100);
  const base::Duration ps = base::Duration::ps(1);
  std::vector<Fault> faults;
  flap(faults, kHost1, kLeafToHost1, us(when) - ps, us(when + 2));
  EXPECT_FALSE(paused_at(us(when), faults));
  EXPECT_FALSE(paused_at(us(when + 3), faults));
  EXPECT_TRUE(paused_at(us(when + 3) + ps, faults));
}

// A pause that is under way when the cable fails says nothing when it arrives, even if the cable is
// back by then: host 1 hears of the outage, and of the pause that the leaf asks for afterwards.
TEST(Pfc, AFrameFromBeforeAnOutageIsStale) {
  const auto heard_by = [](base::Time end, std::vector<Fault> faults) {
    NetworkOptions options = options_of(20'000, 10'000, 20'000 + kInFlight);
    options.faults = std::move(faults);
    return Lab(incast({1, 2, 3}, 0, 2000), options, end).hosts.pauses_heard(1);
  };
  const base::Duration ps = base::Duration::ps(1);
  const base::Duration ns = base::Duration::ns(1);
  base::Time heard = us(1);
  while (heard < us(100) && heard_by(heard, {}) == 0) heard += ns * 50;
  ASSERT_LT(heard, us(100));
  std::vector<Fault> faults;  // half a flight before the frame arrives, for a nanosecond
  flap(faults, kHost1, kLeafToHost1, heard - ns * 500, heard - ns * 499);
  EXPECT_EQ(heard_by(heard, faults), 0);
  EXPECT_EQ(heard_by(heard + ns * 501, faults), 0);
  EXPECT_EQ(heard_by(heard + ns * 501 + ps, faults), 1) << "a flight after the cable is whole";
}

struct Flapping {
  Traffic traffic;
  NetworkOptions options;
};
Flapping draw_flapping(uint64_t seed, const Topology& topology) {
  base::RandomStream r(seed, "flapping");
  const auto xoff = static_cast<int64_t>(r.below(12) * kParcel);
  const auto xon = static_cast<int64_t>(r.below(static_cast<uint64_t>(xoff) + 1));
  Flapping f;
  f.options = options_of(xoff, xon, xoff + kInFlight * static_cast<int64_t>(1 + r.below(2)));
  const uint64_t destinations = 1 + r.below(kHosts);
  for (uint32_t s = 0; s < kHosts; ++s) {
    for (uint64_t n = r.below(600); n > 0; --n) {
      f.traffic.to[s].push_back(static_cast<uint32_t>(r.below(destinations)));
    }
  }
  for (uint64_t n = 1 + r.below(8); n > 0; --n) {
    PortEnd end{static_cast<uint32_t>(r.below(kHosts)), 0};
    if (r.chance(1, 2)) {
      const auto leaf = static_cast<uint32_t>(r.below(2));
      end = {topology.unit_of_switch(leaf), static_cast<uint32_t>(r.below(6))};
    }
    // On the grid of the traffic or off it; outages of less than a flight, of many, and for ever.
    const uint64_t grain = r.chance(1, 2) ? 100'000 : 1;
    const auto at = static_cast<int64_t>(r.below(60'000'000) / grain * grain);
    const auto length = static_cast<int64_t>(r.below(r.chance(1, 2) ? 1'500'000 : 30'000'000));
    const auto time = [](int64_t ps) { return base::Time::at(base::Duration::ps(ps)); };
    const bool one_way = r.chance(1, 3);
    std::vector<Fault> faults;
    flap(faults, end, topology.peer(end), time(at), time(at + length));
    if (r.chance(1, 4)) std::erase_if(faults, [](auto& x) { return x.kind == FaultKind::kUp; });
    if (one_way) faults.resize(faults.size() / 2);
    f.options.faults.insert(f.options.faults.end(), faults.begin(), faults.end());
  }
  return f;
}

// Whatever cables do, nobody waits for a word that cannot come: every parcel is sent, and either
// arrives, is lost by a link or is dropped by an input.
TEST(Pfc, NobodyWaitsForeverWhateverCablesDo) {
  const Topology topology = Topology::build(two_leaves(), 7).value();
  int64_t paused_ps = 0;
  int64_t lost = 0;
  const char* const wanted = std::getenv("WT_SEED");
  const int64_t episodes = wanted != nullptr ? 1 : windtunnel::testing::episodes(400);
  for (int64_t episode = 0; episode < episodes; ++episode) {
    const uint64_t seed = wanted != nullptr ? std::strtoull(wanted, nullptr, 10)
                                            : 40'000'000 + static_cast<uint64_t>(episode);
    SCOPED_TRACE(fmt::format("again: WT_SEED={} fabric_test --gtest_filter='Pfc.Nobody*'", seed));
    int64_t hops = -1;
    for (uint32_t threads = 1; threads <= 2; ++threads) {
      Flapping f = draw_flapping(seed, topology);
      f.options.threads = threads;
      int64_t sent = 0;
      for (const auto& to : f.traffic.to) sent += static_cast<int64_t>(to.size());
      Lab lab(std::move(f.traffic), f.options);
      const NetworkTotals totals = lab.network.totals();
      ASSERT_TRUE(lab.exhausted);
      ASSERT_EQ(sent, lab.delivered() + totals.lost + totals.dropped) << threads << " threads";
      ASSERT_TRUE(hops < 0 || hops == totals.packet_hops);
      hops = totals.packet_hops;
      lost += totals.lost;
      for (uint32_t h = 0; h < kHosts; ++h) paused_ps += lab.network.counters({h, 0}).paused_ps;
    }
  }
  if (wanted != nullptr) return;
  EXPECT_GT(paused_ps, 1'000'000'000);
  EXPECT_GT(lost, 1000);
}

TEST(Pfc, TheNumberOfThreadsDoesNotShow) {
  const auto result = [](uint32_t threads) {
    Traffic traffic;
    for (uint32_t s = 0; s < kHosts; ++s) {
      for (uint32_t i = 0; i < 500; ++i) traffic.to[s].push_back((s + 1 + i / 100) % 3 + s / 4);
      std::erase(traffic.to[s], s);
    }
    Lab lab(std::move(traffic), options_of(10'000, 5'000, 10'000 + kInFlight, threads));
    std::vector<int64_t> all{lab.network.totals().packet_hops, lab.network.totals().events};
    for (uint32_t h = 0; h < kHosts; ++h) {
      all.push_back(lab.hosts.last_ps(h));
      all.push_back(lab.hosts.pauses_heard(h));
      all.push_back(lab.network.counters({h, 0}).paused_ps);
    }
    return all;
  };
  const std::vector<int64_t> one = result(1);
  EXPECT_GT(one[0], 0);
  EXPECT_EQ(one, result(2));
}

}  // namespace
}  // namespace windtunnel::fabric
