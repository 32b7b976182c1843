// What a collective costs by itself, per message: everything it does when told that a message
// arrived and that one was acknowledged, and what it sends on. The machine below it is a queue
// without time or network. The target is 300 ns; the reference (ASTRA-sim, analytical, ring) needs
// 3.7 us, with memory that grows with the square of the ranks.
//
//   per_message:  CPU time per message
//   bytes/rank:   what building the collective allocated, per rank
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <numeric>
#include <vector>

#include "cluster/collectives.h"
#include "cluster/fixed_latency_machine.h"

namespace {

using namespace windtunnel;
using namespace windtunnel::cluster;

// First come, first served, in virtual time zero.
class QueueMachine final : public Machine {
 public:
  base::Time now() const override { return {}; }
  void send(const Message& message) override {
    if (count_ == ring_.size()) grow();
    ring_[(first_ + count_++) & (ring_.size() - 1)] = message;
  }
  void compute(Rank, base::Duration, uint64_t) override {}

  int64_t run(Program& program) {
    for (Rank rank = 0; rank < program.ranks(); ++rank) program.start(rank, *this);
    int64_t messages = 0;
    for (; count_ > 0; ++messages) {
      const Message message = ring_[first_];
      first_ = (first_ + 1) & (ring_.size() - 1);
      --count_;
      program.arrived(message, *this);
      program.sent(message, *this);
    }
    return messages;
  }

 private:
  void grow() {
    std::vector<Message> larger(ring_.size() * 2);
    for (size_t i = 0; i < count_; ++i) larger[i] = ring_[(first_ + i) & (ring_.size() - 1)];
    ring_.swap(larger);
    first_ = 0;
  }
  std::vector<Message> ring_ = std::vector<Message>(1 << 16);
  size_t first_ = 0;
  size_t count_ = 0;
};

CollectiveSpec spec_of(Operation operation, Algorithm algorithm, uint32_t ranks) {
  CollectiveSpec spec;
  spec.operation = operation;
  spec.algorithm = algorithm;
  spec.group.resize(ranks);
  std::iota(spec.group.begin(), spec.group.end(), 0u);
  spec.bytes = base::Bytes::mib(64);
  spec.placement.per_server = 8;
  return spec;
}

void report(benchmark::State& state, int64_t messages, double bytes_per_rank) {
  state.counters["per_message"] = benchmark::Counter(
      static_cast<double>(messages), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["messages"] =
      static_cast<double>(messages) / static_cast<double>(state.iterations());
  state.counters["bytes/rank"] = bytes_per_rank;
}

double allocated() { return static_cast<double>(mallinfo2().uordblks + mallinfo2().hblkhd); }

void run(benchmark::State& state, const CollectiveSpec& spec) {
  int64_t messages = 0;
  double bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const double before = allocated();
    auto collective = make_collective(spec);
    bytes = allocated() - before;
    QueueMachine machine;
    state.ResumeTiming();
    messages += machine.run(**collective);
  }
  report(state, messages, bytes / static_cast<double>(spec.group.size()));
}

void BM_Collective(benchmark::State& state, Operation operation, Algorithm algorithm) {
  run(state, spec_of(operation, algorithm, static_cast<uint32_t>(state.range(0))));
}
#define WT_COLLECTIVE(name, operation, algorithm)                                    \
  BENCHMARK_CAPTURE(BM_Collective, name, Operation::operation, Algorithm::algorithm) \
      ->Unit(benchmark::kMillisecond)
WT_COLLECTIVE(ring, kAllReduce, kRing)->Arg(64)->Arg(1024)->Arg(2048);
WT_COLLECTIVE(rail_ring, kAllReduce, kRailAligned)->Arg(1024)->Arg(10'240)->Iterations(1);
WT_COLLECTIVE(hierarchical_ring, kAllReduce, kHierarchical)->Arg(1024);
WT_COLLECTIVE(tree, kAllReduce, kTree)->Arg(1024)->Arg(10'240);
WT_COLLECTIVE(halving_doubling, kAllReduce, kHalvingDoubling)->Arg(1024)->Arg(10'240);
WT_COLLECTIVE(all_to_all, kAllToAll, kDirect)->Arg(1024);
WT_COLLECTIVE(all_to_all_rails, kAllToAll, kRailAligned)->Arg(1024);
WT_COLLECTIVE(broadcast_tree, kBroadcast, kTree)->Arg(10'240);

void BM_HierarchicalTree(benchmark::State& state) {
  CollectiveSpec spec = spec_of(Operation::kAllReduce, Algorithm::kHierarchical,
                                static_cast<uint32_t>(state.range(0)));
  spec.inner = Algorithm::kTree;
  run(state, spec);
}
BENCHMARK(BM_HierarchicalTree)->Arg(10'240)->Unit(benchmark::kMillisecond);

// The same with time: what a whole run on the machine of fixed latency takes.
void BM_FixedLatency(benchmark::State& state) {
  const CollectiveSpec spec =
      spec_of(Operation::kAllReduce, Algorithm::kRing, static_cast<uint32_t>(state.range(0)));
  FixedLatencyOptions options;
  options.network = {base::Duration::us(5), base::Rate::gbps(400)};
  int64_t messages = 0;
  for (auto _ : state) {
    auto collective = make_collective(spec);
    messages += run_fixed_latency(**collective, options).messages;
  }
  report(state, messages, 0);
}
BENCHMARK(BM_FixedLatency)->Arg(64)->Arg(1024)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
