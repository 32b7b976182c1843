// `windtunnel improve` on plants whose best change, least set and best split are known.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "study/commands.h"

namespace windtunnel::study {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class Patient final : public Observer {
 public:
  void progress(const Progress&) override {}
  bool stop_requested() const override { return false; }
};

// Press, weld, paint: 60, 120 and 30 s, nothing varies. A year has 31,536,000 s.
constexpr char kEven[] = R"(
kind: factory
items:
  - name: box
    route: [{station: press, time: 60 s}, {station: weld, time: 120 s}, {station: paint, time: 30 s}]
stations:
  - {name: press, buffer: 2}
  - {name: weld, buffer: 2}
  - {name: paint, buffer: 2}
releases: [{name: boxes, shares: [{item: box}]}]
run: {warm_up: 1 h, duration: 100 h}
)";
constexpr double kYear = 31'536'000;

class Improve : public ::testing::Test {
 protected:
  Improve() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    file_ = std::filesystem::path(::testing::TempDir()) /
            (std::string("improve_") + test->name() + ".yaml");
    options_.printing.json = true;
    options_.replications = 3;
  }
  ~Improve() override { std::filesystem::remove(file_); }

  Outcome run(const std::string& text) {
    std::ofstream(file_) << text;
    options_.file = file_.string();
    Patient observer;
    return improve(options_, observer);
  }
  json result(const std::string& text) {
    const Outcome outcome = run(text);
    EXPECT_EQ(outcome.err, "");
    return json::parse(outcome.out, nullptr, false);
  }

  std::filesystem::path file_;
  ImproveOptions options_;
};

TEST_F(Improve, WeighsEveryChangeAndPutsTheBestFirst) {
  const json j = result(kEven);
  EXPECT_EQ(j["metric"], "shipped.per_year");
  EXPECT_NEAR(j["base"]["value"], kYear / 120, 1);
  // Three stations, a machine and a place each.
  ASSERT_EQ(j["changes"].size(), 6U);
  const json& best = j["changes"][0];
  EXPECT_EQ(best["what"], "one more machine at weld");
  EXPECT_EQ(best["settings"]["stations[1].machines"], "2");
  // With two welders the press is as fast as they are.
  EXPECT_NEAR(best["difference"]["value"], kYear / 60 - kYear / 120, 3);
  for (size_t i = 1; i < 6; ++i) EXPECT_NEAR(j["changes"][i]["difference"]["value"], 0, 3);
}

TEST_F(Improve, WeighsChangesOfTheUser) {
  options_.changes = {{"items.box.route[1].time", "100 s"}};
  const json j = result(kEven);
  ASSERT_EQ(j["changes"].size(), 7U);
  EXPECT_EQ(j["changes"][1]["what"], "items.box.route[1].time = 100 s");
  EXPECT_NEAR(j["changes"][1]["difference"]["value"], kYear / 100 - kYear / 120, 3);
}

TEST_F(Improve, FindsTheLeastForATarget) {
  options_.search = {{"stations.press.machines", 1, 4, 1},
                     {"stations.weld.machines", 1, 8, 1},
                     {"stations.paint.machines", 1, 4, 1}};
  options_.target = Target{"shipped.per_year", true, kYear / 30 - 100};
  const json j = result(kEven);
  ASSERT_TRUE(j["target"]["met"]);
  EXPECT_EQ(j["target"]["settings"]["stations.press.machines"], "2");
  EXPECT_EQ(j["target"]["settings"]["stations.weld.machines"], "4");
  EXPECT_EQ(j["target"]["settings"]["stations.paint.machines"], "1");
  EXPECT_EQ(j["target"]["price"], 4);
  EXPECT_EQ(j["target"]["points"], 128);
  EXPECT_LT(j["target"]["asked"], 20);
  ASSERT_EQ(j["target"]["less"].size(), 2U);
  for (const json& less : j["target"]["less"]) EXPECT_FALSE(less["meets"]);
}

TEST_F(Improve, FallsShortWhereNothingMeetsTheTarget) {
  options_.search = {{"stations.weld.machines", 1, 3, 1}};
  options_.target = Target{"shipped.per_year", true, kYear / 20};
  options_.printing.json = false;
  const Outcome outcome = run(kEven);
  EXPECT_EQ(outcome.exit, ExitCode::kFellShort);
  EXPECT_THAT(outcome.out, HasSubstr("Not within these ranges"));
}

// Welding needs twice the machines of the press: of a budget of three both get what they need.
TEST_F(Improve, SpendsABudgetWell) {
  options_.search = {{"stations.press.machines", 1, 5, 1}, {"stations.weld.machines", 1, 5, 1}};
  options_.budget = 3;
  const json j = result(kEven);
  EXPECT_TRUE(j["budget"]["chosen"]);
  EXPECT_EQ(j["budget"]["points"], 4);
  // 1 + 4 is held by the press at 60 s, 2 + 3 by the welders at 40 s.
  EXPECT_EQ(j["budget"]["settings"]["stations.press.machines"], "2");
  EXPECT_EQ(j["budget"]["settings"]["stations.weld.machines"], "3");
}

// With chance, and the same figures for any number of jobs.
TEST_F(Improve, DoesNotDependOnJobs) {
  std::string text = kEven;
  text.replace(text.find("time: 120 s"), 11, "time: exponential 120 s");
  options_.search = {{"stations.weld.machines", 1, 4, 1}, {"stations.weld.buffer", 0, 6, 0.1}};
  options_.target = Target{"shipped.per_year", true, 0.9 * kYear / 60};
  const json one = result(text);
  options_.jobs = 2;
  EXPECT_EQ(one, result(text));
  EXPECT_TRUE(one["target"]["met"]);
}

TEST_F(Improve, ExplainsWhatIsWrong) {
  options_.metric = "shipped.per_yaer";
  Outcome outcome = run(kEven);
  EXPECT_EQ(outcome.exit, ExitCode::kBadInput);
  EXPECT_THAT(outcome.err, HasSubstr("did you mean `shipped.per_year`?"));
  options_.metric.clear();
  options_.search = {{"stations.wled.machines", 1, 2, 1}};
  options_.budget = 1;
  outcome = run(kEven);
  EXPECT_EQ(outcome.exit, ExitCode::kBadInput);
  EXPECT_THAT(outcome.err, HasSubstr("wled"));
  options_.search.clear();
  outcome = run("kind: network\n");
  EXPECT_EQ(outcome.exit, ExitCode::kBadInput);
  EXPECT_THAT(outcome.err, HasSubstr("--metric"));
}

}  // namespace
}  // namespace windtunnel::study
