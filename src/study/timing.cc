#include "study/timing.h"

#include <sys/resource.h>

#include <ctime>

namespace windtunnel::study {
namespace {

double seconds(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

}  // namespace

Stamp stamp(uint32_t threads) {
  return {seconds(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_PROCESS_CPUTIME_ID),
          seconds(CLOCK_MONOTONIC)};
}

base::Bytes peak_rss() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return base::Bytes::kib(usage.ru_maxrss);
}

}  // namespace windtunnel::study
