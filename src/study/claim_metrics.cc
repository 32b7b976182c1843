#include "study/claim_metrics.h"

#include "report/measurements.h"

namespace windtunnel::study {
namespace {

using catalog::Dimension;
using namespace catalog::dimension;  // NOLINT(google-build-using-namespace): words of figures

struct MetricRow {
  std::string_view kind;
  std::string_view name;  // `*` stands for one part between dots
  Dimension dimension;
};

constexpr MetricRow kMetrics[] = {
    {"network", "flow.completion.*", kTime},
    {"network", "flow.*.completion.*", kTime},
    {"network", "flow.count", kPlain},
    {"network", "flow.unfinished", kPlain},
    {"network", "flow.failed", kPlain},
    {"network", "makespan", kTime},
    {"network", "goodput.total", kRate},
    {"network", "packets.*", kPlain},
    {"network", "queue.max", kData},
    {"network", "queue.high_water.mean", kData},
    {"network", "timeouts", kPlain},
    {"network", "packet_hops", kPlain},
    {"collective", "collective.time", kTime},
    {"collective", "collective.time.*", kTime},
    {"collective", "collective.algbw", kRate},
    {"collective", "collective.busbw", kRate},
    {"collective", "collective.bound", kTime},
    {"collective", "collective.least", kTime},
    {"collective", "collective.ratio", kPlain},
    {"collective", "collective.failed", kPlain},
    {"collective", "collective.iterations", kPlain},
    {"collective", "collective.messages", kPlain},
    {"collective", "collective.messages.*", kPlain},
    {"collective", "collective.bytes", kData},
    {"collective", "collective.bytes.*", kData},
    {"collective", "collective.channels", kPlain},
    {"collective", "background.messages", kPlain},
    {"collective", "background.bytes", kData},
    {"collective", "packets.*", kPlain},
    {"collective", "queue.max", kData},
    {"collective", "queue.high_water.mean", kData},
    {"collective", "timeouts", kPlain},
    {"collective", "packet_hops", kPlain},
    {"collective", "recovery.time", kTime},
    {"collective", "recovery.rate_before", kRate},
    {"collective", "recovery.rate_after", kRate},
    {"collective", "recovery.rate_after.share", kPlain},
    {"collective", "recovery.rate_lowest.share", kPlain},
    {"host", "flow.*.bandwidth", kRate},
    {"host", "flow.*.latency.*", kTime},
    {"host", "flow.*.operations", kPlain},
    {"host", "bandwidth.total", kRate},
    {"host", "item.*.bandwidth", kRate},
    {"host", "link.*.busy", kPlain},
    {"host", "parts.*", kPlain},
    {"factory", "shipped.*", kPlain},
    {"factory", "finished.*", kPlain},
    {"factory", "throughput.*", kPerSecond},
    {"factory", "scrapped.*", kPlain},
    {"factory", "reworked.*", kPlain},
    {"factory", "lead.*.*", kTime},
    {"factory", "wip.mean", kPlain},
    {"factory", "stock.*.*", kPlain},
    {"factory", "station.*.*.share", kPlain},
    {"factory", "station.*.queue.*", kPlain},
    {"factory", "station.*.wait.mean", kTime},
    {"factory", "station.*.setups", kPlain},
    {"factory", "station.*.breakdowns", kPlain},
    {"factory", "station.*.lost", kPlain},
    {"factory", "station.*.worked", kPlain},
    {"factory", "station.*.energy", kEnergy},
    {"factory", "orders.finished", kPlain},
    {"factory", "orders.late", kPlain},
    {"factory", "orders.on_time.share", kPlain},
    {"factory", "orders.tardiness.mean", kTime},
    {"factory", "crew.*.busy.share", kPlain},
    {"factory", "crew.*.wanted.mean", kPlain},
    {"factory", "loop.*.in_use.mean", kPlain},
    {"factory", "fleet.trips", kPlain},
    {"factory", "fleet.deadlocks", kPlain},
    {"factory", "fleet.*.share", kPlain},
    {"factory", "fleet.call_wait.mean", kTime},
    {"factory", "energy.*", kEnergy},
    {"factory", "little.worst", kPlain},
    {"*", "bottleneck.share", kPlain},
};

std::string_view next_part(std::string_view& text) {
  const size_t dot = text.find('.');
  const std::string_view part = text.substr(0, dot);
  text = dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
  return part;
}

bool matches(std::string_view pattern, std::string_view name) {
  while (!pattern.empty() && !name.empty()) {
    const std::string_view expected = next_part(pattern);
    const std::string_view found = next_part(name);
    if (found.empty() || (expected != "*" && expected != found)) return false;
  }
  return pattern.empty() && name.empty();
}

const MetricRow* row_of(std::string_view kind, std::string_view metric) {
  for (const MetricRow& row : kMetrics) {
    if ((row.kind == kind || row.kind == "*") && matches(row.name, metric)) return &row;
  }
  return nullptr;
}

}  // namespace

std::optional<Dimension> metric_dimension(std::string_view kind, std::string_view metric) {
  const MetricRow* row = row_of(kind, metric);
  return row == nullptr ? std::nullopt : std::optional(row->dimension);
}

std::string metric_row(std::string_view kind, std::string_view metric) {
  const MetricRow* row = row_of(kind, metric);
  return row == nullptr ? std::string() : std::string(row->name);
}

std::vector<std::string> metric_names(std::string_view kind) {
  std::vector<std::string> names;
  for (const MetricRow& row : kMetrics) {
    if (row.kind == kind || row.kind == "*") names.emplace_back(row.name);
  }
  return names;
}

std::optional<catalog::Unit> result_unit(std::string_view unit) {
  namespace names = report::unit;
  if (unit == names::kSeconds) return catalog::Unit{1, kTime};
  if (unit == names::kBitsPerSecond) return catalog::Unit{1, kRate};
  if (unit == names::kBytes) return catalog::Unit{8, kData};
  if (unit == names::kBytesPerSecond) return catalog::Unit{8, kRate};
  if (unit == names::kWatts) return catalog::Unit{1, kPower};
  if (unit == names::kJoules) return catalog::Unit{1, kPower.with(catalog::Base::kSecond, 1)};
  if (unit == names::kHertz || unit == names::kPerSecond || unit == names::kEventsPerSecond) {
    return catalog::Unit{1, kPerSecond};
  }
  if (unit == names::kCount || unit == names::kShare || unit == names::kPackets || unit.empty()) {
    return catalog::Unit{1, kPlain};
  }
  return {};
}

}  // namespace windtunnel::study
