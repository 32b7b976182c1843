// What a run writes down about stations, items, stocks and loops while it runs. Whole numbers of
// ticks and pieces, but for tallies and sketches.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/units.h"
#include "des/quantile_sketch.h"
#include "des/statistics.h"
#include "factory/outcome.h"

namespace windtunnel::factory {

// Lengths of time: a sum that loses nothing, and a sketch.
struct Spans {
  base::Int128 sum = 0;
  des::QuantileSketch sketch;

  void add(Duration length) {
    sum += length.ticks();
    sketch.add(length.seconds());
  }
  double mean() const {
    if (sketch.count() == 0) return 0;
    return static_cast<double>(sum) / static_cast<double>(Tick::kPerSecond) /
           static_cast<double>(sketch.count());
  }
};

struct StationBook {
  int64_t arrived = 0;
  int64_t worked = 0;
  int64_t failed = 0;
  int64_t scrapped = 0;
  int64_t setups = 0;
  int64_t lost = 0;
  int64_t delayed = 0;
  des::Level queue;
  des::Level present;
  des::Tally wait;
  Spans stay;

  void restart(int64_t now) {
    StationBook fresh;
    fresh.queue = queue;
    fresh.present = present;
    *this = fresh;
    queue.restart(now);
    present.restart(now);
  }
};

struct ItemBook {
  int64_t released = 0;
  int64_t finished = 0;
  int64_t scrapped = 0;
  int64_t reworked = 0;
  int64_t lost = 0;
  des::Level in_process;
  Spans lead;
  std::vector<int64_t> finished_by_stretch;  // of the whole run

  void restart(int64_t now) {
    released = finished = scrapped = reworked = lost = 0;
    in_process.restart(now);
    lead = {};
  }
};

}  // namespace windtunnel::factory
