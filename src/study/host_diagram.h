// A server as a drawing: its PCI Express tree with the load of every link in each direction.
#pragma once

#include "report/measurements.h"
#include "study/host_measure.h"

namespace windtunnel::study {

// Sockets on the left, endpoints on the right. Cables, flash and links between GPUs are drawn where
// they carried something; idle parts alike in kind and place are drawn as one.
report::Series host_diagram(const HostOutcome& outcome);

}  // namespace windtunnel::study
