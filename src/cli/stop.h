// Ctrl-C as a flag that the run polls, and a last resort for a run that does not. The one place
// with process-wide state: a signal handler can reach nothing else.
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace windtunnel::cli {

// From now on the first SIGINT or SIGTERM sets the flag and the second ends the process at once.
// A broken invariant (SIGABRT) ends it with the exit code for internal faults.
void install_signal_handlers();

// The signal that asked to stop, or 0.
int stop_signal();

// From now on a signal only sets the flag: result files are being put in place, and the last resort
// must not leave half of them.
void hold_stop();

// While it lives, a process whose command has not ended 0.8 s after the first signal is ended: some
// steps (laying out many flows, a window of a large network) are longer than a user should wait.
// Nothing is lost by it, since results are written at the end and held then. `last_words` gives
// what is printed to standard error; called on a thread of its own.
class LastResort {
 public:
  explicit LastResort(std::function<std::string()> last_words);
  ~LastResort();
  LastResort(const LastResort&) = delete;
  LastResort& operator=(const LastResort&) = delete;

 private:
  std::function<std::string()> last_words_;
  std::jthread thread_;
};

}  // namespace windtunnel::cli
