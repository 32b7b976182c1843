// Hold model: with n events pending, take the earliest and schedule one a random delay later.
// All queues carry the same 32-byte records and see the same delays, in one run, so the ratios of
// two lines mean something even on a busy machine. The time includes drawing the delay (2 to 4 ns).
//
// uniform: delays uniform in [0, 1.2 us). exponential: mean 1 us. two_valued: 81.92 ns or 1 us, as
// in a network of equal links, where many events share one instant.
#include <benchmark/benchmark.h>

#include <array>
#include <map>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "des/event_queue.h"
#include "des/ladder_queue.h"

namespace {

using windtunnel::base::RandomStream;
using windtunnel::des::EventKey;
using windtunnel::des::EventQueue;
using windtunnel::des::LadderQueue;

struct Event {
  EventKey key;
  uint32_t target = 0;
  uint32_t kind = 0;
  uint64_t data = 0;
};

struct Later {
  bool operator()(const Event& a, const Event& b) const { return b.key < a.key; }
};

// The two structures of the standard library behind the interface of ours.
class StandardHeap {
 public:
  void push(const Event& event) { queue_.push(event); }
  Event pop() {
    const Event event = queue_.top();
    queue_.pop();
    return event;
  }

 private:
  std::priority_queue<Event, std::vector<Event>, Later> queue_;
};

class StandardMap {
 public:
  void push(const Event& event) { map_.emplace(event.key, event); }
  Event pop() {
    const Event event = map_.begin()->second;
    map_.erase(map_.begin());
    return event;
  }

 private:
  std::multimap<EventKey, Event> map_;
};

enum class Delays { kUniform, kExponential, kTwoValued };

// 4096 delays drawn beforehand, so that a logarithm does not drown the queue.
std::array<int64_t, 4096> draw_delays(Delays delays) {
  std::array<int64_t, 4096> out{};
  RandomStream random(1, "hold");
  for (int64_t& delay : out) {
    switch (delays) {
      case Delays::kUniform:
        delay = static_cast<int64_t>(random.below(1'200'000));
        break;
      case Delays::kExponential:
        delay = static_cast<int64_t>(random.exponential(1e6));
        break;
      case Delays::kTwoValued:
        delay = random.chance(1, 2) ? 81'920 : 1'000'000;
        break;
    }
  }
  return out;
}

template <class Queue>
void hold(benchmark::State& state, Delays kind) {
  const auto delays = draw_delays(kind);
  RandomStream random(2, "pick");
  Queue queue;
  uint64_t order = 0;
  const auto schedule = [&](int64_t now) {
    const uint64_t draw = random.bits();
    queue.push({{now + delays[draw & 4095] + static_cast<int64_t>(draw >> 54), order++}, 0, 0, 0});
  };
  const int64_t pending = state.range(0);
  for (int64_t i = 0; i < pending; ++i) schedule(0);
  for (int64_t i = 0; i < 2 * pending; ++i) schedule(queue.pop().key.time);
  for (auto _ : state) {
    const Event event = queue.pop();
    schedule(event.key.time);
  }
  state.SetItemsProcessed(state.iterations());
}

template <class Queue>
void add(const char* name) {
  const std::pair<const char*, Delays> kinds[] = {{"uniform", Delays::kUniform},
                                                  {"exponential", Delays::kExponential},
                                                  {"two_valued", Delays::kTwoValued}};
  for (const auto& [label, kind] : kinds) {
    const std::string full = std::string("hold/") + name + "/" + label;
    benchmark::RegisterBenchmark(full.c_str(), hold<Queue>, kind)
        ->RangeMultiplier(10)
        ->Range(100, 1000000);
  }
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  add<LadderQueue<Event>>("ladder");
  add<EventQueue<Event>>("heap4");
  add<StandardHeap>("priority_queue");
  add<StandardMap>("multimap");
  benchmark::RunSpecifiedBenchmarks();
}
