#include "node/roce_qp.h"

#include <algorithm>

#include "base/check.h"

namespace windtunnel::node {

RoceRequester::Segment RoceRequester::transmit(int64_t now_ps, const RoceQpOptions& options) {
  WT_CHECK(has_data(), "a requester with nothing to send was asked for a packet");
  Segment segment;
  segment.index = next_;
  segment.psn = braid::psn_add(first_psn_, static_cast<uint32_t>(next_ & braid::kPsnMask));
  segment.again = next_ < highest_;
  segment.ack_request = next_ + 1 == packets_ || next_ + 1 - oldest_ == kOutstandingMax;
  ++next_;
  highest_ = std::max(highest_, next_);
  if (deadline_ps_ == kNoDeadline) deadline_ps_ = now_ps + options.timeout_ps;
  return segment;
}

int64_t RoceRequester::index_of(uint32_t psn) const {
  const uint32_t oldest =
      braid::psn_add(first_psn_, static_cast<uint32_t>(oldest_ & braid::kPsnMask));
  return oldest_ + braid::psn_distance(psn, oldest);
}

// Everything before `index` has arrived.
void RoceRequester::advance(int64_t index, int64_t now_ps, const RoceQpOptions& options) {
  if (index == oldest_) return;
  oldest_ = index;
  next_ = std::max(next_, oldest_);
  retries_ = options.retry_limit;
  deadline_ps_ = oldest_ < next_ ? now_ps + options.timeout_ps : kNoDeadline;
}

void RoceRequester::acknowledge(uint32_t psn, int64_t now_ps, const RoceQpOptions& options) {
  const int64_t index = index_of(psn);
  if (failed_ || index < oldest_ || index >= highest_) return;
  advance(index + 1, now_ps, options);
}

void RoceRequester::refuse(uint32_t psn, int64_t now_ps, const RoceQpOptions& options) {
  const int64_t index = index_of(psn);
  if (failed_ || index < oldest_ || index >= highest_) return;
  advance(index, now_ps, options);
  if (next_ > oldest_) go_back();
}

void RoceRequester::expire(int64_t now_ps) {
  if (now_ps < deadline_ps_) return;
  go_back();
}

// IBTA 9.9: timeouts and sequence errors draw on one retry counter, which progress refills.
// The timer starts again with the first packet that is sent again.
void RoceRequester::go_back() {
  deadline_ps_ = kNoDeadline;
  next_ = oldest_;
  if (retries_ == 0) {
    failed_ = true;
    return;
  }
  --retries_;
}

RoceResponder::Verdict RoceResponder::receive(uint32_t psn, bool ack_request,
                                              const RoceQpOptions& options) {
  const int32_t ahead = braid::psn_distance(psn, expected_);
  if (ahead < 0) {
    ack_due_ = ack_due_ || ack_request;
    return Verdict::kDuplicate;
  }
  if (ahead > 0) {
    // IBTA 9.7: one NAK per gap; a lost NAK is left to the requester's timer.
    refusal_due_ = refusal_due_ || !in_gap_;
    in_gap_ = true;
    return Verdict::kOutOfOrder;
  }
  expected_ = braid::psn_add(expected_, 1);
  in_gap_ = false;
  refusal_due_ = false;
  if (ack_request || ++unanswered_ >= options.ack_every) ack_due_ = true;
  return Verdict::kAccepted;
}

RoceResponder::Reply RoceResponder::reply() {
  WT_CHECK(has_reply(), "a responder with nothing to say was asked for a reply");
  Reply reply;
  reply.refusal = refusal_due_;
  reply.psn = refusal_due_ ? expected_ : braid::psn_add(expected_, braid::kPsnMask);
  ack_due_ = false;
  refusal_due_ = false;
  unanswered_ = 0;
  return reply;
}

}  // namespace windtunnel::node
