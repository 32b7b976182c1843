// Published comparisons of one path with many: the REPS paper's experiments, re-run by us with its
// artifact (rows 11 to 15), the testbed of the MRC paper (rows 18 to 22), and one path against many
// on the patterns of training, with today's RoCE as the baseline.
//
// Tails within 10 % where the same simulation was run, rates within 15 % where hardware was
// measured, and orders exactly. Figures are means over seeds.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "report/measurements.h"
#include "study/network_plan.h"
#include "study/validation.h"
#include "study/validation_sets.h"

namespace windtunnel::study {
namespace {

namespace unit = report::unit;

constexpr double kUs = 1e-6;
constexpr double kGbps = 1e9;
constexpr double kTailAllowed = 0.10;
constexpr double kTestbedAllowed = 0.15;

constexpr char kReps[] = "REPS (EuroSys 2026, arXiv 2407.21625), re-run with its artifact b751588";
constexpr char kMrc[] = "MRC (arXiv 2605.04333), testbed";
constexpr char kOurs[] = "orders that the REPS and MRC papers agree on";
constexpr char kFewPaths[] =
    "theirs has oblivious (195 us) before bitmap (197 us) with 65,536 paths; ours has at most 256, "
    "where row 13 has oblivious at 237 us";

using Comparisons = base::Result<std::vector<Comparison>>;
using Scenarios = std::vector<std::pair<std::string, NetworkScenario>>;

NetworkScenario scenario_of(NetworkDescription d) {
  NetworkScenario scenario;
  scenario.description = std::move(d);
  return scenario;
}

// What several seeds gave.
struct Runs {
  std::vector<NamedValues> values;
  double mean(const std::string& name) const {
    double sum = 0;
    for (const NamedValues& v : values) sum += v.at(name);
    return sum / static_cast<double>(values.size());
  }
  double least(const std::string& name) const { return *extremes(name).first; }
  double most(const std::string& name) const { return *extremes(name).second; }

 private:
  std::pair<std::vector<double>::const_iterator, std::vector<double>::const_iterator> extremes(
      const std::string& name) const {
    all_.clear();
    for (const NamedValues& v : values) all_.push_back(v.at(name));
    return std::minmax_element(all_.cbegin(), all_.cend());
  }
  mutable std::vector<double> all_;
};

// Which seeds count; empty: all.
using Draws = std::function<bool(const NetworkScenario&)>;

// The first `seeds` seeds that count.
base::Result<Runs> run_seeds(NetworkScenario scenario, int seeds, Observer& observer,
                             const Draws& counts = {}) {
  Runs runs;
  for (scenario.description.seed = 1; static_cast<int>(runs.values.size()) < seeds;
       ++scenario.description.seed) {
    if (counts && !counts(scenario)) continue;
    auto values = measure_values(scenario, observer);
    if (!values) return tl::unexpected(values.error());
    runs.values.push_back(std::move(*values));
  }
  return runs;
}

// --- the REPS paper ------------------------------------------------------------------------------

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

NetworkDescription with_dead_cable(NetworkDescription d) {
  FaultDescription fault;
  fault.kind = FaultKind::kLinkDown;
  fault.at = Duration::ns(1'400);
  fault.links = {LinkGroup::kTorUp, 0, 0};
  d.faults = {fault};
  return d;
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

// --- the MRC testbed -----------------------------------------------------------------------------

// Payload per second while a flow is long under way: what the second half of it took.
base::Result<double> steady_rate(const NetworkDescription& d, Observer& observer) {
  NetworkDescription twice = d;
  twice.workload.bytes = d.workload.bytes * 2;
  const auto once = measure_values(d, observer);
  if (!once) return tl::unexpected(once.error());
  const auto both = measure_values(twice, observer);
  if (!both) return tl::unexpected(both.error());
  const double seconds = both->at("flow.completion.max") - once->at("flow.completion.max");
  return static_cast<double>(d.workload.bytes.count()) * 8 / seconds;
}

// 4,096 bytes of payload in 4,262 on the wire: headers of 106, source routes of 40, a gap of 20.
constexpr double kEightPlanes = 800 * kGbps * 4'096 / 4'262;

FaultDescription from_10_us(FaultKind kind, LinkSelector links) {
  FaultDescription fault;
  fault.kind = kind;
  fault.at = Duration::us(10);
  fault.links = links;
  return fault;
}

Comparisons eight_planes(Observer& observer) {
  const auto ours = steady_rate(mrc_point_to_point(128), observer);
  if (!ours) return tl::unexpected(ours.error());
  return std::vector<Comparison>{compare_value("one queue pair over 8 x 100 Gb/s, arithmetic",
                                               *ours, kEightPlanes, unit::kBitsPerSecond, 0.01),
                                 compare_value("one queue pair over 8 x 100 Gb/s, measured", *ours,
                                               770 * kGbps, unit::kBitsPerSecond, kTestbedAllowed)};
}

// Row 19. The rate of a flow is its size over its completion time.
Comparisons cross_rack(Observer& observer) {
  constexpr double kBits = 16e6 * 8;
  NetworkScenario scenario = scenario_of(mrc_testbed());
  scenario.description.workload.kind = WorkloadKind::kMatrix;
  scenario.matrix = one_to_one(
      16, {{0, 4}, {1, 5}, {2, 6}, {3, 7}, {8, 12}, {9, 13}, {10, 14}, {11, 15}}, 16'000'000);
  const auto many = run_seeds(scenario, 8, observer);
  if (!many) return tl::unexpected(many.error());
  scenario.description = with_roce(scenario.description, 1, Congestion::kDcqcn);
  const auto one = run_seeds(scenario, 8, observer);
  if (!one) return tl::unexpected(one.error());
  return std::vector<Comparison>{
      compare_value("many paths, slowest of all flows", kBits / many->most("flow.completion.max"),
                    390 * kGbps, unit::kBitsPerSecond, kTestbedAllowed),
      compare_value("RoCE, the luckiest flow has the cable to itself",
                    kBits / one->least("flow.completion.min"), 390 * kGbps, unit::kBitsPerSecond,
                    kTestbedAllowed),
      compare_bound("RoCE, slowest flow of each of 8 seeds, mean: half or less",
                    kBits / one->mean("flow.completion.max"), 390 * kGbps / 2,
                    unit::kBitsPerSecond)};
}

// Rate of the victim of a 7 to 1 incast in its rack, over seeds.
base::Result<double> victim_rate(const NetworkDescription& d, Observer& observer) {
  const auto runs = run_seeds(scenario_of(d), 3, observer);
  if (!runs) return tl::unexpected(runs.error());
  return static_cast<double>(d.workload.victim_bytes->count()) * 8 /
         runs->mean("flow.victim.completion.max");
}

// Row 20: a neighbour of the incast's receiver gets a flow from another rack. The published rates
// are of a running testbed; ours are means over a flow of 320 MB.
Comparisons victim_row(Observer& observer) {
  NetworkDescription base = mrc_testbed();
  base.workload.kind = WorkloadKind::kVictim;
  base.workload.fan_in = 7;
  base.workload.bytes = Bytes(512'000'000);
  base.workload.victim_bytes = Bytes(320'000'000);
  NetworkDescription one_path = base;
  one_path.transport.paths.selection = PathSelection::kOnePath;
  const std::pair<const char*, NetworkDescription> variants[] = {
      {"many paths", base},
      {"one path", one_path},
      {"RoCE with DCQCN, one queue pair", with_roce(base, 1, Congestion::kDcqcn)},
      {"RoCE with pauses alone", with_roce(base, 1, Congestion::kConstant)}};
  std::vector<std::pair<std::string, double>> rates;
  for (const auto& [name, description] : variants) {
    const auto rate = victim_rate(description, observer);
    if (!rate) return tl::unexpected(rate.error());
    rates.emplace_back(name, *rate);
  }
  std::vector<Comparison> all;
  all.push_back(compare_value("victim, many paths: unharmed", rates[0].second, 390 * kGbps,
                              unit::kBitsPerSecond, kTestbedAllowed));
  all.push_back(compare_bound("victim, RoCE with DCQCN, one queue pair: slowed", rates[2].second,
                              0.9 * 390 * kGbps, unit::kBitsPerSecond));
  all.back().note =
      "only the sign is checked: theirs loses a quarter, ours more, and more still over flows "
      "shorter than "
      "320 MB; it depends on how fast DCQCN's timers let a rate grow again";
  all.push_back(compare_least("victim, RoCE with pauses alone", rates[3].second, 30 * kGbps,
                              unit::kBitsPerSecond));
  all.push_back(compare_bound("victim, RoCE with pauses alone", rates[3].second, 100 * kGbps,
                              unit::kBitsPerSecond));
  all.push_back(compare_least("victim, one path with the same congestion control", rates[1].second,
                              30 * kGbps, unit::kBitsPerSecond));
  all.back().note = "not published; trimming and short queues help a victim by themselves";
  all.push_back(compare_order({{"pauses alone", rates[3].second},
                               {"DCQCN", rates[2].second},
                               {"many paths", rates[0].second}}));
  all.back().what += " (rate of the victim)";
  return all;
}

Comparisons dead_nic_link(Observer& observer) {
  NetworkDescription d = mrc_point_to_point(128);
  d.faults = {from_10_us(FaultKind::kLinkDown, {LinkGroup::kHostUp, 0, 0})};
  const auto ours = steady_rate(d, observer);
  if (!ours) return tl::unexpected(ours.error());
  return std::vector<Comparison>{compare_value("rate with one of eight NIC links dead", *ours,
                                               kEightPlanes * 7 / 8, unit::kBitsPerSecond, 0.02)};
}

// One of 16 paths crosses a link that loses every fifth packet.
Comparisons lossy_path(Observer& observer) {
  NetworkDescription d = mrc_point_to_point(16);
  FaultDescription fault = from_10_us(FaultKind::kLoss, {LinkGroup::kTorUp, 0, 1});
  fault.both_directions = false;
  fault.loss = Ratio{1, 5};
  d.faults = {fault};
  const auto many = steady_rate(d, observer);
  if (!many) return tl::unexpected(many.error());
  const auto lost = measure_values(d, observer);
  if (!lost) return tl::unexpected(lost.error());
  d.transport.paths.selection = PathSelection::kOblivious;
  const auto blind = steady_rate(d, observer);
  if (!blind) return tl::unexpected(blind.error());
  std::vector<Comparison> all;
  all.push_back(compare_least("packets lost before the path was given up",
                              lost->at("packets.dropped"), 1, unit::kPackets));
  all.push_back(compare_value("rate with a path that loses 20 %", *many, kEightPlanes,
                              unit::kBitsPerSecond, 0.02));
  all.push_back(compare_order({{"keeping the path", *blind}, {"giving it up", *many}}));
  return all;
}

// 20 of 512 cables between leaves and spines, spread over switches and planes. Every second node
// sends to another leaf, which leaves half of the cables' capacity: a fabric without any to spare
// loses what its dead cables carried, whatever the transport does.
Comparisons dead_fabric_links(Observer& observer) {
  NetworkScenario scenario = scenario_of(mrc_point_to_point(128));
  NetworkDescription& d = scenario.description;
  d.fabric.nodes = 64;
  d.fabric.nodes_per_leaf = 8;
  d.workload = {};
  d.workload.kind = WorkloadKind::kMatrix;
  std::vector<std::pair<uint32_t, uint32_t>> pairs;
  for (uint32_t i = 0; i < 64; i += 2) pairs.emplace_back(i, (i + 24) % 64);
  scenario.matrix = one_to_one(64, pairs, 64'000'000);
  const auto healthy = run_seeds(scenario, 2, observer);
  if (!healthy) return tl::unexpected(healthy.error());
  for (int64_t i = 0; i < 20; ++i) {
    d.faults.push_back(from_10_us(FaultKind::kLinkDown, {LinkGroup::kTorUp, i * 3, i * 5 % 8}));
  }
  const auto hurt = run_seeds(scenario, 2, observer);
  if (!hurt) return tl::unexpected(hurt.error());
  scenario.matrix.reset();
  d.workload.kind = WorkloadKind::kPermutation;
  d.workload.bytes = Bytes(64'000'000);
  const auto full_hurt = run_seeds(scenario, 1, observer);
  if (!full_hurt) return tl::unexpected(full_hurt.error());
  d.faults.clear();
  const auto full = run_seeds(scenario, 1, observer);
  if (!full) return tl::unexpected(full.error());
  const auto ratio = [&](const char* metric) {
    return full_hurt->mean(metric) / full->mean(metric);
  };
  Comparison at_full_load =
      compare_bound("permutation at full load: mean, to a plane with 7 of 8 cables",
                    ratio("flow.completion.mean"), 8.0 / 7, unit::kCount);
  at_full_load.note = fmt::format(
      "with nothing to spare the slowest flow takes {:.2f} times as long: the published \"little "
      "effect\" is of a training job and is checked at half load",
      ratio("flow.completion.max"));
  return std::vector<Comparison>{
      at_full_load,
      compare_bound("tail completion time, over that of the healthy fabric",
                    hurt->mean("flow.completion.max") / healthy->mean("flow.completion.max"),
                    1 + kTestbedAllowed, unit::kCount),
      compare_bound("unfinished flows", hurt->mean("flow.unfinished"), 0, unit::kCount)};
}

std::vector<ValidationCase> mrc_cases() {
  return {{"row-18", kMrc, "a pair of nodes with eight planes of 100 Gb/s", eight_planes},
          {"row-19", kMrc, "four racks of four at 400 Gb/s, eight flows between racks, 8 seeds",
           cross_rack},
          {"row-20", kMrc,
           "the same racks, 7 to 1, and a flow to the receiver's neighbour, 3 seeds", victim_row},
          {"row-22-nic", kMrc, "row 18 with a link of the NIC dead from 10 us", dead_nic_link},
          {"row-22-fabric", kMrc,
           "64 nodes with eight planes, half of them send, 20 of 512 cables dead, 2 seeds",
           dead_fabric_links},
          {"row-22-path", kMrc, "row 18 with 16 paths, one of which loses 20 %", lossy_path}};
}

// --- one path against many -----------------------------------------------------------------------

Scenarios contenders(const NetworkDescription& d) {
  NetworkDescription one_path = d;
  one_path.transport.paths.selection = PathSelection::kOnePath;
  return {{"many paths", scenario_of(d)},
          {"one path", scenario_of(one_path)},
          {"RoCE", scenario_of(with_roce(d, 1, Congestion::kDcqcn))}};
}

// Many paths end sooner than one path, and sooner than RoCE. `published`: how many times one path
// takes as long, or 0.
Comparisons against_one(const NetworkDescription& d, const char* metric, double published,
                        Observer& observer) {
  std::vector<std::pair<std::string, double>> times;
  for (const auto& [name, scenario] : contenders(d)) {
    const auto runs = run_seeds(scenario, 3, observer);
    if (!runs) return tl::unexpected(runs.error());
    times.emplace_back(name, runs->mean(metric));
  }
  std::vector<Comparison> all;
  if (published > 0) {
    all.push_back(compare_value("one path takes how many times as long",
                                times[1].second / times[0].second, published, unit::kCount,
                                kTestbedAllowed));
  }
  all.push_back(compare_least("RoCE takes how many times as long",
                              times[2].second / times[0].second, 1, unit::kCount));
  all.push_back(compare_order({times[0], times[1]}));
  all.push_back(compare_order({times[0], times[2]}));
  return all;
}

NetworkDescription all_to_all() {
  NetworkDescription d = reps_set_b(64, 8);
  d.transport = {};
  d.workload.kind = WorkloadKind::kAllToAll;
  d.workload.bytes = Bytes(1 << 20);
  return d;
}

// With one path every flow over the cable is lost for good; with many none is.
Comparisons dead_cable_against_one(Observer& observer) {
  NetworkDescription d = reps_set_b(128, 8);
  d.transport = {};
  std::vector<Comparison> all;
  std::vector<std::pair<std::string, double>> tails;
  for (const auto& [name, scenario] : contenders(with_dead_cable(d))) {
    const auto runs = run_seeds(scenario, 3, observer);
    if (!runs) return tl::unexpected(runs.error());
    const double unfinished = runs->mean("flow.unfinished");
    tails.emplace_back(name, runs->mean("flow.completion.max"));
    const std::string what = "flows that never end, " + name;
    all.push_back(name == "many paths" ? compare_bound(what, unfinished, 0, unit::kCount)
                                       : compare_least(what, unfinished, 1, unit::kCount));
  }
  all.push_back(compare_order({tails[0], tails[1]}));
  all.push_back(compare_order({tails[0], tails[2]}));
  all[all.size() - 1].note = "of the flows that end";
  return all;
}

std::vector<ValidationCase> path_cases() {
  NetworkDescription permutation = reps_set_b(128, 8);
  permutation.transport = {};
  return {{"paths-permutation", kReps, "128-node permutation of 8 MiB at 400 Gb/s, 3 seeds",
           [permutation](Observer& observer) {
             return against_one(permutation, "flow.completion.max", 748.0 / 185, observer);
           }},
          {"paths-all-to-all", kOurs, "64 nodes send 1 MiB to each other in turn, 3 seeds",
           [](Observer& observer) { return against_one(all_to_all(), "makespan", 0, observer); }},
          {"paths-dead-cable", kOurs, "the permutation, one cable dead from 1.4 us, 3 seeds",
           dead_cable_against_one}};
}

}  // namespace

std::vector<ValidationCase> multipath_cases() {
  std::vector<ValidationCase> all;
  for (const auto part : {reps_cases, mrc_cases, path_cases}) {
    for (ValidationCase& c : part()) all.push_back(std::move(c));
  }
  return all;
}

}  // namespace windtunnel::study
