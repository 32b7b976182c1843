// The values of a claim sheet's formulas, given what was measured.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "study/claim_plan.h"

namespace windtunnel::study {

// What is different from the sheet as it stands: the point of a sweep, or values of inputs.
struct ClaimChanges {
  std::map<size_t, double> inputs = {};
  const ClaimPoint* point = nullptr;  // picks the jobs of runs
};

class ClaimValues {
 public:
  ClaimValues(const ClaimPlan& plan, const std::vector<report::Measurements>& results)
      : plan_(plan), results_(results) {}

  // Formulas that name what a run turned out not to measure, or in another unit than thought.
  std::vector<base::Error> check() const;

  // In base units; not a number where there is no value.
  double value(const PlannedClaim& claim, const BoundFormula& formula,
               const ClaimChanges& changes = {}) const;
  double figure(const PlannedClaim& claim, size_t figure, const ClaimChanges& changes = {}) const {
    return value(claim, claim.figures[figure].value, changes);
  }
  double total(const ClaimBill& bill, const ClaimChanges& changes = {}) const;
  // Whether the deciding figure speaks for the claim; empty when it has no value.
  std::optional<bool> holds(const PlannedClaim& claim, const ClaimChanges& changes = {}) const;
  // How far the deciding figure is above (at_least) or below (at_most) the nearest bound; the claim
  // holds where this is not negative.
  double margin(const PlannedClaim& claim, const ClaimChanges& changes = {}) const;

 private:
  double metric(const NameReference& name, const ClaimChanges& changes) const;
  void check(const BoundFormula& formula, std::vector<base::Error>& errors) const;

  const ClaimPlan& plan_;
  const std::vector<report::Measurements>& results_;
};

}  // namespace windtunnel::study
