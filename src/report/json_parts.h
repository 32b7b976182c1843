// Pieces of results.json that other documents share. For the writers of this room only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/json_writer.h"
#include "report/measurements.h"

namespace windtunnel::report {

// A member for a text that is not empty.
void member_if(JsonWriter& json, std::string_view name, const std::string& text);
// The member `key` as an array of texts.
void write_texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts);
void write_numbers(JsonWriter& json, std::string_view key, const std::vector<double>& numbers);
// The members of a series in the object that `json` is in; its name is the caller's.
void write_series_members(JsonWriter& json, const Series& series);
// The member "run": what a run cost. `simulations` stands in it where there were several.
void write_cost(JsonWriter& json, const RunFacts& run, std::optional<int> simulations = {});

// Each writes one member, "metrics" or "bottleneck", into the object that `json` is in.
void write_metrics(JsonWriter& json, const std::vector<Metric>& metrics);
void write_bottleneck(JsonWriter& json, const Bottleneck& bottleneck);

// Each writes the members of a series of its shape.
void write_members(JsonWriter& json, const Diagram& diagram);
void write_members(JsonWriter& json, const Gantt& gantt);
void write_members(JsonWriter& json, const Stack& stack);

}  // namespace windtunnel::report
