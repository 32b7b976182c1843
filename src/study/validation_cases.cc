// Rows 1 to 9 of the validation table, and the exact completion times of unloaded flows.
// "Published" figures are those of the Ultra Ethernet simulator's own validation outputs;
// "measured" are runs of the same simulator (commit 40ccb05) on its own matrices. Where a matrix is
// a random permutation, ours is another draw of the same kind, so the allowed difference covers the
// draw as well.
#include <fmt/format.h>

#include <initializer_list>
#include <utility>

#include "report/measurements.h"
#include "study/validation.h"
#include "study/validation_collective.h"
#include "study/validation_factory.h"
#include "study/validation_host.h"
#include "study/validation_planning.h"
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
Comparisons completions(const NetworkDescription& d, double mean_us, double tail_us, int seeds,
                        Observer& observer) {
  const auto values = average_values(d, seeds, observer);
  if (!values) return tl::unexpected(values.error());
  std::vector<Comparison> all;
  all.push_back(compare_value("tail completion time", values->at("flow.completion.max"),
                              tail_us * kUs, kSeconds, kTailAllowed));
  if (mean_us > 0) {
    all.push_back(compare_value("mean completion time", values->at("flow.completion.mean"),
                                mean_us * kUs, kSeconds, kMeanAllowed));
  }
  all.push_back(
      compare_bound("unfinished flows", values->at("flow.unfinished"), 0, report::unit::kCount));
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

// Several strategies over the same draws, and the orders of their tails that are published.
struct StrategyRow {
  std::vector<Strategy> strategies;
  std::vector<std::vector<const char*>> orders;  // names, the fastest first
  bool slow_core = false;
  int seeds = 1;
  std::string order_note;
};

Comparison order_of(const std::vector<const char*>& names,
                    const std::vector<std::pair<std::string, double>>& tails) {
  std::vector<std::pair<std::string, double>> ascending;
  for (const char* name : names) {
    for (const auto& tail : tails) {
      if (tail.first == name) ascending.push_back(tail);
    }
  }
  return compare_order(ascending);
}

Comparisons compare_strategies(const StrategyRow& row, Observer& observer) {
  std::vector<Comparison> all;
  std::vector<std::pair<std::string, double>> tails;
  for (const Strategy& s : row.strategies) {
    NetworkDescription d = with_selection(set_a(1'024), s.selection);
    if (row.slow_core) d = with_slow_core(d);
    const auto values = average_values(d, row.seeds, observer);
    if (!values) return tl::unexpected(values.error());
    tails.emplace_back(s.name, values->at("flow.completion.max"));
    all.push_back(compare_value(fmt::format("tail completion time, {}", s.name),
                                tails.back().second, s.tail_us * kUs, kSeconds, kTailAllowed));
    all.push_back(compare_value(fmt::format("mean completion time, {}", s.name),
                                values->at("flow.completion.mean"), s.mean_us * kUs, kSeconds,
                                kMeanAllowed));
  }
  for (const auto& names : row.orders) {
    all.push_back(order_of(names, tails));
    all.back().note = row.order_note;
  }
  return all;
}

constexpr char kSuite[] =
    "Ultra Ethernet simulator, validation suite; measured with commit 40ccb05";
constexpr char kSpeedTable[] = "Ultra Ethernet simulator, commit 40ccb05, measured";

// A case that compares the completion times of one run.
ValidationCase single(std::string name, const char* source, std::string about,
                      NetworkDescription description, double mean_us, double tail_us,
                      int seeds = 1) {
  return {std::move(name), source, std::move(about),
          [description = std::move(description), mean_us, tail_us, seeds](Observer& observer) {
            return completions(description, mean_us, tail_us, seeds, observer);
          }};
}

ValidationCase strategy_case(std::string name, std::string about, StrategyRow row) {
  return {std::move(name), kSuite, std::move(about),
          [row = std::move(row)](Observer& observer) { return compare_strategies(row, observer); }};
}

std::vector<ValidationCase> single_flow_cases() {
  std::vector<ValidationCase> cases;
  cases.push_back({"unloaded", kSpeedTable,
                   "one flow through an idle three-tier fat tree of 128 nodes at 400 Gb/s, to the "
                   "picosecond as far as digits are published",
                   unloaded});
  NetworkDescription one = one_flow(set_a(16), 0, 13, 2'000'000);
  cases.push_back({"row-1", kSuite, "set A, 16 nodes, one flow of 2 MB", [one](Observer& observer) {
                     auto all = completions(one, 176.2, 176.2, 1, observer);
                     if (!all) return all;
                     const double ours = all->front().ours;
                     all->push_back(compare_bound("suite's own target", ours, 190 * kUs, kSeconds));
                     return all;
                   }});
  return cases;
}

std::vector<ValidationCase> permutation_cases() {
  std::vector<ValidationCase> cases;
  // The tail is set by how many flows chance puts on one link, five or six: 863 to 1,050 us in the
  // reference. So both sides are averaged over seeds 1 to 12: of five the mean still wanders by 4 %
  // (the suite's own run, seed 13, has 889.9).
  cases.push_back(single("row-2", kSuite,
                         "set A, permutation of 1,024 nodes, 2 MB, one path; means over 12 seeds",
                         with_selection(set_a(1'024), PathSelection::kOnePath), 410.5, 965.8, 12));
  const Strategy mixed{"mixed", PathSelection::kMixed, 188.1, 193.2};
  const Strategy reps{"reps", PathSelection::kReps, 189.5, 198.2};
  const Strategy bitmap{"bitmap", PathSelection::kBitmap, 193.5, 200.5};
  const Strategy oblivious{"oblivious", PathSelection::kOblivious, 199.5, 212.8};
  StrategyRow plain;
  plain.strategies = {bitmap, oblivious};
  plain.orders = {{"bitmap", "oblivious"}};
  cases.push_back(
      strategy_case("row-3", "set A, permutation of 1,024 nodes, 2 MB, paths not recycled", plain));
  StrategyRow recycled;
  recycled.strategies = {mixed, reps, bitmap, oblivious};
  recycled.orders = {{"mixed", "reps", "bitmap", "oblivious"}};
  cases.push_back(strategy_case("row-4",
                                "as row 3 beside strategies that recycle paths, which get one "
                                "acknowledgement per packet",
                                recycled));
  StrategyRow slow;
  slow.strategies = {{"reps", PathSelection::kReps, 190.3, 206.7},
                     {"mixed", PathSelection::kMixed, 188.8, 211.8},
                     {"bitmap", PathSelection::kBitmap, 194.4, 220.3},
                     {"oblivious", PathSelection::kOblivious, 202.0, 280.8}};
  slow.orders = {{"reps", "bitmap", "oblivious"}, {"mixed", "bitmap", "oblivious"}};
  slow.slow_core = true;
  slow.seeds = 5;
  slow.order_note = "reps and mixed change places with the seed in the reference as well";
  cases.push_back(strategy_case(
      "row-5", "rows 3 and 4 with eight core links at a quarter of their rate, five seeds", slow));
  return cases;
}

std::vector<ValidationCase> incast_cases() {
  return {
      single("row-6-nscc", kSuite, "set A, 15 senders to one, 2 MB each, sender windows",
             incast(set_a(16), 15, Congestion::kNscc), 2'179.2, 2'478.5),
      single("row-6-rccc", kSuite, "as row 6 with receiver credits",
             incast(set_a(16), 15, Congestion::kRccc), 2'444.9, 2'464.4),
      single("row-7-nscc", kSuite, "set A, 127 senders to one, 2 MB each, sender windows",
             incast(set_a(128), 127, Congestion::kNscc), 20'170.2, 21'029.3),
      single("row-7-rccc", kSuite, "as row 7 with receiver credits",
             incast(set_a(128), 127, Congestion::kRccc), 20'813.4, 20'891.4),
  };
}

std::vector<ValidationCase> leaf_spine_cases() {
  NetworkDescription sender = oversubscribed_leaf_spine();
  sender.transport.paths.selection = PathSelection::kMixed;
  NetworkDescription receiver = sender;
  receiver.transport.congestion = Congestion::kRccc;
  NetworkDescription large = leaf_spine_8192(1'000'000);
  large.transport.paths.selection = PathSelection::kMixed;
  return {
      single("row-8-nscc", kSuite, "leaf-spine of 1,024 nodes, 4:1, permutation of 2 MB", sender,
             607.3, 786),
      single("row-8-rccc", kSuite, "as row 8 with receiver credits", receiver, 669.5, 750),
      single("row-9", kSuite, "leaf-spine of 8,192 nodes at 400 Gb/s, permutation of 1 MB", large,
             0, 35.9),
  };
}

std::vector<ValidationCase> joined(std::initializer_list<std::vector<ValidationCase> (*)()> parts) {
  std::vector<ValidationCase> all;
  for (const auto part : parts) {
    for (ValidationCase& c : part()) all.push_back(std::move(c));
  }
  return all;
}

}  // namespace

std::vector<ValidationCase> simulator_cases() {
  return joined({single_flow_cases, permutation_cases, incast_cases, leaf_spine_cases});
}

const std::vector<ValidationCase>& validation_cases() {
  static const std::vector<ValidationCase> cases =
      joined({simulator_cases, reps_cases, testbed_cases, path_cases, collective_cases, host_cases,
              factory_planning_cases, factory_simulation_cases});
  return cases;
}

}  // namespace windtunnel::study
