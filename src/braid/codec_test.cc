#include "braid/codec.h"

#include <array>
#include <vector>

#include "base/random.h"

namespace windtunnel::braid {
namespace {

constexpr uint64_t kSeed = 20'261'123;

Packet random_packet(base::RandomStream& s) {
  Packet p;
  p.opcode = static_cast<Opcode>(s.below_fast(kOpcodeCount));
  p.flags = static_cast<uint16_t>(s.bits() & PacketFlag::kAll);
  p.entropy = static_cast<uint16_t>(s.bits());
  p.dest_qp = static_cast<uint32_t>(s.bits()) & kPsnMask;
  p.psn = static_cast<uint32_t>(s.bits()) & kPsnMask;
  const bool stamped = p.opcode != Opcode::kCredit && p.opcode != Opcode::kCreditRequest &&
                       p.opcode != Opcode::kPortStatus;
  if (stamped) p.timestamp = static_cast<uint32_t>(s.bits());
  const bool credited = p.opcode == Opcode::kCredit || p.opcode == Opcode::kCreditRequest ||
                        (is_numbered(p.opcode) && s.chance(1, 2));
  if (credited) p.credit = static_cast<uint32_t>(s.bits());
  switch (p.opcode) {
    case Opcode::kWrite:
    case Opcode::kWriteImm:
    case Opcode::kReadResponse:
      p.data.address = s.bits();
      p.data.rkey = static_cast<uint32_t>(s.bits());
      p.data.length = static_cast<uint32_t>(s.bits());
      p.data.message = static_cast<uint16_t>(s.bits());
      p.data.index = static_cast<uint16_t>(s.bits());
      if (p.opcode != Opcode::kWriteImm) break;
      p.data.immediate = static_cast<uint32_t>(s.bits());
      p.data.message_length = s.bits();
      break;
    case Opcode::kReadRequest:
      p.read = ReadFields{};
      p.read.address = s.bits();
      p.read.sink = s.bits();
      p.read.length = s.bits();
      p.read.rkey = static_cast<uint32_t>(s.bits());
      p.read.sink_rkey = static_cast<uint32_t>(s.bits());
      p.read.message = static_cast<uint16_t>(s.bits());
      break;
    case Opcode::kSack:
      p.sack = SackFields{};
      p.sack.bitmap = s.bits();
      p.sack.cumulative_psn = static_cast<uint32_t>(s.bits()) & kPsnMask;
      p.sack.base_psn = static_cast<uint32_t>(s.bits()) & kPsnMask;
      p.sack.received_bytes = static_cast<uint32_t>(s.bits());
      p.sack.entropy = static_cast<uint16_t>(s.bits());
      p.sack.out_of_order = static_cast<uint16_t>(s.bits());
      p.sack.penalty = static_cast<uint8_t>(s.bits());
      p.sack.ports_down = static_cast<uint8_t>(s.bits());
      break;
    case Opcode::kNack:
      p.nack = NackFields{};
      p.nack.entropy = static_cast<uint16_t>(s.bits());
      p.nack.reason = static_cast<NackReason>(s.below_fast(kNackReasonCount));
      p.nack.ports_down = static_cast<uint8_t>(s.bits());
      break;
    case Opcode::kPortStatus:
      p.ports = PortFields{};
      p.ports.ports_down = static_cast<uint8_t>(s.bits());
      break;
    case Opcode::kProbe:
    case Opcode::kCredit:
    case Opcode::kCreditRequest:
      break;
  }
  return p;
}

TEST(Codec, RoundTrips) {
  base::RandomStream stream(kSeed, "round trip");
  for (int i = 0; i < 20'000; ++i) {
    const Packet packet = random_packet(stream);
    std::array<std::byte, kHeaderBytesMax + 8> bytes{};
    const auto size = encode(packet, bytes);
    ASSERT_TRUE(size.has_value()) << size.error().to_string();
    ASSERT_EQ(*size, encoded_size(packet));
    ASSERT_LE(*size, kHeaderBytesMax);
    const auto back = decode(bytes);
    ASSERT_TRUE(back.has_value()) << "seed " << kSeed << ": " << back.error().to_string();
    EXPECT_EQ(back->header_bytes, *size);
    EXPECT_TRUE(same_on_wire(packet, back->packet)) << "opcode " << static_cast<int>(packet.opcode);
  }
}

TEST(Codec, EveryTruncationAndEveryFlippedBitIsAnError) {
  base::RandomStream stream(kSeed, "harm");
  for (int i = 0; i < 300; ++i) {
    const Packet packet = random_packet(stream);
    std::array<std::byte, kHeaderBytesMax> bytes{};
    const size_t size = encode(packet, bytes).value();
    for (size_t n = 0; n < size; ++n) {
      EXPECT_FALSE(decode(std::span(bytes).first(n)).has_value());
    }
    for (size_t bit = 0; bit < size * 8; ++bit) {
      auto harmed = bytes;
      harmed[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
      EXPECT_FALSE(decode(std::span(harmed).first(size)).has_value()) << "bit " << bit;
    }
  }
}

TEST(Codec, RandomBytesAreNeverAPacketByLuckAndNeverCrash) {
  base::RandomStream stream(kSeed, "noise");
  for (int i = 0; i < 50'000; ++i) {
    std::vector<std::byte> bytes(stream.below_fast(90));
    for (std::byte& b : bytes) b = static_cast<std::byte>(stream.bits());
    if (bytes.size() > 2) {  // give it a chance to get past the first checks
      bytes[0] = static_cast<std::byte>(stream.below_fast(kOpcodeCount + 1));
      bytes[1] = static_cast<std::byte>(kCodecVersion);
    }
    EXPECT_FALSE(decode(bytes).has_value());
  }
}

TEST(Codec, SizesAreThoseStated) {
  Packet p;
  EXPECT_EQ(encoded_size(p), 40u);
  EXPECT_EQ(encoded_size(p), kWriteHeaderBytes);
  p.credit = 1;
  EXPECT_EQ(encoded_size(p), 44u);
  p = Packet{};
  p.opcode = Opcode::kSack;
  EXPECT_EQ(encoded_size(p), 52u);
  p.opcode = Opcode::kNack;
  EXPECT_EQ(encoded_size(p), 24u);
  p.opcode = Opcode::kProbe;
  EXPECT_EQ(encoded_size(p), 20u);
  p.opcode = Opcode::kReadRequest;
  p.credit = 1;
  EXPECT_EQ(encoded_size(p), kHeaderBytesMax);
}

TEST(Codec, MalformedPacketsAndShortRoomAreRefused) {
  std::array<std::byte, kHeaderBytesMax> bytes{};
  Packet p;
  EXPECT_FALSE(encode(p, std::span(bytes).first(39)).has_value());
  p.psn = kPsnMask + 1;
  EXPECT_FALSE(encode(p, bytes).has_value());
  p = Packet{};
  p.dest_qp = kPsnMask + 1;
  EXPECT_FALSE(encode(p, bytes).has_value());
  p = Packet{};
  p.flags = PacketFlag::kAll + 1;
  EXPECT_FALSE(encode(p, bytes).has_value());
  p = Packet{};
  p.opcode = static_cast<Opcode>(kOpcodeCount);
  EXPECT_FALSE(encode(p, bytes).has_value());
  p = Packet{};
  p.opcode = Opcode::kNack;
  p.nack.reason = static_cast<NackReason>(kNackReasonCount);
  EXPECT_FALSE(encode(p, bytes).has_value());
}

TEST(WireSize, FlatAndTrue) {
  Packet p;
  p.data.length = 4032;
  EXPECT_EQ(wire_size(p, WireProfile{}).count(), 4096);
  EXPECT_EQ(wire_size(p, WireProfile::true_sizes()).count(), 66 + 40 + 4032);
  p = Packet{};
  p.opcode = Opcode::kSack;
  EXPECT_EQ(wire_size(p, WireProfile{}).count(), 64);
  EXPECT_EQ(wire_size(p, WireProfile::true_sizes()).count(), 66 + 52);
  p.opcode = Opcode::kReadRequest;
  EXPECT_EQ(wire_size(p, WireProfile{}).count(), 64);
}

}  // namespace
}  // namespace windtunnel::braid
