#include "braid/scheduler.h"

namespace windtunnel::braid {

void ControlQueue::remove(uint32_t i) {
  for (; i > 0; --i) {
    notes_[(head_ + i) & (capacity_ - 1)] = notes_[(head_ + i - 1) & (capacity_ - 1)];
  }
  pop();
}

bool ControlQueue::grow() {
  if (capacity_ >= maximum_) return false;
  std::unique_ptr<ControlNote[]> wider(new ControlNote[size_t{capacity_} * 2]);
  for (uint32_t i = 0; i < count_; ++i) wider[i] = at(i);
  notes_ = std::move(wider);
  capacity_ *= 2;
  head_ = 0;
  return true;
}

}  // namespace windtunnel::braid
