// Lots that queue before a machine: how large they should be so that parts are through soonest.
//
// Lots of Q parts arrive at random (Poisson), demand / Q of them per time, and take setup + Q *
// unit time each: an M/G/1 queue (Karmarkar, Management Science 33, 1987). Small lots drown the
// machine in setups, large ones wait for themselves. One time unit throughout, the caller's choice.
#pragma once

#include <cstdint>

namespace windtunnel::planning {

struct LotQueue {
  double demand = 0;       // parts per time
  double unit_time = 0;    // per part
  double setup_time = 0;   // per lot
  double service_scv = 0;  // squared coefficient of variation of a lot's service; 0: constant
};

// Lots must be larger than this for the queue to be stable; infinite when the parts alone fill the
// machine.
double lot_min(const LotQueue& queue);

// Share of time the machine sets up or works.
double lot_utilisation(const LotQueue& queue, double lot);

// Time from a lot's arrival to its end; infinite when the queue is not stable.
double lot_sojourn(const LotQueue& queue, double lot);

struct LotChoice {
  int64_t lot = 0;
  double sojourn = 0;
  double utilisation = 0;
};
// The whole lot with the least sojourn; lot 0 and infinite when none is stable.
LotChoice best_lot(const LotQueue& queue);

}  // namespace windtunnel::planning
