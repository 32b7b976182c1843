#include "factory/feeds.h"

#include "factory/world.h"

namespace windtunnel::factory {

Feeds::Feeds(World& world, uint64_t seed)
    : world_(world), seed_(seed), target_(world.sim.add_target(*this)), orders_(world.plant) {
  const std::vector<Release>& releases = world.plant.plant.releases;
  for (size_t i = 0; i < releases.size(); ++i) {
    if (releases[i].kind == ReleaseKind::kOrders) continue;
    Feed feed;
    feed.release = static_cast<uint32_t>(i);
    feed.kind = releases[i].kind;
    feed.debts.resize(releases[i].shares.size());
    feed.share = static_cast<uint32_t>(releases[i].shares.size()) - 1;  // the first turn is next
    feeds_.push_back(feed);
  }
  for (size_t i = 0; i < orders_.desks(); ++i) {
    Feed feed;
    feed.release = orders_.desk(static_cast<uint32_t>(i)).release;
    feed.kind = ReleaseKind::kOrders;
    feed.desk = static_cast<uint32_t>(i);
    feeds_.push_back(feed);
  }
}

Sim& Feeds::kernel() const { return world_.sim; }

void Feeds::start() {
  to_open_ = world_.plant.orders.size();
  for (size_t i = 0; i < world_.plant.orders.size(); ++i) {
    world_.sim.schedule(world_.plant.orders[i].released, {target_, kOpen, i});
  }
  for (uint32_t feed = 0; feed < feeds_.size(); ++feed) {
    if (feeds_[feed].kind == ReleaseKind::kArrivals) {
      world_.sim.spawn(arrive(feed));
    } else {
      write_tickets(feed);
    }
  }
}

PieceId Feeds::new_piece(uint32_t feed, uint32_t item) {
  const PieceId id = world_.pieces.make();
  Piece& piece = world_.pieces[id];
  piece.feed = feed;
  piece.item = item;
  piece.step = world_.plant.items[item].step;
  piece.priority = world_.plant.plant.releases[feeds_[feed].release].priority;
  return id;
}

// ---- arrivals

des::Process Feeds::arrive(uint32_t feed) {
  const Release& described = world_.plant.plant.releases[feeds_[feed].release];
  const CompiledRelease& release = world_.plant.releases[feeds_[feed].release];
  base::RandomStream between = base::RandomStream(seed_, described.name).child("between");
  base::RandomStream choice = base::RandomStream(seed_, described.name).child("share");
  for (;;) {
    co_await world_.sim.delay(release.between.draw(between));
    arrive_once(feed, choice);
  }
}

void Feeds::arrive_once(uint32_t feed, base::RandomStream& choice) {
  const CompiledRelease& release = world_.plant.releases[feeds_[feed].release];
  const CompiledShare& share = release.shares[draw_share(release, choice)];
  ++lots_;
  for (int64_t i = 0; i < share.lot; ++i) bring(feed, share);
}

uint32_t Feeds::draw_share(const CompiledRelease& release, base::RandomStream& choice) const {
  if (release.shares.size() == 1) return 0;
  auto left = static_cast<int64_t>(choice.below(static_cast<uint64_t>(release.weights)));
  uint32_t share = 0;
  while (left >= release.shares[share].weight) left -= release.shares[share++].weight;
  return share;
}

void Feeds::bring(uint32_t feed, const CompiledShare& share) {
  const PieceId id = new_piece(feed, share.item);
  world_.pieces[id].lot = lots_;
  const bool bought = world_.pieces[id].step == kNone;
  const bool lost_when_full =
      world_.plant.plant.releases[feeds_[feed].release].when_full == WhenFull::kLost;
  const bool room =
      bought ? world_.stores.has_room(share.item) : world_.flow.can_enter(world_.pieces[id]);
  if (!room && lost_when_full) {
    ++world_.items[share.item].lost;
    if (!bought) ++world_.station_of(world_.pieces[id]).book.lost;
    world_.pieces.free(id);
    return;
  }
  world_.flow.release(id);
  if (!hand_in(id)) bought ? world_.stores.stand_outside(id) : world_.flow.stand_outside(id);
}

bool Feeds::hand_in(PieceId id) {
  const Piece& piece = world_.pieces[id];
  if (piece.step != kNone) return world_.flow.try_enter(id);
  if (!world_.stores.has_room(piece.item)) return false;
  world_.flow.deliver(id);
  return true;
}

// ---- tickets

void Feeds::write_tickets(uint32_t index) {
  Feed& feed = feeds_[index];
  if (feed.writing || feed.ticket != kNone) return;
  feed.writing = true;
  for (;;) {
    const PieceId id = new_piece(index, 0);
    if (!write_ticket(index, world_.pieces[id])) {
      world_.pieces.free(id);
      break;
    }
    world_.pieces[id].ticket = true;
    if (hand_in(id)) continue;
    feed.ticket = id;
    if (world_.pieces[id].step == kNone) {
      world_.stores.stand_outside(id);
    } else {
      world_.flow.stand_outside(id);
    }
    break;
  }
  feed.writing = false;
}

bool Feeds::write_ticket(uint32_t index, Piece& ticket) {
  Feed& feed = feeds_[index];
  const CompiledRelease& release = world_.plant.releases[feed.release];
  if (feed.kind == ReleaseKind::kLots) {
    if (!write_lot_ticket(index, ticket)) return false;
  } else if (feed.kind == ReleaseKind::kOrders) {
    ticket.order = orders_.next(feed.desk);
    if (ticket.order == kNone) return false;
    const CompiledOrder& order = world_.plant.orders[ticket.order];
    ticket.item = order.item;
    ticket.due = order.due;
    ticket.rush = world_.plant.plant.orders[ticket.order].rush;
    ticket.lot = (uint64_t{1} << 63) + ticket.order;
  } else {
    ticket.item = release.shares[release.sequence[feed.position]].item;
    ticket.lot = ++lots_;
  }
  ticket.step = world_.plant.items[ticket.item].step;
  return true;
}

bool Feeds::write_lot_ticket(uint32_t index, Piece& ticket) {
  Feed& feed = feeds_[index];
  if (feed.to_release == 0) {
    if (feed.at_first > 0 || !next_turn(feed)) return false;
  }
  ticket.item = world_.plant.releases[feed.release].shares[feed.share].item;
  ticket.share = feed.share;
  ticket.lot = feed.lot;
  return true;
}

// False while the next turn waits for its stock to fall below its cap.
bool Feeds::next_turn(Feed& feed) {
  const CompiledRelease& release = world_.plant.releases[feed.release];
  const auto next = static_cast<uint32_t>((feed.share + 1) % release.shares.size());
  const CompiledShare& share = release.shares[next];
  const uint32_t stock = world_.plant.items[share.item].stock;
  const bool waits = stock != kNone && world_.stores.level(stock) >= share.stock_cap;
  wait_for_cap(feed, waits);
  if (waits) return false;
  feed.share = next;
  feed.lot = ++lots_;
  feed.to_release = share.lot + feed.debts[next];
  feed.debts[next] = 0;
  return true;
}

// Machines that have nothing to do because of it are blocked rather than starved.
void Feeds::wait_for_cap(Feed& feed, bool waits) {
  if (feed.waits_for_cap == waits) return;
  feed.waits_for_cap = waits;
  const CompiledRelease& release = world_.plant.releases[feed.release];
  const CompiledShare& share = release.shares[(feed.share + 1) % release.shares.size()];
  const uint32_t step = world_.plant.items[share.item].step;
  if (step == kNone) return;
  StationRun& station = world_.stations[world_.plant.steps[step].station];
  station.capped += waits ? 1 : -1;
  for (const uint32_t machine : station.idle) {
    world_.machines[station.compiled().machine + machine]->show_idle();
  }
}

void Feeds::redeem(PieceId id) {
  Piece& ticket = world_.pieces[id];
  Feed& feed = feeds_[ticket.feed];
  if (feed.ticket == id) feed.ticket = kNone;
  if (feed.kind == ReleaseKind::kSaturated) {
    feed.position = (feed.position + 1) % world_.plant.releases[feed.release].sequence.size();
  } else if (feed.kind == ReleaseKind::kOrders) {
    orders_.begin(ticket.order, kernel().now());
    world_.ledger.open(ticket, world_.plant.orders[ticket.order].released);
    if (ticket.step != kNone) {
      world_.ledger.lose(ticket, world_.sim.now(), world_.plant.steps[ticket.step].station,
                         Loss::kOutside);
    }
  } else {
    --feed.to_release;
    if (ticket.step != kNone) ++feed.at_first;
  }
  world_.flow.release(id);
}

void Feeds::went_in(uint32_t feed) { write_tickets(feed); }

// ---- what becomes of pieces

void Feeds::left_first(uint32_t index, uint64_t lot) {
  if (index == kNone) return;
  Feed& feed = feeds_[index];
  if (feed.kind != ReleaseKind::kLots || feed.lot != lot) return;
  --feed.at_first;
  write_tickets(index);
}

// Made again at once while its turn lasts, and otherwise when its family has the next.
void Feeds::scrapped(const Piece& piece) {
  if (piece.feed == kNone) return;
  Feed& feed = feeds_[piece.feed];
  if (feed.kind == ReleaseKind::kLots) {
    ++(feed.lot == piece.lot ? feed.to_release : feed.debts[piece.share]);
    write_tickets(piece.feed);
  } else if (feed.kind == ReleaseKind::kOrders) {
    orders_.make_again(piece.order);
    write_tickets(piece.feed);
  }
}

void Feeds::finished(const Piece& piece) {
  if (piece.order == kNone) return;
  orders_.finish_piece(piece.order, world_.sim.now(), world_.ledger.worst(piece));
}

void Feeds::stock_fell(uint32_t stock) {
  (void)stock;
  for (uint32_t feed = 0; feed < feeds_.size(); ++feed) {
    if (feeds_[feed].waits_for_cap) write_tickets(feed);
  }
}

bool Feeds::any_endless() const {
  for (const Feed& feed : feeds_) {
    if (feed.kind == ReleaseKind::kSaturated || feed.kind == ReleaseKind::kLots) return true;
  }
  return false;
}

bool Feeds::more_to_come() const {
  for (const Feed& feed : feeds_) {
    if (feed.kind == ReleaseKind::kArrivals) return true;
  }
  return to_open_ > 0;
}

std::string Feeds::waiting_for_caps() const {
  std::string text;
  for (const Feed& feed : feeds_) {
    if (!feed.waits_for_cap) continue;
    const CompiledRelease& release = world_.plant.releases[feed.release];
    const CompiledShare& share = release.shares[(feed.share + 1) % release.shares.size()];
    if (!text.empty()) text += "; ";
    text += world_.plant.plant.releases[feed.release].name + " waits until the stock of " +
            world_.plant.plant.items[share.item].name + " falls below " +
            std::to_string(share.stock_cap);
  }
  return text;
}

void Feeds::handle(const des::Event& event) {
  if (event.kind == kOpen) {
    open_order(static_cast<uint32_t>(event.data));
    return;
  }
  const auto index = static_cast<uint32_t>(event.data);
  feeds_[index].opens = false;
  if (feeds_[index].ticket == kNone) {
    write_tickets(index);
  } else {
    rewrite_ticket(index);
  }
}

// All that open in one instant are open before the first piece of them is chosen.
void Feeds::open_order(uint32_t order) {
  --to_open_;
  orders_.open(order);
  for (uint32_t index = 0; index < feeds_.size(); ++index) {
    Feed& feed = feeds_[index];
    if (feed.desk != orders_.desk_of(order) || feed.opens) continue;
    feed.opens = true;
    world_.sim.schedule(Duration::zero(), {target_, kOpened, index, des::EventClass::kLast});
  }
}

// The one that stands outside may now be for another order.
void Feeds::rewrite_ticket(uint32_t index) {
  const Feed& feed = feeds_[index];
  write_ticket(index, world_.pieces[feed.ticket]);
  const uint32_t station = orders_.desk(feed.desk).station;
  if (station != kNone) world_.flow.admit(station);
}

}  // namespace windtunnel::factory
