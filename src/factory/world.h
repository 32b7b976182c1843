// One run of a plant: the state, and who acts on it. Flow moves pieces, Stores keeps what is
// finished, Feeds releases, machines work. Each knows the world and finds the others there.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "des/time_series.h"
#include "factory/books.h"
#include "factory/compiled_plant.h"
#include "factory/crew.h"
#include "factory/feeds.h"
#include "factory/fleet.h"
#include "factory/flow.h"
#include "factory/ledger.h"
#include "factory/machine.h"
#include "factory/machine_clock.h"
#include "factory/model.h"
#include "factory/piece_pool.h"
#include "factory/sim.h"
#include "factory/station.h"
#include "factory/stores.h"
#include "factory/upkeep.h"

namespace windtunnel::factory {

// The chance of a step, one stream for each thing it decides.
struct StepStreams {
  base::RandomStream time;
  base::RandomStream docking;
  base::RandomStream yield;
  base::RandomStream rework;
};

class World {
 public:
  World(const CompiledPlant& plant, const RunOptions& options);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Forgets what was measured so far.
  void restart();
  void settle_clocks();
  StationRun& station_of(const Piece& piece) { return stations[plant.steps[piece.step].station]; }

  const CompiledPlant& plant;
  const RunOptions& options;
  Time end;
  Duration stretch;
  PiecePool pieces;
  BarBook bars;
  std::vector<StationRun> stations;
  std::vector<UpkeepRules> rules;  // of each station's machines
  std::vector<std::unique_ptr<Machine>> machines;
  Sim sim;  // after what its processes stand in
  std::vector<std::unique_ptr<Roster>> crews;
  std::optional<Vehicles> vehicles;
  std::vector<StepStreams> streams;
  std::vector<ItemBook> items;
  des::TimeSeries in_process;
  Ledger ledger;
  bool keeps_ledger;
  // Machines that are at something, or about to look for it: they need nobody to go on.
  int64_t active = 0;
  std::string stuck_where;  // empty: it is not
  Flow flow;
  Stores stores;
  Feeds feeds;

 private:
  void make_rules();
  void make_stations();
  void make_streams();
};

}  // namespace windtunnel::factory
