// How pieces move: into a station when it has room and the cards are there, out of a machine, to
// rework, to scrap, to the end of the route.
//
// Room. A station with a buffer of b has room while fewer than b pieces wait (or are on their way),
// and one more place for every idle machine that would take the piece at once. Who finds no room
// stands among the station's entrants in the order of coming; a machine is blocked as long as a
// piece of its stands there.
//
// Rides. Between places of the layout a piece is carried. It takes its room and its cards before,
// and stays where it is, blocking its machine, until a vehicle has loaded it. Pieces that a machine
// passes together ride together, as many as a vehicle carries.
#pragma once

#include <cstdint>
#include <vector>

#include "des/kernel.h"
#include "des/process.h"
#include "des/statistics.h"
#include "factory/compiled_plant.h"
#include "factory/piece_pool.h"
#include "factory/sim.h"
#include "factory/station.h"

namespace windtunnel::factory {

class World;

// The cards of a loop.
struct LoopRun {
  int64_t free = 0;
  des::Level in_use;
};

// Pieces of one step that set off together, linked.
struct Party {
  PieceId first = kNone;
  PieceId last = kNone;
  int64_t pieces = 0;
};

class Flow {
 public:
  explicit Flow(World& world);

  // The piece exists from now on.
  void release(PieceId piece);
  // The step it wants to go to has room for it, and the cards it needs are there.
  bool can_enter(const Piece& piece) const;
  // Lets a piece in that is at no machine. False when there is no room for it or no card.
  bool try_enter(PieceId piece);
  // It stays outside until there is.
  void stand_outside(PieceId piece);

  // A piece has passed its step: it goes on without a ride, or stands outside and blocks its
  // machine.
  void pass(PieceId piece);
  // The same where the way on is a ride. The party sets off when it is as large as it can be, or
  // when it is told to; nothing happens when it is empty.
  void pass_to_ride(PieceId piece, Party& party);
  void set_off(Party& party);
  // A piece that failed leaves its machine at once.
  void rework(PieceId piece);
  void scrap(PieceId piece);

  // A machine has nothing to do, or a place or a card became free: whoever now can comes in.
  void admit(uint32_t station);
  // A piece goes from its machine, or from outside, into the stock that has room for it.
  void deliver(PieceId piece);

  // Pieces come back from beside the line, cards from where their loop ended.
  void handle(const des::Event& event);

  Sim& kernel() const;

  std::vector<LoopRun> loops;
  // Pieces beside the line and on vehicles, and cards on their way back.
  int64_t under_way() const { return under_way_; }
  bool lacks_card(const Piece& piece) const;

 private:
  enum Kind : uint32_t { kRepaired, kCardBack };

  uint32_t target(const Piece& piece) const;
  bool has_room(const Piece& piece, const CompiledStep& step) const;
  bool has_room_at_idle(const Piece& piece, const CompiledStep& step) const;
  const std::vector<uint32_t>& cards_wanted(const Piece& piece) const;
  void take_cards(const std::vector<uint32_t>& wanted);
  void give_cards(const std::vector<uint32_t>& given);
  void let_in(PieceId id);
  void let_in_first(PieceId id, Piece& piece);
  void depart(Piece& piece);
  void join(PieceId id, Piece& piece, uint32_t step);
  void end(PieceId id);
  void finish(PieceId id);
  void unblock(Piece& piece);
  void leave(PieceId id);
  void set_off_alone(PieceId id);
  template <class Use>
  void each_of(PieceId first, const Use& use);
  des::Process ride(PieceId first, int64_t pieces, uint32_t step);
  des::Process ride_to_stock(PieceId first, int64_t pieces);
  void offer_work(uint32_t station, uint32_t family);

  World& world_;
  des::TargetId target_;
  int64_t under_way_ = 0;
};

}  // namespace windtunnel::factory
