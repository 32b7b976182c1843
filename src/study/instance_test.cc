// The readers of published scheduling instances: what they read, and what they say of a file that
// is cut short, not text, too large, negative or longer than it says.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "study/instance_cars.h"
#include "study/instance_line.h"
#include "study/instance_lots.h"
#include "study/instance_setups.h"
#include "study/instance_shop.h"
#include "study/instance_text.h"
#include "study/instance_vehicles.h"
#include "tests/support/shared_data.h"

namespace windtunnel::study {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

template <class Instance>
using Reader = base::Result<Instance> (*)(std::string_view, const std::string&);

template <class Instance>
Instance good(Reader<Instance> read, const std::string& text) {
  auto result = read(text, "f");
  EXPECT_TRUE(result.has_value()) << result.error().to_string();
  return result ? std::move(*result) : Instance{};
}

template <class Instance>
std::string refusal(Reader<Instance> read, const std::string& text) {
  const auto result = read(text, "f");
  return result ? "accepted" : result.error().to_string();
}

// No beginning of a file is taken for the whole: each is refused, with a place and without harm.
// `whole_from` is where the rest is a remark or blank.
template <class Instance>
void expect_prefixes_refused(Reader<Instance> read, const std::string& text, size_t whole_from) {
  for (size_t length = 0; length < whole_from; ++length) {
    const auto result = read(text.substr(0, length), "f");
    ASSERT_FALSE(result.has_value()) << "the first " << length << " bytes";
    EXPECT_GE(result.error().mark.line, 1);
    EXPECT_GE(result.error().mark.column, 1);
  }
}

const std::string kFlow = "2 2\n 0 54 1 79\n 0 83 1  3\nSSD\nM0\n 0 5\n 9 0\nM1\n 0 7\n 8 0\n";

TEST(FlowShopInstance, ReadsTimesAndSetups) {
  const auto shop = good<planning::FlowShop>(read_flow_shop, kFlow);
  EXPECT_EQ(shop.jobs, 2u);
  EXPECT_THAT(shop.times, ElementsAre(54, 79, 83, 3));
  ASSERT_EQ(shop.setups.size(), 2u);
  EXPECT_EQ(shop.setups[0].at(1, 0), 9);
  EXPECT_EQ(shop.setups[1].at(0, 1), 7);
  EXPECT_TRUE(good<planning::FlowShop>(read_flow_shop, "# x\n\n1 1\r\n0 5\r\n\n").setups.empty());
}

TEST(FlowShopInstance, SaysWhatIsWrongAndWhere) {
  const Reader<planning::FlowShop> read = read_flow_shop;
  EXPECT_EQ(refusal(read, ""),
            "f:1:1: the file ends here, expected the numbers of jobs and machines (is the file "
            "truncated?)");
  EXPECT_EQ(refusal(read, "2 2\n0 54 1 79\n"),
            "f:2:10: the file ends here, expected job 1 (is the file truncated?)");
  EXPECT_EQ(refusal(read, "2 2\n0 54 1\n"), "f:2:6: job 0: found 3 words, expected 4");
  EXPECT_EQ(refusal(read, "1 1\n0 5 9 9\n"),
            "f:2:5: job 0: found 4 words, expected 2 (`9` is one too many)");
  EXPECT_EQ(refusal(read, "1 2\n1 5 0 5\n"),
            "f:2:1: machine of operation 0: found 1, expected 0: in a flow shop all jobs visit the "
            "machines in their order");
  EXPECT_THAT(refusal(read, "1 1\n0 -5\n"),
              StartsWith("f:2:3: time of operation 0: found -5, expected a whole number from 0"));
  EXPECT_THAT(refusal(read, "1 1\n0 99999999999999999999\n"), HasSubstr("does not fit in 64 bits"));
  EXPECT_THAT(refusal(read, "1 1\n0 99999999999999\n"),
              HasSubstr("found 99999999999999, expected"));
  EXPECT_THAT(refusal(read, "1 1\n0 1.5\n"), HasSubstr("found `1.5`, expected a whole number"));
  EXPECT_THAT(refusal(read, "99999 9\n"), HasSubstr("number of jobs: found 99999, expected"));
  EXPECT_EQ(refusal(read, "1 1\n0 5\nmore\n"),
            "f:3:1: found `more`, expected `SSD` or the end of the file");
  EXPECT_EQ(refusal(read, kFlow + "0 0\n"), "f:11:1: found `0`, expected the end of the file");
  EXPECT_THAT(refusal(read, std::string("1 1\n0 \0 5", 9)), HasSubstr("binary or compressed"));
  expect_prefixes_refused(read, kFlow.substr(0, 26), 25);  // without setups a file may end earlier
}

TEST(FlowShopInstance, SetupsHaveTheirOwnErrors) {
  const Reader<planning::FlowShop> read = read_flow_shop;
  const std::string jobs = "2 1\n0 5\n0 6\n";
  EXPECT_THAT(refusal(read, jobs + "SSD\nM1\n"), HasSubstr("f:5:1: found `M1`, expected `M0`"));
  EXPECT_THAT(refusal(read, jobs + "SSD\nM0\n0 1\n"),
              HasSubstr("expected setups after job 1 on machine 0"));
  EXPECT_THAT(refusal(read, jobs + "SSD\nM0\n0 1 2\n"), HasSubstr("found 3 words, expected 2"));
  EXPECT_THAT(refusal(read, jobs + "SSD\nM0\n0 -1\n0 0\n"), HasSubstr("f:6:3: "));
  std::string many = "4000 2\n";
  for (int i = 0; i < 4000; ++i) many += "0 1 1 1\n";
  EXPECT_THAT(refusal(read, many + "SSD\nM0\n"), HasSubstr("more than the 20000000 entries"));
}

TEST(JobShopInstance, MachinesComeInAnyOrder) {
  const std::string text = "2 2\n1 5 0 6\n0 7 0 8\n";
  const auto shop = good<planning::JobShop>(read_job_shop, text);
  ASSERT_EQ(shop.jobs.size(), 2u);
  EXPECT_EQ(shop.jobs[0][0].machine, 1u);
  EXPECT_EQ(shop.jobs[1][1].time, 8);
  EXPECT_THAT(
      refusal<planning::JobShop>(read_job_shop, "1 2\n0 5 2 6\n"),
      HasSubstr("f:2:5: machine of operation 1: found 2, expected a whole number from 0 to"));
  EXPECT_THAT(refusal<planning::JobShop>(read_job_shop, text + "x"),
              HasSubstr("f:4:1: found `x`, expected the end of the file"));
  expect_prefixes_refused<planning::JobShop>(read_job_shop, text, text.size() - 2);
}

TEST(SetupInstance, IgnoresTheDiagonal) {
  const std::string text = "2\n-1 3\n5 -1\n";
  const auto setups = good<planning::SetupMatrix>(read_setup_matrix, text);
  EXPECT_EQ(setups.at(0, 1), 3);
  EXPECT_EQ(setups.at(1, 0), 5);
  EXPECT_EQ(refusal<planning::SetupMatrix>(read_setup_matrix, "2\n-1 3\n5 -1 7\n"),
            "f:3:6: setups from family 1: found 3 words, expected 2 (`7` is one too many)");
  EXPECT_THAT(refusal<planning::SetupMatrix>(read_setup_matrix, "2\n-1 -3\n5 -1\n"),
              HasSubstr("f:2:4: setups from family 0: found -3"));
  EXPECT_THAT(refusal<planning::SetupMatrix>(read_setup_matrix, "0\n"), HasSubstr("found 0"));
  EXPECT_THAT(refusal<planning::SetupMatrix>(read_setup_matrix, text + "1\n"),
              HasSubstr("expected the end of the file"));
  expect_prefixes_refused<planning::SetupMatrix>(read_setup_matrix, text, text.size() - 2);
}

TEST(LineInstance, ReadsArcsToTheEndMark) {
  const std::string text = "3\n4\n5\n6\n1,2\n2,3\n-1,-1\n\nMansoor (1964)";
  const auto tasks = good<planning::LineTasks>(read_line_tasks, text);
  EXPECT_THAT(tasks.times, ElementsAre(4, 5, 6));
  ASSERT_EQ(tasks.precedences.size(), 2u);
  EXPECT_EQ(tasks.precedences[1].second, 2u);
  expect_prefixes_refused<planning::LineTasks>(read_line_tasks, text, text.find("\n\nMansoor"));
}

TEST(LineInstance, SaysWhatIsWrongAndWhere) {
  const Reader<planning::LineTasks> read = read_line_tasks;
  EXPECT_THAT(refusal(read, "1\n4\n1,2\n-1,-1\n"), HasSubstr("f:3:3: task: found 2, expected"));
  EXPECT_THAT(refusal(read, "2\n4\n5\n1 2\n"), HasSubstr("f:4:3: arc: found 2 words, expected 1"));
  EXPECT_THAT(refusal(read, "2\n4\n5\n12\n"), HasSubstr("found `12`, expected an arc `i,j`"));
  EXPECT_THAT(refusal(read, "2\n4\n-5\n"), HasSubstr("f:3:1: time of task 2: found -5"));
  EXPECT_THAT(refusal(read, "2\n4\n5\n1,2\n2,1\n-1,-1\n"),
              HasSubstr("f:5:1: tasks 2, 1 wait for each other in a ring"));
  EXPECT_THAT(refusal(read, "2\n4\n5\n1,2\n"), HasSubstr("the file ends here, expected an arc"));
  EXPECT_THAT(refusal(read, "300\n"), HasSubstr("expected a whole number from 1 to 256"));
  EXPECT_THAT(refusal(read, "1\n4\n1,\n"), HasSubstr("task: found ``, expected a whole number"));
}

const std::string kItems =
    "# remark\nitem,setup_cost,unit_cost,production_per_day,demand_per_day,setup_hours\n"
    "1,15,0.0065,30000,400,1\n2,20,0.1775,8000,400,4\n";

TEST(LotInstance, ReadsColumnsInAnyOrder) {
  const auto items = good<std::vector<planning::LotItem>>(read_lot_items, kItems);
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].name, "1");
  EXPECT_DOUBLE_EQ(items[1].setup_time, 0.5);
  EXPECT_DOUBLE_EQ(items[1].holding_cost, 0.1775 * 0.1 / 240);
  const auto turned = good<std::vector<planning::LotItem>>(
      read_lot_items,
      "setup_hours,item,demand_per_day,production_per_day,unit_cost,setup_cost\n8,a,1,2,3,4\n");
  EXPECT_DOUBLE_EQ(turned[0].setup_time, 1);
  EXPECT_DOUBLE_EQ(turned[0].setup_cost, 4);
}

TEST(LotInstance, SaysWhatIsWrongAndWhere) {
  const Reader<std::vector<planning::LotItem>> read = read_lot_items;
  EXPECT_THAT(refusal(read, "item,setup_csot\n"),
              HasSubstr("f:1:6: unknown column `setup_csot`, expected item, setup_cost"));
  EXPECT_THAT(refusal(read, "item,setup_csot\n"), HasSubstr("did you mean `setup_cost`?"));
  EXPECT_THAT(refusal(read, "item,item\n"), HasSubstr("f:1:6: second column `item`"));
  EXPECT_THAT(refusal(read, "item\n"), HasSubstr("no column setup_cost"));
  EXPECT_THAT(refusal(read, kItems.substr(0, kItems.find("\n1,") + 1)),
              HasSubstr("the file ends here, expected an item"));
  EXPECT_THAT(refusal(read, kItems + "3,1,2\n"),
              HasSubstr("f:5:5: item: found 3 fields, expected 6"));
  EXPECT_THAT(refusal(read, kItems + "3,1,2,0,1,1\n"),
              HasSubstr("f:5:7: production_per_day: found `0`, expected a number above 0"));
  EXPECT_THAT(refusal(read, kItems + "3,-1,2,3,1,1\n"), HasSubstr("f:5:3: setup_cost: found `-1`"));
  EXPECT_THAT(refusal(read, kItems + "3,nan,2,3,1,1\n"), HasSubstr("setup_cost: found `nan`"));
  EXPECT_THAT(refusal(read, kItems + "3,1e99,2,3,1,1\n"), HasSubstr("and at most 1e+12"));
}

TEST(VehicleInstance, JoinsLayoutAndJobs) {
  const std::string layout_text = "3\n0 6 8\n12 0 6\n10 6 0\n";
  const std::string jobs_text = "2 2 1\n2 1 8 2 16\n1 2 20\n";
  auto layout = good<VehicleLayout>(read_vehicle_layout, layout_text);
  auto jobs = good<VehicleJobs>(read_vehicle_jobs, jobs_text);
  expect_prefixes_refused<VehicleLayout>(read_vehicle_layout, layout_text, layout_text.size() - 2);
  expect_prefixes_refused<VehicleJobs>(read_vehicle_jobs, jobs_text, jobs_text.size() - 3);
  const auto shop = vehicle_shop(jobs, layout);
  ASSERT_TRUE(shop.has_value());
  EXPECT_EQ(shop->vehicles, 1u);
  EXPECT_EQ(shop->travel_time(1, 0), 12);
  EXPECT_EQ(shop->shop.jobs[0][1].machine, 1u);
  layout.places = 4;
  EXPECT_FALSE(vehicle_shop(jobs, layout).has_value());
}

TEST(VehicleInstance, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(refusal<VehicleLayout>(read_vehicle_layout, "2\n0 6\n-1 0\n"), HasSubstr("f:3:1: "));
  EXPECT_THAT(refusal<VehicleLayout>(read_vehicle_layout, "2\n0 6\n1 0\n9\n"),
              HasSubstr("f:4:1: found `9`, expected the end"));
  EXPECT_THAT(refusal<VehicleJobs>(read_vehicle_jobs, "1 2 1\n2 1 8 3 16\n"),
              HasSubstr("f:2:7: job 1: machine: found 3, expected a whole number from 1 to 2"));
  EXPECT_THAT(refusal<VehicleJobs>(read_vehicle_jobs, "1 2 1\n2 1 8 2\n"),
              HasSubstr("job 1: found 4 words, expected 5"));
  EXPECT_THAT(refusal<VehicleJobs>(read_vehicle_jobs, "1 2 0\n"), HasSubstr("vehicles: found 0"));
}

const std::string kCars =
    "Some prose before.\n\n# Problem 4/72 (hard)\n3 2 2\n1 1\n2 3\n0 1 1 0\n1 2 0 1\n"
    "#Problem 4/73\n1 2 1\n1 1\n2 2\n0 1 1 1\n";

TEST(CarInstance, ReadsAllProblemsOfAFile) {
  const auto problems = good<std::vector<planning::CarProblem>>(read_car_problems, kCars);
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].name, "4/72");
  EXPECT_EQ(problems[1].name, "4/73");
  EXPECT_EQ(problems[0].capacities[1].window, 3);
  EXPECT_EQ(problems[0].classes[1].options, 2u);
  EXPECT_EQ(problems[0].cars(), 3);
}

TEST(CarInstance, FiveOptionsMayLeaveOutCapacities) {
  const auto problems =
      good<std::vector<planning::CarProblem>>(read_car_problems, "1 5 1\n0 1 1 0 0 0 1\n");
  ASSERT_EQ(problems[0].capacities.size(), 5u);
  EXPECT_EQ(problems[0].capacities[3].cars, 2);
  EXPECT_EQ(problems[0].capacities[3].window, 5);
  EXPECT_THAT(refusal<std::vector<planning::CarProblem>>(read_car_problems, "1 2 1\n0 1 1 0\n"),
              HasSubstr("only problems of five options may leave the capacities out"));
}

TEST(CarInstance, SaysWhatIsWrongAndWhere) {
  const Reader<std::vector<planning::CarProblem>> read = read_car_problems;
  EXPECT_THAT(refusal(read, "3 2 1\n1 1\n2 3\n0 2 1 0\n"),
              HasSubstr("f:1:1: number of cars: found 3, but the classes have 2 together"));
  EXPECT_THAT(refusal(read, "2 2 1\n1 1\n2 3\n1 2 1 0\n"),
              HasSubstr("f:4:1: number of class 0: found 1"));
  EXPECT_THAT(refusal(read, "2 2 1\n1 1\n2 3\n0 2 1 7\n"), HasSubstr("f:4:7: class 0: option 1"));
  EXPECT_THAT(refusal(read, "2 2 1\n1 1\n0 3\n0 2 1 1\n"), HasSubstr("f:3:1: windows"));
  EXPECT_THAT(refusal(read, "2 2 2\n1 1\n2 3\n0 2 1 1\n"), HasSubstr("expected class 1"));
  EXPECT_THAT(refusal(read, kCars + "rubbish\n"), HasSubstr("f:14:1: "));
  EXPECT_THAT(refusal(read, "only prose\n"), HasSubstr("the file ends here"));
}

TEST(CarInstance, ReadsSequences) {
  const auto all = good<std::vector<CarSequence>>(read_car_sequences, "4/72 violations=0\n1 0 1\n");
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].problem, "4/72");
  EXPECT_THAT(all[0].classes, ElementsAre(1u, 0u, 1u));
  EXPECT_THAT(refusal<std::vector<CarSequence>>(read_car_sequences, "4/72\n"),
              HasSubstr("expected the sequence of `4/72`"));
  EXPECT_THAT(refusal<std::vector<CarSequence>>(read_car_sequences, "4/72\n1 x\n"),
              HasSubstr("f:2:3: "));
}

TEST(Instance, AbsentFilesAndFoldersAreNamed) {
  const auto absent = load_instance("no/such/file", read_job_shop);
  ASSERT_FALSE(absent.has_value());
  EXPECT_THAT(absent.error().to_string(), HasSubstr("no/such/file: cannot be read"));
  EXPECT_FALSE(load_instance("/", read_job_shop).has_value());
}

// Every published instance at hand is read.
TEST(Instance, ReadsThePublishedOnes) {
  const std::filesystem::path folder = shared_data() / "factory";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is absent";
  const auto problems = load_instance(folder / "carseq/csplib_prob001_data.txt", read_car_problems);
  ASSERT_TRUE(problems.has_value()) << problems.error().to_string();
  EXPECT_EQ(problems->size(), 79u);
  for (const planning::CarProblem& problem : *problems) EXPECT_NE(problem.name, "");
  EXPECT_EQ(problems->front().name, "4/72");
  const auto sequences = load_instance(folder / "carseq/solutions_found.txt", read_car_sequences);
  ASSERT_TRUE(sequences.has_value()) << sequences.error().to_string();
  EXPECT_EQ(sequences->size(), 4u);
  for (const char* name : {"ft06", "ft10", "la01"})
    EXPECT_TRUE(load_instance(folder / "jobshop" / fmt::format("{}.txt", name), read_job_shop));
  for (const char* name : {"layout1.txt", "layout2.txt"})
    EXPECT_TRUE(load_instance(folder / "agv_bilge_ulusoy" / name, read_vehicle_layout));
  EXPECT_TRUE(load_instance(folder / "agv_bilge_ulusoy/jobset01.txt", read_vehicle_jobs));
}

}  // namespace
}  // namespace windtunnel::study
