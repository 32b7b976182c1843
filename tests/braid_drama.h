// Plays an episode: owns virtual time, calls both engines as a driver must, copies the payload the
// engines point at, does the operator's deeds, and lets the judges look after every call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/braid_stage.h"

namespace windtunnel::braid_hostile {

struct Outcome {
  std::optional<Violation> violation;
  Coverage coverage;
  uint64_t trace = 0;  // hash of every packet, completion and time
  uint64_t packets = 0;
  uint64_t retransmissions = 0;
};

struct Direction {
  Sabotage sabotage = Sabotage::kNone;
  bool narrate = false;  // a line per packet on stderr
  uint64_t dice = 0;     // Sabotage::kDice: goes into the trace
};

Outcome play(const Episode& episode, const Direction& direction = {});

// "invariant 4 (bytes in flight) at 1234 ns: ..."
std::string describe(const Violation& violation);

}  // namespace windtunnel::braid_hostile
