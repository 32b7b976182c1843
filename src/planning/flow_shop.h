// The permutation flow shop: every job visits machines 0, 1, 2... in turn, and every machine runs
// the jobs in one order. Wanted is the order that ends soonest.
//
// With setups, machine m needs setups[m].at(i, j) between jobs i and j. A setup is anticipatory: it
// begins when i leaves, before j has arrived. The first job of a machine needs none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "planning/setup_matrix.h"

namespace windtunnel::planning {

// Sums over a shop must stay exact: no time may exceed this.
inline constexpr int64_t kJobTimeMax = int64_t{1} << 40;

struct FlowShop {
  size_t jobs = 0;
  size_t machines = 0;
  std::vector<int64_t> times = {};       // job after job, each at least 0
  std::vector<SetupMatrix> setups = {};  // one per machine, or none at all

  int64_t time(size_t job, size_t machine) const { return times[job * machines + machine]; }
};

// Checks sizes and ranges: what a reader or a caller must have made sure of.
void check_flow_shop(const FlowShop& shop);

// When the last job of `order` leaves the last machine. `order` may name fewer than all jobs, but
// none twice.
int64_t makespan(const FlowShop& shop, std::span<const uint32_t> order);

// What no order can go below.
//
// On each machine: what must pass before its first job, all work on it with the least setups in
// between, and what must follow its last. Without setups also on each pair of machines: Johnson's
// rule with the machines between taken as lags (Lageweg, Lenstra, Rinnooy Kan, Operations Research
// 26, 1978).
int64_t makespan_bound(const FlowShop& shop);

// The first `jobs` of a shop.
FlowShop first_jobs(const FlowShop& shop, size_t jobs);

}  // namespace windtunnel::planning
