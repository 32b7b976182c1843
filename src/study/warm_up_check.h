// Whether a run was measured before it had settled: its curve from the very start is searched for
// where it becomes steady (MSER-5), and what was measured before that is compared with the rest.
#pragma once

#include <cstddef>
#include <span>

namespace windtunnel::study {

struct WarmUpCheck {
  enum class Verdict {
    kFine,
    kTooShort,    // measured before `steady_from`, and it shows
    kNotSettled,  // the run does not become steady
  };
  Verdict verdict = Verdict::kFine;
  size_t steady_from = 0;  // index into the curve
  double early = 0;        // mean from the warm-up to there
  double late = 0;         // and of the rest
};

// `curve` holds means over equal stretches from the start of the run, `warm_up` the number of them
// that are not measured. Fewer than 40 measured stretches say nothing: fine.
WarmUpCheck check_warm_up(std::span<const double> curve, size_t warm_up);

}  // namespace windtunnel::study
