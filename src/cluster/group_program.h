// A collective made of an algorithm: this class knows ranks, counts what is left and deals with
// failure; the algorithm knows positions in a group and what to send when.
//
// An Algorithm has, with calls for one rank touching that rank's state only:
//   Expected expected(const Place&) const      messages the rank receives and sends in all
//   void start(const Place&, Outbox&)
//   void arrived(const Place&, bool started, uint64_t tag, Outbox&)   may send only once started
//   void sent(const Place&, uint64_t tag, Outbox&)
//   std::vector<Piece> describe(const Place& sender, uint64_t tag) const
#pragma once

#include <utility>
#include <vector>

#include "base/check.h"
#include "cluster/collective.h"

namespace windtunnel::cluster {

// What every algorithm is told.
struct Shape {
  PartitionRef partition;
  std::vector<Extent>
      extents;  // the part of the buffer to work on: one for all groups, or by group
  Goal goal;
  base::Bytes chunk;        // most bytes of a message; 0: no limit
  uint32_t channels = 1;    // independent parts of the work
  uint32_t window = 0;      // most unacknowledged messages a rank has per lane; 0: no limit
  uint32_t per_server = 1;  // ranks of a server, which follow one another in a group; 1: unknown

  const Extent& extent(uint32_t group) const { return extents[extents.size() == 1 ? 0 : group]; }
};

struct Expected {
  int64_t arrivals = 0;
  int64_t sends = 0;
};

// How a rank sends within its group; lives within one call.
class Outbox {
 public:
  Outbox(Machine& machine, const Partition& partition, Rank self)
      : machine_(machine), partition_(partition), self_(self) {}
  void send(uint32_t position, base::Bytes bytes, uint64_t tag, uint32_t channel = 0) {
    Message message;
    message.from = self_;
    message.to = partition_.rank(partition_.place(self_).group, position);
    message.bytes = bytes;
    message.tag = tag;
    message.channel = static_cast<uint16_t>(channel);
    machine_.send(message);
  }

 private:
  Machine& machine_;
  const Partition& partition_;
  Rank self_;
};

template <class Algorithm>
class GroupProgram final : public Collective {
 public:
  // `more` is what the algorithm's constructor takes after the shape.
  template <class... More>
  explicit GroupProgram(const Shape& shape, const More&... more)
      : partition_(shape.partition), goal_(shape.goal), algorithm_(shape, more...) {
    progress_.resize(partition_->ranks());
    for (Rank rank = 0; rank < partition_->ranks(); ++rank) {
      if (!partition_->has(rank)) continue;
      const Expected expected = algorithm_.expected(partition_->place(rank));
      progress_[rank].arrivals_left = expected.arrivals;
      progress_[rank].sends_left = expected.sends;
    }
  }

  const Goal& goal() const override { return goal_; }
  const Partition& groups() const override { return *partition_; }
  uint32_t ranks() const override { return partition_->ranks(); }

  void start(Rank rank, Machine& machine) override {
    if (!partition_->has(rank)) return;
    WT_CHECK(!progress_[rank].started, "a collective was started twice on a rank");
    progress_[rank].started = true;
    Outbox out(machine, *partition_, rank);
    algorithm_.start(partition_->place(rank), out);
  }
  void arrived(const Message& message, Machine& machine) override {
    Progress& progress = progress_[message.to];
    WT_CHECK(progress.arrivals_left > 0, "a message arrived that nobody waits for");
    --progress.arrivals_left;
    if (progress.gave_up) return;
    Outbox out(machine, *partition_, message.to);
    algorithm_.arrived(partition_->place(message.to), progress.started, message.tag, out);
  }
  void sent(const Message& message, Machine& machine) override {
    Progress& progress = progress_[message.from];
    WT_CHECK(progress.sends_left > 0, "a message was acknowledged that nobody sent");
    --progress.sends_left;
    if (progress.gave_up) return;
    Outbox out(machine, *partition_, message.from);
    algorithm_.sent(partition_->place(message.from), message.tag, out);
  }
  void computed(Rank /*rank*/, uint64_t /*tag*/, Machine& /*machine*/) override {}
  // The rank sends nothing more. What the others wait for never comes; see gave_up().
  void failed(const Message& message, Machine& /*machine*/) override {
    progress_[message.from].gave_up = true;
  }

  bool ready(Rank rank) const override {
    if (!partition_->has(rank)) return true;
    return progress_[rank].started && progress_[rank].arrivals_left == 0;
  }
  bool done(Rank rank) const override {
    if (!partition_->has(rank)) return true;
    const Progress& progress = progress_[rank];
    return progress.gave_up || (ready(rank) && progress.sends_left == 0);
  }
  bool gave_up(Rank rank) const override {
    return partition_->has(rank) && progress_[rank].gave_up;
  }
  int64_t messages(Rank rank) const override {
    return partition_->has(rank) ? algorithm_.expected(partition_->place(rank)).sends : 0;
  }
  std::vector<Piece> describe(const Message& message) const override {
    return algorithm_.describe(partition_->place(message.from), message.tag);
  }

 private:
  struct Progress {
    int64_t arrivals_left = 0;
    int64_t sends_left = 0;  // messages not yet acknowledged, whether sent or not
    bool started = false;
    bool gave_up = false;
  };
  PartitionRef partition_;
  Goal goal_;
  Algorithm algorithm_;
  std::vector<Progress> progress_;  // by rank
};

}  // namespace windtunnel::cluster
