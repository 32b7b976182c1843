#include "report/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "report/fixture.h"

namespace windtunnel::report {
namespace {

using testing::HasSubstr;

std::string error_of(std::string_view text) {
  const auto read = from_json(text, "results.json");
  return read ? "read without complaint" : read.error().to_string();
}

TEST(ResultsJson, KeepsTheContract) {
  const auto json = nlohmann::json::parse(to_json(fixture_measurements()));
  EXPECT_EQ(json["windtunnel"], "0.1.0");
  EXPECT_EQ(json["seed"], 42);
  EXPECT_EQ(json["scenario"]["topology"]["radix"], 32);
  EXPECT_EQ(json["metrics"]["flow.completion.mean"]["unit"], "s");
  EXPECT_TRUE(json["metrics"]["flow.completion.mean"].contains("ci95"));
  EXPECT_FALSE(json["metrics"]["flow.count"].contains("ci95"));
  EXPECT_EQ(json["bottleneck"]["share"], 0.72);
  for (const char* key : {"cpu_seconds", "setup_cpu_seconds", "wall_seconds", "peak_rss_bytes",
                          "events", "threads"}) {
    EXPECT_TRUE(json["run"].contains(key)) << key;
  }
}

TEST(ResultsJson, RoundTripsByteForByte) {
  const std::string text = to_json(fixture_measurements());
  const auto read = from_json(text, "results.json");
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(to_json(*read), text);
}

TEST(ResultsJson, OnlyRunDiffersWhenOnlyTheCostDiffers) {
  Measurements a = fixture_measurements();
  Measurements b = a;
  b.run = {.cpu_seconds = 9, .events = 1};
  const std::string text_a = to_json(a);
  const std::string text_b = to_json(b);
  EXPECT_NE(text_a, text_b);
  EXPECT_EQ(text_a.substr(0, text_a.find("\"run\": {")),
            text_b.substr(0, text_b.find("\"run\": {")));
}

TEST(ResultsJson, NotANumberBecomesNullAndComesBack) {
  Measurements m = fixture_measurements();
  m.metrics[0].value = std::numeric_limits<double>::quiet_NaN();
  const auto read = from_json(to_json(m), "results.json");
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_TRUE(std::isnan(read->metrics[0].value));
}

TEST(ResultsJson, LargestSeedSurvives) {
  Measurements m;
  m.version = "1";
  m.seed = std::numeric_limits<uint64_t>::max();
  const auto read = from_json(to_json(m), "results.json");
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(read->seed, m.seed);
}

TEST(ReadResults, SaysWhereTheJsonBreaks) {
  EXPECT_THAT(error_of("{\n  \"windtunnel\": ,\n}"),
              HasSubstr("results.json:2:17: this is not valid JSON"));
  EXPECT_THAT(error_of(""), HasSubstr("results.json:1:1: this is not valid JSON"));
  EXPECT_THAT(error_of("{\"windtunnel\": 1e999}"), HasSubstr("out of range"));
}

TEST(ReadResults, SaysWhatIsMissingOrOfTheWrongType) {
  EXPECT_THAT(error_of("[]"), HasSubstr("windtunnel: expected the version"));
  EXPECT_THAT(error_of("{\"windtunnel\": \"1\"}"), HasSubstr("metrics: expected an object"));
  EXPECT_THAT(error_of("{\"windtunnel\": 1, \"metrics\": {}}"),
              HasSubstr("windtunnel: expected text"));
  EXPECT_THAT(error_of(R"({"windtunnel": "1", "metrics": {"a": 3}})"),
              HasSubstr("a: expected an object with \"value\""));
  EXPECT_THAT(error_of(R"({"windtunnel": "1", "metrics": {"a": {"value": "x"}}})"),
              HasSubstr("a: expected a number"));
  EXPECT_THAT(error_of(R"({"windtunnel": "1", "metrics": {}, "seed": -1})"),
              HasSubstr("seed: expected a whole number"));
  EXPECT_THAT(error_of(R"({"windtunnel": "1", "metrics": {}, "series": {"q": {"shape": "pie"}}})"),
              HasSubstr("q.shape: expected"));
}

TEST(ReadResults, RefusesSeriesWhoseSizesDisagree) {
  constexpr std::string_view kLine =
      R"({"windtunnel": "1", "metrics": {}, "series": {"q": {"shape": "time", "unit": "B",
          "time_s": [0, 1], "lines": {"mean": [5]}}}})";
  EXPECT_THAT(error_of(kLine), HasSubstr("mean: expected as many values"));
  constexpr std::string_view kMap =
      R"({"windtunnel": "1", "metrics": {}, "series": {"u": {"shape": "heat_map", "unit": "share",
          "rows": {"title": "a", "labels": ["x"]}, "columns": {"title": "b", "values": [0, 1]},
          "values": [[0.5]]}}})";
  EXPECT_THAT(error_of(kMap), HasSubstr("values: expected one row of cells"));
}

TEST(ReadResults, AMissingFileIsAnError) {
  const auto read = read_results("/nonexistent/results.json");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().to_string(), HasSubstr("cannot read this file"));
}

// Cutting the text anywhere must end in an error, never in a crash or in a result.
TEST(ReadResults, EveryTruncationIsRefused) {
  Measurements m = fixture_measurements();
  m.series.clear();
  const std::string text = to_json(m);
  for (size_t length = 0; length + 2 < text.size(); ++length) {
    EXPECT_FALSE(from_json(std::string_view(text).substr(0, length), "cut")) << length;
  }
}

}  // namespace
}  // namespace windtunnel::report
