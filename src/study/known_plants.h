// Plants whose long-run behaviour is known exactly, built as plain structs: what validation
// simulates. Unless a comment says otherwise one unit of time is a second and the mean time of one
// operation is one unit.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "factory/known_lines.h"
#include "factory/plant.h"

namespace windtunnel::study {

base::TimeDistribution constant_time(double seconds);
base::TimeDistribution exponential_time(double mean);
base::TimeDistribution erlang2_time(double mean);
// Two phases with balanced means; cv is the coefficient of variation.
base::TimeDistribution hyperexponential_time(double mean, base::Ratio cv);

// One station "station" with an unlimited queue, or none at all when `loses`: then what finds no
// machine free is lost.
struct QueuePlant {
  base::TimeDistribution between;
  base::TimeDistribution time;
  int64_t machines = 1;
  bool loses = false;
};
factory::Plant queue_plant(const QueuePlant& queue);
// One machine, exponential times, breakdowns by running time.
factory::Plant breakdown_plant(double arrival_rate, double mean, double between, double repair);
// Machines that fail by the clock and share a crew of `repairers`.
factory::Plant repair_plant(int64_t machines, int64_t repairers, double between, double repair);
// M/M/1 that begins empty, as an order book: `customers` orders for one piece each, released at
// random moments drawn with `seed`.
factory::Plant order_plant(double arrival_rate, int64_t customers, uint64_t seed);

// Stations "first" and "second"; one in `again_of` pieces goes back to the first.
factory::Plant rework_plant(double arrival_rate, double first_rate, double second_rate,
                            int64_t again_of);
// Stations in a row with `cards` pieces among them.
factory::Plant loop_plant(const std::vector<base::TimeDistribution>& times, int64_t cards);
// The same when one of `cards` pieces takes the time of all and the others none.
factory::Plant convoy_plant(int64_t stations, double mean, int64_t cards);
// `queues` families at one machine in cyclic order, each switch paid.
factory::Plant polling_plant(int64_t queues, double load, double switching, factory::Serve serve);
// Lots of `lot` pieces at random moments, a setup before each. In minutes and hours; `demand`
// pieces an hour.
struct LotPlant {
  double demand = 40;
  int64_t lot = 60;
  double each_minutes = 1;
  double setup_minutes = 15;
  // A lot is one piece that takes the time of all; or pieces that are worked on together; or one
  // after the other.
  enum class As : uint8_t { kOne, kBatch, kPieces };
  As as = As::kOne;
};
factory::Plant lot_plant(const LotPlant& lots);

// Two machines with slots of a second and `buffer` places between.
factory::Plant slotted_plant(const factory::SlottedMachine& first,
                             const factory::SlottedMachine& second, int64_t buffer);
// One machine with the breakdowns of all of these: a rigid line.
factory::Plant slotted_machine_plant(const std::vector<factory::SlottedMachine>& of);
// Exponential machines in a row with `buffer` places between neighbours.
factory::Plant exponential_line_plant(const std::vector<double>& rates, int64_t buffer);
// Two streams of parts, stores of `capacity`, pairs leave at once.
factory::Plant kitting_plant(double rate, int64_t capacity);
// A robot is good when its `joints` joints are, each with chance `good`.
factory::Plant kit_plant(int64_t joints, base::Ratio good);

}  // namespace windtunnel::study
