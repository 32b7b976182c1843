#include "braid/endpoint.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/check.h"
#include "braid/path_braid.h"

namespace windtunnel::braid {

namespace {

constexpr uint64_t kLengthMax = uint64_t{1} << 40;
constexpr uint8_t port_bits(const Profile& profile) {
  return static_cast<uint8_t>((1u << profile.config.planes) - 1);
}

CompletionKind completion_kind(WorkKind kind) {
  if (kind == WorkKind::kRead) return CompletionKind::kRead;
  if (kind == WorkKind::kReceiveImm) return CompletionKind::kReceiveImm;
  return CompletionKind::kWrite;
}

Completion completion_of(const WorkElement& work) {
  Completion completion;
  completion.work_id = work.work_id;
  completion.length = work.length;
  completion.immediate = work.kind == WorkKind::kRead ? 0 : work.argument;
  completion.qp = QpId(work.qp);
  completion.kind = completion_kind(work.kind);
  completion.status = work.status;
  return completion;
}

}  // namespace

Endpoint::Endpoint(const EndpointConfig& config, base::RandomStream stream)
    : Endpoint(make_profile(config), stream) {}

Endpoint::Endpoint(std::shared_ptr<const Profile> profile, base::RandomStream stream)
    : profile_(std::move(profile)),
      stream_(stream),
      qps_limit_(profile_->config.max_qps),
      work_(profile_->work_requests, profile_->work_reserve),
      blocks_(profile_->max_active_qps, profile_->psn_range),
      control_(profile_->config.control_queue, profile_->config.control_queue_max),
      ports_up_(port_bits(*profile_)) {
  qps_.reserve(profile_->config.max_qps);
  timers_.reserve(profile_->config.max_qps);
  const base::Ratio over = profile_->config.oversubscription;
  if (profile_->receiver_credits && over.part > over.whole) {
    oversubscription_ = std::make_unique<OversubscriptionState>();
  }
}

QueuePair& Endpoint::at(QpId qp) {
  WT_CHECK(qp.index() < qps_.size(), "queue pair does not exist");
  return qps_[qp.index()];
}
const QueuePair& Endpoint::at(QpId qp) const {
  WT_CHECK(qp.index() < qps_.size(), "queue pair does not exist");
  return qps_[qp.index()];
}

PdId Endpoint::create_pd() { return PdId(memory_.create_domain()); }

base::Result<MemoryRegion> Endpoint::register_memory(PdId pd, uint64_t address, uint64_t length,
                                                     uint8_t access) {
  const auto grant = memory_.add(pd.index(), address, length, access, stream_);
  if (!grant) return tl::unexpected<base::Error>(grant.error());
  return MemoryRegion{RegionId(grant->index), grant->key, grant->key};
}

base::Status Endpoint::invalidate(RegionId region) { return memory_.invalidate(region.index()); }

base::Result<QpId> Endpoint::create_qp(PdId pd) {
  const bool again = free_qp_ != kNoBlock;
  const uint32_t number = again ? free_qp_ : static_cast<uint32_t>(qps_.size());
  if (number >= qps_limit_) {
    return base::fail(fmt::format("all {} queue pairs exist (max_qps)", number));
  }
  if (pd.index() >= memory_.domains()) {
    return base::fail(fmt::format("protection domain {} does not exist", pd.index()));
  }
  if (again) {
    free_qp_ = qps_[number].block_next;
    qps_[number].state = QpState::kInit;
  } else {
    qps_.emplace_back();
    timers_.add_owner();
  }
  QueuePair& q = qps_[number];
  q.domain = pd.index();
  const uint32_t random_psn = stream_.below_fast(kPsnMask + 1);
  q.sender.next = q.sender.una = profile_->config.initial_psn.value_or(random_psn);
  q.sender.asked_psn = q.sender.una;
  path_init(q.path, *profile_, stream_);
  return QpId(number);
}

PeerAttributes Endpoint::attributes(QpId qp) const {
  const EndpointConfig& config = profile_->config;
  PeerAttributes own;
  own.qp = qp.index() | uint32_t{at(qp).life} << kQpIndexBits;
  own.initial_psn = at(qp).sender.next;
  own.psn_range = config.psn_range;
  own.write_imm_limit = config.write_imm_limit;
  own.read_limit = config.read_limit;
  own.payload = base::Bytes(profile_->payload);
  return own;
}

base::Status Endpoint::connect(QpId qp, const PeerAttributes& peer) {
  QueuePair& q = at(qp);
  if (q.state != QpState::kInit) return base::fail("connect() needs a queue pair in kInit");
  if (peer.qp > kPsnMask || peer.initial_psn > kPsnMask) {
    return base::fail("queue pair numbers and PSNs have 24 bits");
  }
  if (peer.payload.count() != profile_->payload) {
    return base::fail(fmt::format("the peer's payload is {} bytes, expected {}",
                                  peer.payload.count(), profile_->payload));
  }
  if (peer.psn_range < kStampGroup || peer.write_imm_limit == 0) {
    return base::fail("the peer's psn_range or write_imm_limit is too small");
  }
  if (peer.base_rtt.ps() < 0 || peer.base_rtt.ps() > base::Duration::s(1).ps()) {
    return base::fail("the peer's base_rtt is not between 0 and 1 s");
  }
  const EndpointConfig& config = profile_->config;
  q.peer_qp = peer.qp;
  q.receiver.expected = q.receiver.highest = peer.initial_psn;
  q.limits.range = std::min(profile_->psn_range, peer.psn_range);
  q.limits.imm = static_cast<uint16_t>(std::min(config.write_imm_limit, peer.write_imm_limit));
  q.limits.reads = static_cast<uint16_t>(std::min(config.read_limit, peer.read_limit));
  const int64_t base_rtt = peer.base_rtt.ps() > 0 ? peer.base_rtt.ps() : profile_->base_rtt;
  congestion_init(q.congestion, *profile_, base_rtt);
  q.credit.credit = static_cast<int32_t>(profile_->credit_maximum);
  q.recovery.quiet_since = q.recovery.heard = coarse_up(now_);
  q.state = QpState::kReady;
  if (ports_up_ != port_bits(*profile_)) announce_next_ = std::min(announce_next_, qp.index());
  return {};
}

base::Status Endpoint::deny_path(QpId qp, uint32_t path, bool denied) {
  if (profile_->config.path_selection != PathSelection::kBraid) {
    return base::fail("only the Braid path policy has a deny list");
  }
  if (at(qp).state == QpState::kDestroyed) return base::fail("the queue pair is destroyed");
  if (path >= profile_->total_paths) {
    return base::fail(fmt::format("path {} of {} does not exist", path, profile_->total_paths));
  }
  braid_deny(at(qp).path.braid, *profile_, path, denied, now_);
  return {};
}

base::Status Endpoint::can_post(QpId qp) {
  const QueuePair& q = at(qp);
  if (q.state == QpState::kInit || q.state == QpState::kDestroyed) {
    return base::fail("the queue pair is not connected");
  }
  if (work_.open_count() == 0) return base::fail("no work request is free; poll() frees them");
  const bool blocked = q.state == QpState::kReady && q.block == kNoBlock && blocks_.full();
  if (blocked) {
    watch_block_holders();
    return base::fail("max_active_qps queue pairs are active");
  }
  return {};
}

void Endpoint::enqueue(uint32_t qp, uint32_t work) {
  QueuePair& q = qps_[qp];
  work_[work].qp = qp;
  if (q.state == QpState::kError) {
    complete(work, CompletionStatus::kFlushed);
    return;
  }
  WT_CHECK(take_block(q), "posting was allowed without a block");
  restart_if_idle(q);
  sender_queue(q.sender, work_, work, *profile_);
  sender_begin(q.sender, work_, q.limits, *profile_);
  arm(qp, now_ + profile_->rto_min);
  wake(qp);
}

void Endpoint::restart_if_idle(QueuePair& q) {
  if (q.sender.has_unfinished_work()) return;
  q.recovery.timeouts_in_row = 0;
  q.recovery.restarted = true;
}

base::Status Endpoint::post_write(QpId qp, const WriteWork& work) {
  if (base::Status allowed = can_post(qp); !allowed) return allowed;
  if (work.length > kLengthMax) return base::fail("a write may move at most 2^40 bytes");
  const uint32_t index =
      work_.take(work.immediate.has_value() ? WorkKind::kWriteImm : WorkKind::kWrite);
  WorkElement& element = work_[index];
  element.work_id = work.work_id;
  element.local = work.local;
  element.remote = work.remote;
  element.rkey = work.rkey;
  element.length = work.length & ((kLengthMax << 1) - 1);
  element.argument = work.immediate.value_or(0);
  enqueue(qp.index(), index);
  return {};
}

base::Status Endpoint::post_read(QpId qp, const ReadWork& work) {
  if (base::Status allowed = can_post(qp); !allowed) return allowed;
  if (work.length == 0 || work.length > kLengthMax) {
    return base::fail("a read moves 1 to 2^40 bytes");
  }
  if (at(qp).limits.reads == 0 && at(qp).state == QpState::kReady) {
    return base::fail("one of the two ends has a read_limit of zero");
  }
  if (!memory_.allows(at(qp).domain, work.lkey, work.local, work.length, Access::kLocalWrite)) {
    return base::fail("the local key does not allow responses to be written there");
  }
  const uint32_t index = work_.take(WorkKind::kRead);
  WorkElement& element = work_[index];
  element.work_id = work.work_id;
  element.local = work.local;
  element.remote = work.remote;
  element.rkey = work.rkey;
  element.argument = work.lkey;
  element.length = work.length & ((kLengthMax << 1) - 1);
  enqueue(qp.index(), index);
  return {};
}

uint32_t Endpoint::work_requests_free() const { return work_.open_count(); }

void Endpoint::complete(uint32_t work, CompletionStatus status) {
  if (work_[work].kind == WorkKind::kReadResponse) {
    release_response(work);
    return;
  }
  work_[work].status = status;
  completions_.push(work_, work);
}

void Endpoint::release_response(uint32_t work) {
  --qps_[work_[work].qp].responses_held;
  work_.give(work);
}

size_t Endpoint::poll(std::span<Completion> completions) {
  size_t count = 0;
  while (count < completions.size() && !completions_.empty()) {
    const uint32_t work = completions_.pop(work_);
    completions[count++] = completion_of(work_[work]);
    work_.give(work);
  }
  return count;
}

// All work ends here: the oldest request of ours carries the reason, the others are flushed. What
// the peer had begun is forgotten; its side finds out by its own retries.
void Endpoint::fail_qp(uint32_t qp, CompletionStatus first) {
  QueuePair& q = qps_[qp];
  q.state = QpState::kError;
  CompletionStatus status = first;
  for (WorkList* list : {&q.sender.sent, &q.sender.queued, &q.sender.responses}) {
    while (!list->empty()) {
      const uint32_t work = list->pop(work_);
      const bool ours = work_[work].kind != WorkKind::kReadResponse;
      complete(work, status);
      if (ours) status = CompletionStatus::kFlushed;
    }
  }
  while (q.receiver.stash != kNoWork) {
    const uint32_t work = q.receiver.stash;
    q.receiver.stash = work_[work].stash_next;
    if (work_[work].kind == WorkKind::kReceiveImm) work_.give(work);
    if (work_[work].kind == WorkKind::kReadResponse) release_response(work);
    // Reads of ours are among the flushed.
  }
  if (q.block != kNoBlock) blocks_.give(q.block);
  q.block = kNoBlock;
  serve_block_waiters();
  const uint32_t psn = q.sender.next;
  q.sender = SenderState{};
  q.sender.una = q.sender.next = psn;
  q.receiver.out_of_order = 0;
}

bool Endpoint::take_block(QueuePair& q) {
  if (q.block == kNoBlock) q.block = blocks_.take();
  return q.block != kNoBlock;
}

void Endpoint::release_block_if_idle(QueuePair& q) {
  if (q.block == kNoBlock || q.needs_block()) return;
  blocks_.give(q.block);
  q.block = kNoBlock;
  serve_block_waiters();
}

// Answers to reads wait for a block rather than be refused: a refused request would hold up the
// peer's PSNs, and with them the blocks on both sides. First come, first served.
void Endpoint::want_block(uint32_t qp) {
  QueuePair& q = qps_[qp];
  if (q.wants_block || take_block(q)) return;
  q.wants_block = true;
  q.block_next = kNoBlock;
  (block_waiters_.head == kNoBlock ? block_waiters_.head : qps_[block_waiters_.tail].block_next) =
      qp;
  block_waiters_.tail = qp;
  watch_block_holders();
}

void Endpoint::serve_block_waiters() {
  while (block_waiters_.head != kNoBlock && !blocks_.full()) {
    const uint32_t qp = block_waiters_.head;
    QueuePair& q = qps_[qp];
    block_waiters_.head = q.block_next;
    q.wants_block = false;
    if (q.state != QpState::kReady || !q.sender.has_unfinished_work()) continue;
    take_block(q);
    wake(qp);
  }
}

void Endpoint::set_receiver_penalty(uint8_t penalty) { penalty_ = penalty; }

void Endpoint::port_status(uint32_t port, bool up) {
  WT_CHECK(port < profile_->config.planes, "port does not exist");
  const auto bit = static_cast<uint8_t>(1u << port);
  ports_up_ = static_cast<uint8_t>(up ? ports_up_ | bit : ports_up_ & ~bit);
  announce_next_ = 0;
}

}  // namespace windtunnel::braid
