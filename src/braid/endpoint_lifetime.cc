// Queue pairs come and go: room for more of them, and their end.
#include <algorithm>

#include "braid/endpoint.h"

namespace windtunnel::braid {

void Endpoint::make_room(uint32_t qps) {
  qps = std::min(qps, kQpsMax);
  if (qps <= qps_limit_) return;
  const EndpointConfig& config = profile_->config;
  const uint32_t more = qps - qps_limit_;
  // As many more as the configuration gives each queue pair.
  const auto share = [&](uint32_t total) {
    return static_cast<uint32_t>((uint64_t{total} * more + config.max_qps - 1) / config.max_qps);
  };
  blocks_.grow(share(profile_->max_active_qps));
  work_.grow(share(profile_->work_requests), config.read_limit * more);
  qps_limit_ = qps;
}

base::Status Endpoint::destroy_qp(QpId qp) {
  QueuePair& q = at(qp);
  const uint32_t number = qp.index();
  if (q.state == QpState::kDestroyed) return base::fail("the queue pair is destroyed already");
  if (q.ready) ready_.remove(qps_, number);
  fail_qp(number, CompletionStatus::kFlushed);
  for (uint32_t i = control_.count(); i-- > 0;) {
    if (control_.at(i).qp == number) control_.remove(i);
  }
  if (q.wants_block) forget_waiter(number);
  pacer_.forget([this](uint32_t i) -> CreditReceiver& { return qps_[i].granting; }, number);
  const int64_t timer = q.timer;
  const uint8_t life = q.life;
  q = QueuePair{};
  q.life = static_cast<uint8_t>(life % 255 + 1);
  q.state = QpState::kDestroyed;
  q.timer = timer;  // still in the heap; finds nothing to do, and may serve the next owner
  q.block_next = free_qp_;
  free_qp_ = number;
  return {};
}

void Endpoint::forget_waiter(uint32_t qp) {
  uint32_t before = kNoBlock;
  for (uint32_t at = block_waiters_.head; at != qp; at = qps_[at].block_next) before = at;
  const uint32_t next = qps_[qp].block_next;
  (before == kNoBlock ? block_waiters_.head : qps_[before].block_next) = next;
  if (block_waiters_.tail == qp) block_waiters_.tail = before;
  qps_[qp].wants_block = false;
}

}  // namespace windtunnel::braid
