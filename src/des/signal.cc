#include "des/signal.h"

namespace windtunnel::des {

void SignalWaiter::join_signal() {
  list_ = &signal_->waiting_;
  list_->push_back(*this);
}

void SignalWaiter::disarm() noexcept { list_->remove(*this); }

// In two steps, because completing one waiter may make others leave: the rest of its any_of may
// wait for this same signal.
void Signal::notify(int64_t count_max) {
  WaitList<SignalWaiter> chosen;
  for (SignalWaiter* waiter = waiting_.front(); waiter != nullptr;) {
    SignalWaiter* const next = WaitList<SignalWaiter>::next(*waiter);
    if (chosen.size() < count_max && waiter->holds()) {
      waiting_.remove(*waiter);
      chosen.push_back(*waiter);
      waiter->list_ = &chosen;
    }
    waiter = next;
  }
  while (!chosen.empty()) {
    SignalWaiter& waiter = *chosen.front();
    chosen.remove(waiter);
    waiter.complete();
  }
}

}  // namespace windtunnel::des
