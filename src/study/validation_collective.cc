#include "study/validation_collective.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "report/measurements.h"
#include "study/scenario_kind.h"

namespace windtunnel::study {
namespace {

namespace unit = report::unit;

constexpr char kBounds[] =
    "closed forms of the alpha-beta model, headers included (docs/collectives.md)";
constexpr char kMrc[] = "MRC testbed and simulations, arXiv 2605.04333 (read second-hand)";
constexpr double kFormAllowed = 0.02;
constexpr double kTestbedAllowed = 0.15;

using Settings = std::vector<std::string>;
using Comparisons = base::Result<std::vector<Comparison>>;

// Switches of 51.2 Tb/s: 64 ports down and 64 up. Up to 64 ranks share one.
constexpr char kLeaves[] = R"(
kind: collective
collective: {ranks: 64, bytes: 64 MiB}
server: {gpus: 1, nics: 1}
fabric: {shape: leaf-spine, nodes_per_leaf: 64, link_latency: 500 ns}
)";
// A group of 64 servers each; rails meet at leaves of their own.
constexpr char kRails[] = R"(
kind: collective
collective: {ranks: 64, bytes: 64 MiB, algorithm: hierarchical}
fabric: {shape: rail-optimised, link_latency: 500 ns}
)";
// 64 NICs of 400 Gb/s as four planes, as in the published comparison.
constexpr char kPlanes[] = R"(
kind: collective
collective: {ranks: 64, bytes: 256 MiB, algorithm: ring}
server: {gpus: 1, nics: 1}
fabric: {shape: leaf-spine, nodes: 64, nodes_per_leaf: 16, planes: 4,
         link_rate: 100 Gbps, link_latency: 500 ns}
)";

base::Result<report::Measurements> measure(const char* text, const Settings& settings,
                                           Observer& observer) {
  const auto scenario = read_scenario(text, "validation.yaml", settings);
  if (!scenario) return tl::unexpected(scenario.error().front());
  RunRequest request;
  request.threads = 1;
  auto run = (*scenario)->run(request, observer);
  if (!run) return tl::unexpected(run.error());
  if (run->stopped) return base::fail("stopped");
  return std::move(run->measurements);
}

// Nothing when the run ended without the metric having a value: the collective was not done.
std::optional<double> value_of(const report::Measurements& m, const char* name) {
  const report::Metric* found = report::find_metric(m, name);
  if (found == nullptr || !(found->value > 0)) return std::nullopt;
  return found->value;
}

struct BoundRow {
  const char* what;
  const char* text;
  Settings settings;
};

ValidationCase bound_case(std::string name, std::string about, std::vector<BoundRow> rows) {
  const auto run = [rows = std::move(rows)](Observer& observer) -> Comparisons {
    std::vector<Comparison> all;
    for (const BoundRow& row : rows) {
      const auto m = measure(row.text, row.settings, observer);
      if (!m) return tl::unexpected(m.error());
      const auto time = value_of(*m, "collective.time");
      const auto form = value_of(*m, "collective.bound");
      const auto least = value_of(*m, "collective.least");
      if (!time || !form || !least) return base::fail(fmt::format("{} did not end", row.what));
      all.push_back(compare_value(row.what, *time, *form, unit::kSeconds, kFormAllowed));
      all.push_back(compare_least(fmt::format("{}, what no algorithm can beat", row.what), *time,
                                  *least, unit::kSeconds));
    }
    return all;
  };
  return {std::move(name), kBounds, std::move(about), run};
}

// Eight ranks need a leaf that holds them.
Settings eight(Settings more) {
  more.insert(more.begin(), {"collective.ranks=8", "fabric.nodes=64"});
  return more;
}

ValidationCase flat_bounds() {
  const Settings ring = {"collective.algorithm=ring"};
  const Settings tree = {"collective.algorithm=tree"};
  const Settings halving = {"collective.algorithm=halving-doubling"};
  const Settings exchange = {"collective.operation=all-to-all"};
  return bound_case("collective-flat",
                    "64 MiB, one NIC a rank, below one switch, within 2 % of the closed form",
                    {{"all-reduce by ring, 8 ranks", kLeaves, eight(ring)},
                     {"all-reduce by ring, 64 ranks", kLeaves, ring},
                     {"all-gather by ring, 64 ranks", kLeaves, {"collective.operation=all-gather"}},
                     {"all-reduce by two trees, 8 ranks", kLeaves, eight(tree)},
                     {"all-reduce by two trees, 64 ranks", kLeaves, tree},
                     {"all-reduce by halving-doubling, 8 ranks", kLeaves, eight(halving)},
                     {"all-reduce by halving-doubling, 64 ranks", kLeaves, halving},
                     {"all-to-all, 8 ranks", kLeaves, eight(exchange)},
                     {"all-to-all, 64 ranks", kLeaves, exchange}});
}

// Blocks of 16 KiB. A ring and a tree speak to neighbours, who mostly share a leaf. An all-to-all
// fills every link of the leaves with what chance sends there, so here one switch holds all, which
// is the network that the closed form has in mind.
ValidationCase thousand_bounds() {
  return bound_case(
      "collective-1024", "16 MiB on 1,024 ranks, one NIC a rank, within 2 % of the closed form",
      {{"all-reduce by ring, 1,024 ranks",
        kLeaves,
        {"collective.ranks=1024", "collective.bytes=16 MiB"}},
       {"all-reduce by two trees, 1,024 ranks",
        kLeaves,
        {"collective.ranks=1024", "collective.bytes=16 MiB", "collective.algorithm=tree"}},
       {"all-to-all, 1,024 ranks",
        kLeaves,
        {"collective.ranks=1024", "collective.bytes=16 MiB", "collective.operation=all-to-all",
         "fabric.nodes_per_leaf=1024"}}});
}

ValidationCase server_bounds() {
  return bound_case("collective-servers",
                    "64 MiB, eight GPUs and NICs a server, within 2 % of the closed form",
                    {{"all-reduce, hierarchical, 64 ranks, ring across, two slices",
                      kRails,
                      {"collective.slices=2"}},
                     {"all-reduce, hierarchical, 64 ranks, ring across, four slices", kRails, {}},
                     {"all-reduce, hierarchical, 1,024 ranks, ring across, four slices",
                      kRails,
                      {"collective.ranks=1024", "fabric.nodes_per_leaf=64"}},
                     {"all-reduce, hierarchical, 1,024 ranks, trees across, one slice",
                      kRails,
                      {"collective.ranks=1024", "collective.inner=tree", "collective.slices=1",
                       "fabric.nodes_per_leaf=64"}},
                     {"all-reduce, hierarchical, 1,024 ranks, trees across, four slices, credits",
                      kRails,
                      {"collective.ranks=1024", "collective.inner=tree", "fabric.nodes_per_leaf=64",
                       "transport.congestion=nscc+rccc"}},
                     {"all-to-all, direct, 64 ranks below one switch",
                      kRails,
                      {"collective.operation=all-to-all", "collective.algorithm=direct",
                       "fabric.shape=leaf-spine", "fabric.nodes_per_leaf=64"}},
                     {"all-to-all along rails, 64 ranks",
                      kRails,
                      {"collective.operation=all-to-all", "collective.algorithm=rail-aligned"}}});
}

ValidationCase ten_thousand() {
  return bound_case(
      "collective-10240",
      "64 MiB on 10,240 GPUs of 1,280 servers, packet by packet, within 2 % of the closed form",
      {{"all-reduce, hierarchical, trees across, four slices",
        kRails,
        {"collective.ranks=10240", "collective.inner=tree", "fabric.nodes_per_leaf=64"}}});
}

Settings with_loss(Settings settings, int links, const char* loss) {
  settings.push_back(
      fmt::format("faults=[{{kind: loss, link: tor-up, count: {}, loss: {}}}]", links, loss));
  return settings;
}

// The published RoCE run had one plane.
constexpr int kLinksOfPlanes = 256;
constexpr int kLinksOfRoce = 64;

Comparisons ring_under_loss(Observer& observer) {
  const Settings roce = {"transport.kind=roce", "fabric.queue.discipline=pfc", "fabric.planes=1",
                         "fabric.link_rate=400 Gbps", "limits.time=110 ms"};
  const auto clean = measure(kPlanes, {}, observer);
  const auto some = measure(kPlanes, with_loss({}, kLinksOfPlanes, "0.1 %"), observer);
  const auto many = measure(kPlanes, with_loss({}, kLinksOfPlanes, "1 %"), observer);
  const auto roce_some = measure(kPlanes, with_loss(roce, kLinksOfRoce, "0.1 %"), observer);
  const auto roce_many = measure(kPlanes, with_loss(roce, kLinksOfRoce, "1 %"), observer);
  for (const auto* run : {&clean, &some, &many, &roce_some, &roce_many}) {
    if (!*run) return tl::unexpected(run->error());
  }
  const auto rate = [](const report::Measurements& m) {
    return value_of(m, "collective.busbw").value_or(0);
  };
  const double full = rate(*clean);
  std::vector<Comparison> all;
  all.push_back(compare_least("share of the rate kept, 0.1 % lost", rate(*some) / full,
                              1 - kTestbedAllowed, unit::kShare));
  all.push_back(
      compare_least("share of the rate kept, 1 % lost", rate(*many) / full, 1.0 / 3, unit::kShare));
  all.back().note = "published as about a third";
  all.push_back(compare_bound("RoCE, share of that rate, 1 % lost", rate(*roce_many) / full, 0.1,
                              unit::kShare));
  all.back().note = "published as unusable; 0 when it was not done after ten times as long";
  all.push_back(compare_order({{"RoCE, 1 %", rate(*roce_many)},
                               {"RoCE, 0.1 %", rate(*roce_some)},
                               {"many paths, 0.1 %", rate(*some)}}));
  return all;
}

Comparisons rails_with_background(Observer& observer) {
  const Settings common = {"collective.algorithm=rail-aligned", "collective.inner=ring",
                           "fabric.nodes_per_leaf=2", "background.share=1 %"};
  const auto with = [&common](Settings more) {
    more.insert(more.end(), common.begin(), common.end());
    return more;
  };
  const auto many = measure(kRails, with({}), observer);
  const auto one = measure(kRails, with({"transport.paths.selection=one-path"}), observer);
  const auto roce =
      measure(kRails, with({"transport.kind=roce", "fabric.queue.discipline=pfc"}), observer);
  for (const auto* run : {&many, &one, &roce}) {
    if (!*run) return tl::unexpected(run->error());
  }
  const auto time = [](const report::Measurements& m) {
    return value_of(m, "collective.time").value_or(1);
  };
  std::vector<Comparison> all;
  all.push_back(compare_order({{"many paths", time(*many)}, {"RoCE", time(*roce)}}));
  all.push_back(compare_bound("time of many paths, at most that of one path of the same transport",
                              time(*many), time(*one), unit::kSeconds));
  return all;
}

}  // namespace

std::vector<ValidationCase> collective_cases() {
  std::vector<ValidationCase> cases = {flat_bounds(), thousand_bounds(), server_bounds(),
                                       ten_thousand()};
  cases.push_back({"row-21", kMrc,
                   "ring all-reduce of 256 MiB over 64 NICs of four planes, random loss",
                   ring_under_loss});
  cases.push_back({"paths-all-reduce", kMrc,
                   "rail-aligned all-reduce of 64 MiB on 64 GPUs beside 1 % of others' traffic; "
                   "order only",
                   rails_with_background});
  return cases;
}

}  // namespace windtunnel::study
