// One RoCEv2 reliable connection queue pair, sans-IO: go-back-N as the InfiniBand transport has it
// (IBTA architecture, volume 1, sections 9.7 and 9.9). The requester numbers packets and repeats
// everything from a gap on; the responder takes packets in order only, and keeps nothing else.
//
// A queue pair carries `packets` packets, and more as they are appended. PSNs are 24 bits on the
// wire and 64-bit indexes inside, which is unambiguous as long as fewer than 2^23 packets are
// outstanding. Time comes in with every call; there is no clock, timer or buffer here.
#pragma once

#include <cstdint>

#include "braid/psn.h"

namespace windtunnel::node {

struct RoceQpOptions {
  int64_t timeout_ps = 0;    // without progress, before everything outstanding is sent again
  uint32_t retry_limit = 7;  // repeats without progress, by timeout or NAK, before failure
  uint32_t ack_every = 1;    // packets accepted per acknowledgement
};

class RoceRequester {
 public:
  static constexpr int64_t kNoDeadline = INT64_MAX;
  // IBTA 9.7: at most half the PSN space may be outstanding.
  static constexpr int64_t kOutstandingMax = int64_t{1} << 22;

  struct Segment {
    int64_t index = 0;  // of the packet within the message
    uint32_t psn = 0;
    bool ack_request = false;
    bool again = false;  // sent before
  };

  RoceRequester(uint32_t first_psn, int64_t packets, const RoceQpOptions& options)
      : packets_(packets), first_psn_(first_psn), retries_(options.retry_limit) {}

  // More packets behind those that there are.
  void append(int64_t packets) { packets_ += packets; }
  // Whether transmit may be called.
  bool has_data() const {
    return next_ < packets_ && next_ - oldest_ < kOutstandingMax && !failed_;
  }
  Segment transmit(int64_t now_ps, const RoceQpOptions& options);

  // Everything up to and with `psn` has arrived. Stale or impossible numbers change nothing.
  void acknowledge(uint32_t psn, int64_t now_ps, const RoceQpOptions& options);
  // The responder misses `psn` and has everything before it (NAK, PSN sequence error).
  void refuse(uint32_t psn, int64_t now_ps, const RoceQpOptions& options);
  // The deadline has come; before it, nothing happens.
  void expire(int64_t now_ps);
  void abandon() {
    failed_ = true;
    deadline_ps_ = kNoDeadline;
  }

  // When expire is due; kNoDeadline while nothing is outstanding.
  int64_t deadline_ps() const { return deadline_ps_; }
  bool done() const { return oldest_ == packets_; }
  bool failed() const { return failed_; }
  int64_t packets() const { return packets_; }
  int64_t acknowledged() const { return oldest_; }

 private:
  int64_t index_of(uint32_t psn) const;
  void advance(int64_t index, int64_t now_ps, const RoceQpOptions& options);
  void go_back();

  // Invariant: 0 <= oldest_ <= next_ <= highest_ <= packets_.
  int64_t packets_;
  int64_t oldest_ = 0;   // first index not acknowledged
  int64_t next_ = 0;     // what transmit sends
  int64_t highest_ = 0;  // first index never sent
  int64_t deadline_ps_ = kNoDeadline;
  uint32_t first_psn_;
  uint32_t retries_;  // left
  bool failed_ = false;
};

class RoceResponder {
 public:
  enum class Verdict : uint8_t {
    kAccepted,
    kDuplicate,   // already had; answered again in case the acknowledgement was lost
    kOutOfOrder,  // dropped; the first behind a gap asks for a NAK
  };
  struct Reply {
    bool refusal = false;  // NAK, PSN sequence error
    uint32_t psn = 0;      // acknowledged up to and with; or expected, of a refusal
  };

  explicit RoceResponder(uint32_t first_psn) : expected_(first_psn) {}

  Verdict receive(uint32_t psn, bool ack_request, const RoceQpOptions& options);
  bool has_reply() const { return ack_due_ || refusal_due_; }
  // has_reply() holds. One reply speaks for everything received so far.
  Reply reply();

 private:
  uint32_t expected_;  // PSN
  uint32_t unanswered_ = 0;
  bool ack_due_ = false;
  bool refusal_due_ = false;
  bool in_gap_ = false;  // a NAK was asked for and what it asks for has not come
};

}  // namespace windtunnel::node
