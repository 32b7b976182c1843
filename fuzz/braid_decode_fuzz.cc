// Any bytes as what a network card may meet: datagrams to decode, packets for live queue pairs,
// work, time. The input is a script of records. What decodes must encode to the same bytes' meaning
// and decode again; what an engine accepts must lie in memory that was granted; nothing aborts.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/check.h"
#include "braid/codec.h"
#include "braid/endpoint.h"

namespace {

namespace base = windtunnel::base;
namespace braid = windtunnel::braid;
using braid::Opcode;
using braid::Packet;

// Reads past the end are zeros, so that every input is a script.
class Script {
 public:
  explicit Script(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  bool over() const { return at_ >= bytes_.size(); }
  uint8_t u8() { return over() ? uint8_t{0} : bytes_[at_++]; }
  uint64_t number(int bytes) {
    uint64_t value = 0;
    for (int i = 0; i < bytes; ++i) value = value << 8 | u8();
    return value;
  }
  // Small most of the time, anything now and then.
  uint64_t length() {
    const uint8_t kind = u8();
    return kind < 200 ? kind : number(kind < 240 ? 2 : 8);
  }
  std::span<const uint8_t> take(size_t count) {
    const size_t from = std::min(at_, bytes_.size());
    const size_t size = std::min(count, bytes_.size() - from);
    at_ = from + size;
    return bytes_.subspan(from, size);
  }

 private:
  std::span<const uint8_t> bytes_;
  size_t at_ = 0;
};

struct Region {
  braid::MemoryRegion keys;
  uint32_t domain = 0;
  uint64_t address = 0;
  uint64_t length = 0;
  uint8_t access = 0;
  bool valid = true;
};

constexpr uint32_t kQps = 2;
constexpr uint64_t kRegionBytes = 4096;

braid::EndpointConfig config_for(uint8_t choice) {
  braid::EndpointConfig c;
  c.mtu = base::Bytes(320);
  c.planes = 2;
  c.paths = 8;
  c.path_selection = static_cast<braid::PathSelection>(choice % 6);
  c.backup_paths = choice % 6 == 5 ? 2 : 0;
  c.congestion = static_cast<braid::CongestionControl>(choice / 6 % 5);
  c.psn_range = 128;
  c.max_qps = kQps + 1;
  c.work_requests = 12;
  c.control_queue = 4;
  c.control_queue_max = 32;
  c.retry_limit = 3;
  c.rto_min = base::Duration::us(10);
  return c;
}

class Side {
 public:
  Side(uint8_t choice, uint64_t seed)
      : engine_(config_for(choice), base::RandomStream(seed, "fuzz")) {
    for (uint32_t i = 0; i < 2; ++i) domains_.push_back(engine_.create_pd());
    for (uint32_t i = 0; i <= kQps; ++i) qps_.push_back(engine_.create_qp(domains_[i % 2]).value());
    for (uint8_t access = 1; access < 8; ++access) add_region(access);
  }

  braid::Endpoint& engine() { return engine_; }
  braid::QpId qp(uint32_t index) const { return qps_[index % (kQps + 1)]; }
  Region& region(uint32_t index) { return regions_[index % regions_.size()]; }

  void add_region(uint8_t access) {
    Region region;
    region.domain = access % 2;
    region.address = uint64_t{1 + regions_.size()} << 20;
    region.length = kRegionBytes;
    region.access = access;
    region.keys =
        engine_.register_memory(domains_[region.domain], region.address, region.length, access)
            .value();
    regions_.push_back(region);
  }

  // Once: the slot of a dead region is used again, and its number then names another.
  void invalidate(uint32_t index) {
    Region& gone = region(index);
    if (!gone.valid || regions_.size() >= 64) return;
    WT_CHECK(engine_.invalidate(gone.keys.id).has_value(), "a live region can be invalidated");
    gone.valid = false;
    add_region(gone.access);
  }

  // The engine answered kPlaced: the judges' own look at keys, bounds and rights.
  bool granted(const Packet& packet, uint8_t right) const {
    const uint32_t domain = packet.dest_qp % 2;
    return std::any_of(regions_.begin(), regions_.end(), [&](const Region& r) {
      return r.valid && r.domain == domain && r.keys.rkey == packet.data.rkey &&
             (r.access & right) == right && packet.data.address >= r.address &&
             packet.data.length <= r.length &&
             packet.data.address - r.address <= r.length - packet.data.length;
    });
  }

 private:
  braid::Endpoint engine_;
  std::vector<braid::PdId> domains_;
  std::vector<braid::QpId> qps_;
  std::vector<Region> regions_;
};

class World {
 public:
  explicit World(uint8_t choice) : sides_{Side(choice, 1), Side(choice, 2)} {
    for (uint32_t q = 0; q < kQps; ++q) {
      const std::array<braid::PeerAttributes, 2> own{
          sides_[0].engine().attributes(sides_[0].qp(q)),
          sides_[1].engine().attributes(sides_[1].qp(q))};
      for (uint32_t s = 0; s < 2; ++s) {
        WT_CHECK(sides_[s].engine().connect(sides_[s].qp(q), own[1 - s]).has_value(), "connect");
      }
    }
  }

  void run(Script& script);

 private:
  void bytes_arrive(Script& script, bool right_icrc);
  void packet_arrives(Script& script);
  void post(Script& script);
  void operate(Script& script);
  void exchange(Script& script);
  void decoded(std::span<const std::byte> bytes, uint8_t side, uint8_t arrival);
  void deliver(uint8_t side, const Packet& packet, uint8_t arrival);
  Packet script_packet(Script& script, Side& side);
  void fill(Script& script, Side& side, const braid::QpView& view, Packet& packet);

  std::array<Side, 2> sides_;
  base::Time now_;
};

// CRC-32C bit by bit: a second implementation on purpose.
uint32_t crc32c(std::span<const std::byte> bytes) {
  uint32_t crc = 0xffffffff;
  for (const std::byte b : bytes) {
    crc ^= static_cast<uint32_t>(b);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
  }
  return ~crc;
}

void World::deliver(uint8_t side, const Packet& packet, uint8_t how) {
  const braid::Arrival arrival{(how & 1) != 0, (how & 2) != 0, (how & 6) == 6};
  const braid::Received received = sides_[side].engine().receive(now_, packet, arrival);
  if (!received.place()) return;
  const uint8_t right = packet.opcode == Opcode::kReadResponse ? braid::Access::kLocalWrite
                                                               : braid::Access::kRemoteWrite;
  WT_CHECK(has_payload(packet.opcode), "only packets with payload are placed");
  WT_CHECK(received.address == packet.data.address && received.length == packet.data.length,
           "placed where the packet says");
  WT_CHECK(sides_[side].granted(packet, right), "placed in memory that was granted");
}

void World::decoded(std::span<const std::byte> bytes, uint8_t side, uint8_t arrival) {
  const auto first = braid::decode(bytes);
  if (!first) {
    WT_CHECK(!first.error().message.empty(), "a refusal says why");
    return;
  }
  WT_CHECK(first->header_bytes <= bytes.size(), "the header lies within the datagram");
  std::array<std::byte, braid::kHeaderBytesMax> again{};
  const auto size = braid::encode(first->packet, again);
  WT_CHECK(size.has_value(), "what decodes can be encoded");
  WT_CHECK(*size == braid::encoded_size(first->packet), "encoded_size tells the size");
  const auto second = braid::decode(std::span(again.data(), *size));
  WT_CHECK(second.has_value(), "what was encoded decodes");
  WT_CHECK(same_on_wire(first->packet, second->packet), "round trip");
  WT_CHECK(*size == first->header_bytes &&
               std::equal(again.begin(), again.begin() + static_cast<std::ptrdiff_t>(*size),
                          bytes.begin()),
           "one packet has one encoding");
  deliver(side, first->packet, arrival);
}

void World::bytes_arrive(Script& script, bool right_icrc) {
  const uint8_t how = script.u8();
  const auto raw = script.take(how & 63);
  std::vector<std::byte> bytes;
  std::transform(raw.begin(), raw.end(), std::back_inserter(bytes),
                 [](uint8_t b) { return static_cast<std::byte>(b); });
  if (right_icrc) {
    if (bytes.size() > 1) bytes[1] = std::byte{braid::kCodecVersion};
    const uint32_t crc = crc32c(bytes);
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes.push_back(static_cast<std::byte>(crc >> shift & 0xff));
    }
  }
  decoded(bytes, how >> 7, how >> 6 & 1);
}

uint32_t near(Script& script, uint32_t psn) {
  const auto offset = static_cast<int8_t>(script.u8());
  return (psn + static_cast<uint32_t>(offset)) & braid::kPsnMask;
}

void World::fill(Script& script, Side& side, const braid::QpView& view, Packet& packet) {
  const Region& region = side.region(script.u8());
  switch (packet.opcode) {
    case Opcode::kWrite:
    case Opcode::kWriteImm:
    case Opcode::kReadResponse:
      packet.data = braid::DataFields{};
      packet.data.address = region.address + script.number(2) % (kRegionBytes + 512) - 256;
      packet.data.rkey = region.keys.rkey ^ (script.u8() == 0 ? 1u << 20 : 0u);
      packet.data.length = static_cast<uint32_t>(script.length());
      packet.data.message = script.u8();
      packet.data.immediate = script.u8();
      packet.data.message_length = script.length();
      return;
    case Opcode::kReadRequest:
      packet.read = braid::ReadFields{};
      packet.read.address = region.address + script.number(2) % (kRegionBytes + 512) - 256;
      packet.read.rkey = region.keys.rkey;
      packet.read.length = script.length();
      packet.read.sink = side.region(script.u8()).address;
      packet.read.sink_rkey = side.region(script.u8()).keys.rkey;
      packet.read.message = script.u8();
      return;
    case Opcode::kSack:
      packet.sack = braid::SackFields{};
      packet.sack.bitmap = script.number(8);
      packet.sack.cumulative_psn = near(script, view.next_psn);
      packet.sack.base_psn = near(script, view.oldest_unacked_psn);
      packet.sack.received_bytes = static_cast<uint32_t>(script.number(4));
      packet.sack.entropy = script.u8();
      packet.sack.out_of_order = static_cast<uint16_t>(script.number(2));
      packet.sack.penalty = script.u8();
      packet.sack.ports_down = script.u8() & 3;
      return;
    case Opcode::kNack:
      packet.nack = braid::NackFields{};
      packet.nack.entropy = script.u8();
      packet.nack.reason = static_cast<braid::NackReason>(script.u8() % braid::kNackReasonCount);
      packet.nack.ports_down = script.u8() & 3;
      return;
    case Opcode::kPortStatus:
      packet.ports = braid::PortFields{};
      packet.ports.ports_down = script.u8();
      return;
    default:
      return;
  }
}

Packet World::script_packet(Script& script, Side& side) {
  Packet packet;
  packet.opcode = static_cast<Opcode>(script.u8() % braid::kOpcodeCount);
  packet.flags = static_cast<uint16_t>(script.number(2) & braid::PacketFlag::kAll);
  packet.entropy = static_cast<uint16_t>(script.number(2));
  packet.dest_qp = script.u8() % (kQps + 2);
  const braid::QpView view = side.engine().view(side.qp(packet.dest_qp));
  packet.psn = near(script, (script.u8() & 1) != 0 ? view.expected_psn : view.next_psn);
  packet.timestamp = static_cast<uint32_t>(script.number(4));
  if (!has_payload(packet.opcode) || script.u8() > 127) {
    packet.credit = static_cast<uint32_t>(script.number(4));
  }
  fill(script, side, view, packet);
  return packet;
}

void World::packet_arrives(Script& script) {
  const uint8_t how = script.u8();
  const Packet packet = script_packet(script, sides_[how >> 7]);
  std::array<std::byte, braid::kHeaderBytesMax> bytes{};
  const auto size = braid::encode(packet, bytes);
  WT_CHECK(size.has_value(), "a well-formed packet encodes");
  decoded(std::span(bytes.data(), *size), how >> 7, how & 7);
}

void World::post(Script& script) {
  const uint8_t how = script.u8();
  Side& own = sides_[how >> 7];
  Region& remote = sides_[1 - (how >> 7)].region(script.u8());
  const Region& local = own.region(script.u8());
  const uint64_t length = script.length();
  if ((how & 1) != 0) {
    braid::ReadWork work{.work_id = 1,
                         .local = local.address,
                         .lkey = local.keys.lkey,
                         .remote = remote.address,
                         .rkey = remote.keys.rkey,
                         .length = length};
    own.engine().post_read(own.qp(how >> 1), work).has_value();
    return;
  }
  braid::WriteWork work{.work_id = 1,
                        .local = local.address,
                        .remote = remote.address,
                        .rkey = remote.keys.rkey,
                        .length = length,
                        .immediate = {}};
  if ((how & 8) != 0) work.immediate = 7;
  own.engine().post_write(own.qp(how >> 1), work).has_value();
}

void World::operate(Script& script) {
  const uint8_t how = script.u8();
  Side& side = sides_[how >> 7];
  const uint8_t value = script.u8();
  switch (how % 5) {
    case 0:
      side.engine().port_status(value & 1, (value & 2) != 0);
      return;
    case 1:
      side.invalidate(value);
      return;
    case 2:
      side.engine().set_receiver_penalty(value);
      return;
    case 3:
      side.engine().deny_path(side.qp(value), value >> 2 & 15, (value & 64) != 0).has_value();
      return;
    default:
      now_ += base::Duration::ns(int64_t{value} * value);
      return;
  }
}

// What the engines themselves have to say goes to the other one, or is lost.
void World::exchange(Script& script) {
  const uint8_t how = script.u8();
  now_ += base::Duration::ns(100);
  for (uint32_t s = 0; s < 2; ++s) {
    if (sides_[s].engine().next_timeout() <= now_) sides_[s].engine().expire(now_);
    for (int i = 0; i < (how & 15); ++i) {
      Packet packet;
      if (!sides_[s].engine().transmit(now_, packet)) break;
      if ((how >> 4 & 3) != 1 + s) deliver(static_cast<uint8_t>(1 - s), packet, how >> 6 & 3);
    }
    std::array<braid::Completion, 4> completions;
    sides_[s].engine().poll(completions);
  }
}

void World::run(Script& script) {
  for (int records = 0; !script.over() && records < 400; ++records) {
    switch (script.u8() % 6) {
      case 0:
        bytes_arrive(script, false);
        break;
      case 1:
        bytes_arrive(script, true);
        break;
      case 2:
        packet_arrives(script);
        break;
      case 3:
        post(script);
        break;
      case 4:
        operate(script);
        break;
      default:
        exchange(script);
        break;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Script script(std::span(data, size));
  World world(script.u8());
  world.run(script);
  return 0;
}
