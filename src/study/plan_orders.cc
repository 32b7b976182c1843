#include "study/plan_orders.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "des/replication.h"
#include "factory/model.h"
#include "scenario/quantity.h"

namespace windtunnel::study {
namespace {

using factory::Duration;
using factory::Order;
using factory::Plant;
using factory::Release;
using Orders = std::vector<Order>;

Release& release_named(Plant& plant, const std::string& name) {
  const auto found = std::find_if(plant.releases.begin(), plant.releases.end(),
                                  [&](const Release& release) { return release.name == name; });
  WT_CHECK(found != plant.releases.end(), "a studied release is one of the plant's");
  return *found;
}

bool made_by(const Order& order, const std::string& release, bool only_one) {
  return order.by == release || (order.by.empty() && only_one);
}

std::string time_text(Duration time) {
  constexpr int64_t kHour = 3600 * factory::Tick::kPerSecond;
  if (time.ticks() % kHour == 0) return fmt::format("{} h", time.ticks() / kHour);
  return scenario::format_ticks(time.ticks(), factory::Tick::kPerSecond);
}

std::string order_text(const Order& order) {
  std::string text =
      fmt::format("{{name: {}, item: {}, quantity: {}", order.name, order.item, order.quantity);
  if (order.release) text += ", release: " + time_text(*order.release);
  if (order.due) text += ", due: " + time_text(*order.due);
  if (order.rush) text += ", rush: true";
  if (!order.by.empty()) text += ", by: " + order.by;
  return text + "}";
}

std::vector<Setting> settings_of(const Plant& plant, const OrderStudy& study) {
  std::vector<std::string> orders;
  for (const Order& order : plant.orders) orders.push_back(order_text(order));
  return {{fmt::format("releases.{}.sequence", study.release), "given"},
          {"orders_file", "none"},  // the list has the orders of the file too
          {"orders", fmt::format("[{}]", fmt::join(orders, ", "))}};
}

Plan finished(std::string name, Plant plant, const OrderStudy& study) {
  Plan plan{std::move(name), std::move(plant), {}};
  release_named(plan.plant, study.release).sequence = factory::Sequence::kGiven;
  plan.settings = settings_of(plan.plant, study);
  return plan;
}

const std::string& family_of(const Plant& plant, const Order& order) {
  for (const factory::Item& item : plant.items) {
    if (item.name == order.item) return item.family.empty() ? item.name : item.family;
  }
  return order.item;
}

Duration due_of(const Order& order) { return order.due.value_or(Duration::max()); }

void by_due(Orders::iterator first, Orders::iterator last) {
  std::stable_sort(first, last,
                   [](const Order& a, const Order& b) { return due_of(a) < due_of(b); });
}

// The family whose earliest order is due first comes first, as a whole.
void by_family(const Plant& plant, Orders::iterator first, Orders::iterator last) {
  std::map<std::string, Duration> earliest;
  for (auto order = first; order != last; ++order) {
    const auto [at, added] = earliest.try_emplace(family_of(plant, *order), due_of(*order));
    if (!added) at->second = std::min(at->second, due_of(*order));
  }
  const auto key = [&](const Order& order) {
    const std::string& family = family_of(plant, order);
    return std::tuple(earliest.at(family), family, due_of(order));
  };
  std::stable_sort(first, last, [&](const Order& a, const Order& b) { return key(a) < key(b); });
}

// Goal chasing: at each place the item that is furthest behind its even share.
void evenly(Orders::iterator first, Orders::iterator last) {
  const Orders orders(first, last);
  std::map<std::string, int64_t> total;
  int64_t all = 0;
  for (const Order& order : orders) {
    total[order.item] += order.quantity;
    all += order.quantity;
  }
  std::map<std::string, int64_t> made;
  std::vector<bool> used(orders.size(), false);
  int64_t so_far = 0;
  for (auto place = first; place != last; ++place) {
    size_t best = orders.size();
    base::Int128 behind_most = 0;
    for (size_t i = 0; i < orders.size(); ++i) {
      if (used[i]) continue;
      const std::string& item = orders[i].item;
      const base::Int128 behind = static_cast<base::Int128>(total[item]) * (so_far + 1) -
                                  static_cast<base::Int128>(made[item]) * all;
      if (best == orders.size() || behind > behind_most) {
        best = i;
        behind_most = behind;
      }
    }
    used[best] = true;
    made[orders[best].item] += orders[best].quantity;
    so_far += orders[best].quantity;
    *place = orders[best];
  }
}

bool better(const TrialFigures& a, const TrialFigures& b) {
  return std::tie(a.tardiness, a.done) < std::tie(b.tardiness, b.done);
}

}  // namespace

OrderStudy study_orders(Plant& plant, factory::Time at, const TrialOptions& options,
                        Observer& observer) {
  OrderStudy study;
  const auto orders = [](const Release& r) { return r.kind == factory::ReleaseKind::kOrders; };
  const bool only_one = std::count_if(plant.releases.begin(), plant.releases.end(), orders) == 1;
  int64_t most = 0;
  for (const Release& release : plant.releases) {
    if (!orders(release)) continue;
    const int64_t count =
        std::count_if(plant.orders.begin(), plant.orders.end(),
                      [&](const Order& order) { return made_by(order, release.name, only_one); });
    if (count > most) std::tie(most, study.release) = std::tie(count, release.name);
  }
  if (study.release.empty()) return study;

  // When the present plan begins each order.
  factory::RunOptions run;
  run.seed = des::replication_seed(options.seed, 0);
  run.measured = options.warm_up + options.measured;
  run.go_on = [&](factory::Time) { return !observer.stop_requested(); };
  const factory::Outcome outcome = factory::run_plant(factory::Model::build(plant), run);
  std::vector<std::pair<factory::Time, size_t>> begun;
  for (size_t i = 0; i < plant.orders.size(); ++i) {
    const bool ours = made_by(plant.orders[i], study.release, only_one);
    const bool early = ours && i < outcome.orders.size() && outcome.orders[i].begun &&
                       outcome.orders[i].begin < at;
    if (early) ++study.frozen;
    if (ours && !early) ++study.open;
    begun.emplace_back(early ? outcome.orders[i].begin : factory::Time::max(), i);
  }
  std::stable_sort(begun.begin(), begun.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  Orders sequence;
  for (const auto& [time, index] : begun) sequence.push_back(plant.orders[index]);
  plant.orders = std::move(sequence);
  return study;
}

std::vector<Plan> order_plans(const Plant& plant, const OrderStudy& study) {
  std::vector<Plan> plans;
  const auto add = [&](const char* name, const auto& arrange) {
    Plant changed = plant;
    arrange(changed.orders.begin() + static_cast<std::ptrdiff_t>(study.frozen),
            changed.orders.end());
    plans.push_back(finished(name, std::move(changed), study));
  };
  using It = Orders::iterator;
  add("new orders last", [](It, It) {});
  add("by due date", by_due);
  add("rush orders first", [](It first, It last) {
    by_due(first, last);
    std::stable_partition(first, last, [](const Order& order) { return order.rush; });
  });
  add("by family", [&](It first, It last) { by_family(plant, first, last); });
  add("evenly mixed", evenly);
  return plans;
}

Plan improved(const Plan& plan, const OrderStudy& study, const TrialOptions& options, int64_t tries,
              Observer& observer) {
  TrialOptions twin = options;
  twin.replications = 1;
  twin.threads = 1;
  Plant best = plan.plant;
  const Trial first = try_plan(best, twin, observer);
  if (first.empty()) return plan;
  TrialFigures value = first.front();
  bool moved = true;
  while (moved && tries > 0) {
    moved = false;
    for (size_t from = study.frozen; from < best.orders.size() && tries > 0; ++from) {
      for (size_t to = study.frozen; to < best.orders.size() && tries > 0; ++to) {
        if (to == from) continue;
        Plant changed = best;
        const Order order = changed.orders[from];
        changed.orders.erase(changed.orders.begin() + static_cast<std::ptrdiff_t>(from));
        changed.orders.insert(changed.orders.begin() + static_cast<std::ptrdiff_t>(to), order);
        --tries;
        const Trial trial = try_plan(changed, twin, observer);
        if (trial.empty()) return plan;
        if (!better(trial.front(), value)) continue;
        best = std::move(changed);
        value = trial.front();
        moved = true;
        break;
      }
    }
  }
  return finished(plan.name + ", improved", std::move(best), study);
}

}  // namespace windtunnel::study
