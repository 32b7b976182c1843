// What `windtunnel plan` has to say, as words and as JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "factory/capacity.h"
#include "report/terminal.h"
#include "study/plan_lots.h"
#include "study/plan_orders.h"
#include "study/plan_trial.h"

namespace windtunnel::study {

enum class PlanGoal : uint8_t {
  kShipped,    // most shipped; among plans as good, least stock
  kTardiness,  // least tardiness; among plans as good, done first
};

struct TriedPlan {
  Plan plan;
  Trial trial;
};

struct PlanReport {
  PlanGoal goal = PlanGoal::kShipped;
  std::string subject;  // of the release
  std::optional<LotStudy> lots;
  std::optional<OrderStudy> orders;
  factory::Capacity capacity;
  std::vector<TriedPlan> tried;  // the first is what the others are compared with
  size_t released = 0;           // index of the plan to follow
  int64_t runs = 0;              // that the search took, besides the trials shown
};

// The plan to follow: a plan replaces the first only if it is better beyond chance (95 %, paired),
// and of several such the best is taken; among those not worse beyond chance than it, the one with
// the smaller second figure.
size_t choose_plan(PlanGoal goal, const std::vector<TriedPlan>& tried);

std::string plan_text(const PlanReport& report, const report::TerminalStyle& style);
std::string plan_json(const std::string& version, const PlanReport& report);

}  // namespace windtunnel::study
