// A plant made ready to run: names resolved to indices, routes and times in flat arrays. Const and
// shared by replications and threads; the state of a run belongs to run_plant().
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "factory/outcome.h"
#include "factory/plant.h"

namespace windtunnel::factory {

struct CompiledPlant;

class Model {
 public:
  // The plant has no problems (problems.h).
  static Model build(const Plant& plant);
  ~Model();
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;

  const Plant& plant() const;
  const CompiledPlant& compiled() const { return *compiled_; }

 private:
  explicit Model(std::unique_ptr<const CompiledPlant> compiled);
  std::unique_ptr<const CompiledPlant> compiled_;
};

struct GanttWindow {
  Time begin;
  Time end;
};

struct RunOptions {
  uint64_t seed = 1;
  Duration warm_up;
  Duration measured;           // after it
  size_t stretches_max = 512;  // bounds on what curves keep, whatever the length of the run
  std::optional<GanttWindow> gantt;
  size_t bars_max = 20'000;
  // Asked now and then with the present time; false ends the run (Outcome is not usable then).
  std::function<bool(Time)> go_on = {};
};

// One replication, on the calling thread. Equal arguments give equal outcomes.
Outcome run_plant(const Model& model, const RunOptions& options);

}  // namespace windtunnel::factory
