#include "study/run_facts.h"

#include <utility>

namespace windtunnel::study {

report::RunFacts facts_of_network_run(const RunStamps& stamps, const fabric::NetworkTotals& totals,
                                      base::Bytes footprint, uint32_t threads) {
  report::RunFacts run;
  run.setup_cpu_seconds = stamps.built.cpu_seconds - stamps.begin.cpu_seconds;
  run.cpu_seconds = stamps.end.cpu_seconds - stamps.built.cpu_seconds;
  run.wall_seconds = stamps.end.wall_seconds - stamps.begin.wall_seconds;
  run.peak_rss_bytes = peak_rss().count();
  run.events = static_cast<uint64_t>(totals.events);
  run.threads = static_cast<int>(threads);
  if (totals.packet_hops > 0) {
    add_fact(run, "cpu_seconds_per_packet_hop",
             run.cpu_seconds / static_cast<double>(totals.packet_hops), report::unit::kSeconds,
             "processor time per packet-hop");
  }
  add_fact(run, "model_bytes", static_cast<double>(footprint.count()), report::unit::kBytes,
           "memory of the model's parts");
  return run;
}

void add_fact(report::RunFacts& run, const char* name, double value, const char* unit,
              const char* label) {
  report::Metric m;
  m.name = name;
  m.value = value;
  m.unit = unit;
  m.label = label;
  run.more.push_back(std::move(m));
}

}  // namespace windtunnel::study
