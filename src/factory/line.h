// Pieces that wait at a station and that it need not tell apart: in the order of arrival, or sorted
// by a key with the order of arrival among equals.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "factory/piece_pool.h"

namespace windtunnel::factory {

class Line {
 public:
  // Where a piece stands: a lower key goes first, then a lower number of arrival.
  struct Rank {
    int64_t key = 0;
    uint64_t arrival = 0;
    friend bool operator<(const Rank& a, const Rank& b) {
      return a.key != b.key ? a.key < b.key : a.arrival < b.arrival;
    }
  };

  explicit Line(bool sorted) : sorted_(sorted) {}

  int64_t size() const { return sorted_ ? static_cast<int64_t>(heap_.size()) : list_.size(); }
  bool empty() const { return size() == 0; }
  // Of the first piece; the line is not empty.
  Rank first_rank(const PiecePool& pieces) const {
    if (sorted_) return heap_.front().rank;
    return {0, pieces[list_.first()].arrival};
  }
  void push(PiecePool& pieces, PieceId id, int64_t key) {
    if (!sorted_) {
      list_.push_back(pieces, id);
      return;
    }
    heap_.push_back({{key, pieces[id].arrival}, id});
    std::push_heap(heap_.begin(), heap_.end(), after);
  }
  PieceId pop(PiecePool& pieces) {
    if (!sorted_) return list_.pop_front(pieces);
    std::pop_heap(heap_.begin(), heap_.end(), after);
    const PieceId id = heap_.back().piece;
    heap_.pop_back();
    return id;
  }

 private:
  struct Entry {
    Rank rank;
    PieceId piece;
  };
  static bool after(const Entry& a, const Entry& b) { return b.rank < a.rank; }

  bool sorted_;
  PieceList list_;
  std::vector<Entry> heap_;
};

}  // namespace windtunnel::factory
