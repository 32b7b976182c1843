// What the parts of planning a claim sheet share: the sheet with the places of its keys, the plan
// as far as it goes, the names that formulas may use, and the mistakes found.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "study/claim_jobs.h"
#include "study/claim_names.h"
#include "study/claim_plan.h"

namespace windtunnel::study {

// Lives while one sheet is planned; `jobs` points into `plan`, so it stays where it is.
struct PlanDraft {
  PlanDraft(SheetFile sheet, const catalog::Catalog& catalog, bool quick);
  PlanDraft(const PlanDraft&) = delete;
  PlanDraft& operator=(const PlanDraft&) = delete;

  // Mistakes, at a path of the sheet. Consequences of others (claim_names.h) are kept until
  // finish(), so that what rests on them fails.
  base::SourceMark at(const std::string& path) const { return sheet.marks.at(path); }
  void complain(const std::string& path, std::string message, std::string hint = {});
  void complain(const std::string& path, const base::Error& error);
  void append(const std::vector<base::Error>& more);

  // Complains and returns false, or nothing, where the text is not as it must be.
  bool required(const std::string& path, const char* key, const std::string& value);
  bool new_name(const std::string& path, const std::string& name);
  std::optional<BoundFormula> formula(const std::string& path, const char* key,
                                      const std::string& text);
  // A formula that may be missing, with the dimension of what it is compared with.
  std::optional<BoundFormula> bound(const std::string& path, const char* key,
                                    const std::string& text, const catalog::Dimension& dimension);

  // The runs that a formula needs, through figures of its claim and through bills, as they are.
  void use(const BoundFormula& formula, const PlannedClaim& claim);
  void use_run(size_t run);

  // A sweep along which `formulas` are computed; `complete`: none of them is missing for a mistake.
  std::optional<ClaimSweep> sweep(const SweepText& text, const std::string& path,
                                  const std::vector<const BoundFormula*>& formulas, bool complete,
                                  const PlannedClaim& claim);

  // The plan, or all mistakes by place.
  ClaimPlanResult finish();

  SheetFile sheet;
  const catalog::Catalog& catalog;
  bool quick;
  ClaimPlan plan;
  ClaimNames names;
  ClaimJobs jobs;
  std::set<size_t> failed;  // runs whose scenario has been complained about
  std::set<size_t> swept;   // runs that some sweep changes

 private:
  void runs_of(const BoundFormula& formula, const PlannedClaim& claim,
               std::set<size_t>& runs) const;

  std::vector<base::Error> errors_;
};

}  // namespace windtunnel::study
