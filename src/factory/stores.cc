#include "factory/stores.h"

#include "factory/world.h"

namespace windtunnel::factory {

Stores::Stores(World& world) : world_(world) {
  for (const Stock& stock : world.plant.plant.stocks) {
    stocks_.push_back({stock.capacity.value_or(kUnlimited), des::Level(0, stock.initial), 0, {}});
  }
  wishes_.reserve(world.plant.machines);
}

bool Stores::has_room(uint32_t item) const {
  const uint32_t stock = world_.plant.items[item].stock;
  return stock == kNone || has_room(stocks_[stock]);
}

void Stores::stand_outside(PieceId id) {
  const uint32_t stock = world_.plant.items[world_.pieces[id].item].stock;
  stocks_[stock].entrants.push_back(world_.pieces, id);
}

void Stores::put(uint32_t item) {
  const uint32_t stock = world_.plant.items[item].stock;
  if (stock == kNone) return;
  stocks_[stock].level.add(world_.sim.now_ticks(), 1);
  if (!wishes_.empty()) serve(stock);
}

void Stores::expect(uint32_t item) { ++stocks_[world_.plant.items[item].stock].expected; }

void Stores::put_expected(uint32_t item) {
  --stocks_[world_.plant.items[item].stock].expected;
  put(item);
}

bool Stores::complete(const Wish& wish) const {
  for (const CompiledPart& part : *wish.parts) {
    if (stocks_[part.stock].level.value() < part.count * wish.pieces) return false;
  }
  return true;
}

bool Stores::take(const std::vector<CompiledPart>& parts, int64_t pieces, uint32_t machine) {
  const Wish wish{&parts, pieces, machine};
  if (!complete(wish)) {
    wishes_.push_back(wish);
    return false;
  }
  remove(wish);
  return true;
}

void Stores::remove(const Wish& wish) {
  const int64_t now = world_.sim.now_ticks();
  for (const CompiledPart& part : *wish.parts) {
    stocks_[part.stock].level.add(now, -part.count * wish.pieces);
  }
  for (const CompiledPart& part : *wish.parts) {
    let_in(part.stock);
    world_.feeds.stock_fell(part.stock);
  }
}

// Only those who want something of this stock can have become complete.
void Stores::serve(uint32_t stock) {
  for (size_t i = 0; i < wishes_.size(); ++i) {
    const Wish wish = wishes_[i];
    bool wants = false;
    for (const CompiledPart& part : *wish.parts) wants = wants || part.stock == stock;
    if (!wants || !complete(wish)) continue;
    wishes_.erase(wishes_.begin() + static_cast<std::ptrdiff_t>(i));
    world_.machines[wish.machine]->got_parts();
    remove(wish);  // may serve others in turn
    return;
  }
}

void Stores::let_in(uint32_t stock) {
  StockRun& run = stocks_[stock];
  while (!run.entrants.empty() && has_room(run)) {
    world_.flow.deliver(run.entrants.pop_front(world_.pieces));
  }
}

std::string Stores::missing() const {
  if (wishes_.empty()) return {};
  const Wish& wish = wishes_.front();
  std::string text = world_.machines[wish.machine]->station_name() + " waits for parts";
  for (const CompiledPart& part : *wish.parts) {
    const int64_t wanted = part.count * wish.pieces;
    const int64_t there = stocks_[part.stock].level.value();
    if (there >= wanted) continue;
    text += ": " + std::to_string(there) + " of " + std::to_string(wanted) + " " +
            world_.plant.plant.stocks[part.stock].item;
    break;
  }
  return text;
}

void Stores::restart(int64_t now) {
  for (StockRun& stock : stocks_) stock.level.restart(now);
}

}  // namespace windtunnel::factory
