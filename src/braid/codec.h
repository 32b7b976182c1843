// Packets as bytes. MRC-like, not interoperable with MRC: byte 1 is a version of our own, so the
// layout can change behind it. All fields are big-endian.
//
//   BTH 12      opcode 1, version 1, flags 2, entropy 2, destination queue pair 3, PSN 3
//   TSETH 4     timestamp (all but kCredit, kCreditRequest and kPortStatus)
//   numbered:   BTH, METH 4 (message 2, index 2), TSETH, RETH 16 (address 8, key 4, length 4),
//               then kWriteImm 12 (immediate 4, message length 8), kReadRequest 16 (sink 8, sink
//               key 4, upper half of the length 4), and 4 of credit if any
//   kSack       BTH, TSETH, SETH 24 (bitmap 8, cumulative 3, base 3, entropy 2, ports down 1,
//               zero 7), CC_STATE 8 (received 4, out of order 2, penalty 1, zero 1)
//   kNack       BTH, TSETH, entropy 2, reason 1, ports down 1
//   kProbe      BTH, TSETH
//   kCredit, kCreditRequest   BTH, credit 4
//   kPortStatus BTH, ports down 1, zero 3
//   ICRC 4      CRC-32C of everything before it, headers only; the payload follows the ICRC
//
// A plain write therefore costs 40 B, a SACK 52, a NACK 24, a probe 20 (ICRC included).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"
#include "braid/packet.h"

namespace windtunnel::braid {

inline constexpr uint8_t kCodecVersion = 1;
inline constexpr uint32_t kWriteHeaderBytes = 40;   // plain write with ICRC
inline constexpr uint32_t kExtensionBytesMax = 20;  // read request and credit
inline constexpr size_t kHeaderBytesMax = kWriteHeaderBytes + kExtensionBytesMax;

// Bytes encode() writes for this packet.
size_t encoded_size(const Packet& packet);

// Writes the header. Fails when `out` is too short or the packet is malformed (opcode or NACK
// reason out of range, unknown flags, PSN or queue pair number above 24 bits).
base::Result<size_t> encode(const Packet& packet, std::span<std::byte> out);

struct Decoded {
  Packet packet;
  size_t header_bytes = 0;  // the payload begins here
};

// Reads a header from the front of a datagram. Any bytes are safe; what is not a valid header is an
// error: too short, other version, unknown opcode, flag or reason, bits set that must be zero,
// wrong ICRC. That the payload is as long as RETH says is for the driver to check (shorter:
// trimmed).
base::Result<Decoded> decode(std::span<const std::byte> bytes);

}  // namespace windtunnel::braid
