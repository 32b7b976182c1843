// The summary of a run as text for a terminal: key figures, then what limited the run, in words.
#pragma once

#include <string>

#include "report/measurements.h"

namespace windtunnel::report {

struct TerminalStyle {
  bool colour = false;  // escape sequences; only for a terminal
  int columns = 80;     // sentences are wrapped to this width
};

// The bottleneck in one sentence of our own, "Limited by X (where) for 62 % of the time.", and what
// came next, "Next: Y 18 %, Z 10 %." (empty when nothing did).
std::string bottleneck_sentence(const Bottleneck& bottleneck);
std::string runners_sentence(const Bottleneck& bottleneck);

// Aligned, in human units, every line ended. The same measurements give the same text except for
// the last paragraph, which says what the run cost.
std::string to_terminal(const Measurements& measurements, const TerminalStyle& style);

}  // namespace windtunnel::report
