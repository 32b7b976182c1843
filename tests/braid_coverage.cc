#include "tests/braid_coverage.h"

#include <fmt/format.h>

namespace windtunnel::braid_hostile {

namespace {

constexpr std::array<std::string_view, kRareCount> kNames{"sender PSN wrapped",
                                                          "timestamp wrapped",
                                                          "packet out of order",
                                                          "receive window used to its end",
                                                          "send window used to its end",
                                                          "duplicate data",
                                                          "timeout",
                                                          "several timeouts in a row",
                                                          "loss found by an acknowledgement",
                                                          "NACK: trimmed",
                                                          "NACK: access",
                                                          "NACK: resources",
                                                          "stale NACK",
                                                          "replayed SACK",
                                                          "reordered SACK",
                                                          "SACK with nothing new",
                                                          "retry limit exceeded",
                                                          "remote access error",
                                                          "work flushed",
                                                          "path turned bad",
                                                          "path restored",
                                                          "no path good, data sent",
                                                          "path denied",
                                                          "data sent while frozen",
                                                          "path probe",
                                                          "tail probe",
                                                          "port down",
                                                          "all ports down",
                                                          "port status heard",
                                                          "window of one MTU",
                                                          "data waited for the window",
                                                          "window cut",
                                                          "credit granted",
                                                          "credit requested",
                                                          "speculative data",
                                                          "receiver penalty",
                                                          "write with immediate at its limit",
                                                          "immediate waited for earlier bytes",
                                                          "read served",
                                                          "post refused",
                                                          "control packet dropped",
                                                          "empty write",
                                                          "last-hop trim",
                                                          "ECN echoed",
                                                          "corrupted header",
                                                          "packet through the codec",
                                                          "region invalidated",
                                                          "inert forgery",
                                                          "random forgery",
                                                          "driver stalled",
                                                          "expire() with nothing due",
                                                          "queue pair renewed",
                                                          "packet for an earlier life",
                                                          "work of a destroyed queue pair",
                                                          "clean network"};

}  // namespace

std::string_view name_of(Rare rare) { return kNames[static_cast<size_t>(rare)]; }

Coverage& Coverage::operator+=(const Coverage& other) {
  for (size_t i = 0; i < kRareCount; ++i) counts_[i] += other.counts_[i];
  return *this;
}

std::vector<std::string_view> Coverage::never() const {
  std::vector<std::string_view> names;
  for (size_t i = 0; i < kRareCount; ++i) {
    if (counts_[i] == 0) names.push_back(kNames[i]);
  }
  return names;
}

std::string Coverage::table() const {
  std::string text;
  for (size_t i = 0; i < kRareCount; ++i) {
    text += fmt::format("  {:36} {:>12}\n", kNames[i], counts_[i]);
  }
  return text;
}

}  // namespace windtunnel::braid_hostile
