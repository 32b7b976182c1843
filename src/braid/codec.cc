#include "braid/codec.h"

#include <fmt/core.h>

#include <array>

namespace windtunnel::braid {

namespace {

constexpr size_t kBthBytes = 12;
constexpr size_t kIcrcBytes = 4;
constexpr uint16_t kWireHasCredit = 1 << 15;  // numbered packets: a credit field follows

// CRC-32C (Castagnoli), reflected, as RFC 3720.
constexpr std::array<uint32_t, 256> make_crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1) != 0 ? c >> 1 ^ 0x82f63b78u : c >> 1;
    table[i] = c;
  }
  return table;
}
constexpr std::array<uint32_t, 256> kCrcTable = make_crc_table();

uint32_t crc32c(std::span<const std::byte> bytes) {
  uint32_t crc = 0xffffffff;
  for (const std::byte b : bytes) {
    crc = crc >> 8 ^ kCrcTable[(crc ^ static_cast<uint32_t>(b)) & 0xff];
  }
  return ~crc;
}

class Writer {
 public:
  explicit Writer(std::span<std::byte> out) : out_(out) {}
  template <int kBytes>
  void put(uint64_t value) {
    for (int shift = (kBytes - 1) * 8; shift >= 0; shift -= 8) {
      out_[at_++] = static_cast<std::byte>(value >> shift & 0xff);
    }
  }
  size_t at() const { return at_; }

 private:
  std::span<std::byte> out_;
  size_t at_ = 0;
};

// The length was checked before: the reader never runs past the header it was given.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> in) : in_(in) {}
  template <int kBytes>
  uint64_t take() {
    uint64_t value = 0;
    for (int i = 0; i < kBytes; ++i) value = value << 8 | static_cast<uint64_t>(in_[at_++]);
    return value;
  }
  uint32_t u32() { return static_cast<uint32_t>(take<4>()); }
  uint32_t u24() { return static_cast<uint32_t>(take<3>()); }
  uint16_t u16() { return static_cast<uint16_t>(take<2>()); }
  uint8_t u8() { return static_cast<uint8_t>(take<1>()); }

 private:
  std::span<const std::byte> in_;
  size_t at_ = 0;
};

bool has_timestamp(Opcode opcode) {
  return opcode != Opcode::kCredit && opcode != Opcode::kCreditRequest &&
         opcode != Opcode::kPortStatus;
}

size_t body_bytes(Opcode opcode) {
  constexpr size_t kMethReth = 4 + 16;
  switch (opcode) {
    case Opcode::kWrite:
    case Opcode::kReadResponse:
      return kMethReth;
    case Opcode::kWriteImm:
      return kMethReth + 12;
    case Opcode::kReadRequest:
      return kMethReth + 16;
    case Opcode::kSack:
      return 24 + 8;
    case Opcode::kNack:
      return 4;
    case Opcode::kProbe:
      return 0;
    case Opcode::kCredit:
    case Opcode::kCreditRequest:
    case Opcode::kPortStatus:
      return 4;
  }
  return 0;
}

size_t size_for(Opcode opcode, bool credit) {
  return kBthBytes + (has_timestamp(opcode) ? 4 : 0) + body_bytes(opcode) + (credit ? 4 : 0) +
         kIcrcBytes;
}

bool carries_credit(const Packet& packet) {
  return is_numbered(packet.opcode) && packet.credit != 0;
}

void put_data(Writer& w, const Packet& packet) {
  const DataFields& d = packet.data;
  w.put<2>(d.message);
  w.put<2>(d.index);
  w.put<8>(d.address);
  w.put<4>(d.rkey);
  w.put<4>(d.length);
  if (packet.opcode != Opcode::kWriteImm) return;
  w.put<4>(d.immediate);
  w.put<8>(d.message_length);
}

void put_read(Writer& w, const ReadFields& r) {
  w.put<2>(r.message);
  w.put<2>(0);
  w.put<8>(r.address);
  w.put<4>(r.rkey);
  w.put<4>(r.length & 0xffffffff);
  w.put<8>(r.sink);
  w.put<4>(r.sink_rkey);
  w.put<4>(r.length >> 32);
}

void put_sack(Writer& w, const SackFields& s) {
  w.put<8>(s.bitmap);
  w.put<3>(s.cumulative_psn);
  w.put<3>(s.base_psn);
  w.put<2>(s.entropy);
  w.put<1>(s.ports_down);
  w.put<7>(0);
  w.put<4>(s.received_bytes);
  w.put<2>(s.out_of_order);
  w.put<1>(s.penalty);
  w.put<1>(0);
}

void put_body(Writer& w, const Packet& packet) {
  switch (packet.opcode) {
    case Opcode::kWrite:
    case Opcode::kWriteImm:
    case Opcode::kReadResponse:
      return put_data(w, packet);
    case Opcode::kReadRequest:
      return put_read(w, packet.read);
    case Opcode::kSack:
      return put_sack(w, packet.sack);
    case Opcode::kNack:
      w.put<2>(packet.nack.entropy);
      w.put<1>(static_cast<uint8_t>(packet.nack.reason));
      w.put<1>(packet.nack.ports_down);
      return;
    case Opcode::kProbe:
      return;
    case Opcode::kCredit:
    case Opcode::kCreditRequest:
      w.put<4>(packet.credit);
      return;
    case Opcode::kPortStatus:
      w.put<1>(packet.ports.ports_down);
      w.put<3>(0);
      return;
  }
}

void take_data(Reader& r, Packet& packet) {
  packet.data = DataFields{};
  packet.data.message = r.u16();
  packet.data.index = r.u16();
  packet.data.address = r.take<8>();
  packet.data.rkey = r.u32();
  packet.data.length = r.u32();
  if (packet.opcode != Opcode::kWriteImm) return;
  packet.data.immediate = r.u32();
  packet.data.message_length = r.take<8>();
}

bool take_read(Reader& r, Packet& packet) {
  packet.read = ReadFields{};
  packet.read.message = r.u16();
  const bool zero = r.u16() == 0;
  packet.read.address = r.take<8>();
  packet.read.rkey = r.u32();
  packet.read.length = r.u32();
  packet.read.sink = r.take<8>();
  packet.read.sink_rkey = r.u32();
  packet.read.length |= uint64_t{r.u32()} << 32;
  return zero;
}

bool take_sack(Reader& r, Packet& packet) {
  packet.sack = SackFields{};
  packet.sack.bitmap = r.take<8>();
  packet.sack.cumulative_psn = r.u24();
  packet.sack.base_psn = r.u24();
  packet.sack.entropy = r.u16();
  packet.sack.ports_down = r.u8();
  const bool zero = r.take<7>() == 0;
  packet.sack.received_bytes = r.u32();
  packet.sack.out_of_order = r.u16();
  packet.sack.penalty = r.u8();
  return zero && r.u8() == 0;
}

// False when a field has a value that encode() never writes.
bool take_body(Reader& r, Packet& packet) {
  switch (packet.opcode) {
    case Opcode::kWrite:
    case Opcode::kWriteImm:
    case Opcode::kReadResponse:
      take_data(r, packet);
      return true;
    case Opcode::kReadRequest:
      return take_read(r, packet);
    case Opcode::kSack:
      return take_sack(r, packet);
    case Opcode::kNack: {
      packet.nack = NackFields{};
      packet.nack.entropy = r.u16();
      const uint8_t reason = r.u8();
      packet.nack.reason = static_cast<NackReason>(reason);
      packet.nack.ports_down = r.u8();
      return reason < kNackReasonCount;
    }
    case Opcode::kProbe:
      return true;
    case Opcode::kCredit:
    case Opcode::kCreditRequest:
      packet.credit = r.u32();
      return true;
    case Opcode::kPortStatus:
      packet.ports = PortFields{};
      packet.ports.ports_down = r.u8();
      return r.u24() == 0;
  }
  return false;
}

bool fits_24(uint32_t value) { return value <= kPsnMask; }

bool is_well_formed(const Packet& p) {
  if (static_cast<uint8_t>(p.opcode) >= kOpcodeCount) return false;
  if ((p.flags & ~PacketFlag::kAll) != 0 || !fits_24(p.dest_qp) || !fits_24(p.psn)) return false;
  if (p.opcode == Opcode::kNack) {
    return static_cast<uint8_t>(p.nack.reason) < kNackReasonCount;
  }
  if (p.opcode == Opcode::kSack) {
    return fits_24(p.sack.cumulative_psn) && fits_24(p.sack.base_psn);
  }
  return true;
}

struct Bth {
  Opcode opcode = Opcode::kWrite;
  uint16_t flags = 0;  // as on the wire
};
base::Result<Bth> check_front(std::span<const std::byte> bytes) {
  if (bytes.size() < kBthBytes + kIcrcBytes) {
    return base::fail(fmt::format("{} bytes are no header, expected at least {}", bytes.size(),
                                  kBthBytes + kIcrcBytes));
  }
  Reader r(bytes);
  const uint8_t opcode = r.u8();
  const uint8_t version = r.u8();
  const uint16_t flags = r.u16();
  if (version != kCodecVersion) {
    return base::fail(fmt::format("version {}, expected {}", version, kCodecVersion));
  }
  if (opcode >= kOpcodeCount) return base::fail(fmt::format("unknown opcode {}", opcode));
  const bool credit = (flags & kWireHasCredit) != 0;
  const bool known = (flags & ~(PacketFlag::kAll | kWireHasCredit)) == 0;
  if (!known || (credit && !is_numbered(static_cast<Opcode>(opcode)))) {
    return base::fail(fmt::format("flags {:#06x} are not those of opcode {}", flags, opcode));
  }
  return Bth{static_cast<Opcode>(opcode), flags};
}

}  // namespace

size_t encoded_size(const Packet& packet) {
  return size_for(packet.opcode, carries_credit(packet));
}

base::Result<size_t> encode(const Packet& packet, std::span<std::byte> out) {
  if (!is_well_formed(packet)) return base::fail("the packet has a field out of range");
  const size_t size = encoded_size(packet);
  if (out.size() < size) {
    return base::fail(fmt::format("{} bytes of room, the header takes {}", out.size(), size));
  }
  const bool credit = carries_credit(packet);
  Writer w(out);
  w.put<1>(static_cast<uint8_t>(packet.opcode));
  w.put<1>(kCodecVersion);
  w.put<2>(packet.flags | (credit ? kWireHasCredit : 0));
  w.put<2>(packet.entropy);
  w.put<3>(packet.dest_qp);
  w.put<3>(packet.psn);
  if (has_timestamp(packet.opcode)) w.put<4>(packet.timestamp);
  put_body(w, packet);
  if (credit) w.put<4>(packet.credit);
  w.put<4>(crc32c(out.first(w.at())));
  return size;
}

base::Result<Decoded> decode(std::span<const std::byte> bytes) {
  const auto front = check_front(bytes);
  if (!front) return tl::unexpected<base::Error>(front.error());
  const bool credit = (front->flags & kWireHasCredit) != 0;
  const size_t size = size_for(front->opcode, credit);
  if (bytes.size() < size) {
    return base::fail(fmt::format("{} bytes, the header takes {}", bytes.size(), size));
  }
  Reader icrc(bytes.subspan(size - kIcrcBytes));
  if (icrc.u32() != crc32c(bytes.first(size - kIcrcBytes))) return base::fail("wrong ICRC");
  Decoded decoded;
  decoded.header_bytes = size;
  Packet& packet = decoded.packet;
  packet.opcode = front->opcode;
  packet.flags = front->flags & PacketFlag::kAll;
  Reader r(bytes.subspan(4));
  packet.entropy = r.u16();
  packet.dest_qp = r.u24();
  packet.psn = r.u24();
  if (has_timestamp(packet.opcode)) packet.timestamp = r.u32();
  if (!take_body(r, packet)) return base::fail("a field has a value that is never sent");
  if (credit) packet.credit = r.u32();
  if (credit && packet.credit == 0) return base::fail("an empty credit field is never sent");
  return decoded;
}

}  // namespace windtunnel::braid
