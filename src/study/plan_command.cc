// `windtunnel plan`: in which order and in what lots a factory should work, and how to go on after
// a breakdown or with a rush order; every plan is tried in the tunnel beside the present one.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/version.h"
#include "report/output.h"
#include "scenario/quantity.h"
#include "scenario/suggest.h"
#include "study/command_support.h"
#include "study/factory_schema.h"
#include "study/plan_report.h"

namespace windtunnel::study {
namespace {

constexpr double kYear = 365.0 * 86'400;
// Of what the plant could ship at most: lots are reckoned for a plant that is busy but not choked.
constexpr double kBusy = 0.95;

using Errors = std::vector<base::Error>;
using factory::Duration;
using factory::Time;

base::Result<Duration> parse_span(const char* option, std::string_view text) {
  const auto ticks = scenario::parse_ticks(text, factory::Tick::kPerSecond);
  if (!ticks || *ticks < 0) {
    return base::fail(
        fmt::format("{}: found {}, expected a time such as 30 h", option, scenario::quoted(text)));
  }
  return Duration::ticks(*ticks);
}

// Stations that stand still from `at` on.
base::Status stop_stations(const PlanOptions& options, Time at, factory::Plant& plant) {
  for (const Setting& down : options.down) {
    const auto length = parse_span("--down", down.value);
    if (!length) return tl::unexpected(length.error());
    const auto station = std::find_if(plant.stations.begin(), plant.stations.end(),
                                      [&](const auto& s) { return s.name == down.path; });
    if (station == plant.stations.end()) {
      std::vector<std::string> names;
      for (const factory::Station& s : plant.stations) names.push_back(s.name);
      return base::fail(fmt::format("--down: found {}, expected the name of a station",
                                    scenario::quoted(down.path)),
                        scenario::suggestion(down.path, names));
    }
    station->outages.push_back({at.since_start(), *length});
  }
  return {};
}

// `ITEM=QUANTITY` or `ITEM=QUANTITY by DUE`.
base::Result<factory::Order> rush_order(const Setting& rush, Time at, const factory::Plant& plant) {
  std::vector<std::string> names;
  for (const factory::Item& item : plant.items) names.push_back(item.name);
  if (std::find(names.begin(), names.end(), rush.path) == names.end()) {
    return base::fail(
        fmt::format("--rush: found {}, expected the name of an item", scenario::quoted(rush.path)),
        scenario::suggestion(rush.path, names));
  }
  const size_t by = rush.value.find(" by ");
  const auto quantity = scenario::parse_integer(rush.value.substr(0, by));
  if (!quantity || *quantity < 1) {
    return base::fail(
        fmt::format("--rush: found {}, expected a number of pieces, or one with its "
                    "due date such as `2 by 30 h`",
                    scenario::quoted(rush.value)));
  }
  factory::Order order;
  order.item = rush.path;
  order.quantity = *quantity;
  order.release = at.since_start();
  order.rush = true;
  if (by != std::string::npos) {
    const auto due = parse_span("--rush", rush.value.substr(by + 4));
    if (!due) return tl::unexpected(due.error());
    order.due = *due;
  }
  return order;
}

base::Status add_rush_orders(const PlanOptions& options, Time at, const std::string& release,
                             factory::Plant& plant) {
  for (const Setting& rush : options.rush) {
    auto order = rush_order(rush, at, plant);
    if (!order) return tl::unexpected(order.error());
    int number = 1;
    const auto taken = [&] {
      return std::any_of(plant.orders.begin(), plant.orders.end(),
                         [&](const auto& o) { return o.name == order->name; });
    };
    do order->name = fmt::format("rush-{}", number++);
    while (taken());
    order->by = release;
    plant.orders.push_back(*std::move(order));
  }
  return {};
}

class Planner {
 public:
  Planner(const PlanOptions& options, const FactoryScenario& scenario, Observer& observer)
      : options_(options), plant_(scenario.plant), observer_(observer) {
    trial_.seed = options.seed.value_or(static_cast<uint64_t>(scenario.description.seed));
    trial_.replications = options.replications;
    trial_.threads = options.jobs;
    trial_.warm_up = scenario.warm_up;
    trial_.measured = scenario.description.run.duration;
  }

  // Empty when the observer stopped it. Error: what the options ask for cannot be.
  base::Result<std::vector<PlanReport>> plan() {
    std::vector<PlanReport> reports;
    const double rate = options_.rate ? *options_.rate / kYear : kBusy * capacity().rate;
    if (options_.at.empty() && std::isfinite(rate)) {
      for (const LotStudy& study : study_lots(plant_, rate, trial_.seed))
        reports.push_back(plan_lots(study));
    }
    if (const base::Status planned = plan_orders(reports); !planned)
      return tl::unexpected(planned.error());
    if (!stopped_ && reports.empty()) {
      return base::fail(
          "found nothing to plan, expected a release of kind lots with several families at a "
          "station with setups, or one of kind orders with orders that are still to come");
    }
    return reports;
  }
  bool stopped() const { return stopped_; }

 private:
  factory::Capacity capacity() const { return factory::find_capacity(plant_); }

  bool add(PlanReport& report, Plan plan) {
    Trial trial = try_plan(plan.plant, trial_, observer_);
    if (trial.empty()) stopped_ = true;
    report.tried.push_back({std::move(plan), std::move(trial)});
    return !stopped_;
  }

  PlanReport plan_lots(const LotStudy& study) {
    PlanReport report;
    report.subject = fmt::format("release `{}`: lots and their order", study.release);
    report.lots = study;
    report.capacity = capacity();
    shapes_.assign(1, given_shape(plant_, study));
    if (!add(report, {"as given", plant_, {}})) return report;
    const auto add_shape = [&](const LotShape& shape, std::string name) {
      shapes_.push_back(shape);
      return add(report, plan_of(plant_, study, shape, std::move(name)));
    };
    LotShape shape = shapes_.front();
    const int64_t given = shape.multiple;
    shape.multiple = common_cycle(plant_, study);
    const bool cyclic = shape.multiple > 0;
    if (cyclic && !add_shape(shape, "order as given, lots of the common cycle")) return report;
    if (study.orders.best.setup.value < study.orders.given_setup) {
      shape.order = study.orders.best.order;
      if (cyclic && !add_shape(shape, "best order, lots of the common cycle")) return report;
      shape.multiple = given;
      if (!add_shape(shape, "best order, lots as given")) return report;
    }
    for (const auto& [name, multiple] :
         {std::pair{"halved", (given + 1) / 2}, std::pair{"doubled", given * 2},
          std::pair{"four times", given * 4}}) {
      shape.multiple = multiple;
      if (!add_shape(shape, fmt::format("best order, lots {}", name))) return report;
    }
    search_lots(study, report);
    return report;
  }

  // From the plan chosen so far: lots a little smaller or larger, then one family at a time made
  // every second cycle in lots twice as large. A step is kept if it is chosen over all others.
  void search_lots(const LotStudy& study, PlanReport& report) {
    report.released = choose_plan(report.goal, report.tried);
    int64_t left = options_.tries / std::max(1, options_.replications);
    const auto step = [&](const LotShape& shape, std::string name) {
      if (left-- <= 0 || stopped_) return false;
      report.runs += options_.replications;
      shapes_.push_back(shape);
      if (!add(report, plan_of(plant_, study, shape, std::move(name)))) return false;
      const size_t chosen = choose_plan(report.goal, report.tried);
      const bool kept = chosen + 1 == report.tried.size();
      if (kept) report.released = chosen;
      if (!kept && !stopped_) {
        report.tried.pop_back();
        shapes_.pop_back();
      }
      return kept;
    };
    for (const int64_t quarter : {5, 3}) {
      LotShape shape = shapes_[report.released];
      do shape.multiple = (shape.multiple * quarter + 2) / 4;
      while (step(
          shape, fmt::format("{}, lots {} %",
                             shape.order == shapes_.front().order ? "order as given" : "best order",
                             shape.multiple * 100 / shapes_.front().multiple)));
    }
    for (size_t family = 0; family < study.families.size(); ++family) {
      LotShape shape = shapes_[report.released];
      shape.every[family] *= 2;
      step(shape, fmt::format("{}, {} every {} cycles", report.tried[report.released].plan.name,
                              study.families[family], shape.every[family]));
    }
  }

  base::Status plan_orders(std::vector<PlanReport>& reports) {
    Time at;
    if (!options_.at.empty()) {
      const auto moment = parse_span("--at", options_.at);
      if (!moment) return tl::unexpected(moment.error());
      at = Time::at(*moment);
    }
    if (at >= Time::at(trial_.warm_up + trial_.measured))
      return base::fail("--at: the run has ended by then");
    factory::Plant plant = plant_;
    OrderStudy study = study_orders(plant, at, trial_, observer_);
    if (study.release.empty()) {
      if (options_.rush.empty() && options_.down.empty()) return {};
      return base::fail("--rush and --down plan orders again, and no release is of kind orders");
    }
    if (const auto added = add_rush_orders(options_, at, study.release, plant); !added)
      return added;
    if (const auto down = stop_stations(options_, at, plant); !down) return down;
    study.open += options_.rush.size();
    if (study.open > 0 && !observer_.stop_requested()) reports.push_back(plan_book(plant, study));
    stopped_ = stopped_ || observer_.stop_requested();
    return {};
  }

  PlanReport plan_book(const factory::Plant& plant, const OrderStudy& study) {
    PlanReport report;
    report.goal = PlanGoal::kTardiness;
    report.subject = fmt::format("release `{}`: the sequence of its orders", study.release);
    report.orders = study;
    report.capacity = capacity();
    for (Plan& plan : order_plans(plant, study))
      if (!add(report, std::move(plan))) return report;
    report.released = choose_plan(report.goal, report.tried);
    report.runs = options_.tries;
    const Plan best =
        improved(report.tried[report.released].plan, study, trial_, options_.tries, observer_);
    if (add(report, best)) report.released = choose_plan(report.goal, report.tried);
    return report;
  }

  const PlanOptions& options_;
  factory::Plant plant_;
  TrialOptions trial_;
  Observer& observer_;
  bool stopped_ = false;
  std::vector<LotShape> shapes_;  // of the plans tried for the present release
};

std::string json_of(const std::vector<PlanReport>& reports) {
  std::string text = "[\n";
  for (size_t i = 0; i < reports.size(); ++i)
    text += (i > 0 ? ",\n" : "") + plan_json(std::string(base::version()), reports[i]);
  return text + "]\n";
}

}  // namespace

Outcome plan(const PlanOptions& options, Observer& observer) {
  const FactoryResult scenario =
      load_factory(options.file, assignments(options.settings, options.seed));
  if (!scenario) return bad_input(scenario.error());
  if (!options.out.empty()) {
    const auto writable = report::probe_folder(options.out, {"plan.json"});
    if (!writable) return bad_input(writable.error());
  }
  Planner planner(options, *scenario, observer);
  const auto reports = planner.plan();
  if (!reports) return bad_input(reports.error());
  if (planner.stopped()) return interrupted({});
  Outcome outcome;
  const std::string json = json_of(*reports);
  if (!options.out.empty()) {
    observer.writing();
    const auto written = report::write_files(options.out, {{"plan.json", json}});
    if (!written) return bad_input(written.error());
  }
  if (options.printing.json) {
    outcome.out = json;
  } else if (!options.printing.quiet) {
    for (const PlanReport& report : *reports) {
      if (!outcome.out.empty()) outcome.out += "\n";
      outcome.out += plan_text(report, options.printing.style);
    }
  }
  return outcome;
}

}  // namespace windtunnel::study
