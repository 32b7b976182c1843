#include "factory/known_lines.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"
#include "factory/markov_chain.h"

namespace windtunnel::factory {
namespace {

// In the state of an exponential line: the machine holds a piece that finds no room ahead.
constexpr int kBlocked = -1;

// Sums of the weights of states: of all, of those with nothing for the second machine to do, and
// weighted by the level.
struct Weights {
  double all = 0;
  double starved = 0;
  double level = 0;
  void add(double at_level, double weight) {
    all += weight;
    level += at_level * weight;
  }
};

}  // namespace

SlottedLine slotted_line(const SlottedMachine& first, const SlottedMachine& second,
                         int64_t capacity) {
  WT_CHECK(capacity >= 4, "the closed form begins at four pieces between");
  const double r1 = first.repaired;
  const double r2 = second.repaired;
  const double p1 = first.fails;
  const double p2 = second.fails;
  const double s = r1 + r2 - r1 * r2;
  const double p = p1 + p2 - p1 * p2;
  const double y1 = (s - r1 * p2) / (p - p1 * r2);
  const double y2 = (s - p1 * r2) / (p - r1 * p2);
  const double x = y2 / y1;
  const auto n = static_cast<double>(capacity);
  Weights w;
  // Inner levels: both machines up or down, in any combination.
  for (int64_t level = 2; level <= capacity - 2; ++level)
    w.add(static_cast<double>(level),
          std::pow(x, static_cast<double>(level)) * (1 + y1) * (1 + y2));
  w.starved = x * (s - r1 * p2) / (r1 * p2);
  w.add(0, w.starved);
  w.add(1, x + x * y2 + x * (s - r1 * p2) / (p2 * (p - r1 * p2)));
  const double last = std::pow(x, n - 1);
  w.add(n - 1, last + last * y1 + last * (s - p1 * r2) / (p1 * (p - p1 * r2)));
  w.add(n, last * (s - p1 * r2) / (p1 * r2));
  return {second.alone() * (1 - w.starved / w.all), w.level / w.all};
}

double slotted_line_rigid(const SlottedMachine& first, const SlottedMachine& second) {
  return 1 / (1 + first.fails / first.repaired + second.fails / second.repaired);
}

double slotted_line_unlimited(const SlottedMachine& first, const SlottedMachine& second) {
  return std::min(first.alone(), second.alone());
}

double exponential_line(const std::vector<double>& rates, int64_t buffer) {
  // State: pieces waiting in front of each machine but the first, and at it (0 to buffer + 1);
  // then, for each machine but the last, whether it is blocked.
  using State = StateSpace::State;
  const size_t machines = rates.size();
  const auto room = static_cast<int>(buffer) + 1;
  const auto works = [](const State& s, size_t i) {
    return s[2 * i + 1] != kBlocked && (i == 0 || s[2 * i] > 0);
  };
  // Machine i has passed a piece on: takes over what blocked machine i - 1, and so on upstream.
  const auto passed_on = [&](State& s, size_t i) {
    for (; i > 0; --i) {
      --s[2 * i];
      if (s[2 * i - 1] != kBlocked) return;
      s[2 * i - 1] = 0;
      ++s[2 * i];
    }
  };
  const StateSpace space(State(2 * machines, 0), [&](const State& s) {
    std::vector<StateSpace::Move> moves;
    for (size_t i = 0; i < machines; ++i) {
      if (!works(s, i)) continue;
      StateSpace::Move move{s, rates[i]};
      if (i + 1 < machines && s[2 * i + 2] == room) {
        move.to[2 * i + 1] = kBlocked;
      } else {
        if (i + 1 < machines) ++move.to[2 * i + 2];
        passed_on(move.to, i);
      }
      moves.push_back(std::move(move));
    }
    return moves;
  });
  return space.mean([&](const State& s) { return works(s, machines - 1) ? rates.back() : 0.0; });
}

double kitting_rate(double rate, int64_t capacity) {
  // The difference of the stores walks between -capacity and capacity, all values equally likely,
  // and an arrival is lost at its own end of it.
  const auto k = static_cast<double>(capacity);
  return rate * 2 * k / (2 * k + 1);
}

ConstantWip constant_wip(int64_t stations, double mean, int64_t cards) {
  const auto m = static_cast<double>(stations);
  const auto w = static_cast<double>(cards);
  ConstantWip f;
  f.best = std::min(w / (m * mean), 1 / mean);
  f.practical_worst = w / (w + m - 1) / mean;
  f.worst = 1 / (m * mean);
  f.cycle = w / f.practical_worst;
  return f;
}

}  // namespace windtunnel::factory
