#include "tests/braid_channel.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "braid/codec.h"
#include "braid/profile.h"

namespace windtunnel::braid_hostile {

namespace {

using braid::Packet;

bool can_be_trimmed(const Packet& packet) {
  return braid::has_payload(packet.opcode) && packet.data.length > 0;
}

Duration up_to(base::RandomStream& random, Duration longest) {
  return Duration::ps(static_cast<int64_t>(random.below(static_cast<uint64_t>(longest.ps()) + 1)));
}

}  // namespace

Channel::Channel(const Episode& episode, const braid::Profile& profile)
    : profile_(profile), around_(surroundings(episode)), random_(episode.seed, "channel") {
  for (size_t i = 0; i < episode.items.size(); ++i) {
    const auto* harm = std::get_if<Impairment>(&episode.items[i]);
    if (harm == nullptr) continue;
    mischiefs_.push_back(
        {*harm, base::RandomStream(episode.seed, "mischief", episode.numbers[i]), {}});
  }
}

void Channel::set_port(uint8_t side, uint32_t port, bool down) {
  const uint32_t bit = 1u << port;
  ports_down_[side] = down ? ports_down_[side] | bit : ports_down_[side] & ~bit;
}

bool Channel::port_dead(const Packet& packet) const {
  const uint32_t port = braid::port_of(packet.entropy, profile_);
  return ((ports_down_[0] | ports_down_[1]) >> port & 1) != 0;
}

Time Channel::next_arrival() const { return arrivals_.empty() ? Time::max() : arrivals_.top().at; }

bool Channel::concerns(const Impairment& harm, Time now, uint8_t from, const Packet& packet) const {
  const Duration at = now - around_.start;
  if (at < harm.from || at >= harm.until) return false;
  if ((harm.directions >> from & 1) == 0) return false;
  if (!(braid::is_numbered(packet.opcode) ? harm.data : harm.control)) return false;
  return (braid::path_of(packet.entropy, profile_) & harm.path_mask) == harm.path_value;
}

// One server per direction; only packets with a payload wait.
void Channel::queue_packet(Mischief& mischief, Time now, uint8_t from, const Packet& packet,
                           Fate& fate) {
  if (!can_be_trimmed(packet)) return;
  const base::Rate rate =
      base::Rate::bits_per_second(profile_.rate / std::max(1u, mischief.harm.value));
  Time& free = mischief.free[from];
  const Duration wait = free > now ? free - now : Duration::zero();
  const Duration limit = mischief.harm.delay;
  if (wait > limit) {
    (profile_.config.trimming ? fate.arrival.trimmed : fate.lost) = true;
    return;
  }
  if (wait > limit / 4) fate.arrival.ecn = true;
  free = now + wait + base::transfer_time(wire_size(packet, profile_.config.wire), rate);
  fate.delay += wait;
}

void Channel::harm_packet(Mischief& mischief, Time now, uint8_t from, const Packet& packet,
                          Fate& fate) {
  const Impairment& harm = mischief.harm;
  if (harm.harm == Harm::kBottleneck) return queue_packet(mischief, now, from, packet, fate);
  if (!mischief.random.chance(harm.ppm, 1'000'000)) return;
  switch (harm.harm) {
    case Harm::kLoss:
      fate.lost = true;
      return;
    case Harm::kDuplicate:
      fate.again = up_to(mischief.random, harm.delay);
      return;
    case Harm::kDelay:
      fate.delay += up_to(mischief.random, harm.delay);
      ++tally_.delayed;
      return;
    case Harm::kTrim:
      if (can_be_trimmed(packet)) fate.arrival.trimmed = true;
      return;
    case Harm::kLastHopTrim:
      if (can_be_trimmed(packet)) fate.arrival.trimmed = fate.arrival.last_hop_trim = true;
      return;
    case Harm::kEcn:
      fate.arrival.ecn = true;
      return;
    case Harm::kCorrupt:
      fate.corrupted = true;
      return;
    case Harm::kReplay:
      fate.replay = up_to(mischief.random, harm.delay);
      return;
    case Harm::kBottleneck:
      return;
  }
}

// CRC-32C finds any three flipped bits in so short a header, so a corrupted one must not decode.
bool Channel::survives_codec(const Packet& packet, Packet& out, bool corrupt) {
  std::array<std::byte, braid::kHeaderBytesMax> bytes{};
  const auto size = braid::encode(packet, bytes);
  if (!size) {
    fault_ = "encode refused a packet of the engine: " + size.error().to_string();
    return false;
  }
  const std::span<const std::byte> written(bytes.data(), *size);
  if (corrupt) {
    const uint64_t first = random_.below(*size * 8);
    const uint64_t flips = 1 + random_.below(3);
    for (uint64_t i = 0; i < flips; ++i) {  // none of the later ones undoes the first
      const uint64_t bit = (first + i * (1 + random_.below(*size * 2))) % (*size * 8);
      bytes[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    }
  }
  auto decoded = braid::decode(written);
  if (slip_ && decoded) decoded->packet.psn ^= 1;
  if (corrupt) {
    if (decoded) fault_ = "decode accepted a header with flipped bits";
    return false;
  }
  if (!decoded || decoded->header_bytes != *size || !same_on_wire(decoded->packet, packet)) {
    fault_ = fmt::format("codec does not round-trip opcode {}", static_cast<int>(packet.opcode));
    return false;
  }
  if (encoded_size(packet) != *size) fault_ = "encoded_size differs from what encode wrote";
  out = decoded->packet;
  return true;
}

void Channel::note_fate(const Packet& packet, const Fate& fate) {
  const bool gone = fate.lost || fate.corrupted;
  if (fate.corrupted) ++tally_.corrupted;
  if (!gone && fate.arrival.trimmed) ++tally_.trimmed;
  if (braid::is_numbered(packet.opcode)) {
    if (gone || fate.arrival.trimmed) ++tally_.data_lost;
  } else if (gone) {
    ++tally_.control_lost;
  }
}

void Channel::send(Time now, uint8_t from, const Packet& packet, std::span<const uint8_t> payload) {
  Fate fate;
  const uint32_t path = braid::path_of(packet.entropy, profile_);
  fate.delay = around_.path_delay;
  if (around_.path_spread > Duration::zero()) {
    fate.delay += Duration::ps(around_.path_spread.ps() * ((path * 37) % 64) / 64);
  }
  for (Mischief& mischief : mischiefs_) {
    if (concerns(mischief.harm, now, from, packet)) harm_packet(mischief, now, from, packet, fate);
  }
  if (port_dead(packet)) fate.lost = true;
  note_fate(packet, fate);
  Packet arrived = packet;
  if (around_.through_codec || fate.corrupted) {
    if (!survives_codec(packet, arrived, fate.corrupted)) return;
  }
  if (fate.lost) return;
  const auto to = static_cast<uint8_t>(1 - from);
  if (fate.arrival.trimmed) {  // short packets overtake the queue
    payload = {};
    fate.delay = fate.delay * 3 / 4;
  }
  const Time at = now + fate.delay;
  schedule(at, to, Origin::kGenuine, arrived, fate.arrival, payload);
  if (fate.again) {
    ++tally_.duplicated;
    schedule(at + *fate.again, to, Origin::kDuplicate, arrived, fate.arrival, payload);
  }
  if (fate.replay) {
    ++tally_.replayed;
    schedule(at + *fate.replay, to, Origin::kReplay, arrived, fate.arrival, payload);
  }
}

void Channel::schedule(Time at, uint8_t to, Origin origin, const Packet& packet,
                       braid::Arrival arrival, std::span<const uint8_t> payload) {
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  Delivery& delivery = slots_[slot];
  delivery.packet = packet;
  delivery.arrival = arrival;
  delivery.origin = origin;
  delivery.to = to;
  delivery.payload.assign(payload.begin(), payload.end());
  arrivals_.push({at, number_++, slot});
}

const Delivery* Channel::take() {
  if (any_taken_) free_slots_.push_back(taken_);
  taken_ = arrivals_.top().slot;
  any_taken_ = true;
  arrivals_.pop();
  const Delivery& delivery = slots_[taken_];
  if (!port_dead(delivery.packet)) return &delivery;
  if (delivery.origin == Origin::kGenuine) {
    if (braid::is_numbered(delivery.packet.opcode)) {
      if (!delivery.arrival.trimmed) ++tally_.data_lost;
    } else {
      ++tally_.control_lost;
    }
  }
  return nullptr;
}

}  // namespace windtunnel::braid_hostile
