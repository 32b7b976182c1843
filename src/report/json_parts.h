// Pieces of results.json that other documents share. For the writers of this room only.
#pragma once

#include <vector>

#include "report/json_writer.h"
#include "report/measurements.h"

namespace windtunnel::report {

// Each writes one member, "metrics" or "bottleneck", into the object that `json` is in.
void write_metrics(JsonWriter& json, const std::vector<Metric>& metrics);
void write_bottleneck(JsonWriter& json, const Bottleneck& bottleneck);

// Each writes the members of a series of its shape.
void write_members(JsonWriter& json, const Diagram& diagram);
void write_members(JsonWriter& json, const Gantt& gantt);
void write_members(JsonWriter& json, const Stack& stack);

}  // namespace windtunnel::report
