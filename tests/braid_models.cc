#include "tests/braid_models.h"

#include <algorithm>

#include "base/random.h"

namespace windtunnel::braid_hostile {

namespace {

uint64_t echo_key(uint32_t psn, uint16_t entropy, uint32_t timestamp) {
  return base::hash_combine(uint64_t{psn} << 16 | entropy, timestamp);
}

}  // namespace

void SenderModel::start(uint32_t first_psn, uint32_t range) {
  sent_.assign(kSlots, Sent{});
  una_ = next_ = first_psn;
  range_ = range;
}

void SenderModel::remember(const braid::Packet& packet) {
  Sent& sent = slot(packet.psn);
  ++sent.transmissions;
  sent.timestamp = packet.timestamp;
  sent.entropy = packet.entropy;
  sent.refused = false;
  echoes_.insert(echo_key(packet.psn, packet.entropy, packet.timestamp));
}

void SenderModel::sent_first(const braid::Packet& packet, int64_t size) {
  slot(packet.psn) = Sent{.size = static_cast<int32_t>(size), .acknowledged = false};
  remember(packet);
  next_ = psn_plus(packet.psn, 1);
  ++unacknowledged_;
  uncounted_ += size;
  smallest_ = smallest_ == 0 ? size : std::min(smallest_, size);
  largest_ = std::max(largest_, size);
}

void SenderModel::sent_again(const braid::Packet& packet) { remember(packet); }

bool SenderModel::outstanding(uint32_t psn) const {
  return psn_gap(psn, una_) >= 0 && psn_gap(psn, next_) < 0 && !slot(psn).acknowledged;
}

bool SenderModel::first_word(uint32_t psn) {
  if (!outstanding(psn)) return false;
  Sent& sent = slot(psn);
  const bool first = sent.transmissions == 1 && !sent.spoken_of;
  sent.spoken_of = true;
  return first;
}

bool SenderModel::acknowledge(uint32_t psn) {
  if (!outstanding(psn)) return false;
  Sent& sent = slot(psn);
  sent.acknowledged = true;
  --unacknowledged_;
  return true;
}

bool SenderModel::heard_again(const braid::Packet& packet) {
  const braid::SackFields& sack = packet.sack;
  uint64_t key = echo_key(packet.psn, sack.entropy, packet.timestamp);
  key = base::hash_combine(key, uint64_t{sack.cumulative_psn} << 32 | sack.received_bytes);
  key = base::hash_combine(key, uint64_t{sack.base_psn} << 16 | packet.flags);
  return !heard_.insert(base::hash_combine(key, sack.bitmap)).second;
}

uint32_t SenderModel::acknowledged(const braid::SackFields& sack) {
  const auto more = static_cast<int32_t>(sack.received_bytes - counted_);
  if (more > 0) {
    counted_ = sack.received_bytes;
    uncounted_ -= more;
  }
  uint32_t count = 0;
  for (uint32_t i = 0; i < 64; ++i) {
    if ((sack.bitmap >> i & 1) != 0) count += acknowledge(psn_plus(sack.base_psn, i)) ? 1u : 0u;
  }
  while (psn_gap(una_, sack.cumulative_psn) < 0) {
    count += acknowledge(una_) ? 1u : 0u;
    una_ = psn_plus(una_, 1);
  }
  return count;
}

bool SenderModel::refused(const braid::Packet& nack) {
  if (!outstanding(nack.psn)) return false;
  Sent& sent = slot(nack.psn);
  if (sent.refused || sent.timestamp != nack.timestamp) return false;
  sent.refused = true;
  return true;
}

bool SenderModel::looks_current(const braid::Packet& nack) const {
  if (!outstanding(nack.psn)) return false;
  const Sent& sent = slot(nack.psn);
  const bool again = nack.has(braid::PacketFlag::kRetransmission);
  return sent.entropy == nack.nack.entropy && again && sent.transmissions > 1;
}

bool SenderModel::echoes(uint32_t psn, uint16_t entropy, uint32_t timestamp) const {
  return echoes_.count(echo_key(psn, entropy, timestamp)) > 0;
}

void ReceiverModel::start(uint32_t first_psn, uint32_t range) {
  expected_ = highest_ = first_psn;
  range_ = range;
}

ReceiverModel::Kind ReceiverModel::classify(uint32_t psn) const {
  const int32_t gap = psn_gap(psn, expected_);
  if (gap < 0) return Kind::kOld;
  if (gap >= static_cast<int32_t>(range_)) return Kind::kBeyond;
  return arrived_[psn % kSlots] ? Kind::kOld : Kind::kNew;
}

bool ReceiverModel::has(uint32_t psn) const { return classify(psn) == Kind::kOld; }

void ReceiverModel::accept(uint32_t psn, int64_t size) {
  arrived_[psn % kSlots] = true;
  ++out_of_order_;
  received_bytes_ += static_cast<uint32_t>(size);
  if (psn_gap(psn, highest_) >= 0) highest_ = psn_plus(psn, 1);
  while (arrived_[expected_ % kSlots]) {
    arrived_[expected_ % kSlots] = false;
    expected_ = psn_plus(expected_, 1);
    --out_of_order_;
  }
}

}  // namespace windtunnel::braid_hostile
