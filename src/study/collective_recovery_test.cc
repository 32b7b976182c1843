#include "study/collective_recovery.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "report/measurements.h"
#include "study/scenario_kind.h"

namespace windtunnel::study {
namespace {

using testing::HasSubstr;

// Before, a dip of `low` over `dip` intervals, then `after`.
std::vector<double> rates(size_t fault, double before, size_t dip, double low, double after) {
  std::vector<double> rates(fault, before);
  rates.insert(rates.end(), dip + 1, low);
  rates.insert(rates.end(), 40 - fault - dip - 1, after);
  return rates;
}

TEST(FindRecovery, MeasuresTheDipAndWhereItSettles) {
  const auto found = find_recovery(rates(10, 100, 6, 20, 80), 10, 40);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->before, 100);
  EXPECT_EQ(found->after, 80);
  EXPECT_EQ(found->lowest, 20);
  // Intervals 10 to 16 are low; from 18 on an interval and both neighbours are as they settle.
  ASSERT_TRUE(found->recovered);
  EXPECT_EQ(*found->recovered, 18U);
}

TEST(FindRecovery, WhatNeverFellHasRecoveredAtOnce) {
  const auto found = find_recovery(rates(10, 100, 6, 95, 97), 10, 40);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->recovered, 10U);
}

TEST(FindRecovery, WhatSwingsOfItselfIsNoDip) {
  std::vector<double> swinging;
  for (int i = 0; i < 20; ++i) swinging.insert(swinging.end(), {85.0, 85.0, 115.0, 115.0});
  const auto calm = find_recovery(swinging, 20, 80);
  ASSERT_TRUE(calm);
  EXPECT_EQ(calm->recovered, 20U);
  std::fill_n(swinging.begin() + 30, 6, 40);
  const auto dip = find_recovery(swinging, 20, 80);
  ASSERT_TRUE(dip);
  ASSERT_TRUE(dip->recovered);
  EXPECT_GE(*dip->recovered, 36U);
  EXPECT_LE(*dip->recovered, 38U);
}

TEST(FindRecovery, WhatKeepsFallingHasNotRecovered) {
  std::vector<double> falling(10, 100);
  for (int i = 0; i < 30; ++i) falling.push_back(90 - 3 * i);
  const auto found = find_recovery(falling, 10, 40);
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->recovered);
}

TEST(FindRecovery, TooLittleTimeSaysNothing) {
  EXPECT_FALSE(find_recovery(std::vector<double>(40, 1), 3, 40));
  EXPECT_FALSE(find_recovery(std::vector<double>(40, 1), 36, 40));
  EXPECT_FALSE(find_recovery(std::vector<double>(12, 1), 36, 40));
}

TEST(HostsTouched, AreThoseBelowTheFault) {
  fabric::TopologyDescription d;
  d.hosts = 8;
  d.pod_hosts = 8;
  d.tiers.resize(2);
  d.tiers[0].down = 2;
  d.tiers[0].up = 2;
  d.tiers[1].down = 4;
  for (auto& tier : d.tiers) {
    tier.link_rate = base::Rate::gbps(100);
    tier.link_latency = base::Duration::us(1);
  }
  const auto topology = fabric::Topology::build(d, 1);
  ASSERT_TRUE(topology) << topology.error().to_string();
  const auto touched = [&](fabric::PortEnd link, int64_t at_us) {
    fabric::Fault fault;
    fault.at = base::Time::at(base::Duration::us(at_us));
    fault.link = link;
    std::string text;
    for (const bool yes : hosts_touched(*topology, {fault})) text += yes ? 'x' : '.';
    return text;
  };
  EXPECT_EQ(touched({3, 0}, 1), "...x....");                            // its own cable
  EXPECT_EQ(touched(topology->peer({3, 0}), 1), "...x....");            // the other direction
  EXPECT_EQ(touched({topology->unit_of_switch(1), 2}, 1), "..xx....");  // leaf 1 upwards
  EXPECT_EQ(touched({topology->unit_of_switch(4), 3}, 1), "......xx");  // spine 0 downwards
  EXPECT_EQ(touched({3, 0}, 0), "........");                            // from the beginning on
}

struct Break {
  const char* name;
  const char* fault;
  const char* mark;
  int64_t lines;  // all ranks, and those touched unless all are
  double after_least;
  double after_most;
  double recovered_within;  // s
};

class Breaks : public ::testing::TestWithParam<Break> {};

class Quiet final : public Observer {
 public:
  void progress(const Progress&) override {}
  bool stop_requested() const override { return false; }
};

// The five of examples/collective-failure.yaml, on half its bytes: with a quarter the run ends
// before the rate has settled after the loss of a spine.
TEST_P(Breaks, LeaveATraceInTheRun) {
  const Break& broken = GetParam();
  const ScenarioResult scenario = load_scenario(
      std::string(std::getenv("WT_SOURCE_DIR")) + "/examples/collective-failure.yaml",
      {"collective.bytes=128 MiB", std::string("faults=[{at: 100 us, ") + broken.fault + "}]"});
  ASSERT_TRUE(scenario) << base::to_string(scenario.error());
  Quiet quiet;
  const auto run = (*scenario)->run({.threads = 1, .sample = false, .folder = {}}, quiet);
  ASSERT_TRUE(run) << run.error().to_string();
  EXPECT_EQ(run->shortfall, "");
  const auto metric = [&](const char* name) {
    const report::Metric* found = report::find_metric(run->measurements, name);
    EXPECT_NE(found, nullptr) << name;
    return found == nullptr ? std::nan("") : found->value;
  };
  EXPECT_GE(metric("recovery.time"), 0);
  EXPECT_LT(metric("recovery.time"), broken.recovered_within);
  EXPECT_GT(metric("recovery.rate_after.share"), broken.after_least);
  EXPECT_LT(metric("recovery.rate_after.share"), broken.after_most);
  EXPECT_LE(metric("recovery.rate_lowest.share"), metric("recovery.rate_after.share"));
  const auto& series = run->measurements.series;
  const auto found = std::ranges::find(series, "recovery.rate", &report::Series::name);
  ASSERT_NE(found, series.end());
  const auto& rate = std::get<report::TimeSeries>(found->data);
  EXPECT_EQ(static_cast<int64_t>(rate.lines.size()), broken.lines);
  ASSERT_GE(rate.marks.size(), 1U);
  EXPECT_EQ(rate.marks[0].label, broken.mark);
  EXPECT_EQ(rate.marks[0].at_s, 100e-6);
  const auto back = std::ranges::find(rate.marks, "recovered", &report::TimeSeries::Mark::label);
  EXPECT_EQ(back != rate.marks.end(), metric("recovery.time") > 0);
}

INSTANTIATE_TEST_SUITE_P(
    All, Breaks,
    ::testing::Values(Break{"flap",
                            "kind: link-down, link: tor-up, switch: 0, port: 0, until: 150 us",
                            "link down", 2, 0.8, 1.1, 200e-6},
                      Break{"spine", "kind: switch-dead, tier: agg, switch: 0", "switch dead", 1,
                            0.5, 1.0, 200e-6},
                      Break{"degraded",
                            "kind: degraded, link: tor-up, switch: 0, port: 0, rate: 25 %",
                            "link degraded", 2, 0.8, 1.1, 200e-6},
                      Break{"port", "kind: link-down, link: host-up, switch: 0, port: 0",
                            "link down", 2, 0.45, 0.55, 300e-6},
                      Break{"loss", "kind: loss, link: tor-up, switch: 0, port: 0, loss: 1 %",
                            "packets lost", 2, 0.8, 1.1, 200e-6}),
    [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace windtunnel::study
