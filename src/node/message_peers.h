// The channels of one host to other ranks, opened when there is something to send and kept for the
// next message. At most `limit` are open at once: when another is wanted, the one that has been
// idle longest closes; when none is idle, the wish waits its turn.
//
// This is the bookkeeping only; opening, closing and sending are the owner's.
#pragma once

#include <cstdint>
#include <vector>

#include "node/label_map.h"
#include "node/message_types.h"

namespace windtunnel::node {

// A message the owner has taken and not heard the end of.
struct Outgoing {
  RankMessage message;
  uint32_t next = 0xffffffff;  // in its peer's line
};

class MessagePeers {
 public:
  static constexpr uint32_t kNone = 0xffffffff;

  struct Peer {
    uint64_t key = 0;
    uint32_t head = kNone;  // messages not handed to the transport, as they will be
    uint32_t tail = kNone;
    uint32_t qp = kNone;      // kNone: no channel is open
    uint32_t before = kNone;  // in the list of the idle, or (after) of those who wait
    uint32_t after = kNone;
    int64_t posted_bytes = 0;  // of the messages the transport has
    uint16_t posted = 0;
    bool waiting = false;
    bool idle = false;
    bool failing = false;  // its queue pair gave up; its messages end one by one
  };

  // `local` is the sender's number among the ranks of its host; all ones: nobody's.
  static uint64_t key_of(const RankMessage& m, uint32_t local) {
    return uint64_t{m.channel} << 48 | uint64_t{local & 0xffff} << 32 | m.to;
  }

  // Slots of messages.
  uint32_t keep(const RankMessage& message);
  Outgoing& outgoing(uint32_t slot) { return outgoing_[slot]; }
  void forget(uint32_t slot);

  // The peer of a key, made if need be.
  uint32_t peer_of(uint64_t key);
  Peer& peer(uint32_t index) { return peers_[index]; }
  // In a peer's line behind all that is as urgent or more.
  void queue(uint32_t peer, uint32_t slot);
  // From the front; the line is not empty.
  uint32_t take(uint32_t peer);

  void opened(uint32_t peer, uint32_t qp);
  uint32_t owner_of_qp(uint32_t qp) const { return of_qp_[qp]; }
  // The channel is gone; the peer itself too if nothing waits for it.
  void closed(uint32_t peer);
  uint32_t open() const { return open_; }

  void set_idle(uint32_t peer) { push(idle_, peer, peers_[peer].idle); }
  void set_busy(uint32_t peer) {
    if (peers_[peer].idle) unlink(idle_, peer, peers_[peer].idle);
  }
  void wait(uint32_t peer) {
    if (!peers_[peer].waiting) push(waiting_, peer, peers_[peer].waiting);
  }
  // Idle for longest; kNone when all are busy.
  uint32_t oldest_idle() const { return idle_.head; }
  // Takes out who has waited longest, or returns kNone.
  uint32_t next_waiting() {
    const uint32_t first = waiting_.head;
    if (first != kNone) unlink(waiting_, first, peers_[first].waiting);
    return first;
  }
  bool any_waiting() const { return waiting_.head != kNone; }
  size_t bytes() const;

 private:
  struct List {
    uint32_t head = kNone;
    uint32_t tail = kNone;
  };
  void push(List& list, uint32_t peer, bool& member);
  void unlink(List& list, uint32_t peer, bool& member);

  std::vector<Outgoing> outgoing_;
  uint32_t free_outgoing_ = kNone;
  std::vector<Peer> peers_;
  uint32_t free_peer_ = kNone;
  std::vector<uint32_t> of_qp_;
  OpenMap<uint64_t> index_;
  List idle_;
  List waiting_;
  uint32_t open_ = 0;
};

}  // namespace windtunnel::node
