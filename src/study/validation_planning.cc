#include "study/validation_planning.h"

#include <fmt/format.h>

#include <utility>

#include "planning/campaign.h"
#include "planning/lot_queue.h"
#include "planning/lot_schedule.h"
#include "planning/setup_order.h"
#include "report/measurements.h"
#include "study/instance_lots.h"
#include "study/instance_setups.h"
#include "study/instance_text.h"
#include "study/reference_plant.h"
#include "study/validation_exact.h"

namespace windtunnel::study {
namespace {

namespace unit = report::unit;

constexpr char kMinutes[] = "min";
constexpr char kHours[] = "h";
constexpr char kDays[] = "d";
constexpr char kPerDay[] = "$/d";
// What is computed from decimal digits agrees to as many as were published.
constexpr double kDigits = 1e-9;

// Six joint families, hip to hand, in minutes.
planning::SetupMatrix joint_setups() {
  constexpr int kFamilies = kReferenceFamilies;
  std::vector<int64_t> rows;
  for (int from = 0; from < kFamilies; ++from) {
    for (int to = 0; to < kFamilies; ++to) rows.push_back(changeover_minutes(from, to));
  }
  return {kFamilies, std::move(rows)};
}

Comparisons joint_orders(Observer& observer) {
  const planning::SetupOrders orders = planning::compare_setup_orders(
      joint_setups(), watched_limits(0, observer), base::RandomStream(1, "validate joint orders"));
  Comparison best = compare_search("least setup per cycle", orders.best.setup, 51);
  best.unit = kMinutes;
  return std::vector<Comparison>{
      best, compare_exact("most setup per cycle", orders.worst_setup, 72, kMinutes),
      compare_exact("setup per cycle in the order listed", orders.given_setup, 51, kMinutes),
      compare_value("mean of all orders", orders.mean_setup, 62.8, kMinutes, kDigits)};
}

Comparisons joint_campaign(Observer& observer) {
  struct Row {
    int64_t setup_minutes, process_seconds;
    double cycle_hours, stock;
  };
  // setups / (availability - load), and demand * cycle / 2 * (1 - load of a family).
  constexpr Row kRows[] = {
      {15, 50, 9.7, 211}, {60, 50, 38.9, 844}, {5, 50, 3.2, 70}, {15, 60, 99, -1}};
  std::vector<Comparison> all;
  for (const Row& row : kRows) {
    planning::CampaignRequest request;
    request.availability = 0.85;
    request.setups = planning::SetupMatrix(
        6, std::vector<int64_t>(36, planning::LineDuration::s(60 * row.setup_minutes).ticks()));
    for (int i = 0; i < 6; ++i)
      request.families.push_back({fmt::format("family {}", i), 430'000.0 / 8'760 / 6,
                                  planning::LineDuration::s(row.process_seconds), 0.98, 0, 0});
    const auto plan = planning::plan_campaign(request, watched_limits(0, observer),
                                              base::RandomStream(1, "validate campaign"));
    if (!plan) return tl::unexpected(plan.error());
    const std::string setting =
        fmt::format("setups of {} min, {} s a joint", row.setup_minutes, row.process_seconds);
    all.push_back(compare_value("shortest cycle, " + setting, plan->best.cycle_hours,
                                row.cycle_hours, kHours, 0.02));
    if (row.stock > 0)
      all.push_back(compare_value("joints in stock, " + setting, plan->best.stock, row.stock,
                                  unit::kCount, 0.01));
  }
  return all;
}

Comparisons queued_lots(Observer& /*observer*/) {
  struct Row {
    double setup_minutes, lot_min;
    int64_t lot;
    double sojourn, utilisation;
  };
  constexpr Row kRows[] = {{15, 30, 62, 4.371354166666665, 0.8279569892473118},
                           {5, 10, 21, 1.4575757575757564, 0.8253968253968252},
                           {60, 120, 247, 17.485301837270335, 0.8286099865047233}};
  std::vector<Comparison> all;
  for (const Row& row : kRows) {
    const planning::LotQueue queue{40, 1.0 / 60, row.setup_minutes / 60, 0};
    const planning::LotChoice best = planning::best_lot(queue);
    const std::string setup = fmt::format("setup {} min", row.setup_minutes);
    all.push_back(compare_value("smallest lot, " + setup, planning::lot_min(queue), row.lot_min,
                                unit::kCount, kDigits));
    all.push_back(compare_exact("best lot, " + setup, best.lot, row.lot, unit::kCount));
    all.push_back(compare_value("time in the system, best lot, " + setup, best.sojourn, row.sojourn,
                                kHours, kDigits));
    all.push_back(compare_value("machine busy, best lot, " + setup, best.utilisation,
                                row.utilisation, unit::kShare, kDigits));
  }
  const planning::LotQueue queue{40, 1.0 / 60, 0.25, 0};
  all.push_back(compare_value("time in the system, lot 60, setup 15 min",
                              planning::lot_sojourn(queue, 60), 4.375, kHours, kDigits));
  all.push_back(compare_value("time in the system, lot 120, setup 15 min",
                              planning::lot_sojourn(queue, 120), 5.625, kHours, kDigits));
  return all;
}

Comparisons bomberger(const std::string& data, Observer& /*observer*/) {
  const auto items = load_instance(data + "/factory/elsp_bomberger.csv", read_lot_items);
  if (!items) return tl::unexpected(items.error());
  if (planning::total_load(*items) >= 1)
    return base::fail(base::SourceMark{data + "/factory/elsp_bomberger.csv", 0, 0},
                      "found more demand than the machine can make, expected Bomberger's items");
  const planning::CommonCycle common = planning::common_cycle(*items);
  const planning::LotBound bound = planning::capacity_bound(*items);
  const planning::LotSchedule powers = planning::power_of_two_schedule(*items);
  std::vector<Comparison> all{
      compare_value("machine busy without setups", planning::total_load(*items), 0.8824156545209176,
                    unit::kShare, kDigits),
      compare_value("common cycle", common.cycle, 42.754004006156634, kDays, kDigits),
      compare_value("shortest common cycle", common.cycle_min, 31.892000459084116, kDays, kDigits),
      compare_value("cost of the common cycle", common.cost, 41.16573502090138, kPerDay, kDigits),
      compare_value("lower bound of cost", bound.cost, 31.62078254743658, kPerDay, kDigits),
      compare_bound("cost of the power-of-two schedule", powers.cost, 1.02 * bound.cost, kPerDay),
      compare_bound("fullest base period of that schedule",
                    planning::fullest_period(*items, powers), 1, unit::kShare)};
  all[5].note = "the bound here is ours: at most 2 % above the lower bound";
  return all;
}

Comparisons br17(const std::string& data, Observer& observer) {
  const auto setups = load_instance(data + "/factory/atsp/br17.txt", read_setup_matrix);
  if (!setups) return tl::unexpected(setups.error());
  const base::RandomStream random(1, "validate br17");
  const planning::SetupOrders orders =
      planning::compare_setup_orders(*setups, watched_limits(200, observer), random);
  const planning::SetupOrder searched_order =
      planning::searched_setup_order(*setups, watched_limits(200, observer), random);
  return std::vector<Comparison>{
      compare_search("setup per cycle, dynamic programming", orders.best.setup, 39),
      compare_search("setup per cycle, local search", searched_order.setup, 39)};
}

}  // namespace

std::vector<ValidationCase> factory_planning_cases() {
  std::vector<ValidationCase> cases{
      closed_case("factory-order-joints", "enumeration of all orders",
                  "cyclic order of six joint families with changeovers of at most 15 minutes",
                  joint_orders),
      closed_case(
          "factory-lots-cycle", "setups / (availability - load)",
          "10,000 robots a year of 43 joints in six families on a line that is up 85 % of the "
          "time, yield 98 %; the expected figures are rounded",
          joint_campaign),
      closed_case("factory-lots-queue", "M/G/1 queue of lots, Karmarkar 1987",
                  "40 parts an hour at a minute each, in lots that arrive at random", queued_lots),
      data_case("factory-lots-bomberger", "Bomberger 1966, ten items on one machine",
                "economic lot scheduling: common cycle, bound and power-of-two schedule",
                bomberger),
      data_case("factory-order-br17", "TSPLIB br17", "cyclic order of 17 families with setups",
                br17)};
  for (const auto part : {factory_shop_cases, factory_line_cases})
    for (ValidationCase& c : part()) cases.push_back(std::move(c));
  return cases;
}

}  // namespace windtunnel::study
