// A run in full: every flow and every link as a CSV file, for whoever wants to look closer.
#pragma once

#include <string>

#include "study/network_world.h"

namespace windtunnel::study {

// flow,source,destination,bytes,group,start_s,finish_s,completion_s,state. Times are empty for what
// never happened; state is done, failed, running or waiting.
std::string flows_csv(const NetworkWorld& world);

// link,level,rate_bit_per_s,bytes,packets,utilisation,marked,trimmed,dropped,lost,paused_s,
// queue_max_bytes. Utilisation is over the time until the last flow was done.
std::string links_csv(const NetworkWorld& world);

}  // namespace windtunnel::study
