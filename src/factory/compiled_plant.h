// A plant with its names resolved: everything refers to everything else by index, and what can be
// worked out before the run is. Const, and shared by all replications.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "base/random.h"
#include "factory/layout.h"
#include "factory/plant.h"

namespace windtunnel::factory {

inline constexpr uint32_t kNone = 0xffffffff;
inline constexpr int64_t kUnlimited = std::numeric_limits<int64_t>::max();

// A distribution that knows whether it needs chance at all.
struct Sampler {
  TimeDistribution distribution;
  bool constant = true;
  Duration value;

  Sampler() = default;
  explicit Sampler(const TimeDistribution& d)
      : distribution(d), constant(d.shape == base::TimeShape::kConstant), value(d.mean) {}
  Duration draw(base::RandomStream& stream) const {
    return constant ? value : base::draw(distribution, stream);
  }
};

struct CompiledPart {
  uint32_t stock = kNone;
  int64_t count = 1;
};

// Loops whose card a piece takes when it begins a way, and gives back at its end.
struct CardMoves {
  std::vector<uint32_t> take;
  std::vector<uint32_t> give;
};

struct CompiledStep {
  uint32_t item = 0;
  uint32_t station = 0;
  uint32_t line = 0;      // of the station's lines
  uint32_t next = kNone;  // kNone: the end of the route
  uint32_t family = 0;
  // A vehicle is needed: onward, to the next step or to the stock at the end; and to rework.
  bool rides_onward = false;
  bool rides_back = false;
  Sampler time;
  Sampler docking;
  bool docks = false;
  std::vector<CompiledPart> parts;
  Ratio yield{1, 1};
  bool always_passes = true;
  OnFail on_fail = OnFail::kScrap;
  uint32_t rework_to = kNone;
  Sampler rework_time;
  int64_t rework_max = 0;
  std::vector<uint32_t> cards;  // loops whose card a piece holds while it is at this step
  CardMoves onward;             // to the next step, or out of the route
  CardMoves back;               // to rework
};

struct CompiledItem {
  uint32_t family = 0;
  uint32_t protocol = 0;  // 0: any bench will do
  uint32_t step = kNone;  // the first; kNone: bought
  uint32_t stock = kNone;
};

// Pieces that a station need not tell apart.
struct CompiledLine {
  uint32_t family = 0;  // meaningful where the station looks at it
  uint32_t protocol = 0;
};

struct CompiledMachine {
  std::vector<uint32_t> lines;  // that it serves
};

struct CompiledStation {
  uint32_t machine = 0;  // the first of its machines
  int64_t buffer = kUnlimited;
  uint32_t setups = kNone;
  uint32_t setup_crew = kNone;
  uint32_t operators = kNone;
  uint32_t calendar = kNone;           // kNone: always open
  uint32_t place = kNone;              // of the layout; kNone: pieces come and go by themselves
  std::vector<uint32_t> repair_crews;  // of its breakdowns
  std::vector<CompiledLine> lines;
  std::vector<CompiledMachine> machines;
  std::vector<uint32_t> families;  // in the cyclic order of kExhaustive and kGated
  std::vector<uint32_t> turn_of;   // family -> index into `families`
  bool loop_begins = false;        // a card is needed to enter
  bool alike = true;               // every machine takes every piece: one that waits stops all
};

struct CompiledMatrix {
  std::vector<Duration> times;  // [from * families + to], scaled
  bool has_initial = false;
  Duration initial;
};

struct CompiledShare {
  uint32_t item = 0;
  int64_t weight = 1;
  int64_t lot = 1;
  int64_t stock_cap = kUnlimited;
};

struct CompiledRelease {
  std::vector<CompiledShare> shares;
  int64_t weights = 0;             // of all shares
  std::vector<uint32_t> sequence;  // saturated: shares, as evenly mixed as their weights allow
  Sampler between;
};

struct CompiledOrder {
  uint32_t item = 0;
  uint32_t release = kNone;
  Time released;
  int64_t due = kUnlimited;  // ticks
};

struct CompiledLoop {
  uint32_t from = 0;
  uint32_t to = 0;
};

struct CompiledPlant {
  Plant plant;
  uint32_t families = 0;
  std::vector<CompiledItem> items;
  std::vector<CompiledStep> steps;
  std::vector<CompiledStation> stations;
  uint32_t machines = 0;
  std::vector<uint32_t> stocks;  // stock -> item
  std::vector<uint32_t> stock_places;
  std::optional<Layout> layout;  // none: everything moves in no time
  std::vector<CompiledMatrix> setups;
  std::vector<CompiledRelease> releases;
  std::vector<CompiledOrder> orders;
  std::vector<CompiledLoop> loops;
  std::vector<uint32_t> crew_calendars;

  // From one place to the other a vehicle is needed.
  bool needs_ride(uint32_t from, uint32_t to) const {
    return layout && from != kNone && to != kNone && from != to;
  }
  Duration setup(uint32_t matrix, uint32_t from, uint32_t to) const {
    return setups[matrix].times[static_cast<size_t>(from) * families + to];
  }
};

// The plant has no problems (problems.h).
CompiledPlant compile_plant(const Plant& plant);

}  // namespace windtunnel::factory
