// Any bytes as a flow shop, a job shop, a setup matrix and a shop with vehicles: the readers
// return, and what they accept is a shop that can be evaluated.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "planning/flow_shop.h"
#include "study/instance_setups.h"
#include "study/instance_shop.h"
#include "study/instance_vehicles.h"

namespace planning = windtunnel::planning;
namespace study = windtunnel::study;

namespace {

void check_jobs(const planning::JobShop& shop) {
  for (const auto& job : shop.jobs) {
    WT_CHECK(!job.empty(), "a job does something");
    for (const auto& operation : job) {
      WT_CHECK(operation.machine < shop.machines, "operations name machines");
      WT_CHECK(operation.time >= 0, "no operation ends before it begins");
    }
  }
}

template <class Result>
void check_refusal(const Result& result) {
  if (!result) WT_CHECK(!result.error().message.empty(), "a refusal says why");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text;
  for (size_t i = 0; i < size; ++i) text += static_cast<char>(data[i]);
  const auto flow = study::read_flow_shop(text, "fuzz.txt");
  check_refusal(flow);
  if (flow) {
    planning::check_flow_shop(*flow);
    WT_CHECK(planning::makespan(*flow, planning::given_order(flow->jobs)) >= 0, "time goes on");
  }
  const auto jobs = study::read_job_shop(text, "fuzz.txt");
  check_refusal(jobs);
  if (jobs) check_jobs(*jobs);
  const auto setups = study::read_setup_matrix(text, "fuzz.txt");
  check_refusal(setups);
  if (setups)
    WT_CHECK(setups->cycle_setup(planning::given_order(setups->families())) >= 0, "time goes on");
  const auto layout = study::read_vehicle_layout(text, "fuzz.txt");
  check_refusal(layout);
  if (layout) WT_CHECK(layout->travel.size() == layout->places * layout->places, "square");
  const auto set = study::read_vehicle_jobs(text, "fuzz.txt");
  check_refusal(set);
  if (set) check_jobs(set->shop);
  return 0;
}
