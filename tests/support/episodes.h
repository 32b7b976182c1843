// How often a randomised test repeats itself. The number in the source is what an ordinary run
// does; the environment variable WT_EPISODES replaces it (the nightly preset sets 100,000).
#pragma once

#include <cstdint>
#include <cstdlib>

namespace windtunnel::testing {

inline int64_t episodes(int64_t ordinary) {
  const char* const wanted = std::getenv("WT_EPISODES");
  const long long value = wanted == nullptr ? 0 : std::atoll(wanted);
  return value > 0 ? value : ordinary;
}

}  // namespace windtunnel::testing
