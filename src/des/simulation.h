// A kernel with typed time. The tick is the type parameter: Simulation<base::Picoseconds> for
// networks (int64_t picoseconds last 106 days), Simulation<base::Microseconds> for a year of
// factory shifts (292,000 years).
#pragma once

#include <cstdint>

#include "base/units.h"
#include "des/delay.h"
#include "des/kernel.h"
#include "des/process.h"

namespace windtunnel::des {

template <class Tick>
class Simulation : public Kernel {
 public:
  using Time = base::BasicTime<Tick>;
  using Duration = base::BasicDuration<Tick>;

  Simulation() : Simulation(KernelOptions{}) {}
  // options.ticks_per_second is that of Tick, whatever it says.
  explicit Simulation(KernelOptions options) : Kernel(with_tick(options)) {}

  Time now() const { return Time::at(Duration::ticks(now_ticks())); }

  // A plain event at a time or after a delay, see kernel.h.
  void schedule(Time at, const EventBody& body) { schedule_at(at.ticks(), body); }
  void schedule(Duration delay, const EventBody& body) { schedule(now() + delay, body); }
  TimerId schedule_timer(Time at, const EventBody& body) {
    return schedule_timer_at(at.ticks(), body);
  }
  TimerId schedule_timer(Duration delay, const EventBody& body) {
    return schedule_timer(now() + delay, body);
  }

  // A wait of a process, see delay.h.
  BasicDelay<Tick> delay(Duration length, EventClass event_class = EventClass::kNormal) const {
    return BasicDelay<Tick>(length, event_class);
  }
  // At once when `at` has passed.
  BasicDelay<Tick> until(Time at, EventClass event_class = EventClass::kNormal) const {
    return BasicDelay<Tick>(at > now() ? at - now() : Duration::zero(), event_class);
  }

  RunEnd run_until(Time end) { return run_until_ticks(end.ticks()); }

 private:
  static KernelOptions with_tick(KernelOptions options) {
    options.ticks_per_second = Tick::kPerSecond;
    return options;
  }
};

}  // namespace windtunnel::des
