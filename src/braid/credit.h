// Receiver credits (RCCC, UET): a sender may send while it has credit; the receiver grants 16 KiB
// at a time, paced at 0.99 of the line rate over all its senders. Senders say in every packet up
// to which total they would like credit (the pull target); those who got all they asked for are
// granted a little more, slowly, so that their next message can begin at once.
//
// Totals are in quanta of 256 bytes, modulo 2^32.
#pragma once

#include <cstdint>
#include <span>

#include "base/random.h"
#include "braid/profile.h"

namespace windtunnel::braid {

struct CreditSender {
  int32_t credit = 0;    // bytes, below 2^30; may fall below zero by less than one packet
  uint32_t granted = 0;  // highest total the receiver has granted
};

// What a sender would like: everything it has to send, as far as its window would let it, shared
// among the queue pairs that wait for the same NIC.
struct CreditDemand {
  int64_t backlog = 0;  // new and waiting packets
  int64_t window = 0;   // of the congestion control, or 0 when it has none
  uint32_t sharers = 1;
  bool speculating = false;
};
uint32_t credit_target(const CreditSender& state, const CreditDemand& demand,
                       const Profile& profile);
// New total from the receiver. True when it raised the credit.
bool credit_granted(CreditSender& state, uint32_t total, const Profile& profile);

inline constexpr uint32_t kNoLink = 0xffffffff;

// The receiver's side of one queue pair.
struct CreditReceiver {
  uint32_t granted = 0;
  uint32_t target = 0;
  uint32_t active_next = kNoLink;
  uint32_t idle_next = kNoLink;
  bool active = false;  // in the list of those who ask
  bool idle = false;    // in the list of those who have what they asked for
};

// When ECN and trims show that the network above an oversubscribed switch is the bottleneck, the
// pacer slows down: once per 1.5 base RTTs, at a random point around it. Rates in 2^-16.
struct OversubscriptionState {
  int64_t next = 0;
  uint32_t rate = 1 << 16;
  uint32_t marked_average = 0;
  uint32_t increases = 0;
  uint32_t packets = 0;
  uint32_t marked = 0;
  uint32_t trimmed = 0;
  uint32_t trimmed_last_hop = 0;
};

// One per NIC. The links of its two lists live in the queue pairs; `Table` finds them by number.
class CreditPacer {
 public:
  struct Grant {
    uint32_t qp = kNoLink;
    uint32_t total = 0;
    bool slow = false;
  };

  // Queue pair `qp` asks (again). The pacer starts at `now` if it rests.
  template <class Table>
  void request(Table&& table, uint32_t qp, int64_t now) {
    CreditReceiver& r = table(qp);
    if (r.active) return;
    r.active = true;
    r.active_next = kNoLink;
    (active_.head == kNoLink ? active_.head : table(active_.tail).active_next) = qp;
    active_.tail = qp;
    if (due_ == kResting) due_ = now;
  }
  int64_t due() const { return due_; }

  // One grant, and when the next is due; kNoLink when nobody is left and the pacer rests.
  template <class Table>
  Grant fire(Table&& table, const Profile& profile, int64_t now) {
    if (active_.head != kNoLink) return grant_active(table, profile, now);
    if (idle_.head != kNoLink) return grant_idle(table, profile, now);
    due_ = kResting;
    return {};
  }

  // Queue pair `qp` is no more; a list it is in is walked.
  template <class Table>
  void forget(Table&& table, uint32_t qp) {
    if (table(qp).active) {
      unlink(active_, qp, [&](uint32_t i) -> uint32_t& { return table(i).active_next; });
    }
    if (table(qp).idle) {
      unlink(idle_, qp, [&](uint32_t i) -> uint32_t& { return table(i).idle_next; });
    }
  }

  // Slows to rate / 2^16 of the configured one.
  void set_rate(uint32_t rate) { rate_ = rate; }

  static constexpr int64_t kResting = 0x7fffffffffffffff;

 private:
  struct List {
    uint32_t head = kNoLink;
    uint32_t tail = kNoLink;
  };
  template <class Next>
  static void unlink(List& list, uint32_t qp, Next&& next_of) {
    uint32_t before = kNoLink;
    for (uint32_t at = list.head; at != qp; at = next_of(at)) before = at;
    (before == kNoLink ? list.head : next_of(before)) = next_of(qp);
    if (list.tail == qp) list.tail = before;
  }
  // Time between pulls that grant nothing.
  static constexpr uint32_t kIdleQuanta = 1024 >> kCreditQuantumBits;

  void pace(const Profile& profile, int64_t now, uint32_t quanta) {
    const uint32_t counted = quanta == 0 ? kIdleQuanta : quanta;
    due_ = now + profile.credit_ps_per_quantum * counted * (1 << 16) / rate_;
  }
  template <class Table>
  void push_idle(Table&& table, uint32_t qp) {
    CreditReceiver& r = table(qp);
    if (r.idle) return;
    r.idle = true;
    r.idle_next = kNoLink;
    (idle_.head == kNoLink ? idle_.head : table(idle_.tail).idle_next) = qp;
    idle_.tail = qp;
  }

  // Only as much as was asked for.
  template <class Table>
  Grant grant_active(Table&& table, const Profile& profile, int64_t now) {
    const uint32_t qp = active_.head;
    CreditReceiver& r = table(qp);
    active_.head = r.active_next;
    r.active_next = kNoLink;
    const int32_t wanted = static_cast<int32_t>(r.target - r.granted);
    const uint32_t most = profile.credit_quanta_per_pull;
    const uint32_t quanta = wanted <= 0                            ? 0
                            : static_cast<uint32_t>(wanted) < most ? static_cast<uint32_t>(wanted)
                                                                   : most;
    r.granted += quanta;
    if (static_cast<int32_t>(r.target - r.granted) > 0) {
      (active_.head == kNoLink ? active_.head : table(active_.tail).active_next) = qp;
      active_.tail = qp;
    } else {
      r.active = false;
      push_idle(table, qp);
    }
    pace(profile, now, quanta);
    return {qp, r.granted, false};
  }

  // More than was asked for, until a window's worth is out.
  template <class Table>
  Grant grant_idle(Table&& table, const Profile& profile, int64_t now) {
    const uint32_t qp = idle_.head;
    CreditReceiver& r = table(qp);
    idle_.head = r.idle_next;
    r.idle = false;
    const uint32_t quanta = profile.credit_quanta_per_pull;
    r.granted += quanta;
    const auto beyond = static_cast<int32_t>(r.granted - r.target);
    const int64_t most = profile.credit_maximum >> kCreditQuantumBits;
    if (beyond >= 0 && beyond < most) push_idle(table, qp);
    pace(profile, now, quanta);
    return {qp, r.granted, true};
  }

  List active_;
  List idle_;
  int64_t due_ = kResting;
  uint32_t rate_ = 1 << 16;
};

// The receiver-side control for oversubscribed networks. Call when now >= state.next; sets the
// pacer's rate.
void oversubscription_update(OversubscriptionState& state, const Profile& profile, int64_t now,
                             base::RandomStream& stream, CreditPacer& pacer);

}  // namespace windtunnel::braid
