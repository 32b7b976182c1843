// Known answers for lines: machines in a row with room for few pieces between them.
#pragma once

#include <cstdint>
#include <vector>

namespace windtunnel::factory {

// A machine that takes one slot a piece; before a piece it breaks down with probability `fails` and
// is repaired in each later slot with probability `repaired`.
struct SlottedMachine {
  double repaired = 0;
  double fails = 0;
  double alone() const { return repaired / (repaired + fails); }  // pieces a slot
};

// Two of them with room for `capacity` pieces from leaving the first to leaving the second: the
// buffer, the place at the second machine and the one at the first that blocks it (Buzacott 1967,
// Gershwin and Schick 1983). capacity >= 4.
struct SlottedLine {
  double throughput = 0;  // pieces a slot
  double level = 0;       // mean pieces between
};
SlottedLine slotted_line(const SlottedMachine& first, const SlottedMachine& second,
                         int64_t capacity);
// Without any room, where one stops with the other.
double slotted_line_rigid(const SlottedMachine& first, const SlottedMachine& second);
// With any amount of it.
double slotted_line_unlimited(const SlottedMachine& first, const SlottedMachine& second);

// Pieces a unit of time through exponential machines in a row, the first never starved and the last
// never blocked, with `buffer` places between neighbours (Hillier and Boling 1967), blocking after
// service. Exact, by the Markov chain; meant for up to a few hundred states.
double exponential_line(const std::vector<double>& rates, int64_t buffer);

// Two streams of parts that arrive at the same rate into stores of `capacity`, lost when it is
// full, and leave in pairs at once: pairs a unit of time.
double kitting_rate(double rate, int64_t capacity);

// Pieces a unit of time through `stations` in a row, one machine of mean time `mean` each, with
// `cards` pieces always in the line.
struct ConstantWip {
  double best = 0;             // times that do not vary
  double practical_worst = 0;  // exponential times
  double worst = 0;            // all pieces wait for one that takes the time of all
  double cycle = 0;            // mean time through the line, exponential times
};
ConstantWip constant_wip(int64_t stations, double mean, int64_t cards);

}  // namespace windtunnel::factory
