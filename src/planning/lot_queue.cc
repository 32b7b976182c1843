#include "planning/lot_queue.h"

#include <cmath>
#include <limits>

namespace windtunnel::planning {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr double kLotMax = 1e15;  // whole doubles are exact well beyond

}  // namespace

double lot_min(const LotQueue& queue) {
  const double rest = 1 - queue.demand * queue.unit_time;
  return rest > 0 ? queue.demand * queue.setup_time / rest : kInfinite;
}

double lot_utilisation(const LotQueue& queue, double lot) {
  return queue.demand / lot * (queue.setup_time + lot * queue.unit_time);
}

double lot_sojourn(const LotQueue& queue, double lot) {
  const double busy = lot_utilisation(queue, lot);
  if (!(lot > 0) || lot <= lot_min(queue) || busy >= 1) return kInfinite;
  const double service = queue.setup_time + lot * queue.unit_time;
  return service + busy * service * (1 + queue.service_scv) / (2 * (1 - busy));
}

LotChoice best_lot(const LotQueue& queue) {
  const double least = std::floor(lot_min(queue)) + 1;
  if (!(least < kLotMax)) return {0, kInfinite, kInfinite};
  // The sojourn falls to one minimum and rises after it.
  double low = least;
  double high = least + 1;
  while (high < kLotMax && !(lot_sojourn(queue, high) > lot_sojourn(queue, high - 1)))
    high = least + 2 * (high - least);
  while (low < high) {
    const double middle = low + std::floor((high - low) / 2);
    if (lot_sojourn(queue, middle + 1) < lot_sojourn(queue, middle)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return {static_cast<int64_t>(low), lot_sojourn(queue, low), lot_utilisation(queue, low)};
}

}  // namespace windtunnel::planning
