// The burst simulation against one that moves every TLP by itself: slow, and plain enough to be
// believed. Both share lanes, latencies and the cut into TLPs; what differs is the granularity.
#include <functional>
#include <queue>

#include "base/random.h"
#include "node/host_fixture.h"

namespace windtunnel::node {
namespace {

using base::Time;

struct OracleFlow {
  HostRoute route;
  Bytes data;
  Time ended;
};

// Every TLP an event per lane. Windows are per flow: tests give each flow a part of its own.
class TlpOracle {
 public:
  TlpOracle(const HostModel& model, std::vector<OracleFlow>& flows)
      : model_(model), flows_(flows), free_(model.lanes().size()), states_(flows.size()) {}

  void run() {
    for (size_t f = 0; f < flows_.size(); ++f) begin(f);
    while (!events_.empty()) {
      const Event event = events_.top();
      events_.pop();
      now_ = event.at;
      event.action();
    }
  }

 private:
  struct Event {
    Time at;
    uint64_t order = 0;
    std::function<void()> action;
    bool operator<(const Event& other) const {
      return at != other.at ? other.at < at : other.order < order;
    }
  };
  struct State {
    Bytes window;
    Bytes left;
    Bytes outstanding;
  };

  void at(Time when, std::function<void()> action) {
    events_.push({when, order_++, std::move(action)});
  }

  void begin(size_t f) {
    const HostRoute& route = flows_[f].route;
    const HostDescription& host = model_.host(route.from);
    const bool reads = route.read_steps > 0;
    states_[f] = {reads ? host.read_request_max * host.tags : host.write_window, flows_[f].data,
                  flows_[f].data};
    pump(f);
  }

  // One TLP, or one read request, at a time.
  void pump(size_t f) {
    State& state = states_[f];
    const HostRoute& route = flows_[f].route;
    const bool reads = route.read_steps > 0;
    const Bytes unit =
        reads ? model_.host(route.from).read_request_max : route.steps[0].cut.payload;
    while (state.left > Bytes(0)) {
      const Bytes size = std::min(state.left, unit);
      if (state.window < size) return;
      state.window -= size;
      state.left -= size;
      if (reads) {
        at(now_ + route.request_begin, [this, f, size] { request(f, 0, size); });
      } else {
        at(now_ + route.begin, [this, f, size] { data(f, 0, size, size); });
      }
    }
  }

  // The lane's turn, first come first served; answers when the piece has left it.
  Time pass(uint32_t lane, Duration time) {
    free_[lane] = std::max(free_[lane], now_) + time;
    return free_[lane];
  }

  void request(size_t f, size_t i, Bytes size) {
    const HostRoute& route = flows_[f].route;
    const RouteStep& step = route.request_steps[i];
    // Where the root complex cuts, one request becomes several.
    for (Bytes done; done < size;) {
      const Bytes one = std::min(size - done, step.cut.request);
      done += one;
      const Time out = pass(step.lane, request_time(model_, step, one)) + step.after;
      if (i + 1 < route.request_steps.size()) {
        at(out, [this, f, i, one] { request(f, i + 1, one); });
      } else {
        at(out + route.access + route.begin, [this, f, one] { data(f, 0, one, one); });
      }
    }
  }

  void data(size_t f, size_t i, Bytes size, Bytes) {
    const HostRoute& route = flows_[f].route;
    if (i == route.steps.size()) return arrived(f, size);
    const RouteStep& step = route.steps[i];
    for (Bytes done; done < size;) {
      const Bytes one = std::min(size - done, step_piece(model_, step));
      done += one;
      const Time out = pass(step.lane, step_time(model_, step, one)) + step.after;
      at(out, [this, f, i, one] { data(f, i + 1, one, one); });
    }
  }

  void arrived(size_t f, Bytes size) {
    State& state = states_[f];
    state.window += size;
    state.outstanding -= size;
    if (state.outstanding == Bytes(0)) flows_[f].ended = now_;
    pump(f);
  }

  const HostModel& model_;
  std::vector<OracleFlow>& flows_;
  std::vector<Time> free_;
  std::vector<State> states_;
  std::priority_queue<Event> events_;
  Time now_;
  uint64_t order_ = 0;
};

std::vector<Time> in_bursts(const HostModel& model, const std::vector<OracleFlow>& flows,
                            Bytes burst = Bytes(4096)) {
  HostMachine::Simulation sim;
  HostMachineOptions options;
  options.burst = burst;
  HostMachine machine(sim, model, options);
  std::vector<Time> ended(flows.size());
  for (size_t f = 0; f < flows.size(); ++f)
    sim.spawn(move_data(machine, machine.add_route(flows[f].route), flows[f].data, ended[f]));
  sim.run();
  return ended;
}

// Relative difference of each flow's time.
std::vector<double> errors(const HostModel& model, std::vector<OracleFlow> flows,
                           Bytes burst = Bytes(4096)) {
  TlpOracle(model, flows).run();
  const std::vector<Time> ours = in_bursts(model, flows, burst);
  std::vector<double> result;
  for (size_t f = 0; f < flows.size(); ++f) {
    EXPECT_GT(flows[f].ended, Time::zero());
    result.push_back(ours[f].seconds() / flows[f].ended.seconds() - 1);
  }
  return result;
}

double worst(const std::vector<double>& errors) {
  double most = 0;
  for (const double error : errors) most = std::max(most, std::abs(error));
  return most;
}

struct LinkCase {
  int64_t generation;
  int64_t lanes;
  int64_t payload;
};

class Granularity : public testing::TestWithParam<LinkCase> {
 protected:
  HostModel model() const {
    const LinkCase& c = GetParam();
    HostDescription host = make_host({{"switch0", HostPart::kSwitch, "cpu0", 5, 16},
                                      {"a", HostPart::kGpu, "switch0", c.generation, c.lanes},
                                      {"b", HostPart::kNic, "switch0", c.generation, c.lanes},
                                      {"c", HostPart::kNic, "switch0", c.generation, c.lanes}});
    host.payload_max = Bytes(c.payload);
    return HostModel::build(host);
  }
};

// The requirement: within 2 % of exact TLP arithmetic.
TEST_P(Granularity, StreamsWithinTwoPercentOfEveryTlp) {
  const HostModel m = model();
  constexpr Bytes kData = Bytes::mib(2);
  for (const RouteUse use : {RouteUse::kWrite, RouteUse::kRead}) {
    const std::vector<double> alone = errors(m, {{route(m, "a", "b", use), kData, {}}});
    EXPECT_LT(worst(alone), 0.002) << "alone";
    // Two acting parts, b and c, share the link of a.
    const bool reads = use == RouteUse::kRead;
    const std::vector<double> shared =
        errors(m, {{reads ? route(m, "a", "b", use) : route(m, "b", "a", use), kData, {}},
                   {reads ? route(m, "a", "c", use) : route(m, "c", "a", use), kData, {}}});
    EXPECT_LT(worst(shared), 0.02) << "two on one link";
  }
}

// And within 0.2 % of the closed form, where nothing but the wire limits.
TEST_P(Granularity, StreamsReachTheClosedForm) {
  const HostModel m = model();
  const LinkCase& c = GetParam();
  constexpr Bytes kData = Bytes::mib(16);
  for (const RouteUse use : {RouteUse::kWrite, RouteUse::kRead}) {
    const HostRoute way = route(m, "a", "b", use);
    const PcieLink link = m.lane(way.steps[0].lane).pcie;
    ASSERT_EQ(link.lanes, c.lanes);
    const double exact =
        gigabytes(use == RouteUse::kWrite ? pcie_write_rate(link, way.steps[0].cut)
                                          : pcie_read_rate(link, way.steps[0].cut, {}).rate);
    const Time ended = in_bursts(m, {{way, kData, {}}})[0];
    EXPECT_NEAR(static_cast<double>(kData.count()) / ended.seconds() / 1e9 / exact, 1, 0.005);
    EXPECT_NEAR(gigabytes(idle_rate(m, way).rate) / exact, 1, 1e-3);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Links, Granularity,
    testing::Values(LinkCase{3, 8, 128}, LinkCase{3, 8, 256}, LinkCase{3, 8, 512},
                    LinkCase{3, 16, 128}, LinkCase{3, 16, 256}, LinkCase{3, 16, 512},
                    LinkCase{4, 8, 128}, LinkCase{4, 8, 256}, LinkCase{4, 8, 512},
                    LinkCase{4, 16, 128}, LinkCase{4, 16, 256}, LinkCase{4, 16, 512},
                    LinkCase{5, 8, 128}, LinkCase{5, 8, 256}, LinkCase{5, 8, 512},
                    LinkCase{5, 16, 128}, LinkCase{5, 16, 256}, LinkCase{5, 16, 512}));

TEST(GranularityTags, FewTagsLimitAlike) {
  for (const int64_t tags : {1, 2, 4, 8, 16, 32, 64, 100}) {
    HostDescription host = small_host();
    host.tags = tags;
    const HostModel m = HostModel::build(host);
    const HostRoute way = route(m, "gpu0", "nic0", RouteUse::kRead);
    EXPECT_LT(worst(errors(m, {{way, Bytes::mib(1), {}}})), 0.02) << tags << " tags";
  }
}

TEST(GranularityRoot, SmallTlpsBelowTheRootComplex) {
  const HostModel m = HostModel::build(small_host());
  for (const RouteUse use : {RouteUse::kWrite, RouteUse::kRead}) {
    EXPECT_LT(worst(errors(m, {{route(m, "gpu0", "gpu1", use), Bytes::mib(1), {}}})), 0.005);
    EXPECT_LT(worst(errors(m, {{route(m, "gpu0", "gpu2", use), Bytes::mib(1), {}}})), 0.005);
    EXPECT_LT(worst(errors(m, {{route(m, "gpu0", "mem0", RouteUse::kWrite), Bytes::mib(1), {}}})),
              0.005);
  }
}

// One small transfer alone is exact to a part in a thousand whatever its size.
TEST(GranularityLatency, SmallTransfersAreExact) {
  const HostModel m = HostModel::build(small_host());
  for (const int64_t size : {1, 8, 64, 100, 256, 257, 1000, 4096, 4097, 9000}) {
    for (const RouteUse use : {RouteUse::kWrite, RouteUse::kRead}) {
      for (const char* to : {"nic0", "gpu1", "gpu2"}) {
        const HostRoute way = route(m, "gpu0", to, use);
        EXPECT_LT(worst(errors(m, {{way, Bytes(size), {}}})), 0.01) << size << " B to " << to;
        if (size > 4096) continue;
        const Time ours = in_bursts(m, {{way, Bytes(size), {}}})[0];
        EXPECT_EQ(ours - Time::zero(), idle_latency(m, way, Bytes(size))) << size;
      }
    }
  }
}

// Random traffic: every flow between parts of its own, sharing links.
TEST(GranularityRandom, SharedLinksWithinTwoPercent) {
  constexpr uint64_t kSeed = 20261123;
  const HostModel m = HostModel::build(make_host({{"s0", HostPart::kSwitch, "cpu0"},
                                                  {"s1", HostPart::kSwitch, "cpu0"},
                                                  {"g0", HostPart::kGpu, "s0"},
                                                  {"g1", HostPart::kGpu, "s0"},
                                                  {"g2", HostPart::kGpu, "s1"},
                                                  {"n0", HostPart::kNic, "s0", 5, 8},
                                                  {"n1", HostPart::kNic, "s1", 4, 16}}));
  const std::vector<std::string> names = {"g0", "g1", "g2", "n0", "n1"};
  double sum = 0;
  int count = 0;
  for (uint64_t episode = 0; episode < 20; ++episode) {
    SCOPED_TRACE(testing::Message() << "seed " << kSeed << " episode " << episode);
    base::RandomStream random(kSeed + episode, "host-oracle");
    std::vector<OracleFlow> flows;
    for (const std::string& from : names) {
      const std::string& to = names[random.below(names.size())];
      if (to == from) continue;
      // The part that acts differs from flow to flow, so that windows are not shared.
      flows.push_back({route(m, from, to, RouteUse::kWrite),
                       Bytes::kib(256 + static_cast<int64_t>(random.below(512))),
                       {}});
    }
    for (const double error : errors(m, flows)) {
      EXPECT_LT(std::abs(error), 0.05);
      sum += std::abs(error);
      ++count;
    }
  }
  EXPECT_LT(sum / count, 0.02);
  RecordProperty("mean_error_ppm", static_cast<int>(1e6 * sum / count));
}

}  // namespace
}  // namespace windtunnel::node
