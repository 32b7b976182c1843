// The decoded header of one Braid packet: what the engine emits and takes in. The simulator moves
// these 64 bytes and a payload length; a wire driver encodes them (braid/codec.h) and moves bytes.
//
// The shape follows MRC 1.0: every packet that carries payload carries its final address, so a
// receiver places it at once and keeps nothing back. All PSNs are 24 bits and wrap.
#pragma once

#include <cstdint>
#include <type_traits>

#include "base/units.h"

namespace windtunnel::braid {

enum class Opcode : uint8_t {
  kWrite,          // payload of a write; numbered
  kWriteImm,       // last (or only) packet of a write with immediate; numbered
  kReadRequest,    // asks the responder to write `length` bytes back; no payload; numbered
  kReadResponse,   // payload the responder writes for a read; numbered
  kSack,           // what the receiver has: cumulative PSN and a 64-bit map
  kNack,           // one packet refused: trimmed, no access, or no resources
  kProbe,          // asks for a SACK; no payload, no PSN of its own
  kCredit,         // receiver grants credit (a pull)
  kCreditRequest,  // sender asks for credit (request to send)
  kPortStatus,     // which ports of the sender's NIC are down
};
inline constexpr int kOpcodeCount = 10;

// Numbered packets consume a PSN, are acknowledged and retransmitted; the others are control.
constexpr bool is_numbered(Opcode opcode) { return opcode <= Opcode::kReadResponse; }
constexpr bool is_control(Opcode opcode) { return !is_numbered(opcode); }
constexpr bool has_payload(Opcode opcode) {
  return is_numbered(opcode) && opcode != Opcode::kReadRequest;
}

// Bits of Packet::flags.
struct PacketFlag {
  static constexpr uint16_t kAckRequest = 1 << 0;      // numbered: acknowledge at once
  static constexpr uint16_t kRetransmission = 1 << 1;  // numbered: sent before; SACK: echo of it
  static constexpr uint16_t kLastOfMessage = 1 << 2;   // numbered
  static constexpr uint16_t kEcnEcho = 1 << 3;         // SACK, NACK: the packet arrived marked
  static constexpr uint16_t kLastHopTrim = 1 << 4;     // NACK: trimmed in front of the receiver
  static constexpr uint16_t kProbeAck = 1 << 5;        // SACK: answers a probe; psn is its number
  static constexpr uint16_t kSpeculative = 1 << 6;     // numbered: sent before any credit came
  static constexpr uint16_t kSlowCredit = 1 << 7;      // kCredit: granted to an idle sender
  static constexpr uint16_t kPathProbe = 1 << 8;       // kProbe and its SACK: tests one path only
  static constexpr uint16_t kAll = (1 << 9) - 1;
};

enum class NackReason : uint8_t {
  kTrimmed,    // payload cut off by a switch: send again
  kAccess,     // key, region, bounds or right refused: fatal for the sender's queue pair
  kResources,  // no work request free to remember it by: send again
};
inline constexpr int kNackReasonCount = 3;

inline constexpr uint32_t kPsnMask = 0xffffff;  // PSNs and queue pair numbers are 24 bits

// kWrite, kWriteImm, kReadResponse
struct DataFields {
  uint64_t address = 0;         // RETH: where the payload of this packet goes
  uint64_t local = 0;           // where the driver takes the payload from; not on the wire
  uint64_t message_length = 0;  // kWriteImm only: bytes of the whole message
  uint32_t rkey = 0;            // RETH
  uint32_t length = 0;          // RETH: payload bytes of this packet
  uint32_t immediate = 0;       // kWriteImm only
  uint16_t message = 0;         // number of the message, modulo 2^16
  uint16_t index = 0;           // number of this packet within its message, modulo 2^16
};

// kReadRequest
struct ReadFields {
  uint64_t address = 0;  // what to read at the responder
  uint64_t sink = 0;     // where the responder writes it at the requester
  uint64_t length = 0;
  uint32_t rkey = 0;       // key for `address`
  uint32_t sink_rkey = 0;  // key for `sink`
  uint16_t message = 0;
};

// kSack. Packet::psn is the reference PSN: the packet that caused it.
struct SackFields {
  uint64_t bitmap = 0;          // bit i set: base_psn + i has arrived; clear says nothing
  uint32_t cumulative_psn = 0;  // every PSN before this one has arrived
  uint32_t base_psn = 0;
  uint32_t received_bytes = 0;  // wire bytes of distinct numbered packets, modulo 2^32
  uint16_t entropy = 0;         // echo: the path the reference packet took
  uint16_t out_of_order = 0;    // packets held beyond the cumulative PSN, capped at 65,535
  uint8_t penalty = 0;          // receiver penalty: window falls by newly received * penalty / 255
  uint8_t ports_down = 0;       // bit p: port p of the receiver's NIC is down
};

// kNack. Packet::psn is the refused packet.
struct NackFields {
  uint16_t entropy = 0;  // echo: the path the refused packet took
  NackReason reason = NackReason::kTrimmed;
  uint8_t ports_down = 0;
};

// kPortStatus
struct PortFields {
  uint8_t ports_down = 0;
};

// Invariant: the member of the union that is alive is the one `opcode` names (kProbe, kCredit and
// kCreditRequest use none). Value-initialised packets are all zero apart from defaults above.
struct Packet {
  constexpr Packet() : data() {}

  Opcode opcode = Opcode::kWrite;
  uint8_t port = 0;    // NIC port (plane) it leaves by; for the driver, not on the wire
  uint16_t flags = 0;  // PacketFlag
  // Index of the path: the network hashes it together with the addresses.
  uint16_t entropy = 0;
  uint16_t source_qp = 0;  // the sender's own queue pair; for the driver, not on the wire
  uint32_t dest_qp = 0;    // 24 bits
  // numbered: its number; kSack: reference PSN, or the probe's number with kProbeAck;
  // kNack: refused PSN; kProbe: number of the probe. 24 bits.
  uint32_t psn = 0;
  // Time of sending in units of 256 ps, modulo 2^32 (TSETH); kSack and kNack echo the timestamp of
  // the packet that caused them.
  uint32_t timestamp = 0;
  // In quanta of 256 bytes, modulo 2^32. Numbered packets and kCreditRequest: the sender's pull
  // target (0 without receiver credits); kCredit: all credit granted so far.
  uint32_t credit = 0;
  union {
    DataFields data;
    ReadFields read;
    SackFields sack;
    NackFields nack;
    PortFields ports;
  };

  constexpr bool has(uint16_t flag) const { return (flags & flag) != 0; }
};
static_assert(sizeof(Packet) == 64 && std::is_trivially_copyable_v<Packet>);

// Equal headers as far as they go over the wire: `port` and `local` are not compared.
bool same_on_wire(const Packet& a, const Packet& b);

// What a header costs on the wire.
struct WireProfile {
  enum class Kind : uint8_t {
    kFlat,  // simulators' custom: one size for every header
    kTrue,  // the bytes of braid/codec.h plus `encapsulation`
  };
  Kind kind = Kind::kFlat;
  uint16_t data_header = 64;    // kFlat: header of a numbered packet
  uint16_t control_size = 64;   // kFlat: whole size of a control packet
  uint16_t encapsulation = 66;  // kTrue: Ethernet 14 + FCS 4 + IPv6 40 + UDP 8

  static constexpr WireProfile true_sizes() { return {.kind = Kind::kTrue}; }
};

// Bytes of the packet on the wire, payload included.
base::Bytes wire_size(const Packet& packet, const WireProfile& profile);

// What the network did to a packet on its way.
struct Arrival {
  bool ecn = false;            // congestion experienced
  bool trimmed = false;        // the payload was cut off
  bool last_hop_trim = false;  // ... by the last switch; only with `trimmed`
};

}  // namespace windtunnel::braid
