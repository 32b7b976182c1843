// Fingerprints of small worlds that between them use every part of the kernel: the same as in
// tests/golden/des.csv on every compiler, and the same for any number of threads. All times are
// drawn as integers, so no mathematical library has a say. WT_GOLDEN=write rewrites the file.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/units.h"
#include "des/combine.h"
#include "des/replication.h"
#include "des/resource.h"
#include "des/signal.h"
#include "des/simulation.h"
#include "des/store.h"

namespace windtunnel::des {
namespace {

using Sim = Simulation<base::Microseconds>;
using Duration = Sim::Duration;
using Time = Sim::Time;
using base::RandomStream;

Duration up_to(RandomStream& random, uint64_t us) {
  return Duration::us(static_cast<int64_t>(random.below(us)));
}

// Thousands of plain events with few distinct times, timers that are cancelled, three entities.
class PlainWorld {
 public:
  explicit PlainWorld(uint64_t seed) : random_(seed, "plain"), target_(sim_.add_target(*this)) {
    for (int i = 0; i < 3; ++i) entities_.push_back(sim_.add_entity());
    for (uint32_t i = 0; i < 3000; ++i) {
      sim_.act_as(entities_[i % 3]);
      sim_.schedule(up_to(random_, 1000), {target_, i % 7});
    }
  }
  uint64_t run() {
    sim_.run_until(Time::at(Duration::us(2500)));
    sim_.fingerprint().add(random_.drawn());
    return sim_.fingerprint().value();
  }
  void handle(const Event& event) {
    const auto event_class = static_cast<EventClass>(random_.below(16));
    sim_.act_as(entities_[event.kind % 3]);
    sim_.schedule(up_to(random_, 1000), {target_, event.kind + 1, 0, event_class});
    if (random_.chance(1, 2)) sim_.cancel(timer_);
    timer_ = sim_.schedule_timer(up_to(random_, 2000), {target_, 3});
    if (random_.chance(1, 2)) sim_.cancel(timer_);
  }

 private:
  Sim sim_;
  RandomStream random_;
  TargetId target_;
  std::vector<EntityId> entities_;
  TimerId timer_;
};

// Stations between finite buffers, workers of three priorities who pre-empt each other, breakdowns,
// shifts, timeouts.
class ProcessWorld {
 public:
  explicit ProcessWorld(uint64_t seed)
      : seed_(seed), crew_(sim_, 3), shift_(sim_, true), changed_(sim_) {
    for (int i = 0; i < 4; ++i) buffers_.push_back(std::make_unique<Store<int>>(sim_, 3));
    sim_.spawn(source());
    for (size_t i = 0; i < 3; ++i) {
      const EntityId entity = sim_.add_entity();
      stations_.push_back(sim_.spawn(station(i), {entity}));
    }
    sim_.spawn(sink());
    sim_.spawn(breakdowns());
    sim_.spawn(shifts());
    sim_.spawn(watcher());
  }
  Kernel& kernel() { return sim_; }
  uint64_t run() {
    sim_.run_until(Time::at(Duration::us(50'000)));
    for (const int64_t result : {done_, late_, watched_, crew_.busy().max()}) {
      sim_.fingerprint().add(static_cast<uint64_t>(result));
    }
    return sim_.fingerprint().value();
  }

 private:
  Process source() {
    for (int number = 0;; ++number) co_await buffers_[0]->put(number);
  }
  Task<bool> work(RandomStream& random, int32_t priority) {
    Duration left = Duration::us(1) + up_to(random, 50);
    bool undisturbed = true;
    while (left > Duration::zero()) {
      co_await shift_.wait();
      const Grant grant = co_await crew_.acquire({1, priority, random.chance(1, 3)});
      const auto outcome = co_await sim_.delay(left).interruptible();
      left = outcome.remaining;
      undisturbed = undisturbed && !outcome.interrupted;
    }
    co_return undisturbed;
  }
  Process station(size_t i) {
    RandomStream random(seed_, "station", i);
    for (;;) {
      const int part = co_await buffers_[i]->get();
      const bool undisturbed = co_await work(random, static_cast<int32_t>(random.below(3)));
      if (!undisturbed) changed_.notify_all();
      co_await buffers_[i + 1]->put(part);
    }
  }
  Process sink() {
    for (;;) {
      const auto first = co_await any_of(buffers_[3]->get(), sim_.delay(Duration::us(60)));
      ++(first.index() == 0 ? done_ : late_);
    }
  }
  Process breakdowns() {
    RandomStream random(seed_, "breakdowns");
    for (;;) {
      co_await sim_.delay(up_to(random, 200));
      sim_.interrupt(stations_[random.below(3)], {1, 0});
    }
  }
  Process shifts() {
    for (;;) {
      co_await sim_.delay(Duration::us(1000));
      shift_.close();
      crew_.set_capacity(1, Shrink::kRevoke);
      co_await sim_.delay(Duration::us(300));
      crew_.set_capacity(3);
      shift_.open();
    }
  }
  Process watcher() {
    for (;;) {
      co_await all_of(changed_.wait(), shift_.wait());
      ++watched_;
    }
  }

  Sim sim_;
  uint64_t seed_;
  Resource crew_;
  Gate shift_;
  Signal changed_;
  std::vector<std::unique_ptr<Store<int>>> buffers_;
  std::vector<ProcessId> stations_;
  int64_t done_ = 0;
  int64_t late_ = 0;
  int64_t watched_ = 0;
};

template <class World>
uint64_t run_world(Replication replication) {
  return World(replication.seed).run();
}

struct Golden {
  std::string name;
  uint64_t (*run)(Replication);
};
const Golden kWorlds[] = {{"plain", run_world<PlainWorld>}, {"process", run_world<ProcessWorld>}};

std::map<std::string, uint64_t> fingerprints(int threads) {
  std::map<std::string, uint64_t> out;
  for (const Golden& world : kWorlds) {
    const auto values = replicate({.count = 8, .seed = 1, .threads = threads}, world.run);
    for (size_t i = 0; i < values.size(); ++i) {
      out[world.name + "," + std::to_string(i)] = values[i];
    }
  }
  return out;
}

std::filesystem::path golden_file() {
  const char* const source = std::getenv("WT_SOURCE_DIR");
  return std::filesystem::path(source != nullptr ? source : ".") / "tests" / "golden" / "des.csv";
}

TEST(Golden, FingerprintsDoNotDependOnThreads) {
  const auto one = fingerprints(1);
  EXPECT_EQ(one, fingerprints(2));
  EXPECT_EQ(one, fingerprints(3));
  std::map<uint64_t, std::string> distinct;
  for (const auto& [name, value] : one) distinct[value] = name;
  EXPECT_EQ(distinct.size(), one.size());
}

TEST(Golden, FingerprintsAreThoseOfTheFile) {
  const auto now = fingerprints(1);
  const char* const mode = std::getenv("WT_GOLDEN");
  if (mode != nullptr && std::string(mode) == "write") {
    std::ofstream out(golden_file());
    out << "world,replication,fingerprint\n";
    for (const auto& [name, value] : now) out << name << ',' << value << '\n';
  }
  std::ifstream in(golden_file());
  if (!in) GTEST_SKIP() << golden_file() << " not found: run from the source folder or by ctest";
  std::map<std::string, uint64_t> expected;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    const size_t comma = line.rfind(',');
    expected[line.substr(0, comma)] = std::stoull(line.substr(comma + 1));
  }
  EXPECT_EQ(now, expected);
}

}  // namespace
}  // namespace windtunnel::des
