#include "report/compare.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/csv.h"
#include "report/fixture.h"

namespace windtunnel::report {
namespace {

using testing::HasSubstr;
using testing::Not;

Case make_case(const std::string& name, double makespan, double dropped) {
  Case c{.name = name, .measurements = {}};
  c.measurements.metrics = {{.name = "makespan", .value = makespan, .unit = "s", .headline = true},
                            {.name = "packets.dropped", .value = dropped, .unit = "packets"}};
  c.measurements.bottleneck = {.what = "downlink", .share = 0.5};
  return c;
}

TEST(Comparison, ShowsTheChangeFromTheFirst) {
  const std::string text = comparison_text({make_case("a", 10e-6, 5), make_case("b", 12e-6, 5)},
                                           {.colour = false, .columns = 100});
  EXPECT_THAT(text, HasSubstr("makespan            10.0 µs     12.0 µs    +20 %\n"));
  EXPECT_THAT(text, HasSubstr("packets.dropped   5 packets   5 packets        =\n"));
  EXPECT_THAT(text, HasSubstr("b: Limited by downlink for 50 % of the time.\n"));
}

TEST(Comparison, AChangeFromNothingHasNoPercentage) {
  const std::string text = comparison_text({make_case("a", 1e-6, 0), make_case("b", 50e-6, 5)}, {});
  EXPECT_THAT(text, HasSubstr("x50\n"));
  EXPECT_THAT(comparison_text({make_case("a", 1, 0), make_case("b", 1.15e-3, 0)}, {}),
              HasSubstr("-99.89 %\n"));
  EXPECT_THAT(text, Not(HasSubstr("inf")));
}

TEST(Comparison, AMetricThatOneCaseLacksIsADash) {
  Case b = make_case("b", 2e-6, 0);
  b.measurements.metrics.pop_back();
  b.measurements.metrics.push_back({.name = "rounds", .value = 3});
  const std::string text = comparison_text({make_case("a", 1e-6, 0), b}, {});
  EXPECT_THAT(text, HasSubstr("packets.dropped   0 packets         –\n"));
  EXPECT_THAT(text, HasSubstr("rounds                    –         3\n"));
}

TEST(Comparison, ManyCasesGoDown) {
  std::vector<Case> cases;
  for (int i = 0; i < 12; ++i) cases.push_back(make_case("paths=" + std::to_string(i), i, 0));
  const std::string text = comparison_text(cases, {});
  EXPECT_TRUE(text.starts_with("Case       makespan\npaths=0"));
  EXPECT_THAT(text, Not(HasSubstr("dropped")));
}

TEST(Comparison, JsonHoldsNothingOfTheCost) {
  std::vector<Case> cases{{"a", fixture_measurements()}, {"b", fixture_measurements()}};
  const std::string before = comparison_json("0.1.0", cases);
  cases[0].measurements.run = {.cpu_seconds = 99};
  EXPECT_EQ(comparison_json("0.1.0", cases), before);
  const auto json = nlohmann::json::parse(before);
  ASSERT_EQ(json["cases"].size(), 2U);
  EXPECT_EQ(json["cases"][1]["name"], "b");
  EXPECT_EQ(json["cases"][1]["metrics"]["flow.count"]["value"], 8192);
}

TEST(Csv, QuotesWhatNeedsQuotes) {
  EXPECT_EQ(csv_field("plain"), "plain");
  EXPECT_EQ(csv_field("a,\"b\"\n"), "\"a,\"\"b\"\"\n\"");
  const std::string text = comparison_csv({make_case("x=1, y=2", 1e-6, 0)});
  EXPECT_EQ(text,
            "case,metric,value,unit,ci95\n"
            "\"x=1, y=2\",makespan,1e-06,s,\n"
            "\"x=1, y=2\",packets.dropped,0,packets,\n");
}

TEST(Csv, EverySeriesHasOneLinePerSample) {
  const Measurements m = fixture_measurements();
  const auto lines = [&](size_t i) {
    const std::string text = series_csv(m.series[i]);
    return std::ranges::count(text, '\n');
  };
  EXPECT_EQ(lines(0), 1 + std::ssize(std::get<Distribution>(m.series[0].data).points));
  EXPECT_EQ(lines(1), 1 + 6 * 60);
  EXPECT_EQ(lines(2), 1 + 150);
  EXPECT_TRUE(series_csv(m.series[2]).starts_with("time [s],longest [B],99th percentile [B],"));
  EXPECT_TRUE(series_csv(m.series[1])
                  .starts_with("Link tier,Simulated time [s],value [share]\n"
                               "host to leaf,0,"));
}

TEST(Csv, MetricsCarryTheirUnitsAndIntervals) {
  EXPECT_THAT(metrics_csv(fixture_measurements()),
              HasSubstr("flow.count,8192,1,\nflow.unfinished,0,1,\n"));
  EXPECT_THAT(metrics_csv(fixture_measurements()), HasSubstr(",s,4e-08\n"));
}

}  // namespace
}  // namespace windtunnel::report
