#include "fabric/port.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <vector>

#include "base/random.h"

namespace windtunnel::fabric {
namespace {

constexpr uint64_t kSeed = 20261122;
constexpr int64_t kLookahead = 4'000'000'000;  // 4 ms: one window holds a whole small experiment
constexpr int64_t kFull = 81'920;              // 4,096 B at 400 Gb/s, in ps
constexpr int64_t kHeader = 1'280;             // 64 B

QueueSettings settings(int64_t capacity) {
  QueueSettings s;
  s.capacity = base::Bytes(capacity);
  s.control_capacity = base::Bytes(1'000'000);
  s.ecn_low = s.ecn_high = base::Bytes(1'000'000'000);
  return s;
}

Parcel parcel(uint32_t number, uint16_t bytes = 4096) {
  Parcel p;
  p.bytes = bytes;
  p.cargo[0] = number;
  return p;
}
Parcel control(uint32_t number, uint16_t bytes = 64) {
  Parcel p = parcel(number, bytes);
  p.set_class(ParcelClass::kControl);
  return p;
}
Parcel heavy(Parcel p) {
  p.set(ParcelFlags::kHeavyCargo);
  return p;
}

struct Sent {
  int64_t at_ps;  // when the last bit left
  Parcel parcel;
};

// One port at 400 Gb/s, its link one lookahead long, window by window.
class Bench final : public DropSink {
 public:
  explicit Bench(const QueueSettings& settings, base::Rate rate = base::Rate::gbps(400)) {
    port.link.set_rate(rate);
    port.link.nominal_bits_per_second = rate.bits_per_second();
    port.link.set_latency(base::Duration::ps(kLookahead), base::Duration::ps(kLookahead));
    port.link.random = base::RandomStream(kSeed, "port");
    set_queue(port, settings, {1, 1});
  }
  // In order of time.
  void add(int64_t at_ps, const Parcel& parcel) { coming_.push_back({at_ps, parcel}); }
  void dropped(const Parcel& parcel, uint32_t) override { reported.push_back(parcel.cargo[0]); }

  // Everything that leaves the port, in order.
  std::vector<Sent> run() {
    std::vector<Sent> sent;
    size_t next = 0;
    for (des::Window w; next < coming_.size() || port.serving != Serving::kNothing; ++w.index) {
      w.begin = base::Time::at(base::Duration::ps(w.index * kLookahead));
      w.end = w.begin + base::Duration::ps(kLookahead);
      std::vector<Arrival> arrivals;
      for (; next < coming_.size() && coming_[next].at_ps < w.end.ps(); ++next) {
        const auto offset = static_cast<uint64_t>(coming_[next].at_ps - w.begin.ps());
        arrivals.push_back({offset << 32 | coming_[next].parcel.at.bits(), &coming_[next].parcel});
      }
      Emitter out(outbox_, w, base::Duration::ps(kLookahead), counters, 0);
      PortContext context{slots, out, *this};
      const Arrival* last = arrivals.data() + arrivals.size();
      EXPECT_EQ(port_run(port, arrivals.data(), last, w.end.ps(), context), last);
      collect(w, sent);
    }
    return sent;
  }

  Port port;
  SlotPool slots;
  WorkerCounters counters;
  std::vector<uint32_t> reported;

 private:
  void collect(const des::Window& w, std::vector<Sent>& sent) {
    std::multimap<int64_t, Parcel> ordered;
    Chunk* list = outbox_.take(w.index + 1, 0);
    while (list != nullptr) {
      for (uint32_t i = list->count; i-- > 0;) {
        ordered.emplace(w.begin.ps() + list->parcels[i].offset_ps, list->parcels[i]);
      }
      Chunk* const done = list;
      list = list->next;
      outbox_.pool().give(done);
    }
    for (const auto& [at, p] : ordered) sent.push_back({at, p});
  }

  struct Coming {
    int64_t at_ps;
    Parcel parcel;
  };
  std::vector<Coming> coming_;
  Outbox outbox_{4, 1};
};

std::vector<uint32_t> numbers(const std::vector<Sent>& sent) {
  std::vector<uint32_t> all;
  for (const Sent& s : sent) all.push_back(s.parcel.cargo[0]);
  return all;
}
std::vector<int64_t> times(const std::vector<Sent>& sent) {
  std::vector<int64_t> all;
  for (const Sent& s : sent) all.push_back(s.at_ps);
  return all;
}
using ::testing::ElementsAre;

// Of `trials` with probability `p`, within five standard deviations (one in 1.7 million falls out).
void expect_frequency(int64_t found, int64_t trials, double p) {
  const double mean = static_cast<double>(trials) * p;
  EXPECT_NEAR(static_cast<double>(found), mean, 5 * std::sqrt(mean * (1 - p)) + 1e-9)
      << "of " << trials << " trials, p " << p << ", seed " << kSeed;
}

TEST(Port, ParcelsLeaveBackToBackInOrder) {
  Bench bench(settings(1 << 20));
  bench.add(1000, parcel(1));
  bench.add(1000, parcel(2, 100));
  bench.add(50'000, parcel(3));
  bench.add(500'000, parcel(4, 1));
  const auto sent = bench.run();
  EXPECT_THAT(numbers(sent), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(times(sent),
              ElementsAre(1000 + kFull, 1000 + kFull + 2000, 3000 + 2 * kFull, 500'000 + 20));
  EXPECT_EQ(bench.port.counters.bytes, 4096 + 100 + 4096 + 1);
  EXPECT_EQ(bench.port.counters.parcels, 4);
  EXPECT_EQ(bench.port.counters.queue_bytes_max, 4096 + 100 + 4096);
  EXPECT_EQ(bench.counters.packet_hops, 4);
  EXPECT_EQ(bench.counters.events, 8);
}

TEST(Port, OddRatesRoundEachParcelUp) {
  Bench bench(settings(1 << 20), base::Rate::bits_per_second(333'333'333'333));
  bench.add(0, parcel(1, 1000));
  bench.add(0, parcel(2, 1000));
  // 8,000 bits take 24,000.000000024 ps.
  EXPECT_THAT(times(bench.run()), ElementsAre(24'001, 48'002));
}

TEST(Port, ControlWaitsOnlyForTheParcelOnTheWire) {
  Bench bench(settings(1 << 20));
  for (uint32_t n = 0; n < 4; ++n) bench.add(0, parcel(n));
  bench.add(100'000, control(10));
  bench.add(100'001, control(11));
  const auto sent = bench.run();
  EXPECT_THAT(numbers(sent), ElementsAre(0, 1, 10, 11, 2, 3));
  EXPECT_THAT(times(sent),
              ElementsAre(kFull, 2 * kFull, 2 * kFull + kHeader, 2 * kFull + 2 * kHeader,
                          3 * kFull + 2 * kHeader, 4 * kFull + 2 * kHeader));
}

TEST(Port, AStreamOfControlStarvesData) {
  Bench bench(settings(1 << 20));
  bench.add(0, control(100));
  bench.add(0, parcel(1));
  for (uint32_t n = 1; n < 50; ++n) bench.add(n * kHeader - 1, control(100 + n));
  const auto sent = bench.run();
  EXPECT_EQ(sent.back().parcel.cargo[0], 1u);
  EXPECT_EQ(sent.back().at_ps, 50 * kHeader + kFull);
}

// What arrives at the very instant a parcel has left comes after the choice of the next.
TEST(Port, DeparturesComeBeforeArrivalsOfTheSameInstant) {
  Bench bench(settings(2 * 4096));
  bench.add(0, parcel(1));
  bench.add(0, parcel(2));
  bench.add(kFull, control(10));
  bench.add(kFull, parcel(3));  // finds room: parcel 1 has left
  const auto sent = bench.run();
  EXPECT_THAT(numbers(sent), ElementsAre(1, 2, 10, 3));
  EXPECT_EQ(bench.port.counters.trimmed, 0);
}

TEST(Port, FullQueuesDropTheTailAndReportHeavyCargo) {
  QueueSettings s = settings(2 * 4096);
  s.discipline = Discipline::kTailDrop;
  s.control_capacity = base::Bytes(100);
  Bench bench(s);
  for (uint32_t n = 0; n < 4; ++n) bench.add(n, heavy(parcel(n)));
  bench.add(10, parcel(4));
  bench.add(11, heavy(control(5)));
  bench.add(12, heavy(control(6)));
  bench.add(13, control(7, 36));
  const auto sent = bench.run();
  EXPECT_THAT(numbers(sent), ElementsAre(0, 5, 7, 1));
  EXPECT_THAT(bench.reported, ElementsAre(2, 3, 6));
  EXPECT_EQ(bench.port.counters.dropped, 4);
  EXPECT_EQ(bench.port.counters.trimmed, 0);
}

TEST(Port, ATrimmedParcelIsAShortControlParcel) {
  QueueSettings s = settings(4096);
  s.trim_size = base::Bytes(70);
  for (const bool faces_host : {false, true}) {
    Bench bench(s);
    bench.port.faces_host = faces_host;
    bench.add(0, parcel(0));
    bench.add(1, heavy(parcel(1)));
    bench.add(2, parcel(2, 50));
    const auto sent = bench.run();
    ASSERT_THAT(numbers(sent), ElementsAre(0, 1, 2));
    for (const Sent& x : std::span(sent).subspan(1)) {
      EXPECT_EQ(x.parcel.parcel_class(), ParcelClass::kControl);
      EXPECT_TRUE(x.parcel.has(ParcelFlags::kTrimmed));
      EXPECT_EQ(x.parcel.has(ParcelFlags::kLastHopTrim), faces_host);
    }
    EXPECT_EQ(sent[1].parcel.bytes, 70);
    EXPECT_EQ(sent[2].parcel.bytes, 50);
    EXPECT_FALSE(sent[0].parcel.has(ParcelFlags::kTrimmed));
    EXPECT_EQ(bench.port.counters.trimmed, 2);
    EXPECT_EQ(bench.reported.size(), 0u);
  }
}

TEST(Port, ATrimmedParcelWithoutRoomForItsHeaderIsDroppedAndReported) {
  QueueSettings s = settings(4096);
  s.control_capacity = base::Bytes(63);
  Bench bench(s);
  bench.add(0, parcel(0));
  bench.add(1, heavy(parcel(1)));
  EXPECT_THAT(numbers(bench.run()), ElementsAre(0));
  EXPECT_THAT(bench.reported, ElementsAre(1));
  EXPECT_EQ(bench.port.counters.trimmed, 1);
  EXPECT_EQ(bench.port.counters.dropped, 1);
}

// Nothing leaves during the experiment; each overflow sends a header into the control queue, of the
// arriving parcel or of the one that was last before.
TEST(Port, AFairCoinPicksTheVictim) {
  QueueSettings s = settings(3 * 4096);
  s.control_capacity = base::Bytes(1 << 30);
  Bench bench(s);
  constexpr uint32_t kTrials = 40'000;
  for (uint32_t n = 0; n < 3 + kTrials; ++n) bench.add(n, parcel(n));
  const auto sent = bench.run();
  ASSERT_EQ(sent.size(), 3 + kTrials);
  uint32_t tail = 2;
  int64_t arriving = 0, twice = 0;
  bool previous = false;
  for (uint32_t i = 0; i < kTrials; ++i) {
    const uint32_t victim = sent[1 + i].parcel.cargo[0];
    const bool itself = victim == 3 + i;
    EXPECT_TRUE(itself || victim == tail);
    if (!itself) tail = 3 + i;
    arriving += itself ? 1 : 0;
    twice += itself && previous ? 1 : 0;
    previous = itself;
  }
  expect_frequency(arriving, kTrials, 0.5);
  expect_frequency(twice, kTrials - 1, 0.25);
  EXPECT_EQ(bench.port.link.random.drawn(), kTrials);
  EXPECT_EQ(bench.port.counters.queue_bytes_max, 3 * 4096);
}

TEST(Port, TheParcelOnTheWireIsNeverTheVictim) {
  Bench bench(settings(4096));
  for (uint32_t n = 0; n < 100; ++n) bench.add(n, parcel(n));
  const auto sent = bench.run();
  EXPECT_EQ(sent[0].parcel.bytes, 4096);
  for (uint32_t n = 1; n < 100; ++n) EXPECT_EQ(sent[n].parcel.cargo[0], n);
  EXPECT_EQ(bench.port.link.random.drawn(), 0u);
}

// A long parcel in the place of a short one would be more than the queue holds.
TEST(Port, AShortTailDoesNotGiveWayToALongParcel) {
  Bench bench(settings(2 * 4096 + 100));
  bench.add(0, parcel(0));
  bench.add(1, parcel(1));
  bench.add(2, parcel(2, 100));
  for (uint32_t n = 3; n < 60; ++n) bench.add(n, parcel(n));
  const auto sent = bench.run();
  EXPECT_EQ(bench.port.counters.trimmed, 57);
  EXPECT_EQ(bench.port.counters.queue_bytes_max, 2 * 4096 + 100);
  EXPECT_EQ(sent[sent.size() - 1].parcel.cargo[0], 2u);
  EXPECT_EQ(sent[sent.size() - 1].parcel.bytes, 100);
}

// The highest level is also noted when an overflow makes it.
TEST(Port, AShortParcelGivesWayToOneThatStillFits) {
  Bench bench(settings(3 * 4096 - 1));
  bench.add(0, parcel(0));
  bench.add(1, parcel(1, 4000));
  bench.add(2, parcel(2, 4000));
  for (uint32_t n = 3; n < 60; ++n) bench.add(n, parcel(n, 4100));
  bench.run();
  EXPECT_EQ(bench.port.counters.queue_bytes_max, 4096 + 4000 + 4100) << "seed " << kSeed;
}

// Marks of `trials` parcels that each leave `behind` bytes.
int64_t marks(int64_t trials, uint16_t behind, bool last_hop_host = false, uint8_t flags = 0) {
  QueueSettings s = settings(1 << 20);
  s.ecn_low = base::Bytes(10'000);
  s.ecn_high = base::Bytes(50'000);
  s.ecn_last_hop = !last_hop_host;
  Bench bench(s);
  bench.port.faces_host = last_hop_host;
  set_queue(bench.port, s, {1, 1});
  for (int64_t n = 0; n < trials; ++n) {
    Parcel first = parcel(1, 100);
    first.set(flags);
    bench.add(n * 10'000'000, first);
    bench.add(n * 10'000'000, parcel(2, behind));
  }
  int64_t marked = 0;
  for (const Sent& s2 : bench.run()) {
    if (!s2.parcel.has(ParcelFlags::kMarked)) continue;
    EXPECT_EQ(s2.parcel.cargo[0], 1u);
    ++marked;
  }
  EXPECT_EQ(bench.port.counters.marked, marked);
  return marked;
}

TEST(Port, MarksFollowALinearRampOfTheBytesLeftBehind) {
  constexpr int64_t kTrials = 20'000;
  EXPECT_EQ(marks(kTrials, 9'999), 0);
  EXPECT_EQ(marks(kTrials, 10'000), 0);
  EXPECT_EQ(marks(kTrials, 50'000), kTrials);
  EXPECT_EQ(marks(kTrials, 50'001), kTrials);
  for (uint16_t behind = 10'400; behind < 50'000; behind = static_cast<uint16_t>(behind + 3600)) {
    expect_frequency(marks(kTrials, behind), kTrials, (behind - 10'000) / 40'000.0);
  }
}

TEST(Port, SomeAreNeverMarked) {
  EXPECT_EQ(marks(100, 60'000, false, ParcelFlags::kNoEcn), 0);
  EXPECT_EQ(marks(100, 60'000, true), 0) << "last hop, with marking there switched off";
  EXPECT_EQ(marks(100, 60'000, false, static_cast<uint8_t>(ParcelClass::kControl)), 0);
}

TEST(Port, ALinkLosesItsShareAndCountsIt) {
  constexpr int64_t kTrials = 100'000;
  QueueSettings s = settings(1 << 30);
  Bench bench(s);
  bench.port.link.loss_per_2_32 = (uint64_t{1} << 32) / 50;
  for (int64_t n = 0; n < kTrials; ++n) {
    bench.add(n, n % 2 == 0 ? heavy(parcel(0, 100)) : parcel(1, 100));
  }
  const auto sent = bench.run();
  expect_frequency(bench.port.counters.lost, kTrials, 0.02);
  EXPECT_EQ(static_cast<int64_t>(sent.size()) + bench.port.counters.lost, kTrials);
  EXPECT_EQ(bench.port.counters.parcels, static_cast<int64_t>(sent.size()));
  expect_frequency(static_cast<int64_t>(bench.reported.size()), kTrials / 2, 0.02);
}

TEST(Port, ADownLinkLosesAllAndKeepsItsPace) {
  Bench bench(settings(1 << 20));
  bench.port.link.up = false;
  bench.add(0, heavy(parcel(1)));
  bench.add(0, parcel(2));
  EXPECT_EQ(bench.run().size(), 0u);
  EXPECT_EQ(bench.port.counters.lost, 2);
  EXPECT_EQ(bench.port.link.busy_until_ps, 2 * kFull);
  EXPECT_THAT(bench.reported, ElementsAre(1));
}

// M/D/1: Poisson arrivals, fixed service s, load r: mean wait r s / (2 (1 - r)). Of 400,000
// parcels the mean is within 3 % (its standard error at load 0.8 is about 0.7 %).
TEST(Port, PoissonArrivalsWaitAsLongAsTheFormulaSays) {
  for (const double load : {0.3, 0.6, 0.8}) {
    Bench bench(settings(1 << 30));
    base::RandomStream stream(kSeed, "poisson");
    constexpr uint32_t kParcels = 400'000;
    std::vector<double> arrival;
    double now = 0;
    for (uint32_t n = 0; n < kParcels; ++n) {
      now += stream.exponential(static_cast<double>(kFull) / load);
      arrival.push_back(std::floor(now));
      bench.add(static_cast<int64_t>(now), parcel(n));
    }
    double waited = 0;
    for (const Sent& s : bench.run()) {
      waited += static_cast<double>(s.at_ps - kFull) - arrival[s.parcel.cargo[0]];
    }
    const double expected = load * static_cast<double>(kFull) / (2 * (1 - load));
    EXPECT_NEAR(waited / kParcels, expected, 0.03 * expected)
        << "load " << load << ", seed " << kSeed;
  }
}

TEST(SetQueue, ScalesWithTheShareOfTheRate) {
  Port port;
  QueueSettings s = settings(1000);
  s.control_capacity = base::Bytes(2000);
  s.ecn_low = base::Bytes(201);
  s.ecn_high = base::Bytes(800);
  set_queue(port, s, {1, 4});
  EXPECT_EQ(port.capacity, 250u);
  EXPECT_EQ(port.control_capacity, 500u);
  EXPECT_EQ(port.ecn_low, 50u);
  EXPECT_EQ(port.ecn_high, 200u);
}

// A queue as large as can be said must not come out as an empty one.
TEST(SetQueue, SizesBeyond32BitsAreAsLargeAsCanBe) {
  Port port;
  QueueSettings s = settings(int64_t{1} << 32);
  s.control_capacity = base::Bytes(int64_t{1} << 33);
  set_queue(port, s, {1, 1});
  EXPECT_GT(port.capacity, 4'000'000'000u);
  EXPECT_GT(port.control_capacity, 4'000'000'000u);
  EXPECT_GE(port.capacity + 65'535u, port.capacity) << "room for one more parcel in 32 bits";
  set_queue(port, s, {333'333'333'333, 1'000'000'000'000});
  EXPECT_EQ(port.capacity, 1'431'655'765u);
}

TEST(SlotPool, GivesBackWhatWasTakenLastFirst) {
  SlotPool slots;
  EXPECT_EQ(slots.allocated(), 0u);
  const uint32_t a = slots.take(parcel(1));
  const uint32_t b = slots.take(parcel(2));
  EXPECT_NE(a, b);
  EXPECT_EQ(slots[a].cargo[0], 1u);
  EXPECT_EQ(slots[b].cargo[0], 2u);
  EXPECT_EQ(slots[a].offset_ps, SlotPool::kNone);
  slots.give(a);
  EXPECT_EQ(slots.take(parcel(3)), a);
  EXPECT_EQ(slots[b].cargo[0], 2u);
}

TEST(SlotPool, KeepsParcelsWhileItGrows) {
  SlotPool slots;
  std::vector<uint32_t> taken;
  for (uint32_t n = 0; n < 10'000; ++n) taken.push_back(slots.take(parcel(n)));
  for (uint32_t n = 0; n < 10'000; ++n) ASSERT_EQ(slots[taken[n]].cargo[0], n);
  const size_t allocated = slots.allocated();
  EXPECT_LT(allocated, 10'000u * 5 / 4 + 64);
  for (const uint32_t slot : taken) slots.give(slot);
  for (uint32_t n = 0; n < 10'000; ++n) taken[n] = slots.take(parcel(n));
  std::sort(taken.begin(), taken.end());
  EXPECT_EQ(std::adjacent_find(taken.begin(), taken.end()), taken.end()) << "a slot taken twice";
  EXPECT_EQ(slots.allocated(), allocated);
}

}  // namespace
}  // namespace windtunnel::fabric
