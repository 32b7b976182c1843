#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "study/commands.h"
#include "study/plan_report.h"

namespace windtunnel::study {
namespace {

using factory::Duration;
using testing::HasSubstr;

class Quiet final : public Observer {
 public:
  void progress(const Progress&) override {}
  bool stop_requested() const override { return stop; }
  bool stop = false;
};

Trial trial_of(std::vector<double> shipped, double stock) {
  Trial trial;
  for (const double s : shipped) {
    TrialFigures figures;
    figures.shipped_per_year = s;
    figures.stock = stock + 0.001 * s;  // not all alike
    trial.push_back(figures);
  }
  return trial;
}

// A plan must be better beyond chance: the same mean gain counts when it is steady, and not when it
// comes and goes with the seed.
TEST(ChoosePlan, AsksForMoreThanChance) {
  const TriedPlan given{{"as given", {}, {}}, trial_of({100, 110, 90, 105}, 50)};
  const TriedPlan steady{{"steady", {}, {}}, trial_of({105, 115, 95, 110.5}, 50)};
  const TriedPlan erratic{{"erratic", {}, {}}, trial_of({140, 80, 130, 75}, 50)};
  EXPECT_EQ(choose_plan(PlanGoal::kShipped, {given, steady}), 1U);
  EXPECT_EQ(choose_plan(PlanGoal::kShipped, {given, erratic}), 0U);
}

TEST(ChoosePlan, PrefersLessStockAmongPlansAsGood) {
  const TriedPlan given{{"as given", {}, {}}, trial_of({100, 110, 90, 105}, 50)};
  const TriedPlan lean{{"lean", {}, {}}, trial_of({100.2, 109.9, 90.1, 104.9}, 20)};
  EXPECT_EQ(choose_plan(PlanGoal::kShipped, {given, lean}), 1U);
}

// Three families whose order as given is the worst of the two cycles, made into a kit.
constexpr char kLots[] =
    "kind: factory\n"
    "items:\n"
    "  - {name: a, route: [{station: line, time: 1 min}]}\n"
    "  - {name: b, route: [{station: line, time: 1 min}]}\n"
    "  - {name: c, route: [{station: line, time: 1 min}]}\n"
    "  - {name: kit, route: [{station: kitting, time: 1 min, parts: [2 a, 4 b, 2 c]}]}\n"
    "stations: [{name: line, buffer: 0, setups: changes}, {name: kitting, buffer: 0}]\n"
    "stocks: [{item: a}, {item: b}, {item: c}]\n"
    "setups:\n"
    "  - name: changes\n"
    "    rows:\n"
    "      - {from: a, to: [0 min, 9 min, 2 min]}\n"
    "      - {from: b, to: [3 min, 0 min, 9 min]}\n"
    "      - {from: c, to: [9 min, 4 min, 0 min]}\n"
    "releases:\n"
    "  - name: parts\n"
    "    kind: lots\n"
    "    shares:\n"
    "      - {item: a, lot: 4, stock_cap: 8}\n"
    "      - {item: b, lot: 8, stock_cap: 16}\n"
    "      - {item: c, lot: 4, stock_cap: 8}\n"
    "  - {name: kits, shares: [{item: kit}]}\n"
    "run: {warm_up: 1 d, duration: 10 d}\n";

constexpr char kBook[] =
    "kind: factory\n"
    "items: [{name: box, route: [{station: join, time: 1 h}]}]\n"
    "stations: [{name: join, buffer: 0, serve: fifo}]\n"
    "releases: [{name: book, kind: orders, sequence: given}]\n"
    "orders:\n"
    "  - {name: first, item: box, quantity: 4, release: 0, due: 40 h}\n"
    "  - {name: second, item: box, quantity: 4, release: 0, due: 40 h}\n"
    "  - {name: third, item: box, quantity: 2, release: 0, due: 6 h}\n"
    "run: {warm_up: 0, duration: 3 d}\n";

class PlanCommand : public testing::Test {
 protected:
  PlanCommand() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() / (std::string("wt-plan-") + test->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~PlanCommand() override { std::filesystem::remove_all(folder_); }

  PlanOptions options(const char* text) {
    const std::filesystem::path file = folder_ / "plant.yaml";
    std::ofstream(file) << text;
    PlanOptions options;
    options.file = file.string();
    options.replications = 2;
    return options;
  }

  std::filesystem::path folder_;
  Quiet observer_;
};

// a to c to b to a takes 2 + 4 + 3 minutes, as given 9 + 9 + 9.
TEST_F(PlanCommand, FindsTheOrderAndSaysWhatItIsWorth) {
  const Outcome outcome = plan(options(kLots), observer_);
  ASSERT_EQ(outcome.exit, ExitCode::kDone) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("9 min at best (proved), 27 min as given"));
  EXPECT_THAT(outcome.out, HasSubstr("best order: a, c, b"));
  EXPECT_THAT(outcome.out, HasSubstr("releases.parts.shares=[{item: a"));
}

// What is proposed is a scenario: run with the flags, it ships what the plan's trial shipped.
TEST_F(PlanCommand, ProposesWhatCanBeRun) {
  PlanOptions asked = options(kLots);
  asked.printing.json = true;
  const std::string json = plan(asked, observer_).out;
  const size_t at = json.rfind("releases.parts.shares=");
  ASSERT_NE(at, std::string::npos);
  RunOptions run;
  run.file = asked.file;
  run.settings = {{"releases.parts.kits", "1"},
                  {"releases.parts.shares", json.substr(at + 22, json.find('"', at) - at - 22)}};
  EXPECT_EQ(study::run(run, observer_).exit, ExitCode::kDone);
}

// The third order is due in six hours and stands last: as given it is four hours late.
TEST_F(PlanCommand, SequencesOrders) {
  const Outcome outcome = plan(options(kBook), observer_);
  ASSERT_EQ(outcome.exit, ExitCode::kDone) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("3 orders to be placed, 0 begun before"));
  EXPECT_THAT(outcome.out, HasSubstr("Follow: by due date"));
}

// At five hours the first order is done and the second begun: neither may be touched.
TEST_F(PlanCommand, LeavesWhatWasBegun) {
  PlanOptions asked = options(kBook);
  asked.at = "5 h";
  asked.rush = {{"box", "1 by 8 h"}};
  asked.down = {{"join", "30 min"}};
  const Outcome outcome = plan(asked, observer_);
  ASSERT_EQ(outcome.exit, ExitCode::kDone) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("2 orders to be placed, 2 begun before"));
  EXPECT_THAT(outcome.out, HasSubstr("orders=[{name: first, item: box"));
  EXPECT_THAT(outcome.out,
              HasSubstr("{name: rush-1, item: box, quantity: 1, release: 5 h, due: 8 h"));
}

TEST_F(PlanCommand, RefusesWhatItDoesNotKnow) {
  PlanOptions asked = options(kBook);
  asked.at = "5 h";
  asked.down = {{"joins", "30 min"}};
  EXPECT_THAT(plan(asked, observer_).err, HasSubstr("did you mean `join`?"));
  asked.down = {{"join", "-3 h"}};
  EXPECT_THAT(plan(asked, observer_).err, HasSubstr("--down: found `-3 h`, expected a time"));
  asked.down.clear();
  asked.rush = {{"bax", "2"}};
  EXPECT_THAT(plan(asked, observer_).err, HasSubstr("did you mean `box`?"));
  asked.rush = {{"box", "0"}};
  EXPECT_THAT(plan(asked, observer_).err, HasSubstr("--rush: found `0`"));
  asked.rush.clear();
  asked.at = "9 d";
  EXPECT_THAT(plan(asked, observer_).err, HasSubstr("--at: the run has ended by then"));
  EXPECT_EQ(plan(asked, observer_).exit, ExitCode::kBadInput);
}

TEST_F(PlanCommand, StopsWhenAsked) {
  observer_.stop = true;
  EXPECT_EQ(plan(options(kLots), observer_).exit, ExitCode::kInterrupted);
}

}  // namespace
}  // namespace windtunnel::study
