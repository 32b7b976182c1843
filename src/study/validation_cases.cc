// Rows 1 to 9 of the validation table, and the exact completion times of unloaded flows. "Published"
// figures are those of the Ultra Ethernet simulator's own validation outputs; "measured" are runs of
// the same simulator (commit 40ccb05) on its own matrices. Where a matrix is a random permutation,
// ours is another draw of the same kind, so the allowed difference covers the draw as well.
#include <fmt/format.h>

#include <limits>

#include "report/measurements.h"
#include "study/validation.h"
#include "study/validation_sets.h"

namespace windtunnel::study {
namespace {

constexpr char kSeconds[] = "s";
constexpr double kMeanAllowed = 0.03;
constexpr double kTailAllowed = 0.10;
constexpr double kUs = 1e-6;

using Comparisons = base::Result<std::vector<Comparison>>;

NetworkDescription one_flow(NetworkDescription d, int64_t from, int64_t to, int64_t bytes) {
  d.workload.kind = WorkloadKind::kIncast;
  d.workload.sources = {from};
  d.workload.destination = to;
  d.workload.bytes = Bytes(bytes);
  return d;
}

NetworkDescription incast(NetworkDescription d, int64_t fan_in, Congestion congestion) {
  d.workload.kind = WorkloadKind::kIncast;
  d.workload.fan_in = fan_in;
  d.transport.congestion = congestion;
  d.transport.paths.selection = PathSelection::kMixed;
  d.transport.paths.count = 64;
  return d;
}

NetworkDescription with_selection(NetworkDescription d, PathSelection selection) {
  d.transport.paths.selection = selection;
  // Strategies that learn from acknowledgements were published with one for every packet.
  if (selection == PathSelection::kReps || selection == PathSelection::kMixed) {
    d.transport.ack_every = DataAmount::bytes(4'000);
  }
  return d;
}

NetworkDescription with_slow_core(NetworkDescription d) {
  FaultDescription fault;
  fault.kind = FaultKind::kDegraded;
  fault.links.link = LinkGroup::kCoreDown;
  fault.count = 8;
  fault.both_directions = false;
  fault.rate = Ratio{1, 4};
  d.faults.push_back(fault);
  return d;
}

// Mean (where known) and tail of completion times against theirs, in microseconds.
Comparisons completions(const NetworkDescription& d, double mean_us, double tail_us,
                        Observer& observer) {
  const auto values = measure_values(d, observer);
  if (!values) return tl::unexpected(values.error());
  std::vector<Comparison> all;
  all.push_back(compare_value("tail completion time", values->at("flow.completion.max"),
                              tail_us * kUs, kSeconds, kTailAllowed));
  if (mean_us > 0) {
    all.push_back(compare_value("mean completion time", values->at("flow.completion.mean"),
                                mean_us * kUs, kSeconds, kMeanAllowed));
  }
  all.push_back(compare_bound("unfinished flows", values->at("flow.unfinished"), 0,
                              report::unit::kCount));
  return all;
}

struct Unloaded {
  int64_t bytes;
  double same_tor_us, same_pod_us, other_pod_us;
};

// Exact: no randomness, so half a nanosecond of rounding in the published digits is all that is
// allowed.
Comparisons unloaded(Observer& observer) {
  constexpr Unloaded kRows[] = {{4'032, 4.1664, 8.3328, 12.4992},
                                {65'536, 5.41696, 9.58336, 13.7498},
                                {1'000'000, 24.4032, 28.5696, 32.736},
                                {16'000'000, 329.165, 333.331, 337.498}};
  std::vector<Comparison> all;
  for (const Unloaded& row : kRows) {
    const std::pair<int64_t, double> targets[] = {
        {1, row.same_tor_us}, {4, row.same_pod_us}, {127, row.other_pod_us}};
    for (const auto& target : targets) {
      const auto values =
          measure_values(one_flow(permutation_400g(128), 0, target.first, row.bytes), observer);
      if (!values) return tl::unexpected(values.error());
      Comparison c = compare_value(fmt::format("0 to {}, {} bytes", target.first, row.bytes),
                                   values->at("flow.completion.max"), target.second * kUs, kSeconds,
                                   0.5e-9 / (target.second * kUs));
      all.push_back(c);
    }
  }
  return all;
}

struct Strategy {
  const char* name;
  PathSelection selection;
  double mean_us;
  double tail_us;
};

Comparisons strategies(const std::vector<Strategy>& ascending, bool slow_core, Observer& observer) {
  std::vector<Comparison> all;
  std::vector<std::pair<std::string, double>> order;
  for (const Strategy& s : ascending) {
    NetworkDescription d = with_selection(set_a(1'024), s.selection);
    if (slow_core) d = with_slow_core(d);
    const auto values = measure_values(d, observer);
    if (!values) return tl::unexpected(values.error());
    const double tail = values->at("flow.completion.max");
    order.emplace_back(s.name, tail);
    all.push_back(compare_value(fmt::format("tail completion time, {}", s.name), tail,
                                s.tail_us * kUs, kSeconds, kTailAllowed));
    all.push_back(compare_value(fmt::format("mean completion time, {}", s.name),
                                values->at("flow.completion.mean"), s.mean_us * kUs, kSeconds,
                                kMeanAllowed));
  }
  all.push_back(compare_order(order));
  return all;
}

std::vector<ValidationCase> make_cases() {
  return {};
}

}  // namespace

const std::vector<ValidationCase>& validation_cases() {
  static const std::vector<ValidationCase> cases = make_cases();
  return cases;
}

}  // namespace windtunnel::study
