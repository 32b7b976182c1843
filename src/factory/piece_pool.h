// Everything that moves through a plant: pieces, in a slab, named by index. A piece that is done
// gives its place to a later one, so memory follows how many there are at once, not how many there
// have been.
#pragma once

#include <cstdint>
#include <vector>

#include "factory/compiled_plant.h"

namespace windtunnel::factory {

using PieceId = uint32_t;  // kNone: no piece

// How a piece comes to the step it wants to enter.
enum class Way : uint8_t {
  kFirst,   // from outside
  kOnward,  // from the machine that passed it
  kBack,    // from beside the line, to be reworked
};

struct Piece {
  Time released;
  Time joined;               // the queue of its present station
  uint64_t arrival = 0;      // its number there
  Time accounted;            // up to where its ledger knows its time
  int64_t due = kUnlimited;  // ticks
  uint32_t step = kNone;     // where it is, or was last
  uint32_t item = 0;
  // In a line, among those who want to enter, in a machine's batch or in a party that rides: it is
  // in one at a time.
  PieceId next = kNone;
  PieceId previous = kNone;
  uint32_t machine = kNone;  // that it blocks
  uint32_t feed = kNone;     // that brought it in and counts what becomes of it
  uint32_t share = 0;        // of that release
  uint32_t order = kNone;
  uint32_t ledger = kNone;  // row of where its time went; pieces of orders have one
  uint64_t lot = 0;
  int64_t priority = 0;
  uint32_t failed_at = kNone;  // the step, and how often there
  int32_t failures = 0;
  Way way = Way::kFirst;
  bool rush = false;
  bool first_pass = false;  // it has not yet left the first station of its route
  bool ticket = false;      // not yet released: what a release would bring in next
};

class PiecePool {
 public:
  Piece& operator[](PieceId id) { return pieces_[id]; }
  const Piece& operator[](PieceId id) const { return pieces_[id]; }

  PieceId make() {
    if (free_ == kNone) {
      pieces_.emplace_back();
      return static_cast<PieceId>(pieces_.size() - 1);
    }
    const PieceId id = free_;
    free_ = pieces_[id].next;
    pieces_[id] = {};
    return id;
  }
  void free(PieceId id) {
    pieces_[id].next = free_;
    free_ = id;
  }

 private:
  std::vector<Piece> pieces_;
  PieceId free_ = kNone;
};

// A list of pieces, first in first out, linked through the pieces.
class PieceList {
 public:
  bool empty() const { return first_ == kNone; }
  int64_t size() const { return size_; }
  PieceId first() const { return first_; }

  void push_back(PiecePool& pieces, PieceId id) {
    Piece& piece = pieces[id];
    piece.next = kNone;
    piece.previous = last_;
    (last_ == kNone ? first_ : pieces[last_].next) = id;
    last_ = id;
    ++size_;
  }
  void remove(PiecePool& pieces, PieceId id) {
    const Piece& piece = pieces[id];
    (piece.previous == kNone ? first_ : pieces[piece.previous].next) = piece.next;
    (piece.next == kNone ? last_ : pieces[piece.next].previous) = piece.previous;
    --size_;
  }
  PieceId pop_front(PiecePool& pieces) {
    const PieceId id = first_;
    first_ = pieces[id].next;
    (first_ == kNone ? last_ : pieces[first_].previous) = kNone;
    --size_;
    return id;
  }

 private:
  PieceId first_ = kNone;
  PieceId last_ = kNone;
  int64_t size_ = 0;
};

}  // namespace windtunnel::factory
