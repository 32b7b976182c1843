// Figures of a claim's page: from the plots of a sheet to values that can be drawn.
#pragma once

#include <vector>

#include "report/claim_report.h"
#include "study/claim_plan.h"
#include "study/claim_values.h"

namespace windtunnel::study {

struct PlotContext {
  const ClaimPlan& plan;
  const ClaimValues& values;
  const std::vector<report::Measurements>& results;
};

// Appends what the plot draws: one figure, or one for each run of a `series` plot that has it.
void add_plot(const PlotContext& context, const PlannedClaim& claim, const ClaimPlot& plot,
              std::vector<report::ClaimPlotResult>& plots);

}  // namespace windtunnel::study
