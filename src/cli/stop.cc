#include "cli/stop.h"

#include <semaphore.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <utility>

#include "study/commands.h"

namespace windtunnel::cli {
namespace {

constexpr std::chrono::milliseconds kPatience{800};

std::atomic<int> received_signal{0};
std::atomic<bool> held{false};
std::atomic<bool> command_ended{false};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may not take a lock");

// What the last resort sleeps on; posting it is among the few things a signal handler may do.
sem_t* wake_up() {
  static sem_t semaphore = [] {
    sem_t fresh;
    ::sem_init(&fresh, 0, 0);
    return fresh;
  }();
  return &semaphore;
}

void on_stop(int signal_number) {
  const int saved = errno;
  received_signal.store(signal_number);
  ::sem_post(wake_up());
  errno = saved;
}

void on_abort(int) { ::_exit(static_cast<int>(study::ExitCode::kInternalFault)); }

}  // namespace

void install_signal_handlers() {
  wake_up();  // made before a handler can need it
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

void hold_stop() { held.store(true); }

LastResort::LastResort(std::function<std::string()> last_words)
    : last_words_(std::move(last_words)) {
  command_ended.store(false);
  thread_ = std::jthread([this] {
    while (::sem_wait(wake_up()) != 0 && errno == EINTR) {
    }
    if (command_ended.load()) return;
    std::this_thread::sleep_for(kPatience);
    if (command_ended.load() || held.load()) return;
    std::fputs(last_words_().c_str(), stderr);
    std::fflush(stderr);
    constexpr int kSignalBase = 128;  // as shells count
    ::_exit(kSignalBase + stop_signal());
  });
}

LastResort::~LastResort() {
  command_ended.store(true);
  ::sem_post(wake_up());
}

}  // namespace windtunnel::cli
