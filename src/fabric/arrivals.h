// What arrives at one block in one window, by receiver and in order of time.
//
// One pass over the parcels of all outboxes classifies them, a counting sort groups them by
// receiver and each small group is sorted by key. Everything lives in the worker's scratch, which a
// steady run does not grow.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fabric/link.h"
#include "fabric/mailbox.h"

namespace windtunnel::fabric {

class ArrivalSorter {
 public:
  // Begins a window for a block of `receivers`.
  void begin(uint32_t receivers);

  // Adds all parcels of a list; classify(parcel) returns the receiver's number in the block. HOT
  template <class Classify>
  void add(const Chunk* list, Classify&& classify) {
    for (const Chunk* chunk = list; chunk != nullptr; chunk = chunk->next) {
      for (uint32_t i = 0; i < chunk->count; ++i) {
        add_one(chunk->parcels[i], classify(chunk->parcels[i]));
      }
    }
  }
  // The parcel must stay where it is until the window is over.
  void add_one(const Parcel& parcel, uint32_t receiver) {
    ++starts_[receiver + 1];
    unsorted_.push_back({uint64_t{parcel.offset_ps} << 32 | parcel.at.bits(), &parcel, receiver});
  }
  void sort();
  std::span<const Arrival> of(uint32_t receiver) const {
    return {sorted_.data() + starts_[receiver], sorted_.data() + starts_[receiver + 1]};
  }
  bool empty() const { return unsorted_.empty(); }

 private:
  struct Unsorted {
    uint64_t key;
    const Parcel* parcel;
    uint32_t receiver;
  };
  std::vector<Unsorted> unsorted_;
  std::vector<Arrival> sorted_;
  std::vector<uint32_t> starts_;  // receiver r's arrivals are [starts_[r], starts_[r + 1])
  std::vector<uint32_t> cursor_;
};

}  // namespace windtunnel::fabric
