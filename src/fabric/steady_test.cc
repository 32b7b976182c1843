// A steady run of the network allocates nothing: this executable's operator new is counted, and the
// second half of a run must not call it. (Queues of a random load set records ever more rarely, and
// a record can grow a pool once; with one thread the seed decides, and here it does not happen.)
#include <algorithm>
#include <vector>

#include "base/random.h"
#include "fabric/network.h"
#include "fabric/topology_fixture.h"
#include "tests/support/counted_new.h"

namespace windtunnel::fabric {
namespace {

using ::windtunnel::testing::allocations;

constexpr uint64_t kSeed = 20261122;

// Each host keeps `window` data parcels in flight to the host `shift` further on, each to an
// entropy of its own, and has every one of them answered. A trimmed one is answered as well.
class ClosedLoop final : public HostSide {
 public:
  ClosedLoop(uint32_t hosts, uint32_t shift, uint32_t window)
      : hosts_(hosts), shift_(shift), window_(window), state_(hosts) {}

  int64_t run_host(uint32_t host, std::span<const Arrival> arrivals, int64_t until_ps,
                   std::span<HostLink> links, Emitter& out) override {
    State& s = state_[host];
    HostLink& link = links[0];
    for (int64_t now_ps = out.begin_ps();;) {
      if (!link.serving && (s.answers_due > 0 || s.in_flight < window_)) {
        link.start(next(host, s), now_ps);
      }
      const int64_t arrival_ps =
          arrivals.empty() ? INT64_MAX : out.begin_ps() + arrivals.front().offset_ps();
      const int64_t done_ps = link.serving ? link.link.busy_until_ps : INT64_MAX;
      now_ps = std::min(arrival_ps, done_ps);
      if (now_ps >= until_ps) return done_ps;
      if (done_ps == now_ps) {
        link.finish(out);
      } else {
        const Parcel& parcel = *arrivals.front().parcel;
        const bool answer = parcel.cargo[0] == 1;
        (answer ? --s.in_flight : ++s.answers_due);
        arrivals = arrivals.subspan(1);
      }
    }
  }
  void dropped(const Parcel& parcel, uint32_t worker) override {
    (void)parcel;
    (void)worker;
  }

 private:
  struct State {
    uint32_t in_flight = 0, answers_due = 0, sent = 0;
  };
  Parcel next(uint32_t host, State& s) const {
    Parcel parcel;
    parcel.entropy = static_cast<uint16_t>(s.sent++ & 255);
    parcel.flow = host;
    if (s.answers_due > 0) {
      --s.answers_due;
      parcel.dst_and_flags = (host + hosts_ - shift_) % hosts_;
      parcel.set_class(ParcelClass::kControl);
      parcel.bytes = 64;
      parcel.cargo[0] = 1;
    } else {
      ++s.in_flight;
      parcel.dst_and_flags = (host + shift_) % hosts_;
      parcel.bytes = 4096;
    }
    return parcel;
  }
  uint32_t hosts_, shift_, window_;
  std::vector<State> state_;
};

struct Steady {
  int64_t allocations = 0;  // in the second half
  int64_t hops = 0;
};

Steady run(const TopologyDescription& d, uint32_t threads, int64_t half_us) {
  const Topology topology = Topology::build(d, kSeed).value();
  ClosedLoop hosts(d.hosts, d.hosts / 2 + 1, 160);
  NetworkOptions options;
  options.seed = kSeed;
  options.threads = threads;
  options.queue.capacity = base::Bytes(60 * 4096);  // small enough to trim now and then
  options.queue.control_capacity = base::Bytes(2 * 60 * 4096);
  options.queue.ecn_low = base::Bytes(12 * 4096);
  options.queue.ecn_high = base::Bytes(48 * 4096);
  Network network(topology, options, hosts);
  des::WindowedOptions window;
  window.threads = threads;
  window.until = base::Time::at(base::Duration::us(2 * half_us));
  Steady steady;
  int64_t before = 0;
  window.on_window = [&](base::Time now) {
    if (now.ps() == half_us * 1'000'000) before = allocations.load();
    if (now == window.until) steady.allocations = allocations.load() - before;
    return true;
  };
  run_windowed(network, window);
  EXPECT_GT(before, 0) << "the counter counts";
  steady.hops = network.totals().packet_hops;
  return steady;
}

const base::Rate kRate = base::Rate::gbps(400);
const base::Duration kLatency = base::Duration::us(1);

TEST(SteadyRun, OneThreadAllocatesNothingInTheSecondHalf) {
  const Steady s = run(fat_tree_3(128, 1, kRate, kLatency), 1, 500);
  EXPECT_GT(s.hops, 3'000'000);
  EXPECT_EQ(s.allocations, 0);
}

TEST(SteadyRun, ManyBlocksAllocateNothingInTheSecondHalf) {
  const Steady s = run(fat_tree_3(432, 1, kRate, kLatency), 1, 200);
  EXPECT_GT(s.hops, 3'000'000);
  EXPECT_EQ(s.allocations, 0);
}

// Which worker runs which block changes from run to run, so one of them may meet its largest window
// late, and small blocks still see a record now and then; but nothing is allocated per parcel.
TEST(SteadyRun, ThreadsAllocateNextToNothing) {
  for (const uint32_t threads : {2u, 3u}) {
    const Steady s = run(fat_tree_3(128, 1, kRate, kLatency), threads, 300);
    EXPECT_GT(s.hops, 2'000'000);
    EXPECT_LE(s.allocations, 100) << threads << " threads, " << s.hops << " hops";
  }
}

}  // namespace
}  // namespace windtunnel::fabric
