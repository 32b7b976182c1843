// Laws that hold in every plant, tried on random small ones. A plant that breaks one is made
// smaller by taking features away as long as it still does, and printed as the call that makes it.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "base/random.h"
#include "factory/plant_fixture.h"
#include "tests/support/episodes.h"

namespace windtunnel::factory {
namespace {

// Features that a plant may have; one from a seed is the same but for those taken away.
enum Feature : uint32_t {
  kBuffers = 1,
  kMachines = 2,
  kYield = 4,
  kSetups = 8,
  kBatches = 16,
  kBreakdowns = 32,
  kAssembly = 64,
  kLoops = 128,
  kLots = 256,
  kDisciplines = 512,
  kShifts = 1024,
  kOrders = 2048,
};
constexpr uint32_t kFeatures = 12;

std::string numbered(const char* name, uint64_t number) {
  std::string out = name;
  out += std::to_string(number);
  return out;
}

class Maker {
 public:
  Maker(uint64_t seed, uint32_t features) : random_(seed, "plant"), features_(features) {}

  Plant make() {
    stations_ = 1 + random_.below(4);
    for (size_t s = 0; s < stations_; ++s) plant_.stations.push_back(station(s));
    const size_t items = 1 + random_.below(3);
    for (size_t i = 0; i < items; ++i) add_item(numbered("item", i));
    add_setups();
    add_assembly();
    for (size_t i = 0; i < items; ++i) add_release(plant_.items[i].name);
    if (coin(kLoops)) {
      const Item& item = plant_.items[0];
      plant_.loops.push_back({"loop", 1 + int64_t(random_.below(5)), item.route.front().station,
                              item.route.back().station, seconds(double(random_.below(3)))});
    }
    return plant_;
  }

 private:
  // Drawn whether the feature is there or not, so that taking it away changes nothing else.
  bool coin(uint32_t feature) {
    const bool heads = random_.chance(1, 2);
    return heads && (features_ & feature) != 0;
  }
  TimeDistribution time() {
    const double mean = 1 + double(random_.below(10));
    return random_.chance(1, 3) ? constant(mean) : exponential(mean);
  }

  Station station(size_t index) {
    Station s = station_named(numbered("s", index));
    const auto buffer = int64_t(random_.below(5));
    if (coin(kBuffers)) s.buffer = buffer;
    const auto machines = 1 + int64_t(random_.below(3));
    if (coin(kMachines)) s.machines = machines;
    const auto serve = Serve(random_.below(6));
    if (coin(kDisciplines)) s.serve = serve;
    const auto batch = 2 + int64_t(random_.below(3));
    if (coin(kBatches)) {
      s.batch_max = batch;
      s.batch_min = std::min(batch, 1 + s.buffer.value_or(1));
    }
    if (coin(kBreakdowns)) {
      Breakdown b;
      b.by = FailBy(random_.below(2));
      b.between = exponential(50);
      b.repair = exponential(5);
      b.after = AfterRepair(random_.below(3));
      s.breakdowns.push_back(b);
    }
    if (coin(kShifts)) {
      if (plant_.calendars.empty()) {
        plant_.calendars.push_back({"days", {{1, 7, Duration::s(0), Duration::s(12 * 3600)}}});
      }
      s.calendar = "days";
    }
    return s;
  }

  void add_item(const std::string& name) {
    Item item = item_named(name);
    const size_t steps = 1 + random_.below(3);
    for (size_t k = 0; k < steps; ++k) {
      Step step = step_at(numbered("s", random_.below(stations_)), time());
      step.name = numbered("step", k);
      if (coin(kYield)) {
        step.yield = {8, 10};
        step.on_fail = OnFail(random_.below(2));
        step.rework_to = numbered("step", random_.below(k + 1));
        step.rework_max = int64_t(random_.below(3));
        step.rework_time = constant(double(random_.below(5)));
      }
      item.route.push_back(step);
    }
    plant_.items.push_back(item);
  }

  void add_setups() {
    SetupMatrix matrix;
    matrix.name = "setups";
    for (const Item& item : plant_.items) {
      SetupRow row;
      row.from = item.name;
      for (size_t i = 0; i < plant_.items.size(); ++i)
        row.to.push_back(seconds(double(random_.below(9))));
      matrix.rows.push_back(row);
    }
    plant_.setups.push_back(matrix);
    for (Station& s : plant_.stations) {
      if (coin(kSetups)) s.setups = "setups";
    }
  }

  // The last item takes two of the first as parts.
  void add_assembly() {
    if (!coin(kAssembly) || plant_.items.size() < 2) return;
    plant_.stocks.push_back(stock_of(plant_.items[0].name, 2 + int64_t(random_.below(9))));
    plant_.items.back().route[0].parts.push_back({plant_.items[0].name, 2});
  }

  void add_release(const std::string& item) {
    Release release = arrivals_of(item, exponential(20 + double(random_.below(30))));
    release.when_full = WhenFull(random_.below(2));
    if (coin(kLots)) {
      release.kind = ReleaseKind::kLots;
      release.shares[0].lot = 1 + int64_t(random_.below(6));
    }
    if (coin(kOrders)) {
      release.kind = ReleaseKind::kOrders;
      release.sequence = Sequence(random_.below(3));
      for (int i = 0; i < 20; ++i) {
        Order order;
        order.name = "order";
        order.item = item;
        order.quantity = 1 + int64_t(random_.below(9));
        order.due = seconds(double(random_.below(20'000)));
        order.release = seconds(double(random_.below(5'000)));
        order.rush = random_.chance(1, 5);
        order.by = release.name;
        plant_.orders.push_back(order);
      }
    }
    plant_.releases.push_back(release);
  }

  base::RandomStream random_;
  uint32_t features_;
  size_t stations_ = 1;
  Plant plant_;
};

// ---- laws: what is wrong, or nothing

std::string conservation(const Plant&, const Outcome& out) {
  int64_t left = 0;
  for (const ItemOutcome& item : out.items) {
    const int64_t inside = item.released - item.finished - item.scrapped;
    if (inside < 0) return item.name + ": more ended than began";
    left += inside;
  }
  const auto& last = out.in_process.back();
  if (left < last.min || left > last.max) return "pieces left are not those in process";
  return {};
}

std::string states_add_up(const Plant&, const Outcome& out) {
  for (const StationOutcome& station : out.stations) {
    double sum = 0;
    for (const double share : station.shares) sum += share;
    if (std::abs(sum - 1) > 1e-9) return station.name + ": states do not fill the time";
  }
  return {};
}

// The area under the number present is the sum of all stays, those still there counted until now.
std::string little(const Plant&, const Outcome& out) {
  for (const StationOutcome& station : out.stations) {
    const double area = station.present_mean * out.measured.seconds();
    const double gone = station.stay_mean * static_cast<double>(station.stay.count());
    const auto still = static_cast<double>(station.arrived - station.stay.count());
    if (area < gone - 1e-3 * (1 + gone)) return station.name + ": fewer present than stayed";
    if (area > gone + still * out.measured.seconds() + 1)
      return station.name + ": more present than stayed";
    if (still < 0) return station.name + ": more left than came";
  }
  return {};
}

std::string limits(const Plant& plant, const Outcome& out) {
  for (size_t i = 0; i < plant.stations.size(); ++i) {
    const Station& station = plant.stations[i];
    const StationOutcome& made = out.stations[i];
    if (station.buffer && made.queue_max > *station.buffer) {
      return station.name + ": buffer exceeded";
    }
    const double at_machines = made.present_mean - made.queue_mean;
    if (at_machines > static_cast<double>(station.machines * station.batch_max) + 1e-9) {
      return station.name + ": more at machines than fit";
    }
  }
  for (const Stock& stock : plant.stocks) {
    for (const ItemOutcome& item : out.items) {
      if (item.name == stock.item && stock.capacity && item.stock_max > *stock.capacity) {
        return "stock exceeded";
      }
    }
  }
  for (const LoopOutcome& loop : out.loops) {
    if (loop.in_use_mean > static_cast<double>(loop.cards) + 1e-9) return "cards exceeded";
  }
  return {};
}

std::string orders_keep_count(const Plant&, const Outcome& out) {
  for (const OrderOutcome& order : out.orders) {
    if (order.finished > order.quantity) return "an order got more than it asked for";
  }
  return {};
}

std::string what_is_wrong(uint64_t seed, uint32_t features) {
  const Plant plant = Maker(seed, features).make();
  const Outcome out = run(plant, 30'000, 0, seed);
  for (const auto& law : {conservation, states_add_up, little, limits, orders_keep_count}) {
    std::string wrong = law(plant, out);
    if (!wrong.empty()) return wrong;
  }
  if (run(plant, 30'000, 0, seed).fingerprint != out.fingerprint) return "not the same again";
  return {};
}

uint32_t shrunk(uint64_t seed, uint32_t features) {
  for (uint32_t bit = 0; bit < kFeatures; ++bit) {
    const uint32_t fewer = features & ~(1u << bit);
    if (fewer != features && !what_is_wrong(seed, fewer).empty()) features = fewer;
  }
  return features;
}

TEST(RandomPlants, KeepTheLaws) {
  const auto count = static_cast<uint64_t>(testing::episodes(300));
  for (uint64_t seed = 1; seed <= count; ++seed) {
    constexpr uint32_t kAll = (1u << kFeatures) - 1;
    if (what_is_wrong(seed, kAll).empty()) continue;
    const uint32_t features = shrunk(seed, kAll);
    FAIL() << what_is_wrong(seed, features) << ": Maker(" << seed << ", " << features << ")";
  }
}

}  // namespace
}  // namespace windtunnel::factory
