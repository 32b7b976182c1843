#include "study/plan_lots.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/check.h"
#include "factory/capacity.h"

namespace windtunnel::study {
namespace {

using factory::Duration;
using factory::Item;
using factory::Plant;
using factory::Release;
using factory::ReleaseShare;

constexpr int64_t kSearchIterations = 2'000;  // beyond the families that are solved exactly

template <class Named>
const Named* find_named(const std::vector<Named>& all, const std::string& name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Named& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

const std::string& family_of(const Item& item) {
  return item.family.empty() ? item.name : item.family;
}

// The first station on the way of the release's first item that has setups.
const factory::Station* setup_station(const Plant& plant, const Release& release) {
  const Item* item = find_named(plant.items, release.shares.front().item);
  if (item == nullptr) return nullptr;
  for (const factory::Step& step : item->route) {
    const factory::Station* station = find_named(plant.stations, step.station);
    if (station != nullptr && !station->setups.empty()) return station;
  }
  return nullptr;
}

// Changeovers between the families of the shares, in the order of the release.
planning::SetupMatrix matrix_of(const Plant& plant, const Release& release,
                                const factory::SetupMatrix& setups) {
  std::vector<size_t> row;
  for (const ReleaseShare& share : release.shares) {
    const Item* item = find_named(plant.items, share.item);
    WT_CHECK(item != nullptr, "a plant without problems knows its items");
    const auto found =
        std::find_if(setups.rows.begin(), setups.rows.end(),
                     [&](const factory::SetupRow& r) { return r.from == family_of(*item); });
    WT_CHECK(found != setups.rows.end(), "a plant without problems knows its families");
    row.push_back(static_cast<size_t>(found - setups.rows.begin()));
  }
  std::vector<int64_t> times;
  for (const size_t from : row) {
    for (const size_t to : row) {
      const int64_t ticks = setups.rows[from].to[to].ticks();
      times.push_back(static_cast<int64_t>(static_cast<base::Int128>(ticks) * setups.scale.part /
                                           setups.scale.whole));
    }
  }
  return {row.size(), std::move(times)};
}

// Share of a machine's time that work at the station takes at `rate`, and that it is up.
std::pair<double, double> load_of(const Plant& plant, const std::string& station, double rate) {
  const factory::Capacity capacity = factory::find_capacity(plant);
  for (const factory::StationLoad& load : capacity.stations) {
    if (load.name != station) continue;
    const double machines = load.work > 0 ? load.rate * load.work / load.available : 1;
    return {rate * load.work / machines, load.available};
  }
  return {0, 1};
}

LotStudy study_release(const Plant& plant, const Release& release, double rate, uint64_t seed) {
  const factory::Station* station = setup_station(plant, release);
  LotStudy study;
  study.release = release.name;
  study.station = station->name;
  study.rate = rate;
  for (const ReleaseShare& share : release.shares) study.families.push_back(share.item);
  const factory::SetupMatrix* setups = find_named(plant.setups, station->setups);
  study.orders = planning::compare_setup_orders(matrix_of(plant, release, *setups),
                                                {.iterations = kSearchIterations},
                                                base::RandomStream(seed, release.name + " order"));
  const auto [work, up] = load_of(plant, station->name, rate);
  if (work < up) {
    const double setup = Duration::ticks(study.orders.best.setup.value).seconds();
    study.cycle_min = Duration::from_seconds(setup / (up - work));
  }
  return study;
}

std::string share_text(const ReleaseShare& share) {
  std::string text = fmt::format("{{item: {}, lot: {}", share.item, share.lot);
  if (share.stock_cap) text += fmt::format(", stock_cap: {}", *share.stock_cap);
  return text + "}";
}

const Release& release_of(const Plant& plant, const LotStudy& study) {
  const Release* release = find_named(plant.releases, study.release);
  WT_CHECK(release != nullptr, "a studied release is one of the plant's");
  return *release;
}

// How many of the smallest lots in the same proportions the lots as given are.
int64_t unit_of(const Release& release) {
  int64_t unit = 0;
  for (const ReleaseShare& share : release.shares) unit = std::gcd(unit, share.lot);
  return std::max<int64_t>(1, unit);
}

// What a scenario has to say to be run by this plan. Sizes in it are pieces, so kits count one.
std::vector<Setting> settings_of(const Release& release) {
  std::vector<std::string> shares;
  for (const ReleaseShare& share : release.shares) shares.push_back(share_text(share));
  return {{fmt::format("releases.{}.kits", release.name), "1"},
          {fmt::format("releases.{}.shares", release.name),
           fmt::format("[{}]", fmt::join(shares, ", "))}};
}

// Shares of as many cycles as the rarest family needs.
std::vector<ReleaseShare> shares_of(const Release& release, const LotShape& shape) {
  const int64_t unit = unit_of(release);
  const int64_t cycles = *std::max_element(shape.every.begin(), shape.every.end());
  std::vector<ReleaseShare> shares;
  for (int64_t cycle = 0; cycle < cycles; ++cycle) {
    for (const uint32_t index : shape.order) {
      const int64_t every = shape.every[index];
      if (cycle % every != 0) continue;
      ReleaseShare share = release.shares[index];
      const auto scaled = [&](int64_t n) {
        return std::max<int64_t>(1, (n * shape.multiple * every + unit - 1) / unit);
      };
      if (share.stock_cap) share.stock_cap = scaled(*share.stock_cap);
      share.lot = scaled(share.lot);
      shares.push_back(std::move(share));
    }
  }
  return shares;
}

}  // namespace

LotShape given_shape(const Plant& plant, const LotStudy& study) {
  const Release& release = release_of(plant, study);
  LotShape shape;
  shape.order = planning::given_order(release.shares.size());
  shape.multiple = unit_of(release);
  shape.every.assign(release.shares.size(), 1);
  return shape;
}

Plan plan_of(const Plant& plant, const LotStudy& study, const LotShape& shape, std::string name) {
  Plan plan{std::move(name), plant, {}};
  const auto index = static_cast<size_t>(&release_of(plant, study) - plant.releases.data());
  Release& release = plan.plant.releases[index];
  release.shares = shares_of(plant.releases[index], shape);
  plan.settings = settings_of(release);
  return plan;
}

// Pieces that one cycle needs at the wanted rate, over pieces that one turn of the smallest lots
// makes.
int64_t common_cycle(const Plant& plant, const LotStudy& study) {
  const Release& release = release_of(plant, study);
  const double unit = static_cast<double>(unit_of(release));
  const double shipped_per_cycle = study.rate * study.cycle_min.seconds();
  double multiple = 0;
  for (const Item& item : plant.items) {
    if (!factory::is_shipped(plant, item)) continue;
    for (const factory::Step& step : item.route) {
      for (const factory::Part& part : step.parts) {
        for (const ReleaseShare& share : release.shares) {
          if (share.item != part.item) continue;
          multiple = std::max(multiple, shipped_per_cycle * static_cast<double>(part.count) * unit /
                                            static_cast<double>(share.lot));
        }
      }
    }
  }
  return static_cast<int64_t>(std::ceil(multiple));
}

std::vector<LotStudy> study_lots(const Plant& plant, double rate, uint64_t seed) {
  std::vector<LotStudy> studies;
  for (const Release& release : plant.releases) {
    if (release.kind != factory::ReleaseKind::kLots || release.shares.size() < 2) continue;
    if (setup_station(plant, release) == nullptr) continue;
    studies.push_back(study_release(plant, release, rate, seed));
  }
  return studies;
}

}  // namespace windtunnel::study
