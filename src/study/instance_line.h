// Reader of assembly lines in Scholl's IN2 format: the number of tasks, a line with each task's
// time, then arcs `i,j` (task i before task j, counted from 1) to the end mark `-1,-1`. What comes
// after the mark is a remark of the collection (whose line it was) and not read.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "planning/line_balance.h"

namespace windtunnel::study {

base::Result<planning::LineTasks> read_line_tasks(std::string_view text, const std::string& file);

}  // namespace windtunnel::study
