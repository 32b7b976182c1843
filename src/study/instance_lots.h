// Reader of economic lot scheduling problems as CSV with the columns
//   item,setup_cost,unit_cost,production_per_day,demand_per_day,setup_hours
// in any order. The day has 8 hours and the year 240 days; holding a part costs a tenth of its unit
// cost a year (Bomberger, Management Science 12, 1966). Times of the result are days.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "planning/lot_schedule.h"

namespace windtunnel::study {

base::Result<std::vector<planning::LotItem>> read_lot_items(std::string_view text,
                                                            const std::string& file);

}  // namespace windtunnel::study
