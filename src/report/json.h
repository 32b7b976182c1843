// results.json: the measurements of a run as a file, and back.
//
// Shape (SI base units; keys in this order, empty parts left out):
//   {"windtunnel": version, "title", "kind", "scenario": {...}, "seed": N, "fingerprint",
//    "metrics": {NAME: {"value": x, "unit": "s", "ci95": h, "label": "...", "headline": true}},
//    "series": {NAME: {"shape": "time" | "distribution" | "heat_map", "title", "about", ...}},
//    "bottleneck": {"what", "where", "share", "explanation", "runners": [{"what", "share"}]},
//    "assumptions": [{"what", "value", "source"}],
//    "run": {"cpu_seconds", "setup_cpu_seconds", "wall_seconds", "peak_rss_bytes", "events",
//            "threads", NAME: {"value", "unit"}}}
// Everything outside "run" is byte-identical for identical measurements.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "report/measurements.h"

namespace windtunnel::report {

std::string to_json(const Measurements& measurements);

// Reads what to_json wrote, or a file with at least "windtunnel" and "metrics". `name` is the file
// named in errors. Errors: not JSON (with line and column), a required key missing, a wrong type.
base::Result<Measurements> from_json(std::string_view text, const std::string& name);
base::Result<Measurements> read_results(const std::string& path);

}  // namespace windtunnel::report
