#include "tests/braid_forger.h"

namespace windtunnel::braid_hostile {

namespace {

using base::RandomStream;
using braid::Opcode;
using braid::Packet;

uint32_t near(RandomStream& random, uint32_t psn, uint32_t distance) {
  return psn_plus(psn, static_cast<uint32_t>(random.below(2 * distance)) - distance);
}

uint32_t some_psn(RandomStream& random, const QueuePair& pair) {
  switch (random.below(5)) {
    case 0:
      return near(random, pair.view.expected_psn, 70);
    case 1:
      return near(random, pair.view.next_psn, 70);
    case 2:
      return near(random, pair.view.oldest_unacked_psn, 70);
    case 3:
      return near(random, psn_plus(pair.view.expected_psn, pair.range), 4);
    default:
      return static_cast<uint32_t>(random.bits()) & braid::kPsnMask;
  }
}

struct Aim {
  uint64_t address = 0;
  uint32_t key = 0;
};

// Somewhere in, across the edge of, or far from a region, with its key or another.
Aim some_aim(RandomStream& random, const Image& image) {
  const Region& region = image[static_cast<uint32_t>(random.below(image.size()))];
  const Region& other = image[static_cast<uint32_t>(random.below(image.size()))];
  Aim aim{region.base + random.below(region.length + 1), region.keys.rkey};
  if (random.chance(1, 8)) aim.address = region.base - 1 - random.below(64);
  if (random.chance(1, 8)) aim.address = random.bits();
  if (random.chance(1, 8)) aim.key = other.keys.rkey;
  if (random.chance(1, 8)) aim.key ^= 1u << random.below(32);
  return aim;
}

uint64_t some_length(RandomStream& random) {
  switch (random.below(4)) {
    case 0:
      return random.below(4);
    case 1:
      return random.below(70'000);
    case 2:
      return random.bits() >> random.below(64);
    default:
      return random.below(1024);
  }
}

void fill_data(RandomStream& random, const Image& image, Packet& packet) {
  const Aim aim = some_aim(random, image);
  packet.data = braid::DataFields{};
  packet.data.address = aim.address;
  packet.data.rkey = aim.key;
  packet.data.length = static_cast<uint32_t>(some_length(random));
  packet.data.message = static_cast<uint16_t>(random.below(8));
  packet.data.index = static_cast<uint16_t>(random.below(4));
  packet.data.message_length = some_length(random);
  packet.data.immediate = static_cast<uint32_t>(random.bits());
}

void fill_read(RandomStream& random, const Image& image, Packet& packet) {
  const Aim aim = some_aim(random, image);
  packet.read = braid::ReadFields{};
  packet.read.address = aim.address;
  packet.read.rkey = aim.key;
  packet.read.length = some_length(random);
  packet.read.sink = random.bits();
  packet.read.sink_rkey = static_cast<uint32_t>(random.bits());
  packet.read.message = static_cast<uint16_t>(random.below(8));
}

void fill_sack(RandomStream& random, const QueuePair& pair, Packet& packet) {
  packet.sack = braid::SackFields{};
  packet.sack.bitmap = random.bits() & random.bits();
  packet.sack.cumulative_psn = some_psn(random, pair);
  packet.sack.base_psn = some_psn(random, pair);
  packet.sack.received_bytes = static_cast<uint32_t>(random.bits() >> random.below(64));
  packet.sack.entropy = static_cast<uint16_t>(random.bits());
  packet.sack.out_of_order = static_cast<uint16_t>(random.bits());
  packet.sack.penalty = static_cast<uint8_t>(random.bits());
  packet.sack.ports_down = static_cast<uint8_t>(random.bits());
}

Packet plain_write(const QueuePair& pair, uint32_t psn) {
  Packet packet;
  packet.dest_qp = pair.number;
  packet.psn = psn;
  packet.data = braid::DataFields{};
  packet.data.length = 64;
  return packet;
}

Packet plain_sack(const QueuePair& pair, uint32_t cumulative) {
  Packet packet;
  packet.opcode = Opcode::kSack;
  packet.dest_qp = pair.number;
  packet.psn = cumulative;
  packet.sack = braid::SackFields{};
  packet.sack.cumulative_psn = packet.sack.base_psn = cumulative;
  return packet;
}

Packet plain_nack(RandomStream& random, const QueuePair& pair, uint32_t psn) {
  Packet packet;
  packet.opcode = Opcode::kNack;
  packet.dest_qp = pair.number;
  packet.psn = psn;
  packet.nack = braid::NackFields{};
  packet.nack.reason = static_cast<braid::NackReason>(random.below(braid::kNackReasonCount));
  return packet;
}

uint32_t idle_number(Stage& stage, uint8_t side) {
  return stage.side(side).tap.engine().attributes(stage.side(side).idle_qp).qp;
}

Packet addressed(Packet packet, uint32_t number) {
  packet.dest_qp = number;
  return packet;
}

}  // namespace

Packet forge_inert(Stage& stage, uint8_t side, uint32_t qp, uint32_t kind, RandomStream& random) {
  const QueuePair& pair = stage.side(side).qps[qp];
  const auto some = static_cast<uint32_t>(random.below(1000));
  const uint32_t beyond = psn_plus(pair.view.expected_psn, pair.range + some);
  const uint32_t una = pair.view.oldest_unacked_psn;
  switch (kind % kInertKinds) {
    case 0:
      return addressed(plain_write(pair, beyond), kNobody);
    case 1:
      return plain_write(pair, beyond);
    case 2:
      return plain_sack(pair, psn_plus(pair.view.next_psn, 1 + some));
    case 3:
      return plain_nack(random, pair, psn_plus(una, braid::kPsnMask - some));
    case 4:
      return plain_nack(random, pair, psn_plus(pair.view.next_psn, some));
    case 5:
      return addressed(plain_write(pair, 0), idle_number(stage, side));
    case 6:
      return addressed(plain_sack(pair, una), kNobody);
    default:
      return addressed(plain_nack(random, pair, una), idle_number(stage, side));
  }
}

Packet forge_random(Stage& stage, uint8_t side, uint32_t qp, RandomStream& random) {
  const Side& own = stage.side(side);
  const QueuePair& pair = own.qps[qp];
  Packet packet;
  packet.opcode = static_cast<Opcode>(random.below(braid::kOpcodeCount));
  packet.flags = static_cast<uint16_t>(random.bits() & random.bits() & braid::PacketFlag::kAll);
  packet.entropy = static_cast<uint16_t>(random.bits());
  packet.dest_qp = pair.number;
  packet.psn = some_psn(random, pair);
  packet.timestamp = static_cast<uint32_t>(random.bits());
  packet.credit = static_cast<uint32_t>(random.bits() >> random.below(64));
  switch (packet.opcode) {
    case Opcode::kWrite:
    case Opcode::kWriteImm:
    case Opcode::kReadResponse:
      fill_data(random, own.image, packet);
      break;
    case Opcode::kReadRequest:
      fill_read(random, own.image, packet);
      break;
    case Opcode::kSack:
      fill_sack(random, pair, packet);
      break;
    case Opcode::kNack:
      packet.nack = braid::NackFields{};
      packet.nack.entropy = packet.entropy;
      packet.nack.reason = static_cast<braid::NackReason>(random.below(braid::kNackReasonCount));
      packet.nack.ports_down = static_cast<uint8_t>(random.bits() & random.bits());
      break;
    case Opcode::kPortStatus:
      packet.ports = braid::PortFields{};
      packet.ports.ports_down = static_cast<uint8_t>(random.bits() & random.bits());
      break;
    default:
      break;
  }
  return packet;
}

}  // namespace windtunnel::braid_hostile
