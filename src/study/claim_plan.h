// A claim sheet that can be computed: every name found, every formula understood with its unit,
// every scenario read and checked. What is wrong with a sheet is known when one of these exists,
// and nothing has been simulated by then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/result.h"
#include "catalog/catalog.h"
#include "study/claim_formula.h"
#include "study/claim_sheet.h"
#include "study/scenario_kind.h"

namespace windtunnel::study {

struct ClaimInput {
  std::string name;
  std::string label;
  catalog::Figure value;
  bool percent = false;  // written in percent, and shown so
  catalog::Mark mark = catalog::Mark::kAssumed;
  std::string source;
  std::string date;
};

// What a name in a formula stands for.
struct NameReference {
  enum class Kind : uint8_t { kInput, kMetric, kBill, kFigure };
  Kind kind = Kind::kInput;
  size_t index = 0;    // of the input, run, bill, or figure of the same claim
  std::string metric;  // of the run
};

struct BoundFormula {
  Formula formula;
  std::vector<NameReference> names;  // as Formula::names()
  catalog::Dimension dimension;
  base::SourceMark at;
};

struct BillLine {
  std::string what;
  BoundFormula count;
  BoundFormula each;
};
struct ClaimBill {
  std::string name;
  std::string label;
  std::vector<BillLine> lines;
  catalog::Dimension dimension;
};

// A run of the sheet: how to make its scenario.
struct ClaimRun {
  std::string name;
  std::string label;
  std::string file;                       // of the scenario, or the sheet's own
  std::string source;                     // the file as the sheet names it, or "inline"
  std::optional<scenario::Node> inlined;  // instead of the file
  std::vector<std::string> set;
  std::string kind;  // of scenario
  base::SourceMark at;
};

// Runs with changes, as they are simulated; equal ones are one.
struct ClaimJob {
  size_t run = 0;
  std::vector<std::string> set;  // all of them: the run's and the point's
  std::string key;               // equal for equal jobs
  std::unique_ptr<Scenario> scenario;
};

struct ClaimPoint {
  std::string label;
  double at = 0;                            // base units; the index for points without place
  std::vector<std::string> set;             // of runs
  std::vector<std::optional<size_t>> jobs;  // by run; empty: the run is as it is
};

struct ClaimSweep {
  std::string label;
  std::optional<size_t> input;  // otherwise runs are varied
  catalog::Dimension dimension;
  bool placed = true;     // points have places on an axis
  bool interval = false;  // of an input: what lies between two points can be computed too
  bool percent = false;   // the axis is written in percent
  std::vector<ClaimPoint> points;
};

struct ClaimFigure {
  std::string name;
  std::string label;
  BoundFormula value;
  std::string unit;   // as the sheet writes it
  double factor = 1;  // of that unit
};

struct ClaimSensitivity {
  std::string why;
  ClaimSweep vary;
};

struct ClaimLine {
  std::string label;
  BoundFormula value;
};

struct ClaimPlot {
  PlotText text;
  std::optional<ClaimSweep> vary;
  std::vector<ClaimLine> lines;
  std::optional<BoundFormula> reference;
  std::vector<size_t> runs;
  size_t solve = 0;  // input
  double from = 0;
  double to = 0;
};

struct PlannedClaim {
  ClaimText text;
  std::vector<ClaimFigure> figures;
  std::vector<ClaimSensitivity> sensitivity;
  std::vector<ClaimPlot> plots;
  std::optional<size_t> decides;  // figure; empty: cannot be tested
  std::optional<BoundFormula> at_least;
  std::optional<BoundFormula> at_most;
};

struct ClaimPlan {
  SheetText text;
  std::string file;
  std::vector<ClaimInput> inputs;
  std::vector<ClaimRun> runs;
  std::vector<ClaimBill> bills;
  std::vector<PlannedClaim> claims;
  std::vector<ClaimJob> jobs;                    // needed by a formula or a plot
  std::vector<std::optional<size_t>> base_jobs;  // by run, without changes
  std::vector<base::Error> warnings;
};

using ClaimPlanResult = tl::expected<ClaimPlan, std::vector<base::Error>>;

// All mistakes of the sheet, sorted by place. `quick` applies the runs' `quick` changes.
ClaimPlanResult plan_claims(SheetFile sheet, const catalog::Catalog& catalog, bool quick);

}  // namespace windtunnel::study
