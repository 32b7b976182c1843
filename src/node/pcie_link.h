// Exact arithmetic of PCI Express links: what a transaction occupies of a wire, and the bandwidth
// that leaves. No state, no events.
//
// What crosses a link is transaction layer packets (TLPs): payload, plus the header and framing
// counted here, plus data link layer packets (acknowledgements, credits) that take a share of the
// wire. Sources of the constants:
//   signalling and codes      PCI Express base specifications 1.1 to 6.0
//   overhead of a TLP         8 B framing, sequence and link CRC + header of 12 or 16 B + 4 B with
//                             an end-to-end CRC: github.com/pcie-bench/pcie-model
//   Gen6 FLIT                 256 B = 236 TLP + 6 DLP + 8 CRC + 6 FEC; no framing of single TLPs
//   share of DLLPs            pcie-bench's pessimistic figures for x16 are 11.4, 9.8 and 9.1 % at
//                             payloads of 128, 256 and 512 B; 2 % fits a GPU on Gen4 x16 measured
//                             at 28.3 GB/s (gds-bench.farmgpu.net/theory)
//
// Transfers start at addresses that are multiples of the payload size; one that does not costs one
// TLP more. Skip ordered sets (4 of 1538 symbols) are taken as part of the share of DLLPs.
#pragma once

#include <array>
#include <cstdint>

#include "base/units.h"

namespace windtunnel::node {

using base::Bytes;
using base::Duration;
using base::Rate;
using base::Ratio;

enum class PcieGeneration : uint8_t { kGen1 = 1, kGen2, kGen3, kGen4, kGen5, kGen6 };

inline constexpr std::array<int64_t, 8> kPcieLanes = {1, 2, 4, 8, 12, 16, 24, 32};

// One link; both directions are alike.
struct PcieLink {
  PcieGeneration generation = PcieGeneration::kGen5;
  int64_t lanes = 16;         // one of kPcieLanes
  Ratio dllp_share = {0, 1};  // of the wire, below 1; inside the FLIT in Gen6, where it is ignored
  bool end_to_end_crc = false;
  auto operator<=>(const PcieLink&) const = default;
};

// How a transfer is cut into TLPs.
struct TlpCut {
  Bytes payload = Bytes(256);     // of a write: min(MPS, what bridges on the way forward)
  Bytes completion = Bytes(256);  // of a read: MPS at best, the read completion boundary at worst
  Bytes request = Bytes(512);     // bytes asked for by one read request (MRRS)
};

// 2.5, 5, 8, 16, 32, 64 GT/s.
int64_t pcie_transfers_per_second(PcieGeneration generation);
// What the code leaves for TLPs and DLLPs: 8/10, 128/130; the TLP bytes of a FLIT, 236/256.
Ratio pcie_code(PcieGeneration generation);

// Bytes a TLP needs besides its payload, with 64-bit addresses: 24 B for a write and a read
// request, 20 B for a completion; 16, 16 and 12 B in Gen6.
Bytes pcie_write_header(const PcieLink& link);
Bytes pcie_request_header(const PcieLink& link);
Bytes pcie_completion_header(const PcieLink& link);

// Bytes on the wire for `data` >= 0 bytes moved.
Bytes pcie_write_bytes(const PcieLink& link, Bytes data, const TlpCut& cut);
Bytes pcie_completion_bytes(const PcieLink& link, Bytes data, const TlpCut& cut);
// In the opposite direction of the data.
Bytes pcie_request_bytes(const PcieLink& link, Bytes data, const TlpCut& cut);

// Time of `wire` bytes of TLPs on the link, its share of DLLPs included; rounded up.
Duration pcie_time(const PcieLink& link, Bytes wire);

// What the link carries of TLPs, headers included, in one direction. `ideal` leaves out the DLLPs
// but not the code: 63.02 GB/s for Gen5 x16.
Rate pcie_rate(const PcieLink& link);
Rate pcie_rate_ideal(const PcieLink& link);

// Payload bandwidth of an endless stream.
Rate pcie_write_rate(const PcieLink& link, const TlpCut& cut);

enum class ReadLimit : uint8_t { kCompletions, kRequests, kTags };
struct ReadRate {
  Rate rate;
  ReadLimit limit = ReadLimit::kCompletions;
};
// min(completions, requests, tags · MRRS / round trip). `round_trip` is that of one request on an
// idle path; zero tags mean no limit.
struct ReadsInFlight {
  int64_t tags = 0;
  Duration round_trip;
};
ReadRate pcie_read_rate(const PcieLink& link, const TlpCut& cut, const ReadsInFlight& in_flight);

// Data in flight that keeps `rate` going over `round_trip`, and the tags that takes; rounded up.
int64_t pcie_tags_needed(Rate rate, Duration round_trip, Bytes request);

}  // namespace windtunnel::node
