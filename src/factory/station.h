// A station while it runs: what waits for it, who wants to come in, which machines have nothing to
// do, and the choice of what a machine does next.
#pragma once

#include <cstdint>
#include <vector>

#include "factory/books.h"
#include "factory/compiled_plant.h"
#include "factory/line.h"
#include "factory/machine_clock.h"
#include "factory/piece_pool.h"

namespace windtunnel::factory {

// What a machine is to do next.
struct Work {
  PieceId first = kNone;  // of its batch
  int64_t pieces = 0;
  uint32_t visit = kNone;  // a family to set up for although none of it may wait
  explicit operator bool() const { return pieces > 0 || visit != kNone; }
};

// What a machine remembers for its next choice.
struct MachineMemory {
  uint32_t family = kNone;  // that it is set up for
  bool fresh = true;        // it has done nothing yet
  uint64_t lot = 0;
  uint64_t gate = 0;     // kGated: pieces that arrived before this number belong to the turn
  uint32_t empties = 0;  // visits in a row that took no time and found nothing
};

class StationRun {
 public:
  StationRun(const CompiledStation& compiled, const Station& described, PiecePool& pieces,
             const StationClock& clock);

  const CompiledStation& compiled() const { return *compiled_; }
  const Station& described() const { return *described_; }

  int64_t waiting() const { return waiting_; }
  // HOT
  void push(PieceId id, uint32_t line) {
    Piece& piece = (*pieces_)[id];
    piece.arrival = arrivals_++;
    lines_[line].push(*pieces_, id, sorted_ ? key_of(piece) : 0);
    ++waiting_;
    if (!plain_ && lines_[line].size() == described_->batch_min) ++lines_ready_;
  }
  // HOT. What `machine` does next, taken out of the queue.
  Work choose(uint32_t machine, MachineMemory& memory) {
    if (plain_) return waiting_ == 0 ? Work{} : take_one(0);
    if (lines_ready_ == 0 && !takes_turns_) return {};
    return choose_among(machine, memory);
  }
  // Whether the machine would take one more piece of this line at once.
  bool would_take(uint32_t machine, uint32_t line) const;
  uint64_t arrivals() const { return arrivals_; }
  // After the queue has changed. One handed over has not waited.
  void show_queue(int64_t now) {
    if (book.queue.value() != waiting_) book.queue.set(now, waiting_);
  }
  // A machine that has stood there.
  void end_idle(uint32_t machine) {
    idle.size() == 1 ? idle.clear() : static_cast<void>(std::erase(idle, machine));
  }

  StationClock clock;
  StationBook book;
  PieceList entrants;          // who wants to come in, and what it blocks
  std::vector<uint32_t> idle;  // machines, within the station, the one idle longest first
  int64_t reserved = 0;        // places of pieces that are on their way
  int64_t capped = 0;          // releases that wait for a stock below its cap

 private:
  using Lines = std::vector<uint32_t>;
  Work choose_among(uint32_t machine, MachineMemory& memory);
  bool can_begin(uint32_t line) const { return lines_[line].size() >= described_->batch_min; }
  template <class Fits>
  uint32_t best(const Lines& lines, Fits fits) const;
  uint32_t first_line(const Lines& lines) const;
  uint32_t line_of_turn(const Lines& lines, MachineMemory& memory) const;
  uint32_t line_of_family(const Lines& lines, uint32_t family, uint64_t gate) const;
  bool by_turns() const {
    return described_->serve == Serve::kExhaustive || described_->serve == Serve::kGated;
  }
  int64_t key_of(const Piece& piece) const;
  Work take(uint32_t line);
  Work take_one(uint32_t line) {
    --waiting_;
    Work work;
    work.pieces = 1;
    work.first = lines_[line].pop(*pieces_);
    (*pieces_)[work.first].next = kNone;
    return work;
  }

  const CompiledStation* compiled_;
  const Station* described_;
  PiecePool* pieces_;
  std::vector<Line> lines_;
  int64_t waiting_ = 0;
  int64_t lines_ready_ = 0;  // lines with enough for a batch; not kept where it is plain
  uint64_t arrivals_ = 0;
  bool sorted_;       // its lines are
  bool takes_turns_;  // looks at what does not wait, too
  bool plain_;        // first come first served, piece by piece, by any machine: there is no choice
};

}  // namespace windtunnel::factory
