#include "node/message_peers.h"

#include "base/check.h"

namespace windtunnel::node {

uint32_t MessagePeers::keep(const RankMessage& message) {
  uint32_t slot = free_outgoing_;
  if (slot == kNone) {
    slot = static_cast<uint32_t>(outgoing_.size());
    outgoing_.emplace_back();
  } else {
    free_outgoing_ = outgoing_[slot].next;
  }
  outgoing_[slot] = {message, kNone};
  return slot;
}

void MessagePeers::forget(uint32_t slot) {
  outgoing_[slot].next = free_outgoing_;
  free_outgoing_ = slot;
}

uint32_t MessagePeers::peer_of(uint64_t key) {
  const uint32_t known = index_.find(key);
  if (known != kNone) return known;
  uint32_t index = free_peer_;
  if (index == kNone) {
    index = static_cast<uint32_t>(peers_.size());
    peers_.emplace_back();
  } else {
    free_peer_ = peers_[index].after;
  }
  peers_[index] = Peer{};
  peers_[index].key = key;
  index_.insert(key, index);
  return index;
}

void MessagePeers::queue(uint32_t peer, uint32_t slot) {
  Peer& p = peers_[peer];
  const uint8_t priority = outgoing_[slot].message.priority;
  // Most lines hold one priority, so the end is tried first.
  uint32_t before = p.head == kNone ? kNone : p.tail;
  if (before != kNone && outgoing_[before].message.priority > priority) {
    before = kNone;
    for (uint32_t i = p.head; outgoing_[i].message.priority <= priority; i = outgoing_[i].next) {
      before = i;
    }
  }
  uint32_t& link = before == kNone ? p.head : outgoing_[before].next;
  outgoing_[slot].next = link;
  if (link == kNone) p.tail = slot;
  link = slot;
}

uint32_t MessagePeers::take(uint32_t peer) {
  Peer& p = peers_[peer];
  const uint32_t slot = p.head;
  p.head = outgoing_[slot].next;
  return slot;
}

void MessagePeers::opened(uint32_t peer, uint32_t qp) {
  peers_[peer].qp = qp;
  if (qp >= of_qp_.size()) of_qp_.resize(qp + 1, kNone);
  of_qp_[qp] = peer;
  ++open_;
}

void MessagePeers::closed(uint32_t peer) {
  Peer& p = peers_[peer];
  WT_CHECK(p.posted == 0, "a channel closes with messages under way");
  of_qp_[p.qp] = kNone;
  p.qp = kNone;
  --open_;
  set_busy(peer);
  if (p.head != kNone) return;
  index_.erase(p.key);
  p.after = free_peer_;
  free_peer_ = peer;
}

void MessagePeers::push(List& list, uint32_t peer, bool& member) {
  member = true;
  peers_[peer].before = list.tail;
  peers_[peer].after = kNone;
  (list.head == kNone ? list.head : peers_[list.tail].after) = peer;
  list.tail = peer;
}

void MessagePeers::unlink(List& list, uint32_t peer, bool& member) {
  member = false;
  const Peer& p = peers_[peer];
  (p.before == kNone ? list.head : peers_[p.before].after) = p.after;
  (p.after == kNone ? list.tail : peers_[p.after].before) = p.before;
}

size_t MessagePeers::bytes() const {
  return outgoing_.capacity() * sizeof(Outgoing) + peers_.capacity() * sizeof(Peer) +
         of_qp_.capacity() * sizeof(uint32_t) + index_.bytes();
}

}  // namespace windtunnel::node
