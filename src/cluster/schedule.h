// Work of many ranks with an order: a graph of computing and of collectives, as in a training step
// where the gradients of one layer are reduced while those of the layer before are computed.
//
// Every rank walks the same list of items and takes part in those that include it. An item begins
// at a rank when all items it comes after have ended there; items that the rank has no part in
// count as ended. Collectives of one rank run side by side, on any groups. Computing is one item at
// a time, the most urgent of those that may begin. An item ends at a rank when its computing is
// over, or when the rank is ready with the collective, whose last acknowledgements may come later.
//
// Priorities: 0 is the most urgent of kItemPriorities. They order computing on a rank and, where
// the machine has a choice, messages.
//
// Memory: four bytes a rank and item (sixteen more when times are kept), and the collectives' own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cluster/collective.h"

namespace windtunnel::cluster {

using ItemIndex = uint32_t;
constexpr uint32_t kItemPriorities = 256 / kPriorityEnd;

struct ScheduleItem {
  std::string name;  // for errors and reports
  // A collective, or computing where it is null.
  std::unique_ptr<Collective> collective;
  base::Duration time{};                  // computing: at every rank,
  std::vector<base::Duration> time_of{};  // or by rank
  std::vector<Rank> computes{};           // computing: who takes part; empty: every rank
  std::vector<ItemIndex> after{};         // items before this one in the list
  uint8_t priority = 0;
};

struct ScheduleOptions {
  bool keep_times = false;  // of every item at every rank
};

// When an item ran at a rank; both zero where it has no part.
struct ItemTimes {
  base::Time begin;
  base::Time end;
};

class Schedule final : public Program {
 public:
  // Errors: no ranks, a rank or an item that is not there, times for another number of ranks, a
  // priority or a number of items out of range; each names the item.
  static base::Result<std::unique_ptr<Schedule>> make(uint32_t ranks,
                                                      std::vector<ScheduleItem> items,
                                                      const ScheduleOptions& options);
  ~Schedule() override;

  uint32_t ranks() const override { return ranks_; }
  void start(Rank rank, Machine& machine) override;
  void sent(const Message& message, Machine& machine) override;
  void arrived(const Message& message, Machine& machine) override;
  void computed(Rank rank, uint64_t tag, Machine& machine) override;
  // The rank gives up: it begins nothing more.
  void failed(const Message& message, Machine& machine) override;
  bool done(Rank rank) const override;
  bool gave_up(Rank rank) const override { return states_[rank].gave_up; }

  uint32_t items() const { return static_cast<uint32_t>(items_.size()); }
  const std::string& name(ItemIndex item) const { return items_[item].name; }
  bool takes_part(ItemIndex item, Rank rank) const;
  const Collective* collective(ItemIndex item) const { return items_[item].collective.get(); }
  // Only with keep_times.
  ItemTimes times(ItemIndex item, Rank rank) const { return times_[place(item, rank)]; }
  // Time that a rank spent computing, of what has ended.
  base::Duration computing(Rank rank) const { return states_[rank].computing; }
  // When the last item ended at a rank.
  base::Time ended(Rank rank) const { return states_[rank].ended; }

 private:
  struct RankState {
    std::vector<ItemIndex> waiting{};  // computing that may begin: a heap, most urgent first
    base::Duration computing;
    base::Time ended;
    uint32_t items_left = 0;  // not yet done
    bool busy = false;        // computes
    bool gave_up = false;
  };
  class ItemMachine;

  Schedule(uint32_t ranks, std::vector<ScheduleItem> items, const ScheduleOptions& options);
  void link();
  size_t place(ItemIndex item, Rank rank) const { return size_t{rank} * items_.size() + item; }
  bool more_urgent(ItemIndex a, ItemIndex b) const;
  base::Duration time_at(ItemIndex item, Rank rank) const;
  template <class Call>
  void call(Rank rank, ItemIndex item, Machine& machine, const Call& what);
  void begin(Rank rank, ItemIndex item, Machine& machine);
  void compute_next(Rank rank, Machine& machine);
  void end(Rank rank, ItemIndex item, Machine& machine);

  uint32_t ranks_;
  std::vector<ScheduleItem> items_;
  std::vector<uint32_t> first_follower_;  // by item, one more: where its followers begin
  std::vector<ItemIndex> followers_;
  std::vector<std::vector<bool>> computes_;  // by item, by rank; empty: every rank
  std::vector<RankState> states_;            // by rank
  std::vector<uint32_t> before_;             // by rank, then item: items that it still comes after
  std::vector<ItemTimes> times_;             // the same; empty unless times are kept
  static constexpr uint32_t kEnded = 0xffffffff;  // or never to begin: no part in it
  static constexpr uint32_t kBegun = 0xfffffffe;
};

}  // namespace windtunnel::cluster
