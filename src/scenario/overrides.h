// `--set path=value`: one value of a tree replaced from the command line.
//
// The path is keys joined by dots, list items by number: `fabric.nodes`, `faults[0].at` or
// `faults.0.at`; the number just behind the last item appends. Items that have a `name` may be
// called by it: `stations.assembly.machines`. The value is YAML, so a whole list
// or group can be set: `faults=[]`, `transport.paths={count: 8}`. Groups on the way that the file
// leaves out are made. Whether the names exist is judged later, by the reader, whose errors then
// point at the flag because every replaced node carries the flag as its mark.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scenario/tree.h"

namespace windtunnel::scenario {

// The mark of errors about one flag: its text stands where a file name would, without a line.
base::SourceMark override_mark(std::string_view assignment);

base::Status apply_override(Node& root, std::string_view assignment);

// All of them in order, later ones winning; every failure is returned.
std::vector<base::Error> apply_overrides(Node& root, const std::vector<std::string>& assignments);

}  // namespace windtunnel::scenario
