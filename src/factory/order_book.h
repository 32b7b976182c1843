// Which order the next piece is for. Orders open at their release; what is first among the open
// ones is a question for each desk: the orders of one release whose pieces begin at the same
// station.
#pragma once

#include <cstdint>
#include <vector>

#include "factory/compiled_plant.h"
#include "factory/ledger.h"

namespace windtunnel::factory {

class OrderBook {
 public:
  explicit OrderBook(const CompiledPlant& plant);

  struct Desk {
    uint32_t release = 0;
    uint32_t station = kNone;                 // kNone: bought items
    std::vector<uint32_t> orders;             // of it, in the order of the book
    size_t given = 0;                         // kGiven: the first that is not done with
    std::vector<std::vector<uint32_t>> open;  // per item, the first of them first
    std::vector<int64_t> asked;               // per item: pieces of all its orders
    std::vector<int64_t> begun;               // per item
  };
  size_t desks() const { return desks_.size(); }
  const Desk& desk(uint32_t desk) const { return desks_[desk]; }
  uint32_t desk_of(uint32_t order) const { return desk_of_[order]; }

  void open(uint32_t order);
  // The order the next piece is for; kNone when none is open.
  uint32_t next(uint32_t desk) const;
  // A piece of it begins.
  void begin(uint32_t order, Time now);
  // A piece of it was lost and has to be made again.
  void make_again(uint32_t order);
  void finish_piece(uint32_t order, Time now, const WorstLoss& worst);

  struct Progress {
    int64_t left = 0;  // pieces to begin
    int64_t finished = 0;
    bool opened = false;
    Time done = {};
    bool begun = false;
    Time begin = {};       // of its first piece
    WorstLoss worst = {};  // of the piece that was finished last
  };
  const Progress& progress(uint32_t order) const { return progress_[order]; }
  bool all_done() const { return done_ == progress_.size(); }

 private:
  bool before(uint32_t a, uint32_t b) const;
  uint32_t next_given(const Desk& desk) const;
  uint32_t next_level(const Desk& desk) const;

  const CompiledPlant* plant_;
  std::vector<Desk> desks_;
  std::vector<uint32_t> desk_of_;
  std::vector<Progress> progress_;
  size_t done_ = 0;
};

}  // namespace windtunnel::factory
