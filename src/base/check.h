// Invariants. WT_CHECK is on in release: it prints the condition, the place, the message and the
// context the program registered (seed, simulated time), then aborts. It is for faults of ours,
// never for bad input, which is a Result (base/result.h).
#pragma once

#include <string_view>

namespace windtunnel::base {

// What WT_CHECK prints besides the condition. Set per thread by whoever runs a world; read only on
// failure. `seed` and `simulated_ps` point at live values or are null.
struct CheckContext {
  const unsigned long long* seed = nullptr;
  const long long* simulated_ps = nullptr;
};
CheckContext& check_context();

[[noreturn]] void check_failed(const char* condition, const char* file, int line,
                               std::string_view message);

}  // namespace windtunnel::base

#define WT_CHECK(condition, message)                                               \
  do {                                                                             \
    if (!(condition)) [[unlikely]]                                                 \
      ::windtunnel::base::check_failed(#condition, __FILE__, __LINE__, (message)); \
  } while (false)

#ifdef NDEBUG
#define WT_DCHECK(condition, message) \
  do {                                \
  } while (false && (condition))
#else
#define WT_DCHECK(condition, message) WT_CHECK(condition, message)
#endif
