// A machine as a process: chooses, sets up, takes parts, works, hands on what it made, and stands
// blocked until that has gone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "des/process.h"
#include "factory/ledger.h"
#include "factory/machine_clock.h"
#include "factory/parking.h"
#include "factory/piece_pool.h"
#include "factory/sim.h"
#include "factory/station.h"
#include "factory/upkeep.h"

namespace windtunnel::factory {

class World;

class Machine {
 public:
  Machine(World& world, uint32_t station, uint32_t number, uint32_t index);
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  des::Process run();

  uint32_t family() const { return memory_.family; }
  // Up and on shift.
  bool ready() const { return !upkeep_ || upkeep_->is_ready(); }
  // Called on an idle machine. Takes work from the queue if there is some for it and goes on.
  bool start();
  // Called on an idle machine that is not ready: it will look by itself as soon as it is. False
  // when it does so already.
  bool rouse();
  // Shows why it is idle.
  void show_idle();
  void got_parts() {
    set_active(true);
    parking_.release();
  }
  // One of the pieces that block it is gone.
  void piece_left() {
    if (--in_hand_ > 0 || !parking_.occupied()) return;
    set_active(true);
    parking_.release();
  }
  int64_t breakdowns() const { return upkeep_ ? upkeep_->breakdowns() : 0; }
  void restart() {
    if (upkeep_) upkeep_->restart();
  }
  const std::string& station_name() const { return at_.described().name; }

  Sim& kernel() const;
  MachineClock clock;

 private:
  bool find_work();
  Duration setup_time(uint32_t family, uint64_t lot) const;
  des::Task<void> set_up(Duration length, int32_t item);
  des::Task<void> visit();
  des::Task<void> fetch_parts(const CompiledStep& step);
  des::Task<void> prepare();
  // How what has been chosen begins. Undisturbed: nothing but its length has to be waited for.
  enum class Begin : uint8_t { kToPrepare, kUndisturbed, kDisturbed };
  Begin begin_work();
  Begin begin_operation();
  uint64_t lot() const;
  void end_waits();
  void lose(Loss loss);
  void lose_time(Loss loss);
  void account_work(uint32_t step, Duration length);
  void set_active(bool active);
  void end_work(WorkEnd how);
  void block();
  bool passes(PieceId piece, const CompiledStep& step, uint32_t index);
  void fail_piece(PieceId piece, const CompiledStep& step, uint32_t index, bool scrapped);

  World& world_;
  StationRun& at_;
  uint32_t station_;
  uint32_t number_;               // within the station
  uint32_t index_;                // of all machines
  std::optional<Upkeep> upkeep_;  // none: nothing ever disturbs it
  Parking parking_;
  MachineMemory memory_;
  Work work_;
  std::vector<uint32_t> rides_;  // of parts that are fetched
  bool active_ = true;
  Duration length_;      // of the operation
  int32_t item_ = -1;    // that it is on
  int64_t in_hand_ = 0;  // pieces of the batch that have not left
};

}  // namespace windtunnel::factory
