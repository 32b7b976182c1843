// Whole scenarios: permutations of 2 MB flows at 400 Gb/s over three-tier fat trees, Braid with
// NSCC and oblivious spraying over 256 paths. Reports processor time per packet-hop, events per
// second and model memory per node; the argument after the size is the number of threads (wall time
// then says what a second thread gives).
//
// Instructions: valgrind --tool=callgrind network_bench --benchmark_filter=permutation/128/1
#include <benchmark/benchmark.h>

#include "study/network_plan.h"
#include "study/network_world.h"
#include "study/validation_sets.h"

namespace windtunnel::study {
namespace {

void permutation(benchmark::State& bench) {
  NetworkScenario scenario;
  scenario.description = permutation_400g(bench.range(0));
  const auto plan = plan_network(scenario);
  if (!plan) {
    bench.SkipWithError(plan.error().to_string().c_str());
    return;
  }
  WorldOptions options;
  options.threads = static_cast<uint32_t>(bench.range(1));
  options.sample = false;
  int64_t hops = 0;
  int64_t events = 0;
  int64_t footprint = 0;
  for (auto _ : bench) {
    bench.PauseTiming();
    auto world = std::make_unique<NetworkWorld>(*plan, options);
    bench.ResumeTiming();
    world->run();
    bench.PauseTiming();
    hops += world->network().totals().packet_hops;
    events += world->network().totals().events;
    footprint = world->footprint().count();
    world.reset();
    bench.ResumeTiming();
  }
  using benchmark::Counter;
  bench.counters["hops"] = static_cast<double>(hops) / static_cast<double>(bench.iterations());
  bench.counters["s/hop"] = Counter(static_cast<double>(hops), Counter::kIsRate | Counter::kInvert);
  bench.counters["events/s"] = Counter(static_cast<double>(events), Counter::kIsRate);
  bench.counters["B/node"] = static_cast<double>(footprint) / static_cast<double>(bench.range(0));
}

BENCHMARK(permutation)
    ->Args({128, 1})
    ->Args({1'024, 1})
    ->Args({8'192, 1})
    ->Args({16'384, 1})
    ->Args({8'192, 2})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();

}  // namespace
}  // namespace windtunnel::study

BENCHMARK_MAIN();
