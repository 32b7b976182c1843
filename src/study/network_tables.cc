#include "study/network_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace windtunnel::study {
namespace {

std::string seconds(int64_t ps) {
  return ps < 0 ? std::string() : fmt::format("{}", base::Duration::ps(ps).seconds());
}

const char* state_of(const node::FlowProgress& progress) {
  if (progress.failed) return "failed";
  if (progress.finished_ps >= 0) return "done";
  return progress.started_ps >= 0 ? "running" : "waiting";
}

}  // namespace

std::string flows_csv(const NetworkWorld& world) {
  fmt::memory_buffer text;
  auto out = std::back_inserter(text);
  fmt::format_to(out, "flow,source,destination,bytes,group,start_s,finish_s,completion_s,state\n");
  const node::Workload& workload = world.plan().workload;
  for (size_t f = 0; f < workload.flows.size(); ++f) {
    const node::FlowSpec& flow = workload.flows[f];
    const node::FlowProgress& progress = world.book().progress()[f];
    const bool done = progress.finished_ps >= 0;
    fmt::format_to(
        out, "{},{},{},{},{},{},{},{},{}\n", f, flow.src, flow.dst, flow.bytes,
        workload.groups[flow.group], seconds(progress.started_ps), seconds(progress.finished_ps),
        seconds(done ? progress.finished_ps - progress.started_ps : -1), state_of(progress));
  }
  return fmt::to_string(text);
}

std::string links_csv(const NetworkWorld& world) {
  fmt::memory_buffer text;
  auto out = std::back_inserter(text);
  fmt::format_to(out,
                 "link,level,rate_bit_per_s,bytes,packets,utilisation,marked,trimmed,dropped,lost,"
                 "paused_s,queue_max_bytes\n");
  const fabric::Topology& topology = world.plan().topology;
  const size_t tiers = topology.description().tiers.size();
  const double duration = busy_period(world).seconds();
  for_each_link(topology, [&](fabric::PortEnd end) {
    const fabric::LinkCounters& c = world.network().counters(end);
    const int64_t rate = world.network().link(end).nominal_bits_per_second;
    const double used = duration > 0 ? base::Duration::ps(c.busy_ps).seconds() / duration : 0;
    fmt::format_to(out, "{},{},{},{},{},{:.6f},{},{},{},{},{},{}\n", topology.port_name(end),
                   level_name(level_of(topology, end), tiers), rate, c.bytes, c.parcels,
                   std::min(1.0, used), c.marked, c.trimmed, c.dropped, c.lost,
                   base::Duration::ps(c.paused_ps).seconds(), c.queue_bytes_max);
  });
  return fmt::to_string(text);
}

}  // namespace windtunnel::study
