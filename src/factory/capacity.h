// What a plant could ship at most, by arithmetic alone: work per shipped piece at each station,
// with yields, rework and parts, against the time its machines are up and open. No plan can do
// better; waiting, blocking and changeovers are left out, so a run ships less.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "factory/plant.h"

namespace windtunnel::factory {

struct StationLoad {
  std::string name;
  double work = 0;       // machine seconds per shipped piece
  double available = 0;  // share of time a machine is up and on shift
  double rate = 0;  // shipped pieces per second that the station allows; infinite: it has no work
};

struct Capacity {
  std::vector<StationLoad> stations;  // as in the plant
  size_t narrowest = 0;               // index of the smallest rate
  double rate = 0;                    // shipped pieces per second; infinite: nothing is shipped
};

// Shipped: pieces whose route ends outside any stock. In which mix they come follows from the
// weights (orders: the quantities) of the releases that make them. Of a plant without problems.
Capacity find_capacity(const Plant& plant);

// Whether finished pieces of the item leave the plant.
bool is_shipped(const Plant& plant, const Item& item);

// Times that a piece visits each step of its route, per piece that reaches the end: yields and
// rework taken into account. Scrapped pieces are begun again at the first step.
std::vector<double> visits_per_finished(const Item& item);

// Share of time a machine of the station is up while it has work, and on shift.
double availability(const Plant& plant, const Station& station);

}  // namespace windtunnel::factory
