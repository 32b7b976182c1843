// Flow shops, job shops and shops with vehicles against published optima: part of
// `windtunnel validate factory`.
#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "planning/flow_shop_proof.h"
#include "planning/job_shop_search.h"
#include "planning/vehicle_search.h"
#include "study/instance_shop.h"
#include "study/instance_text.h"
#include "study/instance_vehicles.h"
#include "study/validation_exact.h"
#include "study/validation_planning.h"

namespace windtunnel::study {
namespace {

// Searches, then proves.
planning::FlowShopOrder solve(const planning::FlowShop& shop, int64_t nodes, Observer& observer) {
  constexpr int64_t kIterations = 20'000;  // a third of a second at 20 jobs on 5 machines
  const planning::SearchLimits first = watched_limits(100, observer);
  const base::RandomStream random(1, "validate flow shop");
  // Mostly a short search and a short proof will do.
  planning::FlowShopOrder found = planning::proved_flow_shop(
      shop, planning::searched_flow_shop(shop, first, random), watched_limits(20'000, observer));
  if (found.makespan.optimal()) return found;
  found = planning::searched_flow_shop(shop, watched_limits(kIterations, observer), random);
  return planning::proved_flow_shop(shop, std::move(found), watched_limits(nodes, observer));
}

constexpr int64_t kProofNodes = 1'000'000;

Comparisons flow_optima(const std::string& folder, const char* pattern,
                        const std::vector<int64_t>& optima, Observer& observer) {
  std::vector<Comparison> all;
  for (size_t i = 0; i < optima.size(); ++i) {
    const std::string name = fmt::format(fmt::runtime(pattern), i + 1);
    const auto shop = load_instance(fmt::format("{}/{}.txt", folder, name), read_flow_shop);
    if (!shop) return tl::unexpected(shop.error());
    all.push_back(compare_search(name, solve(*shop, kProofNodes, observer).makespan, optima[i]));
  }
  return all;
}

Comparisons carlier(const std::string& data, Observer& observer) {
  return flow_optima(data + "/factory/pfsp_carlier", "car{}",
                     {7038, 7166, 7312, 8003, 7720, 8505, 6590, 8366}, observer);
}

Comparisons taillard(const std::string& data, Observer& observer) {
  return flow_optima(data + "/factory/pfsp_taillard", "ta{:03}",
                     {1278, 1359, 1081, 1293, 1235, 1195, 1234, 1206, 1230, 1108}, observer);
}

Comparisons taillard_given(const std::string& data, Observer& /*observer*/) {
  constexpr int64_t kMakespans[] = {1448, 1545, 1597, 1754, 1431, 1616, 1528, 1428, 1468, 1404};
  std::vector<Comparison> all;
  for (size_t i = 0; i < std::size(kMakespans); ++i) {
    const std::string name = fmt::format("ta{:03}", i + 1);
    const auto shop =
        load_instance(fmt::format("{}/factory/pfsp_taillard/{}.txt", data, name), read_flow_shop);
    if (!shop) return tl::unexpected(shop.error());
    all.push_back(compare_exact(name + ", jobs as listed",
                                planning::makespan(*shop, planning::given_order(shop->jobs)),
                                kMakespans[i]));
  }
  return all;
}

Comparisons setup_flow(const std::string& data, Observer& observer) {
  const std::string path = data + "/factory/sdst/SDST10_ta001.txt";
  const auto shop = load_instance(path, read_flow_shop);
  if (!shop) return tl::unexpected(shop.error());
  const std::vector<uint32_t> known{8,  16, 5, 2,  0, 13, 18, 14, 3,  15,
                                    10, 7,  4, 17, 6, 9,  11, 1,  12, 19};
  if (shop->jobs != known.size())
    return base::fail(base::SourceMark{path, 0, 0},
                      fmt::format("found {} jobs, expected 20", shop->jobs));
  struct Part {
    size_t jobs;
    int64_t given, best;
  };
  constexpr Part kParts[] = {{6, 697, 639}, {8, 808, 737}, {9, 883, 767}};
  std::vector<Comparison> all{
      compare_exact("jobs as listed", planning::makespan(*shop, planning::given_order(20)), 1535),
      compare_exact("the best sequence known", planning::makespan(*shop, known), 1330)};
  for (const Part& part : kParts) {
    const planning::FlowShop few = planning::first_jobs(*shop, part.jobs);
    all.push_back(compare_exact(fmt::format("first {} jobs as listed", part.jobs),
                                planning::makespan(few, planning::given_order(part.jobs)),
                                part.given));
    all.push_back(compare_search(fmt::format("first {} jobs, best", part.jobs),
                                 solve(few, kProofNodes, observer).makespan, part.best));
  }
  all.push_back(compare_search("best found", solve(*shop, kProofNodes, observer).makespan, 1330));
  return all;
}

Comparisons job_shops(const std::string& data, Observer& observer) {
  struct Row {
    const char* name;
    int64_t makespan;
  };
  constexpr Row kRows[] = {{"ft06", 55}, {"ft10", 930}, {"la01", 666}};
  // The largest takes some 100,000 moves, a third of a second.
  constexpr int64_t kMoves = 1'000'000;
  std::vector<Comparison> all;
  for (const Row& row : kRows) {
    const auto shop =
        load_instance(fmt::format("{}/factory/jobshop/{}.txt", data, row.name), read_job_shop);
    if (!shop) return tl::unexpected(shop.error());
    planning::SearchLimits limits = watched_limits(kMoves, observer);
    limits.target = row.makespan;  // no proof would end the search otherwise
    all.push_back(compare_search(
        row.name,
        planning::searched_job_shop(*shop, limits, base::RandomStream(1, "validate job shop"))
            .makespan,
        row.makespan));
  }
  return all;
}

Comparisons vehicles(const std::string& data, Observer& observer) {
  const std::string folder = data + "/factory/agv_bilge_ulusoy";
  const auto jobs = load_instance(folder + "/jobset01.txt", read_vehicle_jobs);
  if (!jobs) return tl::unexpected(jobs.error());
  constexpr int64_t kMakespans[] = {96, 82};
  std::vector<Comparison> all;
  for (size_t i = 0; i < std::size(kMakespans); ++i) {
    const auto layout =
        load_instance(fmt::format("{}/layout{}.txt", folder, i + 1), read_vehicle_layout);
    if (!layout) return tl::unexpected(layout.error());
    const auto shop = vehicle_shop(*jobs, *layout);
    if (!shop) return tl::unexpected(shop.error());
    planning::VehicleLimits limits;
    limits.stop = [&observer] { return observer.stop_requested(); };
    const planning::VehiclePlan plan = planning::best_vehicle_plan(*shop, limits);
    const std::string name = fmt::format("layout {}, {} vehicles", i + 1, shop->vehicles);
    all.push_back(compare_proof(name, plan.makespan, kMakespans[i]));
    all.push_back(compare_exact(name + ", its steps evaluated",
                                planning::vehicle_times(*shop, plan.steps).makespan,
                                kMakespans[i]));
  }
  return all;
}

}  // namespace

std::vector<ValidationCase> factory_shop_cases() {
  return {
      data_case("factory-flow-carlier", "Carlier car1 to car8, permutations only",
                "flow shops of 7 to 14 jobs: the search's makespan", carlier),
      data_case("factory-flow-taillard", "Taillard ta001 to ta010",
                "flow shops of 20 jobs on 5 machines: the search's makespan", taillard),
      data_case("factory-flow-given", "Taillard ta001 to ta010",
                "flow shops of 20 jobs on 5 machines: makespan of the jobs as listed",
                taillard_given),
      data_case("factory-flow-setups", "Ruiz SDST10_ta001",
                "a flow shop of 20 jobs on 5 machines with setups that depend on the sequence",
                setup_flow),
      data_case("factory-job-shop", "Fisher and Thompson ft06, ft10; Lawrence la01",
                "job shops of 6 by 6, 10 by 10 and 10 by 5: the search's makespan, which ends when "
                "it has the published one",
                job_shops),
      data_case("factory-job-vehicles", "Bilge and Ulusoy 1995, job set 1",
                "a job shop of five jobs in which two vehicles carry them, proved", vehicles)};
}

}  // namespace windtunnel::study
