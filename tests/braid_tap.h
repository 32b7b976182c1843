// One engine as the driver and the judges see it. Normally it hands every question through. For
// the proof that the judges can fail it tells, or makes the driver do, one wrong thing.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "braid/endpoint.h"

namespace windtunnel::braid_hostile {

// One fault per invariant and more; kNone for real runs.
enum class Sabotage : uint8_t {
  kNone,
  kPlaceElsewhere,   // one byte past the address
  kPlaceGarbage,     // payload changed on the way into memory
  kPlaceDuplicates,  // duplicates are written again
  kLoseCompletion,
  kRepeatCompletion,
  kSwapCompletions,
  kEarlyImmediate,  // kReceiveImm reported without having come
  kNextTooFar,      // next PSN beyond the range
  kInFlightOff,     // one byte too many
  kWindowTooSmall,  // the engine sent more than this window allows
  kWindowAboveMaximum,
  kClearBitIsLoss,  // a packet waits for retransmission after each acknowledgement
  kUnacknowledge,   // the oldest unacknowledged PSN falls back
  kReplayHeard,     // a replayed acknowledgement changes the window
  kBadPathUsed,
  kPlanesUneven,
  kWrongPort,     // not the port that the entropy value names
  kDownPortUsed,  // the engine is not told that a port went down
  kFrozenLie,
  kTooManyImmediates,
  kDeafTimer,           // timers never fire
  kRepeatTransmission,  // the driver sends packets twice as if the engine had
  kCodecSlip,           // a field changes between the engine and the wire
  kDice,                // the trace differs from run to run
  kBlockLeak,
  kForgeryHeard,      // a packet that must change nothing does
  kEarlierLifeHeard,  // packets for a queue pair that is no more reach the next one
  kRefusedPlaced,     // what was refused is reported as placed
};

class Tap {
 public:
  Tap(std::shared_ptr<const braid::Profile> profile, base::RandomStream stream, Sabotage sabotage)
      : engine_(std::move(profile), stream), sabotage_(sabotage) {}

  braid::Endpoint& engine() { return engine_; }
  const braid::Endpoint& engine() const { return engine_; }
  Sabotage sabotage() const { return sabotage_; }

  braid::QpView view(braid::QpId qp) const;
  braid::PathHealth path_health(braid::QpId qp, uint32_t path) const;
  uint32_t active_paths(braid::QpId qp, uint32_t plane) const;
  braid::Received receive(base::Time now, const braid::Packet& packet, braid::Arrival arrival);
  bool transmit(base::Time now, braid::Packet& out, uint32_t port);
  size_t poll(std::vector<braid::Completion>& out, size_t most);
  base::Time next_timeout() const;
  uint32_t blocks_in_use() const;

  // For faults that begin with a certain kind of packet.
  void heard(bool replay, bool forged) { replay_ |= replay, forged_ |= forged; }

 private:
  braid::Endpoint engine_;
  Sabotage sabotage_;
  bool replay_ = false;
  bool forged_ = false;
  uint64_t acknowledgements_ = 0;
  uint64_t completions_ = 0;
  bool repeat_ = false;
  braid::Packet again_;
};

}  // namespace windtunnel::braid_hostile
