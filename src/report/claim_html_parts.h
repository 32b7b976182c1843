// Pieces of the claims page. For the writers of this room only.
#pragma once

#include <string>

#include "report/claim_report.h"
#include "report/json_writer.h"

namespace windtunnel::report {

// A plot of a claim as a <figure>; curves and series leave a place for figure number `index` of the
// page, bars are drawn by the style sheet. With `drawn` false there is no script.
std::string claim_figure(const ClaimPlotResult& plot, size_t index, bool drawn);
// Whether the plot is one of the numbered figures that the script draws.
bool is_scripted(const ClaimPlotResult& plot);
// The same as data for web/src/figures.js.
void write_claim_figure(JsonWriter& json, const ClaimPlotResult& plot);

// The sensitivities of a claim as ranges on one scale, with the value as assumed and the level that
// the claim needs.
std::string sensitivity_figure(const ClaimResult& claim);

}  // namespace windtunnel::report
