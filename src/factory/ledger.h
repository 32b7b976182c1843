// Where the time of a piece went beyond the work itself: by station and kind of loss. Kept for
// pieces of orders only, in rows that are used again, so that it can be said why an order was late.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "factory/piece_pool.h"
#include "factory/plant.h"

namespace windtunnel::factory {

enum class Loss : uint8_t {
  kOutside,  // released, and not yet let in
  kQueue,
  kSetup,
  kParts,
  kStopped,  // the machine was down, off shift or without its crew
  kBlocked,
  kRework,  // repair beside the line, and the same work again
  kRide,    // waiting for a vehicle and riding
};
inline constexpr size_t kLosses = 8;

struct WorstLoss {
  uint32_t station = kNone;
  Loss loss = Loss::kQueue;
  Duration time;
};

class Ledger {
 public:
  explicit Ledger(size_t stations) : width_(stations * kLosses) {}

  // The piece has a row from now on, and its time is accounted for up to now.
  void open(Piece& piece, Time now);
  void close(Piece& piece);
  // The time since the last entry was lost there.
  void lose(Piece& piece, Time now, uint32_t station, Loss loss) {
    if (piece.ledger == kNone) return;
    cells_[piece.ledger * width_ + station * kLosses + static_cast<size_t>(loss)] +=
        (now - piece.accounted).ticks();
    piece.accounted = now;
  }
  // So much of it was work, and not lost.
  void work(Piece& piece, Duration length) { piece.accounted += length; }
  WorstLoss worst(const Piece& piece) const;

 private:
  size_t width_;
  std::vector<int64_t> cells_;
  std::vector<uint32_t> free_;
};

// "waited 3.2 h at final-test".
std::string describe(const WorstLoss& worst, const Plant& plant);
// "3.2 h", "12.0 min", "5.0 s".
std::string describe(Duration length);

}  // namespace windtunnel::factory
