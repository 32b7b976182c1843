// What the transport costs per data packet, everything hot: sender, receiver and a share of an
// acknowledgement on one core, two endpoints side by side, packets handed over in order with a
// fixed number in flight. The target is 150 ns per data packet with one acknowledgement per four.
//
//   ackN:      one SACK per N packets
//   reordered: neighbours change places, so that every other packet opens a hole
//   per_packet: CPU time per data packet sent; sent/slot: 1 when the window never held it back
#include <benchmark/benchmark.h>

#include <array>
#include <vector>

#include "base/check.h"
#include "braid/codec.h"
#include "braid/endpoint.h"

namespace {

using namespace windtunnel;
using namespace windtunnel::braid;

base::Time at(int64_t ps) { return base::Time::at(base::Duration::ps(ps)); }

constexpr int64_t kPacketTime = 81'920;  // 4,096 B at 400 Gbit/s
constexpr uint64_t kMessage = uint64_t{1} << 40;

struct Pair {
  Pair(const EndpointConfig& config, uint32_t qps)
      : a(config, base::RandomStream(1, "a")), b(config, base::RandomStream(1, "b")) {
    const PdId pda = a.create_pd();
    const PdId pdb = b.create_pd();
    const auto region = b.register_memory(pdb, 0, uint64_t{1} << 62, Access::kRemoteWrite);
    WT_CHECK(region.has_value(), "no region");
    for (uint32_t i = 0; i < qps; ++i) {
      const QpId qa = *a.create_qp(pda);
      const QpId qb = *b.create_qp(pdb);
      WT_CHECK(a.connect(qa, b.attributes(qb)).has_value(), "not connected");
      WT_CHECK(b.connect(qb, a.attributes(qa)).has_value(), "not connected");
      WriteWork work;
      work.rkey = region->rkey;
      work.length = kMessage;
      WT_CHECK(a.post_write(qa, work).has_value(), "not posted");
    }
  }
  Endpoint a;
  Endpoint b;
};

EndpointConfig config_for(PathSelection paths, uint32_t qps, int64_t ack_packets) {
  EndpointConfig config;
  config.max_qps = qps;
  config.path_selection = paths;
  config.ack_threshold = base::Bytes(4096 * ack_packets);
  config.base_rtt = base::Duration::ps(12'499'200);
  return config;
}

struct Line {
  Pair pair;
  std::vector<Packet> ring = std::vector<Packet>(128);
  std::vector<bool> full = std::vector<bool>(128, false);
  int64_t now = 0;

  void deliver(uint32_t slot) {
    now += kPacketTime;
    if (!full[slot]) return;
    benchmark::DoNotOptimize(pair.b.receive(at(now), ring[slot], {}));
    full[slot] = false;
    Packet ack;
    while (pair.b.transmit(at(now), ack)) pair.a.receive(at(now), ack, {});
  }
  void send(uint32_t slot) { full[slot] = pair.a.transmit(at(now), ring[slot]); }
};

// One iteration is two packet times: two packets that were sent 128 packets ago reach B, in their
// order or swapped, whose acknowledgements reach A at once; then two more leave A.
void run(benchmark::State& state, PathSelection paths, uint32_t qps, int64_t ack_packets,
         bool swapped) {
  Line line{Pair(config_for(paths, qps, ack_packets), qps)};
  uint32_t slot = 0;
  for (auto _ : state) {
    line.deliver(swapped ? slot + 1 : slot);
    line.deliver(swapped ? slot : slot + 1);
    line.send(slot);
    line.send(slot + 1);
    slot = (slot + 2) % 128;
    if (line.pair.a.next_timeout() <= at(line.now)) line.pair.a.expire(at(line.now));
  }
  const auto sent = static_cast<double>(line.pair.a.counters().packets_sent);
  state.counters["per_packet"] =
      benchmark::Counter(sent, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["sent/slot"] =
      benchmark::Counter(sent / (2 * static_cast<double>(state.iterations())));
  state.counters["resent"] =
      benchmark::Counter(static_cast<double>(line.pair.a.counters().retransmissions));
}

void BM_Engine(benchmark::State& state, PathSelection paths, int64_t ack, bool swapped) {
  run(state, paths, 1, ack, swapped);
}
BENCHMARK_CAPTURE(BM_Engine, oblivious_ack4, PathSelection::kOblivious, 4, false);
BENCHMARK_CAPTURE(BM_Engine, oblivious_ack1, PathSelection::kOblivious, 1, false);
BENCHMARK_CAPTURE(BM_Engine, oblivious_ack4_reordered, PathSelection::kOblivious, 4, true);
BENCHMARK_CAPTURE(BM_Engine, reps_ack4, PathSelection::kReps, 4, false);
BENCHMARK_CAPTURE(BM_Engine, mixed_ack4, PathSelection::kMixed, 4, false);
BENCHMARK_CAPTURE(BM_Engine, braid_ack4, PathSelection::kBraid, 4, false);
BENCHMARK_CAPTURE(BM_Engine, braid_ack4_reordered, PathSelection::kBraid, 4, true);
BENCHMARK_CAPTURE(BM_Engine, braid_ack1, PathSelection::kBraid, 1, false);

// The same with many queue pairs taking turns, so that their state is not all in the first cache.
void BM_EngineManyQps(benchmark::State& state) {
  run(state, PathSelection::kBraid, static_cast<uint32_t>(state.range(0)), 4, false);
}
BENCHMARK(BM_EngineManyQps)->Arg(16)->Arg(256);

void BM_CodecWrite(benchmark::State& state) {
  Packet packet;
  packet.psn = 77;
  packet.data.address = 0x1234'5678'9abc;
  packet.data.length = 4032;
  std::array<std::byte, kHeaderBytesMax> bytes{};
  for (auto _ : state) {
    packet.psn = (packet.psn + 1) & kPsnMask;
    benchmark::DoNotOptimize(encode(packet, bytes));
    benchmark::DoNotOptimize(decode(bytes));
  }
}
BENCHMARK(BM_CodecWrite);

}  // namespace

BENCHMARK_MAIN();
