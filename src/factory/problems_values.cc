// Values: each thing by itself is such as can be, and none is so large that a file would cost the
// machine its memory.
#include <fmt/format.h>

#include <numeric>
#include <set>

#include "factory/problem_list.h"

namespace windtunnel::factory {
namespace {

constexpr int64_t kMachinesMax = 200'000;
constexpr size_t kFamiliesMax = 1'000;
constexpr int64_t kCycleMax = 100'000;
constexpr int64_t kAtOnceMax = 1'000'000;

class Values {
 public:
  Values(const Plant& plant, ProblemList& list) : plant_(plant), list_(list) {}

  void find() {
    if (plant_.items.empty()) list_.add("items", "found no items, expected some");
    if (plant_.stations.empty()) list_.add("stations", "found no stations, expected some");
    if (plant_.releases.empty()) list_.add("releases", "found no releases, expected some");
    items();
    stations();
    matrices();
    calendars();
    releases();
    orders();
    for (size_t l = 0; l < plant_.lanes.size(); ++l)
      if (plant_.lanes[l].time <= Duration::zero())
        list_.add(fmt::format("lanes[{}].time", l), "found no time, expected some to drive it");
  }

 private:
  void items() {
    for (size_t i = 0; i < plant_.items.size(); ++i) {
      for (size_t k = 0; k < plant_.items[i].route.size(); ++k) {
        const Step& step = plant_.items[i].route[k];
        const std::string key = fmt::format("items[{}].route[{}]", i, k);
        if (step.yield.part > 0) continue;
        if (step.on_fail == OnFail::kRework && step.rework_max == 0)
          list_.add(key + ".yield",
                    "found 0 with rework that never ends, expected more, or a rework_max");
      }
    }
  }

  void stations() {
    int64_t machines = 0;
    for (size_t s = 0; s < plant_.stations.size(); ++s) {
      const Station& station = plant_.stations[s];
      const std::string key = fmt::format("stations[{}]", s);
      machines += station.groups.empty() ? station.machines : 0;
      for (const MachineGroup& group : station.groups) machines += group.count;
      batches(key, station);
      operators(key, station);
      for (size_t b = 0; b < station.breakdowns.size(); ++b)
        breakdown(fmt::format("{}.breakdowns[{}]", key, b), station.breakdowns[b]);
      for (size_t o = 0; o < station.outages.size(); ++o)
        if (station.outages[o].length <= Duration::zero())
          list_.add(fmt::format("{}.outages[{}].length", key, o),
                    "found no time, expected a stop that lasts");
    }
    if (machines > kMachinesMax)
      list_.add("stations", fmt::format("found {} machines in all, expected at most {}", machines,
                                        kMachinesMax));
  }
  void batches(const std::string& key, const Station& station) {
    if (station.batch_min > station.batch_max)
      list_.add(key + ".batch_min", fmt::format("found {}, expected at most batch_max, which is {}",
                                                station.batch_min, station.batch_max));
    if (station.buffer && station.batch_min > std::max<int64_t>(*station.buffer, 1))
      list_.add(key + ".batch_min",
                fmt::format("found {}, which never come together in a buffer of {}, expected a "
                            "larger buffer or a smaller batch",
                            station.batch_min, *station.buffer));
  }
  void operators(const std::string& key, const Station& station) {
    for (const Crew& crew : plant_.crews)
      if (crew.name == station.operators && crew.count < station.operators_needed)
        list_.add(key + ".operators_needed",
                  fmt::format("found {}, of which crew `{}` has {}: nobody could ever work there",
                              station.operators_needed, crew.name, crew.count));
  }
  void breakdown(const std::string& key, const Breakdown& breakdown) {
    if (breakdown.by != FailBy::kOperation) {
      if (breakdown.between.expected() <= Duration::zero())
        list_.add(key + ".between", "found no time between breakdowns, expected some");
      return;
    }
    if (breakdown.per_operation.part <= 0)
      list_.add(key + ".per_operation", "found no chance, expected one with by: operation");
    if (breakdown.per_operation.part >= breakdown.per_operation.whole &&
        breakdown.after != AfterRepair::kResume)
      list_.add(key + ".per_operation",
                "found a breakdown before every operation that never comes to its end, expected a "
                "chance below 1, or after: resume");
  }

  void matrices() {
    for (size_t m = 0; m < plant_.setups.size(); ++m) {
      const SetupMatrix& matrix = plant_.setups[m];
      const std::string key = fmt::format("setups[{}]", m);
      if (matrix.rows.empty()) list_.add(key, "found no rows, expected one for each family");
      if (matrix.rows.size() > kFamiliesMax)
        list_.add(key + ".rows", fmt::format("found {} families, expected at most {}",
                                             matrix.rows.size(), kFamiliesMax));
      std::set<std::string> seen;
      for (size_t r = 0; r < matrix.rows.size(); ++r) {
        const SetupRow& row = matrix.rows[r];
        const std::string at = fmt::format("{}.rows[{}]", key, r);
        if (row.from.empty()) list_.add(at + ".from", "found nothing, expected a family");
        if (!seen.insert(row.from).second)
          list_.add(at + ".from",
                    fmt::format("found family `{}` again, expected one row for each", row.from));
        if (row.to.size() != matrix.rows.size())
          list_.add(at + ".to",
                    fmt::format("found {} times, expected {}: a setup matrix is square, "
                                "with as many times in each row as it has rows",
                                row.to.size(), matrix.rows.size()));
      }
    }
  }

  void calendars() {
    for (size_t c = 0; c < plant_.calendars.size(); ++c) {
      const Calendar& calendar = plant_.calendars[c];
      const std::string key = fmt::format("calendars[{}]", c);
      if (calendar.shifts.empty())
        list_.add(key, "found no shifts, expected at least one: it would never be open");
      for (size_t s = 0; s < calendar.shifts.size(); ++s)
        if (calendar.shifts[s].from == calendar.shifts[s].until)
          list_.add(fmt::format("{}.shifts[{}]", key, s),
                    "found a shift that ends as it begins, expected some time between; the whole "
                    "day is 00:00 to 24:00");
    }
  }

  void releases() {
    for (size_t r = 0; r < plant_.releases.size(); ++r) {
      const Release& release = plant_.releases[r];
      const std::string key = fmt::format("releases[{}]", r);
      const bool book = release.kind == ReleaseKind::kOrders;
      if (book && !release.shares.empty())
        list_.add(key + ".shares", "found shares, expected none: orders say what is made");
      if (!book && release.shares.empty())
        list_.add(key + ".shares", "found none, expected what the release makes");
      if (book && plant_.orders.empty())
        list_.add(key, "found no orders to release, expected an order book");
      if (release.kind == ReleaseKind::kArrivals && release.between.expected() <= Duration::zero())
        list_.add(key + ".between", "found no time between arrivals, expected some");
      if (release.kind == ReleaseKind::kSaturated) cycle(key, release);
      for (size_t i = 0; i < release.shares.size(); ++i)
        if (release.shares[i].lot > kAtOnceMax)
          list_.add(fmt::format("{}.shares[{}].lot", key, i),
                    fmt::format("found {} pieces, expected at most {}", release.shares[i].lot,
                                kAtOnceMax));
    }
  }
  void cycle(const std::string& key, const Release& release) {
    int64_t divisor = 0;
    for (const ReleaseShare& share : release.shares) divisor = std::gcd(divisor, share.weight);
    int64_t cycle = 0;
    for (const ReleaseShare& share : release.shares)
      cycle += share.weight / std::max<int64_t>(divisor, 1);
    if (cycle > kCycleMax)
      list_.add(key + ".shares",
                fmt::format("found weights that repeat after {} pieces, expected at most {}", cycle,
                            kCycleMax));
  }

  void orders() {
    std::set<std::string> books;
    for (const Release& release : plant_.releases)
      if (release.kind == ReleaseKind::kOrders) books.insert(release.name);
    for (size_t o = 0; o < plant_.orders.size(); ++o) {
      const Order& order = plant_.orders[o];
      const std::string key = fmt::format("orders[{}]", o);
      if (order.by.empty() && books.size() != 1)
        list_.add(key, books.empty()
                           ? "found no release that makes it, expected one of kind orders"
                           : "found several releases of kind orders, expected `by` to name one");
      if (!order.by.empty() && !books.contains(order.by))
        list_.add(key + ".by",
                  fmt::format("found `{}`, expected a release of kind orders", order.by));
      if (order.due && order.release && *order.due < *order.release)
        list_.add(key + ".due", "found a time before its release, expected a later one");
    }
  }

  const Plant& plant_;
  ProblemList& list_;
};

}  // namespace

void find_value_problems(const Plant& plant, ProblemList& list) { Values(plant, list).find(); }

}  // namespace windtunnel::factory
