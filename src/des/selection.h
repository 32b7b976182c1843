// Choosing the best of several systems from noisy observations, with a guarantee.
//
// KimNelson compares until one is left (Kim and Nelson 2001: KN, fully sequential, c = 1). If the
// best is better than all others by at least `indifference`, it is chosen with probability at least
// 1 - alpha; otherwise one within `indifference` of the best is. Exact for normal observations that
// are independent from round to round; systems may share random numbers within a round, and should:
// what they have in common cancels. Larger is better.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "des/statistics.h"

namespace windtunnel::des {

struct SelectionOptions {
  double indifference = 0;  // > 0
  double alpha = 0.05;      // chance of a wrong choice, at most
  int64_t first = 10;       // rounds before anyone is left out, >= 2
};

class KimNelson {
 public:
  KimNelson(size_t systems, const SelectionOptions& options);

  // Systems still in the race, ascending. One: the choice.
  const std::vector<size_t>& survivors() const { return survivors_; }
  bool done() const { return survivors_.size() == 1; }
  int64_t rounds() const { return rounds_; }
  // Observations of one round, by survivor.
  void add(std::span<const double> observations);
  // Of a system, over the rounds it took part in.
  const Tally& tally(size_t system) const { return tallies_[system]; }
  // The survivor with the largest mean so far.
  size_t leader() const;

 private:
  void measure_differences();
  void leave_out();

  SelectionOptions options_;
  double width_ = 0;  // h squared
  int64_t rounds_ = 0;
  std::vector<size_t> survivors_;
  std::vector<Tally> tallies_;
  std::vector<std::vector<double>> kept_;  // the first rounds, by system; empty afterwards
  std::vector<double> variances_;          // of differences, by pair of systems
};

// How to share `total` observations among systems so that the best is told from the others as
// surely as possible: many for those that vary and are near the best (OCBA; Chen, Lin, Yucesan,
// Chick 2000). Takes the present means and variances; larger is better. Counts sum to `total`, each
// at least one. Systems whose means tie with the best are treated as a thousandth of its deviation
// away.
std::vector<int64_t> ocba_allocation(std::span<const Tally> systems, int64_t total);

}  // namespace windtunnel::des
