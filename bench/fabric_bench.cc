// Cost of a packet-hop of the network alone: hosts keep a fixed number of packets in flight along a
// permutation, sprayed over 256 entropies, and answer every fourth with a 64-byte acknowledgement.
// No transport, no timers: the floor under every scenario of the same size.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <vector>

#include "base/random.h"
#include "fabric/network.h"
#include "fabric/topology_fixture.h"

namespace windtunnel::fabric {
namespace {

constexpr uint16_t kDataBytes = 4096;
constexpr uint16_t kAckBytes = 64;

class Blaster final : public HostSide {
 public:
  Blaster(uint32_t hosts, uint32_t window) : state_(hosts) {
    std::vector<uint32_t> order(hosts);
    for (uint32_t i = 0; i < hosts; ++i) order[i] = i;
    base::RandomStream stream(42, "permutation");
    for (uint32_t i = hosts; i-- > 1;) std::swap(order[i], order[stream.below(i + 1)]);
    for (uint32_t i = 0; i < hosts; ++i) {
      state_[order[i]].dst = order[(i + 1) % hosts];
      state_[order[(i + 1) % hosts]].src = order[i];
      state_[i].window = window;
    }
  }

  int64_t run_host(uint32_t host, std::span<const Arrival> arrivals, int64_t until_ps,
                   std::span<HostLink> links, Emitter& out) override {
    State& s = state_[host];
    HostLink& link = links[0];
    int64_t now = out.begin_ps();
    for (;;) {
      if (!link.serving && (s.acks_due > 0 || s.in_flight < s.window)) {
        link.start(next(host, s), std::max(now, link.link.busy_until_ps));
      }
      const int64_t arrival =
          arrivals.empty() ? INT64_MAX : out.begin_ps() + arrivals.front().offset_ps();
      const int64_t done = link.serving ? link.link.busy_until_ps : INT64_MAX;
      now = std::min(arrival, done);
      if (now >= until_ps) return done;
      if (done <= arrival) {
        link.finish(out);
      } else {
        take(s, *arrivals.front().parcel);
        arrivals = arrivals.subspan(1);
      }
    }
  }
  void dropped(const Parcel&, uint32_t) override {}

 private:
  struct State {
    uint32_t src = 0, dst = 0, window = 0, in_flight = 0, acks_due = 0, received = 0, sent = 0;
  };
  void take(State& s, const Parcel& parcel) {
    if (parcel.parcel_class() == ParcelClass::kControl) {
      s.in_flight -= 4;
    } else if (++s.received % 4 == 0) {
      ++s.acks_due;
    }
  }
  Parcel next(uint32_t host, State& s) {
    Parcel parcel;
    parcel.entropy = static_cast<uint16_t>(s.sent++ & 255);
    parcel.flow = host;
    if (s.acks_due > 0) {
      --s.acks_due;
      parcel.dst_and_flags = s.src;
      parcel.set_class(ParcelClass::kControl);
      parcel.bytes = kAckBytes;
    } else {
      ++s.in_flight;
      parcel.dst_and_flags = s.dst;
      parcel.bytes = kDataBytes;
    }
    return parcel;
  }
  std::vector<State> state_;
};

void packet_hops(benchmark::State& bench) {
  const auto hosts = static_cast<uint32_t>(bench.range(0));
  const auto topology =
      Topology::build(fat_tree_3(hosts, 1, base::Rate::gbps(400), base::Duration::us(1)), 1);
  NetworkOptions options;
  options.threads = static_cast<uint32_t>(bench.range(1));
  options.queue.capacity = base::Bytes(153 * 4096);
  options.queue.control_capacity = base::Bytes(2 * 153 * 4096);
  options.queue.ecn_low = base::Bytes(31 * 4096);
  options.queue.ecn_high = base::Bytes(123 * 4096);
  int64_t hops = 0;
  int64_t footprint = 0;
  for (auto _ : bench) {
    Blaster blaster(hosts, 128);
    Network network(*topology, options, blaster);
    des::WindowedOptions run;
    run.threads = options.threads;
    run.until = base::Time::at(base::Duration::us(std::max<int64_t>(20, 400'000 / hosts)));
    run_windowed(network, run);
    hops += network.totals().packet_hops;
    footprint = network.footprint().count();
  }
  bench.counters["hops"] = static_cast<double>(hops);
  bench.counters["s/hop"] = benchmark::Counter(
      static_cast<double>(hops), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  bench.counters["B/host"] = static_cast<double>(footprint / hosts);
}

BENCHMARK(packet_hops)
    ->ArgsProduct({{128, 1024, 8192, 16000}, {1}})
    ->Args({8192, 2})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1)
    ->MeasureProcessCPUTime();

}  // namespace
}  // namespace windtunnel::fabric

BENCHMARK_MAIN();
