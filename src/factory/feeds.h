// How work gets in: the releases of a plant while it runs.
//
// A release that always has something to give holds a ticket: a piece that is not yet released and
// stands among the entrants of its first station like any other. When it gets in it becomes a piece
// of the plant, and the release writes the next ticket. What a ticket is for may change until then.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "des/kernel.h"
#include "des/process.h"
#include "factory/compiled_plant.h"
#include "factory/order_book.h"
#include "factory/piece_pool.h"
#include "factory/sim.h"

namespace windtunnel::factory {

class World;

class Feeds {
 public:
  Feeds(World& world, uint64_t seed);

  void start();
  bool is_endless(uint32_t feed) const { return feeds_[feed].kind == ReleaseKind::kSaturated; }

  // A ticket goes in: it becomes a piece, and then there is place for the next.
  void redeem(PieceId ticket);
  void went_in(uint32_t feed);
  // What became of a piece of this feed.
  void left_first(uint32_t feed, uint64_t lot);
  void scrapped(const Piece& piece);
  void finished(const Piece& piece);
  void stock_fell(uint32_t stock);

  void handle(const des::Event& event);  // an order is to be released
  Sim& kernel() const;
  bool any_endless() const;   // there is a release that always wants to give more
  bool more_to_come() const;  // something will come by itself, sooner or later
  // Which releases wait for a stock to fall; empty: none.
  std::string waiting_for_caps() const;
  const OrderBook& orders() const { return orders_; }

 private:
  enum Kind : uint32_t { kOpen, kOpened };
  struct Feed {
    uint32_t release = 0;
    ReleaseKind kind = ReleaseKind::kArrivals;
    PieceId ticket = kNone;  // among the entrants
    bool writing = false;    // of tickets is under way
    size_t position = 0;     // saturated: in the sequence
    // Lots: the present turn.
    uint32_t share = 0;
    uint64_t lot = 0;
    int64_t to_release = 0;
    int64_t at_first = 0;  // pieces of this turn that have not left their first station
    bool waits_for_cap = false;
    std::vector<int64_t> debts;  // per share: scrapped after its turn, to be made in its next
    uint32_t desk = kNone;       // orders: of the order book
    bool opens = false;          // orders: some have opened in this instant
  };

  des::Process arrive(uint32_t feed);
  void arrive_once(uint32_t feed, base::RandomStream& choice);
  void bring(uint32_t feed, const CompiledShare& share);
  uint32_t draw_share(const CompiledRelease& release, base::RandomStream& choice) const;

  void open_order(uint32_t order);
  void write_tickets(uint32_t feed);
  void rewrite_ticket(uint32_t feed);
  bool write_ticket(uint32_t feed, Piece& ticket);
  bool write_lot_ticket(uint32_t feed, Piece& ticket);
  bool next_turn(Feed& feed);
  void wait_for_cap(Feed& feed, bool waits);
  bool hand_in(PieceId ticket);
  PieceId new_piece(uint32_t feed, uint32_t item);

  World& world_;
  uint64_t seed_;
  des::TargetId target_;
  OrderBook orders_;
  std::vector<Feed> feeds_;
  uint64_t lots_ = 0;
  size_t to_open_ = 0;  // orders that are not yet released
};

}  // namespace windtunnel::factory
