#include "planning/car_sequence.h"

namespace windtunnel::planning {

int64_t CarProblem::cars() const {
  int64_t sum = 0;
  for (const Class& c : classes) sum += c.cars;
  return sum;
}

}  // namespace windtunnel::planning
