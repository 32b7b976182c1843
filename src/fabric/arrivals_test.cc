#include "fabric/arrivals.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <vector>

#include "base/random.h"

namespace windtunnel::fabric {
namespace {

constexpr uint64_t kSeed = 20261122;

// Lists as outboxes make them: chunks of up to 63, newest first.
class Lists {
 public:
  void add(size_t list, const Parcel& parcel) {
    if (heads_.size() <= list) heads_.resize(list + 1, nullptr);
    Chunk*& head = heads_[list];
    if (head == nullptr || head->count == Chunk::kCapacity) {
      chunks_.push_back(std::make_unique<Chunk>());
      chunks_.back()->next = head;
      head = chunks_.back().get();
    }
    head->parcels[head->count++] = parcel;
  }
  const std::vector<Chunk*>& heads() const { return heads_; }

 private:
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::vector<Chunk*> heads_;
};

Parcel parcel(uint32_t offset_ps, Inlet at, uint32_t number = 0) {
  Parcel p;
  p.offset_ps = offset_ps;
  p.at = at;
  p.cargo[0] = number;
  return p;
}

uint32_t receiver_of(const Parcel& p) { return p.at.unit(); }

struct Key {
  uint32_t offset, port, number;
  auto operator<=>(const Key&) const = default;
};
std::vector<Key> keys(std::span<const Arrival> arrivals) {
  std::vector<Key> all;
  for (const Arrival& a : arrivals) {
    EXPECT_EQ(a.offset_ps(), a.parcel->offset_ps);
    all.push_back({a.parcel->offset_ps, a.parcel->at.port(), a.parcel->cargo[0]});
  }
  return all;
}

// One sorter over many windows of very different sizes, against a sort of everything.
TEST(ArrivalSorter, GroupsByReceiverAndSortsByTimeThenInlet) {
  base::RandomStream stream(kSeed, "arrivals");
  ArrivalSorter sorter;
  for (int window = 0; window < 300; ++window) {
    const auto receivers = static_cast<uint32_t>(1 + stream.below(20));
    const uint64_t count = stream.below(stream.chance(1, 4) ? 3000 : 60);
    const uint64_t times = 1 + stream.below(stream.chance(1, 2) ? 50 : 1'000'000);
    Lists lists;
    std::vector<std::vector<Key>> expected(receivers);
    for (uint32_t n = 0; n < count; ++n) {
      const auto to = static_cast<uint32_t>(stream.below(receivers));
      const auto at = static_cast<uint32_t>(stream.below(times));
      const auto port = static_cast<uint32_t>(stream.below(4096));
      lists.add(stream.below(3), parcel(at, Inlet(to, port), n));
      expected[to].push_back({at, port, n});
    }
    sorter.begin(receivers);
    for (const Chunk* list : lists.heads()) sorter.add(list, receiver_of);
    sorter.sort();
    EXPECT_EQ(sorter.empty(), count == 0);
    for (uint32_t r = 0; r < receivers; ++r) {
      std::sort(expected[r].begin(), expected[r].end());
      ASSERT_EQ(keys(sorter.of(r)), expected[r]) << "window " << window << ", seed " << kSeed;
    }
  }
}

TEST(ArrivalSorter, TakesTheLargestOffsetAndInlet) {
  Lists lists;
  const Inlet last(3, Inlet::kPortsMax - 1);
  lists.add(0, parcel(0xffffffff, last, 1));
  lists.add(0, parcel(0xffffffff, Inlet(3, 0), 2));
  lists.add(0, parcel(0, last, 3));
  ArrivalSorter sorter;
  sorter.begin(4);
  sorter.add(lists.heads()[0], receiver_of);
  sorter.sort();
  EXPECT_TRUE(sorter.of(0).empty());
  const std::vector<Key> expected = {
      {0, Inlet::kPortsMax - 1, 3}, {0xffffffff, 0, 2}, {0xffffffff, Inlet::kPortsMax - 1, 1}};
  EXPECT_EQ(keys(sorter.of(3)), expected);
}

// Messages past the network can tie; then it must not show in which list they lay.
TEST(ArrivalSorter, TiesAreBrokenByContentNotByList) {
  std::vector<Parcel> parcels;
  for (uint32_t n = 0; n < 64; ++n) {
    Parcel p = parcel(5, Inlet(0, 9), n / 32);
    p.dst_and_flags = n % 2;
    p.flow = n / 2 % 2;
    p.cargo[1] = n / 4 % 2;
    p.cargo[2] = n / 8 % 2;
    p.entropy = static_cast<uint16_t>(n / 16 % 2);
    parcels.push_back(p);
  }
  base::RandomStream stream(kSeed, "ties");
  std::vector<std::tuple<uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint16_t>> first;
  for (int attempt = 0; attempt < 20; ++attempt) {
    // Few make the sorter insert, many make it call std::sort.
    const size_t count = attempt < 10 ? 32 : 64;
    if (attempt == 10) first.clear();
    std::vector<Parcel> shuffled(parcels.begin(), parcels.begin() + static_cast<long>(count));
    for (size_t i = count; i > 1; --i) std::swap(shuffled[i - 1], shuffled[stream.below(i)]);
    Lists lists;
    for (const Parcel& p : shuffled) lists.add(stream.below(3), p);
    ArrivalSorter sorter;
    sorter.begin(1);
    for (const Chunk* list : lists.heads()) sorter.add(list, receiver_of);
    sorter.sort();
    decltype(first) found;
    for (const Arrival& a : sorter.of(0)) {
      const Parcel& p = *a.parcel;
      found.emplace_back(p.dst_and_flags, p.flow, p.cargo[0], p.cargo[1], p.cargo[2], p.entropy);
    }
    ASSERT_EQ(found.size(), count);
    if (first.empty()) first = found;
    EXPECT_EQ(found, first) << "seed " << kSeed;
  }
}

}  // namespace
}  // namespace windtunnel::fabric
