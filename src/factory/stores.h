// Stocks: where finished pieces wait until a step takes them as parts. A full stock blocks whoever
// delivers. A machine takes all the parts of its work at once; one that finds them incomplete waits
// and takes nothing, and another that needs less may go before it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "des/statistics.h"
#include "factory/compiled_plant.h"
#include "factory/piece_pool.h"

namespace windtunnel::factory {

class World;

class Stores {
 public:
  explicit Stores(World& world);

  // There is no stock of the item, or the stock has room.
  bool has_room(uint32_t item) const;
  void stand_outside(PieceId piece);
  // One more of the item; a place is there.
  void put(uint32_t item);
  // The same for one that takes its place now and comes later.
  void expect(uint32_t item);
  void put_expected(uint32_t item);
  // True when taken; otherwise `machine` hears of it (Machine::got_parts) once they have been.
  bool take(const std::vector<CompiledPart>& parts, int64_t pieces, uint32_t machine);

  // Which machines miss which parts; empty: none.
  std::string missing() const;
  int64_t level(uint32_t stock) const { return stocks_[stock].level.value(); }
  void restart(int64_t now);
  const des::Level& book(uint32_t stock) const { return stocks_[stock].level; }

 private:
  struct Wish {
    const std::vector<CompiledPart>* parts;
    int64_t pieces;
    uint32_t machine;
  };
  struct StockRun {
    int64_t capacity = kUnlimited;
    des::Level level;
    int64_t expected = 0;  // under way to it, with a place each
    PieceList entrants;
  };
  bool has_room(const StockRun& stock) const {
    return stock.level.value() + stock.expected < stock.capacity;
  }
  bool complete(const Wish& wish) const;
  void remove(const Wish& wish);
  void serve(uint32_t stock);
  void let_in(uint32_t stock);

  World& world_;
  std::vector<StockRun> stocks_;
  std::vector<Wish> wishes_;  // of machines that wait, in the order of coming
};

}  // namespace windtunnel::factory
