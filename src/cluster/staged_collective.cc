#include "cluster/staged_collective.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace windtunnel::cluster {
namespace {

// Puts the number of the part on top of the tags that it sends, and earlier slices first.
class PartMachine final : public Machine {
 public:
  PartMachine(Machine& machine, uint32_t part, uint32_t stages)
      : machine_(machine),
        mark_(uint64_t{part} << Tag::kStageShift),
        priority_(static_cast<uint8_t>(std::min(part / stages, kPriorityEnd - 1))) {}
  base::Time now() const override { return machine_.now(); }
  void send(const Message& message) override {
    Message marked = message;
    marked.tag |= mark_;
    marked.priority = priority_;
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

class Staged final : public Collective {
 public:
  explicit Staged(StagedPlan plan)
      : plan_(std::move(plan)),
        slices_(static_cast<uint32_t>(plan_.parts.size()) / plan_.stages),
        begun_(size_t{plan_.partition->ranks()} * slices_),
        progress_(plan_.partition->ranks()) {
    WT_CHECK(plan_.parts.size() <= Tag::kStageEnd && plan_.stages < 256, "too many stages");
    for (Rank rank = 0; rank < ranks(); ++rank) {
      for (const auto& p : plan_.parts) progress_[rank].parts_left += p->done(rank) ? 0u : 1u;
    }
  }

  const Goal& goal() const override { return plan_.goal; }
  const Partition& groups() const override { return *plan_.partition; }
  uint32_t ranks() const override { return plan_.partition->ranks(); }

  void start(Rank rank, Machine& machine) override {
    if (!groups().has(rank)) return;
    begin(rank, 0, 0, machine);
  }
  void sent(const Message& message, Machine& machine) override {
    call(message.from, Tag::stage(message.tag), machine,
         [&](Collective& part, Machine& inner) { part.sent(message, inner); });
  }
  void arrived(const Message& message, Machine& machine) override {
    call(message.to, Tag::stage(message.tag), machine,
         [&](Collective& part, Machine& inner) { part.arrived(message, inner); });
  }
  void computed(Rank rank, uint64_t tag, Machine& machine) override {
    call(rank, Tag::stage(tag), machine,
         [&](Collective& part, Machine& inner) { part.computed(rank, tag, inner); });
  }
  void failed(const Message& message, Machine& machine) override {
    PartMachine inner(machine, Tag::stage(message.tag), plan_.stages);
    plan_.parts[Tag::stage(message.tag)]->failed(message, inner);
    progress_[message.from].gave_up = true;
  }

  bool ready(Rank rank) const override {
    if (!groups().has(rank)) return true;
    for (uint32_t slice = 0; slice < slices_; ++slice) {
      if (!part(slice, plan_.stages - 1).ready(rank)) return false;
    }
    return true;
  }
  bool done(Rank rank) const override {
    if (!groups().has(rank)) return true;
    return progress_[rank].gave_up || progress_[rank].parts_left == 0;
  }
  bool gave_up(Rank rank) const override { return groups().has(rank) && progress_[rank].gave_up; }
  int64_t messages(Rank rank) const override {
    int64_t out = 0;
    for (const auto& p : plan_.parts) out += p->messages(rank);
    return out;
  }
  std::vector<Piece> describe(const Message& message) const override {
    return plan_.parts[Tag::stage(message.tag)]->describe(message);
  }

 private:
  struct Progress {
    uint32_t parts_left = 0;  // not yet done() at this rank
    bool gave_up = false;
  };

  Collective& part(uint32_t slice, uint32_t stage) const {
    return *plan_.parts[slice * plan_.stages + stage];
  }
  uint8_t& begun(Rank rank, uint32_t slice) { return begun_[size_t{rank} * slices_ + slice]; }

  // Hands a call to a part and starts what it makes possible.
  template <class Call>
  void call(Rank rank, uint32_t number, Machine& machine, const Call& what) {
    Collective& part = *plan_.parts[number];
    const bool was_done = part.done(rank);
    PartMachine inner(machine, number, plan_.stages);
    what(part, inner);
    if (progress_[rank].gave_up) return;
    if (!was_done && part.done(rank)) --progress_[rank].parts_left;
    if (part.ready(rank)) follow(rank, number / plan_.stages, number % plan_.stages, machine);
  }
  void begin(Rank rank, uint32_t slice, uint32_t stage, Machine& machine) {
    begun(rank, slice) = static_cast<uint8_t>(stage + 1);
    call(rank, slice * plan_.stages + stage, machine,
         [&](Collective& part, Machine& inner) { part.start(rank, inner); });
  }
  // `rank` is ready with a stage: starts the next one, and the next slice.
  void follow(Rank rank, uint32_t slice, uint32_t stage, Machine& machine) {
    if (stage + 1 < plan_.stages && begun(rank, slice) == stage + 1) {
      begin(rank, slice, stage + 1, machine);
    }
    if (stage == 0 && slice + 1 < slices_ && begun(rank, slice + 1) == 0) {
      begin(rank, slice + 1, 0, machine);
    }
  }

  StagedPlan plan_;
  uint32_t slices_;
  std::vector<uint8_t> begun_;  // by rank, then slice: stages started
  std::vector<Progress> progress_;
};

}  // namespace

std::unique_ptr<Collective> make_staged(StagedPlan plan) {
  return std::make_unique<Staged>(std::move(plan));
}

}  // namespace windtunnel::cluster
