// Known answers as experiments: plants are simulated with replications, and each figure with a
// known value gets an interval of its own. The rows of `windtunnel validate factory` that simulate
// are made of these.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "des/confidence.h"
#include "factory/outcome.h"
#include "factory/plant.h"

namespace windtunnel::study {

// How hard to try. Equal efforts give equal results, for any number of threads.
struct KnownEffort {
  uint64_t seed = 1;
  double length = 1;     // of runs, in proportion to what the experiment asks for
  double level = 0.999;  // of the intervals
  int threads = 1;
  std::function<bool()> stop = {};  // asked now and then, by one thread at a time
};

struct KnownResult {
  std::string row;    // of the list of known values: "MM1_lam0.8"
  std::string field;  // of the row: "Wq"
  std::string what;   // in words
  std::string unit;
  des::Interval ours;
  double expected = 0;
  double width = 0;  // largest half width of the interval, as a share of the expected value
  double bias = 0;   // share of it that the figure may be off besides chance

  bool contained() const;
  bool narrow(double factor = 1) const;  // within factor x width
};

// A figure of one replication. `measure` sees a run of the plant below.
struct KnownFigure {
  std::string row;
  std::string field;
  std::string what;
  std::string unit;
  double expected = 0;
  double width = 0.01;
  std::function<double(const factory::Outcome&)> measure;
  double bias = 0;
};

struct KnownPlant {
  std::string name;  // in the words of results: "load 0.8"
  factory::Plant plant;
  double warm_up = 0;   // s
  double measured = 0;  // s, a replication
  std::vector<KnownFigure> figures = {};
  int64_t replications = 30;
  bool exact = false;  // nothing varies: measured in full whatever the effort
};

struct KnownExperiment {
  std::string name;    // of the row of `windtunnel validate`
  std::string source;  // of the expected values
  std::string about;
  std::vector<KnownPlant> plants = {};
  // What is not a plant with figures of its own; after these.
  std::function<std::vector<KnownResult>(const KnownEffort&)> more = {};
};

KnownExperiment of_plants(std::string name, std::string source, std::string about,
                          std::vector<KnownPlant> plants);

// The outcomes of the replications of a plant, of length `measured` x effort.length. None when it
// was stopped.
std::vector<factory::Outcome> replicate_plant(const KnownPlant& plant, const KnownEffort& effort);
std::vector<KnownResult> judge_plant(const KnownPlant& plant, const KnownEffort& effort);
std::vector<KnownResult> judge_experiment(const KnownExperiment& experiment,
                                          const KnownEffort& effort);

// All of them, in the order of validation.
std::vector<KnownExperiment> known_queue_experiments();
std::vector<KnownExperiment> known_breakdown_experiments();
std::vector<KnownExperiment> known_network_experiments();
std::vector<KnownExperiment> known_line_experiments();
std::vector<KnownExperiment> known_output_experiments();
std::vector<KnownExperiment> known_reference_experiments();
std::vector<KnownExperiment> known_experiments();

// ---- figures that many plants share

double per_second(int64_t count, const factory::Outcome& outcome);
const factory::StationOutcome& station_of(const factory::Outcome& outcome, size_t index = 0);

}  // namespace windtunnel::study
