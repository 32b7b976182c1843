// The queue pairs of one host that wait: for their turn at a port, until their rate allows the next
// packet, for their retransmission deadline, or for the end of a notification interval. What the
// two kinds of RoCE NIC share, whether queue pairs belong to flows (roce_nic.h) or to channels that
// open and close (roce_channels.h).
//
// The queue pairs themselves are the caller's: every function takes the array that holds them, of
// RoceSender and RoceReceiver or of what is derived from them, by whose index they are named here.
// Functions are called per packet. HOT
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/units.h"
#include "fabric/parcel.h"
#include "node/host_posts.h"
#include "node/roce_dcqcn.h"
#include "node/roce_qp.h"
#include "node/roce_wakes.h"

namespace windtunnel::node {

// Parcels of RoCE: cargo[0] is a PSN with its kind above it, and cargo[1] the immediate of
// kLastImmediate. The labels of the way back are their own, as its addresses and queue pairs are.
namespace roce_wire {
enum Kind : uint32_t { kPlain, kAckRequest, kLastImmediate, kAck, kNak, kCnp };
inline constexpr uint32_t kKindShift = 24;
inline constexpr uint32_t kReverse = 0x80000000;

inline Kind kind(const fabric::Parcel& parcel) { return Kind(parcel.cargo[0] >> kKindShift); }
inline uint32_t psn(const fabric::Parcel& parcel) { return parcel.cargo[0] & braid::kPsnMask; }
inline uint32_t cargo(Kind kind, uint32_t psn) { return psn | uint32_t{kind} << kKindShift; }
}  // namespace roce_wire

// A queue pair at the host that sends data; touched by that host only.
struct RoceSender {
  enum class Turn : uint8_t { kIdle, kPacing, kReady };

  RoceRequester requester;
  RateControl control;
  int64_t next_ps = 0;  // when the rate allows the next packet
  uint32_t next_in_ring = 0;
  uint16_t entropy = 0;
  Turn turn = Turn::kIdle;
  bool timer_set = false;  // has an entry among the timers
};

// The same at the host that takes data.
struct RoceReceiver {
  RoceResponder responder;
  NotificationPoint notification = {};
  uint32_t next_in_ring = 0;
  uint16_t entropy = 0;
  bool in_ring = false;
  bool cnp_due = false;
};

// What a queue pair has to say next: a CNP, or a reply. A control parcel without its address.
inline fabric::Parcel control_parcel(RoceReceiver& receiver, uint32_t label, int64_t bytes) {
  fabric::Parcel parcel;
  parcel.set_class(fabric::ParcelClass::kControl);
  parcel.flow = label | roce_wire::kReverse;
  parcel.entropy = receiver.entropy;
  parcel.bytes = static_cast<uint16_t>(bytes);
  if (receiver.cnp_due) {
    receiver.cnp_due = false;
    parcel.cargo[0] = roce_wire::cargo(roce_wire::kCnp, 0);
  } else {
    const RoceResponder::Reply reply = receiver.responder.reply();
    parcel.cargo[0] =
        roce_wire::cargo(reply.refusal ? roce_wire::kNak : roce_wire::kAck, reply.psn);
  }
  return parcel;
}

// The control parcel has arrived. False: it was a CNP, which gives the sender nothing to do.
inline bool take_control(RoceSender& sender, const fabric::Parcel& parcel, int64_t now_ps,
                         const RoceQpOptions& protocol, const DcqcnOptions& dcqcn) {
  switch (roce_wire::kind(parcel)) {
    case roce_wire::kAck:
      sender.requester.acknowledge(roce_wire::psn(parcel), now_ps, protocol);
      return true;
    case roce_wire::kNak:
      sender.requester.refuse(roce_wire::psn(parcel), now_ps, protocol);
      return true;
    default:
      sender.control.cut(now_ps, dcqcn);
      return false;
  }
}

class RoceTurns {
 public:
  static constexpr uint32_t kNone = 0xffffffff;

  void set_ports(uint32_t ports) { ports_.resize(ports); }
  // Room for so many senders that wait.
  void reserve(size_t senders) {
    paced_.reserve(senders);
    timers_.reserve(senders);
  }
  bool any_ready(uint32_t port) const { return ports_[port].ready.head != kNone; }

  // Puts a sender that has data in the place where its rate lets it wait.
  template <class Senders>
  void ready(Senders& senders, uint32_t qp, uint32_t port, int64_t now_ps) {
    RoceSender& sender = senders[qp];
    if (sender.turn != RoceSender::Turn::kIdle || !sender.requester.has_data()) return;
    if (sender.next_ps > now_ps) {
      sender.turn = RoceSender::Turn::kPacing;
      paced_.push(sender.next_ps, qp);
      return;
    }
    sender.turn = RoceSender::Turn::kReady;
    append(ports_[port].ready, qp, senders);
  }
  // The sender whose turn it is, or kNone. What it had to send may have been acknowledged, or given
  // up, while it waited.
  template <class Senders>
  uint32_t take_ready(Senders& senders, uint32_t port) {
    const uint32_t qp = take(ports_[port].ready, senders);
    if (qp != kNone) senders[qp].turn = RoceSender::Turn::kIdle;
    return qp;
  }

  // A receiver has something to say; then whose turn it is to do so, or kNone.
  template <class Receivers>
  void talk(Receivers& receivers, uint32_t qp, uint32_t port) {
    RoceReceiver& receiver = receivers[qp];
    if (receiver.in_ring) return;
    receiver.in_ring = true;
    append(ports_[port].talk, qp, receivers);
  }
  template <class Receivers>
  uint32_t take_talk(Receivers& receivers, uint32_t port) {
    const uint32_t qp = take(ports_[port].talk, receivers);
    if (qp != kNone) receivers[qp].in_ring = false;
    return qp;
  }

  // A packet of `bytes` begins to leave: the deadline runs, and the rate says when the next may.
  // `dcqcn`: null without congestion control.
  void sent(RoceSender& sender, uint32_t qp, int64_t bytes, int64_t now_ps,
            const DcqcnOptions* dcqcn) {
    if (!sender.timer_set) {
      sender.timer_set = true;
      timers_.push(sender.requester.deadline_ps(), qp);
    }
    if (dcqcn == nullptr) return;
    const base::Rate rate = base::Rate::bits_per_second(sender.control.rate(now_ps, *dcqcn));
    sender.next_ps = now_ps + base::transfer_time(base::Bytes(bytes), rate).ps();
    sender.control.sent(bytes, now_ps, *dcqcn);
  }

  // A marked packet arrived. The paper's NP: a CNP at once, or when the interval since the last one
  // ends.
  template <class Receivers>
  void marked(Receivers& receivers, uint32_t qp, uint32_t port, int64_t now_ps,
              const DcqcnOptions& dcqcn) {
    RoceReceiver& receiver = receivers[qp];
    const bool waiting = receiver.notification.waiting();
    if (receiver.notification.marked(now_ps, dcqcn)) {
      receiver.cnp_due = true;
      talk(receivers, qp, port);
    } else if (!waiting) {
      held_.push(receiver.notification.next_ps(), qp);
    }
  }

  // When run() has something to do. Timers of senders that wait for nothing any more are dropped
  // here, so that a host whose work is done has no event left; `left(qp)` is told of each.
  template <class Senders, class Left>
  int64_t next_ps(Senders& senders, Left&& left) {
    while (!timers_.empty()) {
      const uint32_t qp = timers_.top().qp;
      RoceSender& sender = senders[qp];
      if (sender.requester.deadline_ps() != RoceRequester::kNoDeadline) break;
      sender.timer_set = false;
      timers_.pop();
      left(qp);
    }
    int64_t next_ps = timers_.empty() ? kNever : timers_.top().at_ps;
    if (!paced_.empty()) next_ps = std::min(next_ps, paced_.top().at_ps);
    if (!held_.empty()) next_ps = std::min(next_ps, held_.top().at_ps);
    return next_ps;
  }

  // Everything due at now_ps, by kind and then by queue pair. `handler` is told of senders whose
  // pace allows a packet (`may_send`), whose deadline has come (`expired`), whose entry is gone
  // because the deadline has (`left`), and of receivers whose CNP may go (`may_notify`).
  template <class Senders, class Receivers, class Handler>
  void run(int64_t now_ps, Senders& senders, Receivers& receivers, const DcqcnOptions& dcqcn,
           Handler&& handler) {
    while (!paced_.empty() && paced_.top().at_ps <= now_ps) {
      const uint32_t qp = paced_.top().qp;
      paced_.pop();
      senders[qp].turn = RoceSender::Turn::kIdle;
      handler.may_send(qp);
    }
    while (!timers_.empty() && timers_.top().at_ps <= now_ps) {
      const uint32_t qp = timers_.top().qp;
      RoceSender& sender = senders[qp];
      timers_.pop();
      const int64_t deadline_ps = sender.requester.deadline_ps();
      sender.timer_set = deadline_ps > now_ps && deadline_ps != RoceRequester::kNoDeadline;
      if (sender.timer_set) {  // it has moved since the entry was made
        timers_.push(deadline_ps, qp);
      } else if (deadline_ps > now_ps) {
        handler.left(qp);
      } else {
        sender.requester.expire(now_ps);
        handler.expired(qp);
      }
    }
    while (!held_.empty() && held_.top().at_ps <= now_ps) {
      const uint32_t qp = held_.top().qp;
      held_.pop();
      receivers[qp].notification.release(now_ps, dcqcn);
      handler.may_notify(qp);
    }
  }

  int64_t footprint() const {
    const size_t wakes = paced_.capacity() + timers_.capacity() + held_.capacity();
    return static_cast<int64_t>(ports_.size() * sizeof(Port) + wakes * sizeof(WakeHeap::Wake));
  }

 private:
  // Chained through next_in_ring; the tail means nothing while there is no head.
  struct Ring {
    uint32_t head = kNone;
    uint32_t tail = kNone;
  };
  struct Port {
    Ring ready;  // of senders
    Ring talk;   // of receivers with something to say
  };

  template <class Items>
  static void append(Ring& ring, uint32_t qp, Items& items) {
    items[qp].next_in_ring = kNone;
    (ring.head == kNone ? ring.head : items[ring.tail].next_in_ring) = qp;
    ring.tail = qp;
  }
  template <class Items>
  static uint32_t take(Ring& ring, const Items& items) {
    const uint32_t qp = ring.head;
    if (qp != kNone) ring.head = items[qp].next_in_ring;
    return qp;
  }

  std::vector<Port> ports_;
  WakeHeap paced_;   // senders in Turn::kPacing, at next_ps
  WakeHeap timers_;  // senders with timer_set, at or before their deadline
  WakeHeap held_;    // receivers whose CNP waits for the end of its interval
};

}  // namespace windtunnel::node
