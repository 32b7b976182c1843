#include "planning/setup_descent.h"

#include <algorithm>

namespace windtunnel::planning {
namespace {

class Descent {
 public:
  Descent(const SetupMatrix& setups, std::vector<uint32_t>& order)
      : setups_(setups), order_(order), n_(order.size()) {}

  void run() {
    if (n_ < 3) return;
    while (exchange_once() || reverse_once()) {
    }
  }

 private:
  int64_t arc(size_t from, size_t to) const {
    return setups_.at(order_[from % n_], order_[to % n_]);
  }
  std::vector<uint32_t>::iterator at(size_t i) {
    return order_.begin() + static_cast<std::ptrdiff_t>(i);
  }

  // [first, middle) and [middle, end) change places. The family at position 0 stays: a cycle can
  // be read from anywhere, so moving it is moving all others.
  bool exchange_once() {
    for (size_t first = 1; first < n_; ++first) {
      for (size_t middle = first + 1; middle < n_; ++middle) {
        const size_t left = middle - first;
        const size_t end_max = left <= kSegmentMax ? n_ : std::min(n_, middle + kSegmentMax);
        for (size_t end = middle + 1; end <= end_max; ++end) {
          const int64_t before =
              arc(first - 1, first) + arc(middle - 1, middle) + arc(end - 1, end);
          const int64_t after = arc(first - 1, middle) + arc(end - 1, first) + arc(middle - 1, end);
          if (after >= before) continue;
          std::rotate(at(first), at(middle), at(end));
          return true;
        }
      }
    }
    return false;
  }

  // [first, end) is run backwards.
  bool reverse_once() {
    for (size_t first = 1; first < n_; ++first) {
      int64_t inside = 0;  // what the arcs inside become less what they were
      for (size_t end = first + 2; end <= n_; ++end) {
        inside += arc(end - 1, end - 2) - arc(end - 2, end - 1);
        const int64_t before = arc(first - 1, first) + arc(end - 1, end);
        const int64_t after = arc(first - 1, end - 1) + arc(first, end);
        if (after + inside >= before) continue;
        std::reverse(at(first), at(end));
        return true;
      }
    }
    return false;
  }

  const SetupMatrix& setups_;
  std::vector<uint32_t>& order_;
  size_t n_;
};

}  // namespace

void descend(const SetupMatrix& setups, std::vector<uint32_t>& order) {
  Descent(setups, order).run();
}

}  // namespace windtunnel::planning
