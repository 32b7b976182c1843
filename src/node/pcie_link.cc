#include "node/pcie_link.h"

#include <algorithm>

#include "base/check.h"

namespace windtunnel::node {
namespace {

using base::Int128;

constexpr int64_t kFraming = 8;      // start, sequence number, link CRC
constexpr int64_t kHeaderLong = 16;  // four double words: 64-bit addresses
constexpr int64_t kHeaderShort = 12;
constexpr int64_t kEndToEndCrc = 4;
constexpr int64_t kTransfersPerSecond[] = {2'500'000'000,  5'000'000'000,  8'000'000'000,
                                           16'000'000'000, 32'000'000'000, 64'000'000'000};

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

Bytes header(const PcieLink& link, int64_t size) {
  const int64_t framing = link.generation == PcieGeneration::kGen6 ? 0 : kFraming;
  return Bytes(framing + size + (link.end_to_end_crc ? kEndToEndCrc : 0));
}

// `data` cut into TLPs of at most `payload`, each with `header`.
Bytes cut_bytes(Bytes data, Bytes payload, Bytes header) {
  WT_CHECK(payload.count() > 0, "a TLP carries something");
  WT_CHECK(data.count() >= 0, "a transfer is not negative");
  return data + header * ceil_div(data.count(), payload.count());
}

// Bit/s of TLP bytes as an exact fraction: signalling · lanes · code · (1 - DLLPs).
struct Fraction {
  Int128 part = 0;
  Int128 whole = 1;
};

Fraction tlp_rate(const PcieLink& link, bool ideal) {
  WT_CHECK(link.lanes > 0, "a link has lanes");
  const Ratio code = pcie_code(link.generation);
  Fraction rate{
      static_cast<Int128>(pcie_transfers_per_second(link.generation)) * link.lanes * code.part,
      code.whole};
  if (!ideal && link.generation != PcieGeneration::kGen6) {
    WT_CHECK(link.dllp_share.part >= 0 && link.dllp_share.part < link.dllp_share.whole,
             "DLLPs leave something of the wire");
    rate.part *= link.dllp_share.whole - link.dllp_share.part;
    rate.whole *= link.dllp_share.whole;
  }
  return rate;
}

Rate rounded_down(const Fraction& rate) {
  return Rate::bits_per_second(static_cast<int64_t>(rate.part / rate.whole));
}

// The share of the wire that is payload when every `payload` bytes come with `overhead`.
Rate goodput(const PcieLink& link, Bytes payload, Bytes overhead) {
  Fraction rate = tlp_rate(link, false);
  rate.part *= payload.count();
  rate.whole *= (payload + overhead).count();
  return rounded_down(rate);
}

}  // namespace

int64_t pcie_transfers_per_second(PcieGeneration generation) {
  return kTransfersPerSecond[static_cast<size_t>(generation) - 1];
}

Ratio pcie_code(PcieGeneration generation) {
  if (generation <= PcieGeneration::kGen2) return {8, 10};
  return generation == PcieGeneration::kGen6 ? Ratio{236, 256} : Ratio{128, 130};
}

Bytes pcie_write_header(const PcieLink& link) { return header(link, kHeaderLong); }
Bytes pcie_request_header(const PcieLink& link) { return header(link, kHeaderLong); }
Bytes pcie_completion_header(const PcieLink& link) { return header(link, kHeaderShort); }

Bytes pcie_write_bytes(const PcieLink& link, Bytes data, const TlpCut& cut) {
  return cut_bytes(data, cut.payload, pcie_write_header(link));
}

Bytes pcie_completion_bytes(const PcieLink& link, Bytes data, const TlpCut& cut) {
  return cut_bytes(data, cut.completion, pcie_completion_header(link));
}

Bytes pcie_request_bytes(const PcieLink& link, Bytes data, const TlpCut& cut) {
  return cut_bytes(data, cut.request, pcie_request_header(link)) - data;
}

Duration pcie_time(const PcieLink& link, Bytes wire) {
  const Fraction rate = tlp_rate(link, false);
  const Int128 bits = static_cast<Int128>(wire.count()) * 8 * base::Picoseconds::kPerSecond;
  return Duration::ticks(static_cast<int64_t>((bits * rate.whole + rate.part - 1) / rate.part));
}

Rate pcie_rate(const PcieLink& link) { return rounded_down(tlp_rate(link, false)); }
Rate pcie_rate_ideal(const PcieLink& link) { return rounded_down(tlp_rate(link, true)); }

Rate pcie_write_rate(const PcieLink& link, const TlpCut& cut) {
  return goodput(link, cut.payload, pcie_write_header(link));
}

ReadRate pcie_read_rate(const PcieLink& link, const TlpCut& cut, const ReadsInFlight& in_flight) {
  ReadRate best{goodput(link, cut.completion, pcie_completion_header(link)),
                ReadLimit::kCompletions};
  // Each request header lets `request` bytes come back.
  Fraction asked = tlp_rate(link, false);
  asked.part *= cut.request.count();
  asked.whole *= pcie_request_header(link).count();
  if (const Rate requests = rounded_down(asked); requests < best.rate)
    best = {requests, ReadLimit::kRequests};
  if (in_flight.tags > 0 && in_flight.round_trip > Duration::zero()) {
    const Rate tags = base::average_rate(cut.request * in_flight.tags, in_flight.round_trip);
    if (tags < best.rate) best = {tags, ReadLimit::kTags};
  }
  return best;
}

int64_t pcie_tags_needed(Rate rate, Duration round_trip, Bytes request) {
  const int64_t bytes = base::transferred(round_trip, rate).count();
  return ceil_div(bytes, request.count());
}

}  // namespace windtunnel::node
