// Progress in words, for a progress line and for a run that was stopped. Pure text: the caller owns
// clock and terminal.
#pragma once

#include <string>

#include "study/commands.h"

namespace windtunnel::study {

// One line of at most `columns` columns without its end:
//   "[####------]  48 %  simulated 12.3 µs  4.1 M events/s  about 3 s left"
// Parts that are not known (share of the work, number of runs) are left out, and the last parts go
// first where the line is short. `elapsed_s` is wall time since the command began.
std::string progress_line(const Progress& progress, double elapsed_s, int columns);

// "stopped after 12.3 µs of simulated time (4,100,000 events); nothing was written", for standard
// error, without its end.
std::string stopped_text(const Progress& progress);

}  // namespace windtunnel::study
