// The claim of fabric/port.h: processing each port's window of arrivals in one go is exact. Random
// experiments are played on the network, with one, two and three threads, and on the slow network
// of oracle_fixture.h; every delivery, every counter and every reported drop must agree.
//
// One seed again: WT_SEED=n fabric_test --gtest_filter='NetworkOracle.*'
#include <cstdlib>

#include "fabric/case_fixture.h"
#include "fabric/oracle_fixture.h"

namespace windtunnel::fabric {
namespace {

uint64_t from_environment(const char* name, uint64_t otherwise) {
  const char* const value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

std::string compare(const Case& c, uint32_t threads) {
  const Experiment experiment = experiment_of(c);
  return difference(SlowNetwork(experiment).run(), run_network(experiment, threads));
}

void check_seed(uint64_t seed) {
  const Case drawn = draw_case(seed);
  for (uint32_t threads = 1; threads <= 3; ++threads) {
    if (compare(drawn, threads).empty()) continue;
    const Case least =
        shrink(drawn, [threads](const Case& c) { return !compare(c, threads).empty(); });
    FAIL() << "threads " << threads << ", " << to_string(drawn) << "\n  least: " << to_string(least)
           << "\n  " << compare(least, threads) << "\n  again: WT_SEED=" << seed
           << " fabric_test --gtest_filter='NetworkOracle.*'";
  }
}

TEST(NetworkOracle, RandomExperimentsAgreeInEveryDelivery) {
  const uint64_t first = from_environment("WT_SEED", 20261122);
  const uint64_t count =
      std::getenv("WT_SEED") != nullptr ? 1 : from_environment("WT_EPISODES", 600);
  for (uint64_t seed = first; seed < first + count && !HasFatalFailure(); ++seed) check_seed(seed);
}

}  // namespace
}  // namespace windtunnel::fabric
