// The claim of fabric/port.h: processing each port's window of arrivals in one go is exact. Random
// experiments are played on the network, with one, two and three threads, and on the slow network
// of oracle_fixture.h; every delivery, every counter and every reported drop must agree.
//
// One seed again: WT_SEED=n fabric_test --gtest_filter='NetworkOracle.*'
#include <cstdlib>

#include "fabric/case_fixture.h"
#include "fabric/oracle_fixture.h"
#include "fabric/topology_fixture.h"

namespace windtunnel::fabric {
namespace {

uint64_t from_environment(const char* name, uint64_t otherwise) {
  const char* const value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

// What a set of experiments has touched, so that agreement is not agreement about nothing.
struct Coverage {
  int64_t deliveries = 0, marked = 0, trimmed = 0, dropped = 0, lost = 0, reported = 0;
  int64_t messages = 0;
  int64_t cut = 0;   // experiments that ended early
  int64_t ties = 0;  // deliveries in the same picosecond as another

  void add(const Outcome& outcome) {
    for (size_t i = 0; i < outcome.deliveries.size(); ++i) {
      const Delivery& d = outcome.deliveries[i];
      ++deliveries;
      messages += d.port == kMessagePort ? 1 : 0;
      ties += i > 0 && outcome.deliveries[i - 1].at_ps == d.at_ps ? 1 : 0;
    }
    for (const LinkCounters& c : outcome.links) {
      marked += c.marked;
      trimmed += c.trimmed;
      dropped += c.dropped;
      lost += c.lost;
    }
    reported += static_cast<int64_t>(outcome.reported_drops.size());
    cut += outcome.exhausted ? 0 : 1;
  }
};

std::string compare(const Case& c, uint32_t threads) {
  const Experiment experiment = experiment_of(c);
  return difference(SlowNetwork(experiment).run(), run_network(experiment, threads));
}

void check_seed(uint64_t seed, Coverage& coverage) {
  const Case drawn = draw_case(seed);
  const Experiment experiment = experiment_of(drawn);
  const Outcome expected = SlowNetwork(experiment).run();
  coverage.add(expected);
  for (uint32_t threads = 1; threads <= 3; ++threads) {
    if (difference(expected, run_network(experiment, threads)).empty()) continue;
    const Case least =
        shrink(drawn, [threads](const Case& c) { return !compare(c, threads).empty(); });
    FAIL() << "threads " << threads << ", " << to_string(drawn) << "\n  least: " << to_string(least)
           << "\n  " << compare(least, threads) << "\n  again: WT_SEED=" << seed
           << " fabric_test --gtest_filter='NetworkOracle.Random*'";
  }
}

void check_seeds(uint64_t first, uint64_t count) {
  Coverage coverage;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    check_seed(seed, coverage);
    if (::testing::Test::HasFatalFailure()) return;
  }
  if (count < 100) return;
  EXPECT_GT(coverage.deliveries, 100 * static_cast<int64_t>(count));
  EXPECT_GT(coverage.ties, coverage.deliveries / 500);
  EXPECT_GT(coverage.cut, static_cast<int64_t>(count) / 10);
  for (const int64_t kind : {coverage.marked, coverage.trimmed, coverage.dropped, coverage.lost,
                             coverage.reported, coverage.messages}) {
    EXPECT_GT(kind, static_cast<int64_t>(count));
  }
}

TEST(NetworkOracle, RandomExperimentsAgreeInEveryDelivery) {
  if (std::getenv("WT_SEED") != nullptr) {
    check_seeds(from_environment("WT_SEED", 0), 1);
  } else {
    check_seeds(20261122, 600);
  }
}

TEST(NightlyNetworkOracle, ManyMoreRandomExperimentsAgree) {
  check_seeds(30'000'000, from_environment("WT_EPISODES", 5000));
}

// Networks too large for one block, so that partitions meet also with one thread.
void check_large(const TopologyDescription& topology, uint64_t seed) {
  Case c = draw_case(seed);
  c.parcels = 20'000;
  c.destinations = 1000;
  c.planes = 1;
  c.span_us = 40;
  c.faults = 10;
  c.capacity = 8;
  Experiment e;
  e.seed = seed;
  e.topology = topology;
  e.queue = queue_of(c);
  e.injections = traffic_of(c, topology);
  e.faults = faults_of(c, Topology::build(topology, seed).value());
  const Outcome expected = SlowNetwork(e).run();
  for (uint32_t threads = 1; threads <= 3; ++threads) {
    EXPECT_EQ(difference(expected, run_network(e, threads)), "")
        << "threads " << threads << ", seed " << seed;
  }
}

TEST(NetworkOracle, ManyBlocksAgreeToo) {
  const base::Rate rate = base::Rate::gbps(400);
  check_large(fat_tree_3(432, 1, rate, base::Duration::us(1)), 1);
  check_large(fat_tree_3(250, 1, rate, base::Duration::ns(350)), 2);
  check_large(leaf_spine(512, 32, 4, rate, base::Duration::ns(900)), 3);
}

// No parcel vanishes: what hosts were given and what they answered is what arrived, was dropped by
// queues or lost by links. This needs no second simulator.
TEST(NetworkOracle, EveryParcelIsAccountedFor) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    Experiment e = experiment_of(draw_case(seed));
    e.until = base::Time::max();
    const Outcome o = run_network(e, 1);
    int64_t begun = static_cast<int64_t>(e.injections.size());
    int64_t ended = static_cast<int64_t>(o.deliveries.size());
    for (const Delivery& d : o.deliveries) {
      begun += (d.number & kAnswerBit) == 0 && d.number % 4 != 0 ? 1 : 0;
    }
    for (const LinkCounters& c : o.links) ended += c.dropped + c.lost;
    EXPECT_EQ(begun, ended) << to_string(draw_case(seed));
  }
}

}  // namespace
}  // namespace windtunnel::fabric
