#include "fabric/arrivals.h"

#include <algorithm>
#include <tuple>

namespace windtunnel::fabric {
namespace {

// Keys tie only where a message outside the network or a PFC frame meets another parcel at one
// inlet; then the parcels' contents decide, and equal contents have equal effects.
bool later(const Arrival& a, const Arrival& b) {
  if (a.key != b.key) [[likely]]
    return a.key > b.key;
  const auto content = [](const Arrival& x) {
    const Parcel& p = *x.parcel;
    return std::tuple(p.dst_and_flags, p.flow, p.cargo[0], p.cargo[1], p.cargo[2], p.entropy);
  };
  return content(a) > content(b);
}

// Groups are a dozen arrivals from a few upstream ports, each already in order.
void sort_group(Arrival* first, Arrival* last) {
  constexpr ptrdiff_t kInsertionMax = 40;
  if (last - first > kInsertionMax) {
    std::sort(first, last, [](const Arrival& a, const Arrival& b) { return later(b, a); });
    return;
  }
  for (Arrival* next = first + 1; next < last; ++next) {
    const Arrival moving = *next;
    Arrival* hole = next;
    for (; hole != first && later(hole[-1], moving); --hole) *hole = hole[-1];
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
