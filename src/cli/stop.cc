#include "cli/stop.h"

#include <unistd.h>

#include <atomic>
#include <csignal>

#include "study/commands.h"

namespace windtunnel::cli {
namespace {

std::atomic<int> received_signal{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may not take a lock");

void on_stop(int signal_number) { received_signal.store(signal_number); }

void on_abort(int) { ::_exit(static_cast<int>(study::ExitCode::kInternalFault)); }

}  // namespace

void install_signal_handlers() {
  struct sigaction action = {};
  sigemptyset(&action.sa_mask);
  action.sa_handler = on_stop;
  // After the first signal the default action is back: a second Ctrl-C ends a run that hangs.
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = on_abort;
  ::sigaction(SIGABRT, &action, nullptr);
}

int stop_signal() { return received_signal.load(std::memory_order_relaxed); }

}  // namespace windtunnel::cli
