// Readers of flow shops and job shops as published: the numbers of jobs and machines, then one job
// a line as pairs `machine time`, machines from 0.
//
//     2 2
//     0 54 1 79
//     0 83 1  3
//     SSD
//     M0
//     0 5
//     9 0
//     M1
//     ...
//
// In a flow shop every job visits the machines in their order. After `SSD` comes one matrix of
// setups per machine, job by job (Ruiz's instances); without it there are none.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "planning/flow_shop.h"
#include "planning/job_shop.h"

namespace windtunnel::study {

base::Result<planning::JobShop> read_job_shop(std::string_view text, const std::string& file);
base::Result<planning::FlowShop> read_flow_shop(std::string_view text, const std::string& file);

}  // namespace windtunnel::study
