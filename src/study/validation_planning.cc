#include "study/validation_planning.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "planning/setup_matrix.h"
#include "report/measurements.h"

namespace windtunnel::study {
namespace {

namespace unit = report::unit;

using Comparisons = base::Result<std::vector<Comparison>>;

constexpr char kMinutes[] = "min";

// Six joint families, hip to hand: minutes from a to b = min(15, 4 + 2 |size a - size b| + (4 if
// their types differ)).
planning::SetupMatrix joint_setups() {
  constexpr int kSizes[] = {4, 3, 3, 2, 1, 0};
  constexpr int kTypes[] = {1, 1, 0, 0, 0, 2};
  std::vector<int64_t> rows;
  for (int a = 0; a < 6; ++a) {
    for (int b = 0; b < 6; ++b) {
      const int differ = kTypes[a] == kTypes[b] ? 0 : 4;
      rows.push_back(a == b ? 0 : std::min(15, 4 + 2 * std::abs(kSizes[a] - kSizes[b]) + differ));
    }
  }
  return {6, std::move(rows)};
}

Comparisons joint_orders(Observer& /*observer*/) {
  const planning::SetupMatrix setups = joint_setups();
  const std::vector<uint32_t> worst{0, 2, 5, 3, 1, 4};
  return std::vector<Comparison>{
      compare_value("order 0 1 2 3 4 5, setup per cycle",
                    static_cast<double>(setups.cycle_setup(planning::given_order(6))), 51, kMinutes,
                    0),
      compare_value("order 0 2 5 3 1 4, setup per cycle",
                    static_cast<double>(setups.cycle_setup(worst)), 72, kMinutes, 0),
      compare_value("mean of all orders, setup per cycle", setups.mean_cycle_setup(), 62.8,
                    kMinutes, 1e-9)};
}

}  // namespace

std::vector<ValidationCase> factory_planning_cases() {
  std::vector<ValidationCase> cases;
  cases.push_back({"factory-order-joints", "enumeration of all orders",
                   "cyclic order of six joint families with changeovers of at most 15 minutes",
                   joint_orders});
  return cases;
}

}  // namespace windtunnel::study
