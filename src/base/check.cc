#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace windtunnel::base {

CheckContext& check_context() {
  thread_local CheckContext context;
  return context;
}

void check_failed(const char* condition, const char* file, int line, std::string_view message) {
  const CheckContext& context = check_context();
  std::fprintf(stderr, "windtunnel: internal fault: %.*s\n  %s:%d: check failed: %s\n",
               static_cast<int>(message.size()), message.data(), file, line, condition);
  if (context.seed != nullptr) std::fprintf(stderr, "  seed %llu\n", *context.seed);
  if (context.simulated_ps != nullptr) {
    std::fprintf(stderr, "  simulated time %lld ps\n", *context.simulated_ps);
  }
  std::fflush(stderr);
  std::abort();
}

}  // namespace windtunnel::base
