#include "fabric/arrivals.h"

#include <algorithm>

namespace windtunnel::fabric {
namespace {

// Groups are a dozen arrivals from a few upstream ports, each already in order.
void sort_group(Arrival* first, Arrival* last) {
  constexpr ptrdiff_t kInsertionMax = 40;
  const auto by_key = [](const Arrival& a, const Arrival& b) { return a.key < b.key; };
  if (last - first > kInsertionMax) {
    std::sort(first, last, by_key);
    return;
  }
  for (Arrival* next = first + 1; next < last; ++next) {
    const Arrival moving = *next;
    Arrival* hole = next;
    for (; hole != first && hole[-1].key > moving.key; --hole) *hole = hole[-1];
    *hole = moving;
  }
}

}  // namespace

void ArrivalSorter::begin(uint32_t receivers) {
  unsorted_.clear();
  starts_.assign(receivers + 1, 0);
}

void ArrivalSorter::sort() {
  for (size_t r = 1; r < starts_.size(); ++r) starts_[r] += starts_[r - 1];
  cursor_.assign(starts_.begin(), starts_.end());
  if (sorted_.size() < unsorted_.size()) sorted_.resize(unsorted_.size() + unsorted_.size() / 4);
  for (const Unsorted& u : unsorted_) sorted_[cursor_[u.receiver]++] = {u.key, u.parcel};
  for (size_t r = 0; r + 1 < starts_.size(); ++r) {
    if (starts_[r + 1] - starts_[r] > 1) {
      sort_group(sorted_.data() + starts_[r], sorted_.data() + starts_[r + 1]);
    }
  }
}

}  // namespace windtunnel::fabric
