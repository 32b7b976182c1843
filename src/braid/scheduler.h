// Who sends next: control packets wait as notes in a ring and are formed when they leave, so that
// an acknowledgement says the latest; queue pairs with something to send wait in a list.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "braid/packet.h"
#include "braid/queue_pair.h"

namespace windtunnel::braid {

enum class ControlKind : uint8_t { kSack, kNack, kProbe, kCredit, kCreditRequest };

// What a control packet will be made from.
struct ControlNote {
  uint32_t qp = 0;
  uint32_t psn : 24 = 0;  // kSack, kNack: the packet that caused it; kProbe: its number
  uint32_t kind : 8 = 0;  // ControlKind
  uint32_t word = 0;      // kSack, kNack: timestamp to echo; kCredit: total
  uint16_t entropy =
      0;               // kSack, kNack: path to echo; kCredit: path; kProbe with kPathProbe: entropy
  uint16_t flags = 0;  // PacketFlag, and the two below

  static constexpr uint16_t kAtReference = 1 << 15;  // kSack: bitmap begins at the reference
  static constexpr int kReasonShift = 12;            // kNack: NackReason in bits 12 to 14
  ControlKind control_kind() const { return static_cast<ControlKind>(kind); }
};
static_assert(sizeof(ControlNote) == 16);

// First in, first out. Doubles from its first capacity up to a maximum, then refuses.
class ControlQueue {
 public:
  ControlQueue(uint32_t capacity, uint32_t maximum)
      : notes_(new ControlNote[capacity]), capacity_(capacity), maximum_(maximum) {}

  bool empty() const { return count_ == 0; }
  uint32_t count() const { return count_; }
  bool push(const ControlNote& note) {
    if (count_ == capacity_ && !grow()) return false;
    notes_[(head_ + count_++) & (capacity_ - 1)] = note;
    return true;
  }
  // The i-th in line.
  const ControlNote& at(uint32_t i) const { return notes_[(head_ + i) & (capacity_ - 1)]; }
  void pop() {
    head_ = (head_ + 1) & (capacity_ - 1);
    --count_;
  }
  // Takes out the i-th; those before it move back by one place.
  void remove(uint32_t i);
  size_t bytes() const { return capacity_ * sizeof(ControlNote); }

 private:
  bool grow();
  std::unique_ptr<ControlNote[]> notes_;
  uint32_t capacity_;  // power of two
  uint32_t maximum_;
  uint32_t head_ = 0;
  uint32_t count_ = 0;
};

// Queue pairs that may send, served by deficit round robin with a quantum of one MTU: full packets
// alternate one by one, small ones go in groups of equal bytes.
class ReadyList {
 public:
  bool empty() const { return count_ == 0; }
  uint32_t count() const { return count_; }
  uint32_t head() const { return head_; }

  void push(std::span<QueuePair> qps, uint32_t index) {
    QueuePair& qp = qps[index];
    if (qp.ready) return;
    qp.ready = true;
    append(qps, index);
    ++count_;
  }
  // The head leaves the list.
  void remove_head(std::span<QueuePair> qps) {
    QueuePair& qp = qps[head_];
    head_ = qp.ready_next;
    qp.ready = false;
    qp.deficit = 0;
    --count_;
  }
  // Whoever it is, which is in the list, leaves it. Walks the list: for the rare ends.
  void remove(std::span<QueuePair> qps, uint32_t index) {
    if (index == head_) {
      remove_head(qps);
      return;
    }
    uint32_t before = head_;
    while (qps[before].ready_next != index) before = qps[before].ready_next;
    qps[before].ready_next = qps[index].ready_next;
    if (tail_ == index) tail_ = before;
    qps[index].ready = false;
    qps[index].deficit = 0;
    --count_;
  }
  // The head goes to the end.
  void rotate(std::span<QueuePair> qps) {
    if (count_ < 2) return;
    const uint32_t index = head_;
    head_ = qps[index].ready_next;
    --count_;
    append(qps, index);
    ++count_;
  }

 private:
  void append(std::span<QueuePair> qps, uint32_t index) {
    (count_ == 0 ? head_ : qps[tail_].ready_next) = index;
    tail_ = index;
  }
  uint32_t head_ = 0;
  uint32_t tail_ = 0;
  uint32_t count_ = 0;
};

// While control and data both wait, every eleventh packet is data (the reference's 10:1).
class ControlTurn {
 public:
  bool data_next() {
    turn_ = turn_ >= kControlPerData ? uint8_t{0} : static_cast<uint8_t>(turn_ + 1);
    return turn_ == 0;
  }

 private:
  static constexpr uint8_t kControlPerData = 10;
  uint8_t turn_ = 0;
};

}  // namespace windtunnel::braid
