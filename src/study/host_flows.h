// From the items of `traffic` to flows of a model: names found, lists paired, NICs chosen.
#pragma once

#include <vector>

#include "scenario/reader.h"
#include "study/host_schema.h"

namespace windtunnel::study {

// Appends what is wrong to `errors`; the flows are whole when nothing was.
std::vector<HostFlow> expand_flows(const HostScenarioDescription& description,
                                   const node::HostModel& model, const scenario::MarkTable& marks,
                                   std::vector<base::Error>& errors);

}  // namespace windtunnel::study
