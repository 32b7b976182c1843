#include "planning/campaign.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "planning/lot_schedule.h"
#include "planning/setup_order.h"

namespace windtunnel::planning {
namespace {

constexpr double kSecondsPerHour = 3600;

double load_of(const CampaignFamily& family) {
  return family.demand_per_hour * family.process_time.seconds() / family.yield / kSecondsPerHour;
}

double hours(int64_t microseconds) {
  return LineDuration::ticks(microseconds).seconds() / kSecondsPerHour;
}

base::Status check_family(const CampaignFamily& f) {
  const auto bad = [&](const char* what, double found, const char* expected) {
    return base::fail(
        fmt::format("family {}: {}: found {}, expected {}", f.name, what, found, expected));
  };
  if (!(f.demand_per_hour >= 0) || !std::isfinite(f.demand_per_hour))
    return bad("demand per hour", f.demand_per_hour, "0 or more");
  if (f.process_time <= LineDuration::zero())
    return bad("process time in seconds", f.process_time.seconds(), "more than 0");
  if (!(f.yield > 0 && f.yield <= 1)) return bad("yield", f.yield, "above 0 and at most 1");
  if (!(f.setup_cost >= 0) || !std::isfinite(f.setup_cost))
    return bad("setup cost", f.setup_cost, "0 or more");
  if (!(f.holding_cost >= 0) || !std::isfinite(f.holding_cost))
    return bad("holding cost", f.holding_cost, "0 or more");
  return {};
}

base::Status check_request(const CampaignRequest& request) {
  const size_t n = request.families.size();
  if (n == 0) return base::fail("a line without families has nothing to plan");
  if (request.setups.families() != n)
    return base::fail(
        fmt::format("the setup matrix is {0} by {0}, expected {1} by {1}: one row and "
                    "column per family",
                    request.setups.families(), n));
  for (size_t from = 0; from < n; ++from)
    for (size_t to = 0; to < n; ++to)
      if (from != to && request.setups.at(from, to) < 0)
        return base::fail(fmt::format("setup from {} to {} is negative",
                                      request.families[from].name, request.families[to].name));
  if (!(request.availability > 0 && request.availability <= 1))
    return base::fail(fmt::format("availability: found {}, expected above 0 and at most 1",
                                  request.availability));
  double load = 0;
  for (const CampaignFamily& family : request.families) {
    if (auto status = check_family(family); !status) return status;
    load += load_of(family);
  }
  if (load < request.availability) return {};
  return base::fail(
      fmt::format("the line cannot keep up: parts alone take {:.1f} % of the time, and it is up "
                  "{:.1f} %",
                  100 * load, 100 * request.availability),
      "less demand, shorter process times or another line");
}

class Planner {
 public:
  explicit Planner(const CampaignRequest& request) : request_(request) {
    for (const CampaignFamily& family : request.families) load_ += load_of(family);
  }

  base::Result<CampaignPlan> run(const SearchLimits& limits, base::RandomStream random) {
    SetupOrders orders = compare_setup_orders(request_.setups, limits, random);
    bound_ = LineDuration::ticks(orders.best.setup.lower_bound);
    CampaignPlan plan;
    plan.load = load_;
    plan.common = common(orders.best.order);
    plan.given = common(given_order(request_.families.size()));
    plan.mean_setup_s = orders.mean_setup / LineDuration::s(1).ticks();
    plan.worst_setup = LineDuration::ticks(orders.worst_setup);
    plan.best = plan.common;
    const std::vector<LotItem> items = lot_items(orders.best.order);
    plan.cost_bound = independent_bound(items).cost;
    if (!has_costs()) return plan;
    Campaign powers = power_of_two(orders.best.order, power_of_two_schedule(items));
    if (powers.cost_per_hour < plan.best.cost_per_hour) plan.best = std::move(powers);
    return plan;
  }

 private:
  bool has_costs() const {
    return std::any_of(request_.families.begin(), request_.families.end(),
                       [](const CampaignFamily& f) { return f.holding_cost > 0; });
  }

  // The families as items of a machine that is always up and as much slower; a family's setup is
  // the one that leads to it in the order.
  std::vector<LotItem> lot_items(const std::vector<uint32_t>& order) const {
    std::vector<LotItem> items(order.size());
    for (size_t i = 0; i < order.size(); ++i) {
      const uint32_t at = order[i];
      const uint32_t before = order[i == 0 ? order.size() - 1 : i - 1];
      const CampaignFamily& f = request_.families[at];
      const double setup = before == at ? 0 : hours(request_.setups.at(before, at));
      const double rate = kSecondsPerHour * f.yield / f.process_time.seconds();
      items[at] = {f.name,
                   f.setup_cost,
                   setup / request_.availability,
                   f.holding_cost,
                   rate * request_.availability,
                   f.demand_per_hour};
    }
    return items;
  }

  Campaign common(std::vector<uint32_t> order) const {
    const std::vector<LotItem> items = lot_items(order);
    Campaign campaign;
    campaign.cycle_hours = common_cycle(items).cycle;
    campaign.every.assign(order.size(), 1);
    campaign.order = std::move(order);
    fill(campaign);
    return campaign;
  }

  // Families that stay out of a round change who follows whom, so the rounds are made long enough
  // for the setups that then really happen.
  Campaign power_of_two(std::vector<uint32_t> order, const LotSchedule& schedule) const {
    Campaign campaign;
    campaign.order = std::move(order);
    campaign.every = schedule.multiple;
    campaign.cycle_hours = schedule.base_period;
    const int64_t rounds = *std::max_element(campaign.every.begin(), campaign.every.end());
    uint32_t last = campaign.order.front();
    // Twice around: the first round's first setup depends on the last round.
    for (int64_t round = 0; round < 2 * rounds; ++round) {
      double setup = 0;
      double load = 0;
      for (const uint32_t family : campaign.order) {
        if (round % campaign.every[family] != schedule.phase[family]) continue;
        if (family != last) setup += hours(request_.setups.at(last, family));
        load += load_of(request_.families[family]) * static_cast<double>(campaign.every[family]);
        last = family;
      }
      const double room = request_.availability - load;
      if (room <= 0) return common(campaign.order);
      campaign.cycle_hours = std::max(campaign.cycle_hours, setup / room);
    }
    fill(campaign);
    return campaign;
  }

  void fill(Campaign& campaign) const {
    campaign.setup = LineDuration::ticks(request_.setups.cycle_setup(campaign.order));
    campaign.setup_bound = bound_;
    for (size_t i = 0; i < request_.families.size(); ++i) {
      const CampaignFamily& f = request_.families[i];
      const double cycle = campaign.cycle_hours * static_cast<double>(campaign.every[i]);
      const double stock = f.demand_per_hour * cycle * (1 - load_of(f)) / 2;
      campaign.lots.push_back(f.demand_per_hour * cycle);
      campaign.stock += stock;
      campaign.cost_per_hour += f.holding_cost * stock;
      if (cycle <= 0) continue;  // without setup times there is no cycle: one part at a time
      campaign.setups_per_day += 24 / cycle;
      campaign.cost_per_hour += f.setup_cost / cycle;
    }
  }

  const CampaignRequest& request_;
  LineDuration bound_;
  double load_ = 0;
};

}  // namespace

base::Result<CampaignPlan> plan_campaign(const CampaignRequest& request, const SearchLimits& limits,
                                         base::RandomStream random) {
  if (auto status = check_request(request); !status) return tl::unexpected(status.error());
  return Planner(request).run(limits, random);
}

}  // namespace windtunnel::planning
