// Where a process stands until somebody tells it to go on. One process at a time.
#pragma once

#include "des/waiter.h"

namespace windtunnel::factory {

class Parking;

class Parked final : public des::Wait<Parked> {
 public:
  explicit Parked(Parking& place) : place_(&place) {}
  Parked(Parked&&) noexcept = default;
  ~Parked() override { abandon(); }

  bool poll() const { return false; }
  void arm();
  void result() const {}
  des::Outcome outcome() const { return outcome_now(); }

 protected:
  void disarm() noexcept override;

 private:
  Parking* place_;
};

class Parking {
 public:
  Parked wait() { return Parked(*this); }
  bool occupied() const { return parked_ != nullptr; }
  // Whoever waits goes on in this turn.
  void release() {
    Parked* const parked = parked_;
    parked_ = nullptr;
    parked->complete();
  }

 private:
  friend class Parked;
  Parked* parked_ = nullptr;
};

inline void Parked::arm() { place_->parked_ = this; }
inline void Parked::disarm() noexcept { place_->parked_ = nullptr; }

}  // namespace windtunnel::factory
