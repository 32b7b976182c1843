#include "cluster/schedule.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace windtunnel::cluster {
namespace {

std::string called(const std::vector<ScheduleItem>& items, size_t index) {
  return fmt::format("item {} `{}`", index, items[index].name);
}

base::Status check_order(const std::vector<ScheduleItem>& items, size_t index) {
  for (const ItemIndex before : items[index].after) {
    if (before >= items.size()) {
      return base::fail(fmt::format("{} comes after item {}, but there are {}",
                                    called(items, index), before, items.size()));
    }
    if (before >= index) {
      return base::fail(fmt::format("{} comes after {}, which does not stand before it",
                                    called(items, index), called(items, before)));
    }
  }
  return {};
}

base::Status check_ranks(const std::vector<ScheduleItem>& items, size_t index, uint32_t ranks) {
  const ScheduleItem& item = items[index];
  if (item.collective != nullptr && item.collective->ranks() > ranks) {
    return base::fail(fmt::format("{} needs {} ranks, but there are {}", called(items, index),
                                  item.collective->ranks(), ranks));
  }
  for (const Rank rank : item.computes) {
    if (rank < ranks) continue;
    return base::fail(
        fmt::format("{} computes on rank {}, but there are {}", called(items, index), rank, ranks));
  }
  if (!item.time_of.empty() && item.time_of.size() != ranks) {
    return base::fail(fmt::format("{} has times for {} ranks, but there are {}",
                                  called(items, index), item.time_of.size(), ranks));
  }
  return {};
}

base::Status check_item(const std::vector<ScheduleItem>& items, size_t index, uint32_t ranks) {
  const ScheduleItem& item = items[index];
  if (item.priority >= kItemPriorities) {
    return base::fail(fmt::format("{} has priority {}, expected 0 to {}", called(items, index),
                                  item.priority, kItemPriorities - 1));
  }
  const auto negative = [](base::Duration d) { return d < base::Duration::zero(); };
  if (negative(item.time) || std::any_of(item.time_of.begin(), item.time_of.end(), negative)) {
    return base::fail(fmt::format("{} takes a negative time", called(items, index)));
  }
  if (auto ok = check_order(items, index); !ok) return ok;
  return check_ranks(items, index, ranks);
}

}  // namespace

// Marks what an item sends with its number and its priority.
class Schedule::ItemMachine final : public Machine {
 public:
  ItemMachine(Machine& machine, ItemIndex item, uint8_t priority)
      : machine_(machine), mark_(uint64_t{item} << Tag::kItemShift), priority_(priority) {}
  base::Time now() const override { return machine_.now(); }
  void send(const Message& message) override {
    Message marked = message;
    marked.tag |= mark_;
    marked.priority = static_cast<uint8_t>(priority_ * kPriorityEnd +
                                           std::min<uint32_t>(message.priority, kPriorityEnd - 1));
    machine_.send(marked);
  }
  void compute(Rank rank, base::Duration time, uint64_t tag) override {
    machine_.compute(rank, time, tag | mark_);
  }

 private:
  Machine& machine_;
  uint64_t mark_;
  uint8_t priority_;
};

base::Result<std::unique_ptr<Schedule>> Schedule::make(uint32_t ranks,
                                                       std::vector<ScheduleItem> items,
                                                       const ScheduleOptions& options) {
  if (ranks == 0) return base::fail("a schedule needs at least one rank");
  if (items.size() >= Tag::kItemEnd) {
    return base::fail(
        fmt::format("found {} items, expected fewer than {}", items.size(), Tag::kItemEnd));
  }
  for (size_t index = 0; index < items.size(); ++index) {
    if (auto ok = check_item(items, index, ranks); !ok) return tl::unexpected(ok.error());
  }
  return std::unique_ptr<Schedule>(new Schedule(ranks, std::move(items), options));
}

Schedule::Schedule(uint32_t ranks, std::vector<ScheduleItem> items, const ScheduleOptions& options)
    : ranks_(ranks),
      items_(std::move(items)),
      computes_(items_.size()),
      states_(ranks),
      before_(size_t{ranks} * items_.size(), kEnded) {
  if (options.keep_times) times_.resize(before_.size());
  for (size_t i = 0; i < items_.size(); ++i) {
    if (items_[i].computes.empty()) continue;
    computes_[i].resize(ranks);
    for (const Rank rank : items_[i].computes) computes_[i][rank] = true;
  }
  link();
  for (Rank rank = 0; rank < ranks; ++rank) {
    for (ItemIndex item = 0; item < items_.size(); ++item) {
      if (!takes_part(item, rank)) continue;
      ++states_[rank].items_left;
      const auto& after = items_[item].after;
      before_[place(item, rank)] = static_cast<uint32_t>(std::count_if(
          after.begin(), after.end(), [&](ItemIndex a) { return takes_part(a, rank); }));
    }
  }
}

Schedule::~Schedule() = default;

void Schedule::link() {
  first_follower_.assign(items_.size() + 1, 0);
  for (const ScheduleItem& item : items_) {
    for (const ItemIndex before : item.after) ++first_follower_[before + 1];
  }
  for (size_t i = 0; i < items_.size(); ++i) first_follower_[i + 1] += first_follower_[i];
  followers_.resize(first_follower_.back());
  std::vector<uint32_t> next(first_follower_.begin(), first_follower_.end() - 1);
  for (ItemIndex item = 0; item < items_.size(); ++item) {
    for (const ItemIndex before : items_[item].after) followers_[next[before]++] = item;
  }
}

bool Schedule::takes_part(ItemIndex item, Rank rank) const {
  if (items_[item].collective != nullptr) return items_[item].collective->groups().has(rank);
  return computes_[item].empty() || computes_[item][rank];
}
base::Duration Schedule::time_at(ItemIndex item, Rank rank) const {
  return items_[item].time_of.empty() ? items_[item].time : items_[item].time_of[rank];
}
bool Schedule::more_urgent(ItemIndex a, ItemIndex b) const {
  return std::make_pair(items_[a].priority, a) < std::make_pair(items_[b].priority, b);
}

void Schedule::start(Rank rank, Machine& machine) {
  for (ItemIndex item = 0; item < items_.size(); ++item) {
    if (before_[place(item, rank)] == 0) begin(rank, item, machine);
  }
  compute_next(rank, machine);
}
void Schedule::sent(const Message& message, Machine& machine) {
  call(message.from, Tag::item(message.tag), machine,
       [&](Collective& collective, Machine& inner) { collective.sent(message, inner); });
  compute_next(message.from, machine);
}
void Schedule::arrived(const Message& message, Machine& machine) {
  call(message.to, Tag::item(message.tag), machine,
       [&](Collective& collective, Machine& inner) { collective.arrived(message, inner); });
  compute_next(message.to, machine);
}
void Schedule::computed(Rank rank, uint64_t tag, Machine& machine) {
  const ItemIndex item = Tag::item(tag);
  if (items_[item].collective != nullptr) {
    call(rank, item, machine,
         [&](Collective& collective, Machine& inner) { collective.computed(rank, tag, inner); });
    return compute_next(rank, machine);
  }
  RankState& state = states_[rank];
  state.busy = false;
  state.computing += time_at(item, rank);
  --state.items_left;
  if (state.gave_up) return;
  end(rank, item, machine);
  compute_next(rank, machine);
}
void Schedule::failed(const Message& message, Machine& machine) {
  const ItemIndex item = Tag::item(message.tag);
  ItemMachine inner(machine, item, items_[item].priority);
  items_[item].collective->failed(message, inner);
  states_[message.from].gave_up = true;
}
bool Schedule::done(Rank rank) const {
  return states_[rank].gave_up || states_[rank].items_left == 0;
}

// Hands a call to a collective and notes whether the rank became ready or done with it.
template <class Call>
void Schedule::call(Rank rank, ItemIndex item, Machine& machine, const Call& what) {
  Collective& collective = *items_[item].collective;
  const bool was_done = collective.done(rank);
  ItemMachine inner(machine, item, items_[item].priority);
  what(collective, inner);
  RankState& state = states_[rank];
  if (state.gave_up) return;
  if (!was_done && collective.done(rank)) --state.items_left;
  if (before_[place(item, rank)] == kBegun && collective.ready(rank)) end(rank, item, machine);
}

void Schedule::begin(Rank rank, ItemIndex item, Machine& machine) {
  before_[place(item, rank)] = kBegun;
  if (!times_.empty()) times_[place(item, rank)].begin = machine.now();
  if (items_[item].collective != nullptr) {
    call(rank, item, machine,
         [&](Collective& collective, Machine& inner) { collective.start(rank, inner); });
    return;
  }
  auto& waiting = states_[rank].waiting;
  waiting.push_back(item);
  std::push_heap(waiting.begin(), waiting.end(),
                 [this](ItemIndex a, ItemIndex b) { return more_urgent(b, a); });
}

void Schedule::compute_next(Rank rank, Machine& machine) {
  RankState& state = states_[rank];
  if (state.busy || state.gave_up || state.waiting.empty()) return;
  std::pop_heap(state.waiting.begin(), state.waiting.end(),
                [this](ItemIndex a, ItemIndex b) { return more_urgent(b, a); });
  const ItemIndex item = state.waiting.back();
  state.waiting.pop_back();
  state.busy = true;
  if (!times_.empty()) times_[place(item, rank)].begin = machine.now();
  machine.compute(rank, time_at(item, rank), uint64_t{item} << Tag::kItemShift);
}

void Schedule::end(Rank rank, ItemIndex item, Machine& machine) {
  before_[place(item, rank)] = kEnded;
  states_[rank].ended = machine.now();
  if (!times_.empty()) times_[place(item, rank)].end = machine.now();
  for (uint32_t i = first_follower_[item]; i < first_follower_[item + 1]; ++i) {
    const ItemIndex follower = followers_[i];
    uint32_t& before = before_[place(follower, rank)];
    if (before == kEnded) continue;  // the rank has no part in it
    if (--before == 0) begin(rank, follower, machine);
  }
}

}  // namespace windtunnel::cluster
