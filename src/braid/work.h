// Work requests: a slab of one-line elements shared by all queue pairs of an endpoint, linked into
// lists by index. An element is also the memory of its own completion, so a completion can never
// be lost for want of room, and what the owner does not poll() limits what can be posted.
#pragma once

#include <cstdint>
#include <vector>

#include "base/check.h"
#include "braid/endpoint_types.h"

namespace windtunnel::braid {

inline constexpr uint32_t kNoWork = 0xffffffff;

enum class WorkKind : uint8_t {
  kFree,
  kWrite,         // ours
  kWriteImm,      // ours
  kRead,          // ours: one request packet, done when the responses have arrived
  kReadResponse,  // the peer's read, which we serve by writing
  kReceiveImm,    // a completion to be: the peer's write with immediate
};

struct WorkElement {
  uint32_t next = kNoWork;        // in the list it is in
  uint32_t stash_next = kNoWork;  // in the receiver's list of things due when a PSN is passed
  uint32_t end_psn = 0;           // sender: one past its last packet sent so far
  uint32_t due_psn = 0;  // receiver: due when every PSN up to and with this one has arrived
  uint32_t qp = 0;
  uint32_t rkey = 0;      // for `remote`
  uint32_t argument = 0;  // with immediate: the immediate; kRead: the responder's key for `local`
  WorkKind kind = WorkKind::kFree;
  CompletionStatus status = CompletionStatus::kSuccess;
  bool acked : 1 = false;     // sender: every packet has been acknowledged
  bool answered : 1 = false;  // kRead: the responses are complete
  bool reserved : 1 = false;  // not from the part that posting may use up
  uint64_t work_id = 0;
  uint64_t local = 0;
  uint64_t remote = 0;
  uint64_t length : 48 = 0;
  uint64_t message : 16 = 0;
};
static_assert(sizeof(WorkElement) == 64);

// The pool has an open part, for posted requests and for what arrives, and a reserve that only
// arrivals may use: what they need must not wait for our own requests, or two ends that post all
// they can would wait for each other for ever. Who may draw on the reserve is the caller's rule.
class WorkPool {
 public:
  WorkPool(uint32_t open, uint32_t reserve)
      : elements_(open + reserve), open_(open), reserve_(reserve) {
    const uint32_t count = open + reserve;
    for (uint32_t i = 0; i < count; ++i) elements_[i].next = i + 1 < count ? i + 1 : kNoWork;
    free_ = count > 0 ? 0 : kNoWork;
  }
  // Adds elements to both parts. References to elements are no longer valid.
  void grow(uint32_t open, uint32_t reserve) {
    const auto before = static_cast<uint32_t>(elements_.size());
    elements_.resize(before + open + reserve);
    for (uint32_t i = static_cast<uint32_t>(elements_.size()); i-- > before;) {
      elements_[i].next = free_;
      free_ = i;
    }
    open_ += open;
    reserve_ += reserve;
  }
  // kNoWork when the open part is used up. The element is as new.
  uint32_t take(WorkKind kind) {
    if (open_ == 0) return kNoWork;
    --open_;
    return take_any(kind, false);
  }
  uint32_t take_reserved(WorkKind kind) {
    if (reserve_ == 0) return kNoWork;
    --reserve_;
    return take_any(kind, true);
  }
  void give(uint32_t index) {
    WT_CHECK(elements_[index].kind != WorkKind::kFree, "work element freed twice");
    ++(elements_[index].reserved ? reserve_ : open_);
    elements_[index].kind = WorkKind::kFree;
    elements_[index].next = free_;
    free_ = index;
  }
  WorkElement& operator[](uint32_t index) { return elements_[index]; }
  const WorkElement& operator[](uint32_t index) const { return elements_[index]; }
  uint32_t open_count() const { return open_; }
  size_t bytes() const { return elements_.capacity() * sizeof(WorkElement); }

 private:
  uint32_t take_any(WorkKind kind, bool reserved) {
    const uint32_t index = free_;
    free_ = elements_[index].next;
    elements_[index] = WorkElement{};
    elements_[index].kind = kind;
    elements_[index].reserved = reserved;
    return index;
  }
  std::vector<WorkElement> elements_;
  uint32_t open_;  // elements left in each part
  uint32_t reserve_;
  uint32_t free_ = kNoWork;
};

// A first-in first-out list through WorkElement::next.
struct WorkList {
  uint32_t head = kNoWork;
  uint32_t tail = kNoWork;

  bool empty() const { return head == kNoWork; }
  void push(WorkPool& pool, uint32_t index) {
    pool[index].next = kNoWork;
    if (head == kNoWork) {
      head = index;
    } else {
      pool[tail].next = index;
    }
    tail = index;
  }
  // Takes out the one after `before`, or the head if `before` is kNoWork.
  uint32_t remove_after(WorkPool& pool, uint32_t before) {
    if (before == kNoWork) return pop(pool);
    const uint32_t index = pool[before].next;
    pool[before].next = pool[index].next;
    if (tail == index) tail = before;
    return index;
  }
  uint32_t pop(WorkPool& pool) {
    const uint32_t index = head;
    head = pool[index].next;
    if (head == kNoWork) tail = kNoWork;
    return index;
  }
};

}  // namespace windtunnel::braid
