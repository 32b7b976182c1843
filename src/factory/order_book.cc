#include "factory/order_book.h"

#include <algorithm>

#include "base/units.h"

namespace windtunnel::factory {

OrderBook::OrderBook(const CompiledPlant& plant) : plant_(&plant) {
  for (size_t i = 0; i < plant.orders.size(); ++i) {
    const CompiledOrder& order = plant.orders[i];
    const uint32_t step = plant.items[order.item].step;
    const uint32_t station = step == kNone ? kNone : plant.steps[step].station;
    size_t desk = 0;
    while (desk < desks_.size() &&
           (desks_[desk].release != order.release || desks_[desk].station != station)) {
      ++desk;
    }
    if (desk == desks_.size()) {
      desks_.push_back({order.release, station, {}, 0, {}, {}, {}});
      desks_.back().open.resize(plant.items.size());
      desks_.back().asked.resize(plant.items.size());
      desks_.back().begun.resize(plant.items.size());
    }
    const int64_t quantity = plant.plant.orders[i].quantity;
    desks_[desk].orders.push_back(static_cast<uint32_t>(i));
    desks_[desk].asked[order.item] += quantity;
    desk_of_.push_back(static_cast<uint32_t>(desk));
    progress_.push_back({.left = quantity});
  }
}

// Rush orders, then the earliest due, then as in the book.
bool OrderBook::before(uint32_t a, uint32_t b) const {
  const bool rush_a = plant_->plant.orders[a].rush;
  const bool rush_b = plant_->plant.orders[b].rush;
  if (rush_a != rush_b) return rush_a;
  const int64_t due_a = plant_->orders[a].due;
  const int64_t due_b = plant_->orders[b].due;
  return due_a != due_b ? due_a < due_b : a < b;
}

void OrderBook::open(uint32_t order) {
  progress_[order].opened = true;
  std::vector<uint32_t>& open = desks_[desk_of_[order]].open[plant_->orders[order].item];
  const auto place = std::ranges::upper_bound(
      open, order, [this](uint32_t a, uint32_t b) { return before(a, b); });
  open.insert(place, order);
}

uint32_t OrderBook::next_given(const Desk& desk) const {
  for (size_t i = desk.given; i < desk.orders.size(); ++i) {
    const Progress& progress = progress_[desk.orders[i]];
    if (!progress.opened) return kNone;
    if (progress.left > 0) return desk.orders[i];
  }
  return kNone;
}

// Piece k of an item of which q are asked would come at (k + 1/2) / q of the way if all were evenly
// mixed: the item whose next piece is due first in this sense.
uint32_t OrderBook::next_level(const Desk& desk) const {
  uint32_t best = kNone;
  for (size_t item = 0; item < desk.open.size(); ++item) {
    if (desk.open[item].empty()) continue;
    if (best == kNone) {
      best = static_cast<uint32_t>(item);
      continue;
    }
    const auto mine = static_cast<base::Int128>(2 * desk.begun[item] + 1) * desk.asked[best];
    const auto other = static_cast<base::Int128>(2 * desk.begun[best] + 1) * desk.asked[item];
    if (mine < other) best = static_cast<uint32_t>(item);
  }
  return best == kNone ? kNone : desk.open[best].front();
}

uint32_t OrderBook::next(uint32_t index) const {
  const Desk& desk = desks_[index];
  const Sequence sequence = plant_->plant.releases[desk.release].sequence;
  if (sequence == Sequence::kGiven) return next_given(desk);
  uint32_t first = kNone;
  for (const std::vector<uint32_t>& open : desk.open) {
    if (!open.empty() && (first == kNone || before(open.front(), first))) first = open.front();
  }
  if (first == kNone || sequence == Sequence::kDue || plant_->plant.orders[first].rush)
    return first;
  return next_level(desk);
}

void OrderBook::begin(uint32_t order, Time now) {
  if (!progress_[order].begun) progress_[order].begin = now;
  progress_[order].begun = true;
  Desk& desk = desks_[desk_of_[order]];
  const uint32_t item = plant_->orders[order].item;
  ++desk.begun[item];
  if (--progress_[order].left > 0) return;
  std::erase(desk.open[item], order);
  while (desk.given < desk.orders.size() && progress_[desk.orders[desk.given]].opened &&
         progress_[desk.orders[desk.given]].left == 0) {
    ++desk.given;
  }
}

void OrderBook::make_again(uint32_t order) {
  Desk& desk = desks_[desk_of_[order]];
  --desk.begun[plant_->orders[order].item];
  if (progress_[order].left++ > 0) return;
  open(order);
  const auto place =
      static_cast<size_t>(std::ranges::find(desk.orders, order) - desk.orders.begin());
  desk.given = std::min(desk.given, place);
}

void OrderBook::finish_piece(uint32_t order, Time now, const WorstLoss& worst) {
  Progress& progress = progress_[order];
  progress.worst = worst;
  if (++progress.finished < plant_->plant.orders[order].quantity) return;
  progress.done = now;
  ++done_;
}

}  // namespace windtunnel::factory
