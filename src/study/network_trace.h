// A Perfetto trace of chosen flows: one group a unit, one track a link that carried them, one slice
// for each parcel while its bits leave, and arrows from link to link.
#pragma once

#include <string>

#include "base/result.h"
#include "report/output.h"
#include "study/network_world.h"

namespace windtunnel::study {

// What will be `path` once it is committed. Errors: those of the file.
base::Result<report::OutputFile> write_trace(const NetworkWorld& world, const std::string& path);

}  // namespace windtunnel::study
