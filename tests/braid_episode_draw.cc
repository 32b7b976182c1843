// How a seed becomes a story. Every kind of trouble has its own stream, so that a change in one
// part of the draw leaves the others alone. The odds aim at episodes of a few hundred packets in
// which two or three kinds of trouble meet; the rare-branch report of the property test says
// whether each kind still occurs.
#include <algorithm>
#include <bit>
#include <initializer_list>

#include "base/random.h"
#include "tests/braid_episode.h"

namespace windtunnel::braid_hostile {

namespace {

using base::RandomStream;

// One of the values, all equally likely.
int64_t pick(RandomStream& random, std::initializer_list<int64_t> values) {
  return *(values.begin() + static_cast<std::ptrdiff_t>(random.below(values.size())));
}

int64_t between(RandomStream& random, int64_t low, int64_t high) {
  return low + static_cast<int64_t>(random.below(static_cast<uint64_t>(high - low + 1)));
}

Duration up_to(RandomStream& random, Duration longest) {
  return Duration::ps(between(random, 0, longest.ps()));
}

constexpr int64_t us(int64_t n) { return n * 1'000'000; }

class Draw {
 public:
  explicit Draw(uint64_t seed) : seed_(seed) {}

  void add(Item item) { items_.push_back(item); }
  void set(Field field, int64_t value) { add(Setting{field, value}); }
  RandomStream stream(const char* purpose) const { return {seed_, purpose}; }
  std::vector<Item> take() { return std::move(items_); }

  // A story without harm on a fast network with room for everything: nothing may be sent twice.
  bool calm = false;
  // What later parts of the draw need to know of earlier ones.
  uint32_t planes = 1;
  uint32_t paths = 16;
  uint32_t backups = 0;
  uint32_t queue_pairs = 1;
  int64_t payload = 1024;
  bool braid = true;
  Duration length = Duration::us(100);  // during which work is posted

 private:
  uint64_t seed_;
  std::vector<Item> items_;
};

void draw_sizes(Draw& draw) {
  RandomStream random = draw.stream("sizes");
  const int64_t payload = pick(random, {128, 256, 256, 512, 1024, 1024, 4096});
  draw.payload = payload;
  const bool true_wire = random.chance(1, 4);
  if (true_wire) draw.set(Field::kTrueWire, 1);
  draw.set(Field::kMtu, payload + (true_wire ? 126 : 64));
  const int64_t gbps = pick(random, {10, 25, 100, 100, 200, 400});
  draw.set(Field::kLineRate, 1'000'000'000 * (draw.calm ? std::max<int64_t>(gbps, 100) : gbps));
  if (random.chance(1, 2)) draw.set(Field::kQueuePairs, between(random, 1, kQueuePairsMax));
  draw.set(Field::kAckThreshold, pick(random, {1, 2048, 4096, 16'384, 65'536}));
  if (draw.calm) return;
  if (random.chance(1, 8)) draw.set(Field::kMaxActiveQps, between(random, 1, 2));
  if (random.chance(1, 8)) draw.set(Field::kWorkRequests, between(random, 2, 12));
  if (random.chance(1, 16)) draw.set(Field::kControlQueueMax, pick(random, {1, 2, 16}));
}

void draw_windows(Draw& draw) {
  RandomStream random = draw.stream("windows");
  if (random.chance(1, 2)) draw.set(Field::kCongestion, between(random, 0, 4));
  if (random.chance(1, 4))
    draw.set(Field::kMaximumWindow, pick(random, {1, 8192, 40'000, 1 << 20}));
  if (random.chance(1, 4))
    draw.set(Field::kInitialWindow, pick(random, {1, 8192, 40'000, 200'000}));
  if (random.chance(1, 6)) draw.set(Field::kQuickAdapt, 0);
  if (random.chance(1, 6)) draw.set(Field::kQuickAdaptGate, between(random, 0, 5));
  if (random.chance(1, 6)) draw.set(Field::kEcn, 0);
  if (random.chance(1, 3)) draw.set(Field::kTrimming, 0);
  if (random.chance(1, 6)) draw.set(Field::kCreditRate, between(random, 20, 100));
  if (random.chance(1, 6)) draw.set(Field::kOversubscription, between(random, 1, 4));
  if (random.chance(1, 3)) draw.set(Field::kPsnRange, pick(random, {128, 256, 1024, 2048}));
  if (random.chance(1, 3)) draw.set(Field::kPsnRangePeer, pick(random, {128, 256, 1024, 2048}));
  if (random.chance(1, 3)) draw.set(Field::kWriteImmLimit, between(random, 1, 4));
  if (random.chance(1, 4)) draw.set(Field::kWriteImmLimitPeer, between(random, 1, 4));
  if (draw.calm) return;
  if (random.chance(1, 3)) draw.set(Field::kReadLimit, between(random, 1, 4));
  if (random.chance(1, 4)) draw.set(Field::kReadLimitPeer, between(random, 1, 4));
}

void draw_paths(Draw& draw) {
  RandomStream random = draw.stream("paths");
  const auto selection = random.chance(1, 2) ? int64_t{5} : between(random, 0, 5);
  if (selection != 5) draw.set(Field::kPathSelection, selection);
  draw.braid = selection == 5;
  draw.planes = random.chance(1, 2) ? 1 : static_cast<uint32_t>(pick(random, {2, 4, 8}));
  if (draw.planes > 1) draw.set(Field::kPlanes, draw.planes);
  draw.paths = std::max(draw.planes, static_cast<uint32_t>(pick(random, {1, 2, 8, 16, 64, 256})));
  draw.set(Field::kPaths, draw.paths);
  if (draw.braid && draw.paths < 256 && random.chance(1, 2)) {
    draw.backups = draw.planes * static_cast<uint32_t>(between(random, 1, 2));
    draw.set(Field::kBackupPaths, draw.backups);
  }
  if (random.chance(1, 3)) draw.set(Field::kFreeze, us(between(random, 1, 60)));
  if (random.chance(1, 3)) draw.set(Field::kProbeSuccesses, between(random, 1, 4));
}

void draw_times(Draw& draw) {
  RandomStream random = draw.stream("times");
  const int64_t delay = pick(random, {us(1) / 2, us(1), us(2), us(4)});
  draw.set(Field::kPathDelay, delay);
  if (!draw.calm && random.chance(1, 2))
    draw.set(Field::kPathSpread, pick(random, {us(1) / 4, us(1), us(4)}));
  draw.set(Field::kBaseRtt, random.chance(1, 4) ? us(12) : 2 * delay + us(1));
  if (random.chance(1, 8)) draw.set(Field::kNetworkRtt, us(between(random, 5, 20)));
  if (random.chance(1, 8)) draw.set(Field::kTargetDelay, us(between(random, 1, 20)));
  if (random.chance(1, 4)) draw.set(Field::kKnownRtt, 2 * delay);
  draw.set(Field::kRtoMin, us(draw.calm ? 100 : pick(random, {5, 20, 50, 100})));
  if (random.chance(2, 3)) draw.set(Field::kRetryLimit, between(random, 1, 9));
  if (random.chance(1, 3)) draw.set(Field::kLossRecovery, 0);
  // Timestamps are 32 bits of 256 ps: they wrap each 1.0995 s.
  constexpr int64_t kTimestampTurn = int64_t{1} << 40;
  if (random.chance(1, 2)) {
    draw.set(Field::kStart,
             pick(random, {1, 3, 127}) * kTimestampTurn - us(between(random, 0, 99)));
  }
  if (random.chance(1, 6)) draw.set(Field::kNearWrap, between(random, 1, 300));
  if (random.chance(1, 3)) draw.set(Field::kOnePortCall, 1);
  if (random.chance(1, 3)) draw.set(Field::kThroughCodec, 1);
}

// Lengths around packet boundaries, small, and up to 64 KiB; a few larger.
uint32_t draw_length(RandomStream& random, int64_t payload, int64_t budget) {
  switch (random.below(8)) {
    case 0:
      return 0;
    case 1:
      return static_cast<uint32_t>(between(random, 1, 64));
    case 2:
      return static_cast<uint32_t>(payload * between(random, 1, 4));
    case 3:
      return static_cast<uint32_t>(payload * between(random, 1, 4) + 1);
    case 4:
      return static_cast<uint32_t>(std::min<int64_t>(between(random, 1, 200'000), budget));
    default:
      return static_cast<uint32_t>(std::min<int64_t>(between(random, 1, 65'536), budget));
  }
}

void draw_work(Draw& draw) {
  RandomStream random = draw.stream("work");
  const int64_t packets = pick(random, {20, 100, 300, 300, 600, 1200});
  int64_t budget = packets * draw.payload;
  const int64_t count = between(random, 1, 24);
  const bool one_way = random.chance(1, 3);
  const bool faulty = !draw.calm && random.chance(1, 12);
  draw.length = Duration::us(pick(random, {0, 20, 100, 300}));
  for (int64_t i = 0; i < count && budget > 0; ++i) {
    WorkItem work;
    work.side = one_way ? 0 : static_cast<uint8_t>(random.below(2));
    work.qp = static_cast<uint8_t>(random.below(kQueuePairsMax));
    work.verb = static_cast<WorkVerb>(pick(random, {0, 0, 0, 1, 1, 2}));
    work.length = draw_length(random, draw.payload, budget);
    if (work.verb == WorkVerb::kRead) work.length = std::max(work.length, 1u);
    work.at = up_to(random, draw.length);
    if (faulty && random.chance(1, 8)) work.fault = static_cast<WorkFault>(between(random, 1, 4));
    budget -= work.length;
    draw.add(work);
  }
}

// A stretch within the time that matters.
void draw_span(RandomStream& random, const Draw& draw, Duration& from, Duration& until) {
  const Duration whole = draw.length + Duration::us(100);
  from = random.chance(1, 2) ? Duration::zero() : up_to(random, whole);
  until = random.chance(1, 2) ? Duration::us(1000) : from + up_to(random, whole);
}

void draw_filter(RandomStream& random, const Draw& draw, Impairment& harm) {
  harm.directions = static_cast<uint8_t>(pick(random, {1, 2, 3, 3}));
  const uint64_t which = random.below(4);
  harm.data = which != 0;
  harm.control = which != 1;
  if (!random.chance(1, 3)) return;
  harm.path_mask = static_cast<uint16_t>(pick(random, {1, 3, 7, draw.planes - 1, 0xff}));
  harm.path_value = static_cast<uint16_t>(random.below(draw.paths) & harm.path_mask);
}

Impairment draw_harm(RandomStream& random, const Draw& draw, Harm kind) {
  Impairment harm;
  harm.harm = kind;
  draw_filter(random, draw, harm);
  draw_span(random, draw, harm.from, harm.until);
  harm.ppm = static_cast<uint32_t>(pick(random, {1'000, 10'000, 50'000, 200'000}));
  harm.delay = Duration::ns(pick(random, {100, 1'000, 5'000, 20'000, 100'000}));
  if (kind == Harm::kEcn && random.chance(1, 2)) harm.ppm = 1'000'000;
  if (kind == Harm::kReplay) {
    harm.ppm = 200'000;
    harm.data = false;
    harm.control = true;
  }
  if (kind == Harm::kTrim || kind == Harm::kLastHopTrim) harm.data = true;
  if (kind == Harm::kBottleneck) {
    harm.path_mask = 0;
    harm.delay = Duration::ns(pick(random, {2'000, 8'000, 30'000}));
    harm.value = static_cast<uint32_t>(between(random, 1, 4));
  }
  return harm;
}

// Everything a filter picks is lost: bursts, dead paths, dead planes; some never come back.
Impairment draw_death(RandomStream& random, const Draw& draw) {
  Impairment harm;
  harm.harm = Harm::kLoss;
  harm.ppm = 1'000'000;
  draw_span(random, draw, harm.from, harm.until);
  harm.directions = static_cast<uint8_t>(pick(random, {1, 2, 3}));
  switch (random.below(4)) {
    case 0:  // a burst: everything, but briefly
      harm.until = harm.from + Duration::us(between(random, 1, 60));
      return harm;
    case 1:
      harm.path_mask = static_cast<uint16_t>(draw.planes - 1);
      break;
    case 2:
      harm.path_mask = 0xff;
      break;
    default:
      harm.path_mask = static_cast<uint16_t>(pick(random, {1, 3, 7}));
      break;
  }
  harm.path_value = static_cast<uint16_t>(random.below(draw.paths) & harm.path_mask);
  if (harm.path_mask != 0 && random.chance(1, 3)) harm.until = Duration::max();
  return harm;
}

void draw_harms(Draw& draw) {
  RandomStream random = draw.stream("harm");
  if (draw.calm || random.chance(1, 10)) return;
  const int64_t count = between(random, 1, 4);
  for (int64_t i = 0; i < count; ++i) {
    if (random.chance(1, 4)) {
      draw.add(draw_death(random, draw));
    } else {
      draw.add(draw_harm(random, draw, static_cast<Harm>(random.below(9))));
    }
  }
  if (random.chance(1, 24)) {  // silence for ever: the retry limit must end it
    Impairment harm;
    harm.ppm = 1'000'000;
    harm.directions = static_cast<uint8_t>(pick(random, {1, 2, 3}));
    harm.from = up_to(random, draw.length + Duration::us(20));
    harm.until = Duration::max();
    // Large packets alone may vanish while small ones pass, or the other way round.
    const uint64_t which = random.below(4);
    harm.data = which != 0;
    harm.control = which != 1;
    draw.add(harm);
  }
}

Action draw_action(RandomStream& random, const Draw& draw, Deed deed) {
  Action action;
  action.deed = deed;
  action.side = static_cast<uint8_t>(random.below(2));
  draw_span(random, draw, action.from, action.until);
  action.until = std::min(action.until, action.from + Duration::us(200));
  action.value = static_cast<uint32_t>(random.bits());
  switch (deed) {
    case Deed::kPortDown:
      action.index = static_cast<uint32_t>(random.below(draw.planes));
      break;
    case Deed::kDenyPath:
      action.value = static_cast<uint32_t>(random.below(draw.paths + draw.backups));
      action.index = static_cast<uint32_t>(random.below(kQueuePairsMax));
      break;
    case Deed::kPenalty:
      action.value = static_cast<uint32_t>(pick(random, {1, 64, 255}));
      break;
    case Deed::kRenew:
      action.index = static_cast<uint32_t>(random.below(kQueuePairsMax));
      action.until = action.from + Duration::us(between(random, 0, 80));
      break;
    case Deed::kStallSend:
    case Deed::kStallPoll:
      action.until = action.from + Duration::us(between(random, 1, 80));
      break;
    default:
      action.index = static_cast<uint32_t>(random.below(kQueuePairsMax));
      break;
  }
  return action;
}

void draw_actions(Draw& draw) {
  RandomStream random = draw.stream("actions");
  if (draw.calm) return;
  const auto maybe = [&](uint64_t part, uint64_t whole, Deed deed) {
    if (random.chance(part, whole)) draw.add(draw_action(random, draw, deed));
  };
  if (draw.planes > 1) {
    maybe(1, 3, Deed::kPortDown);
    maybe(1, 6, Deed::kPortDown);
  }
  maybe(1, 30, Deed::kPortDown);
  if (draw.braid) {
    for (int i = 0; i < 3; ++i) maybe(1, 6, Deed::kDenyPath);
  }
  maybe(1, 16, Deed::kInvalidate);
  maybe(1, 12, Deed::kPenalty);
  maybe(1, 10, Deed::kStallSend);
  maybe(1, 10, Deed::kStallPoll);
  maybe(1, 4, Deed::kIdleExpire);
  for (int i = 0; i < 6; ++i) maybe(1, 8, Deed::kForgeInert);
  const bool forger = random.chance(1, 20);
  for (int i = 0; forger && i < 20; ++i) maybe(1, 2, Deed::kForgeRandom);
  const bool restless = random.chance(1, 6);
  for (int i = 0; restless && i < 4; ++i) maybe(1, 2, Deed::kRenew);
}

}  // namespace

Episode draw_episode(uint64_t seed) {
  Draw draw(seed);
  draw.calm = draw.stream("calm").chance(1, 40);
  draw_sizes(draw);
  draw_windows(draw);
  draw_paths(draw);
  draw_times(draw);
  draw_work(draw);
  draw_harms(draw);
  draw_actions(draw);
  Episode episode;
  episode.seed = seed;
  episode.items = draw.take();
  for (uint32_t i = 0; i < episode.items.size(); ++i) episode.numbers.push_back(i);
  return episode;
}

}  // namespace windtunnel::braid_hostile
