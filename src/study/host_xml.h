// Readers for the files that real machines describe themselves with: NCCL's topology XML and
// hwloc's XML export. Both become the plain description of a server (node/host_description.h).
//
// Attributes and elements that are not known are passed over; what may be missing is filled in as
// the tool itself does or as host_description.h says. What is there and makes no sense is one error
// with its place, what was expected, and the nearest valid name.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "node/host_description.h"

namespace windtunnel::study {

// What is read at most: the largest exports of real machines are a few hundred kilobytes.
inline constexpr size_t kHostXmlBytesMax = size_t{8} << 20;

// By the root element: <system> is NCCL's, <topology> hwloc's. The description is completed
// (node/host_description.h) and sound (node/host_problems.h). Total over arbitrary bytes.
base::Result<node::HostDescription> read_host_xml(std::string_view text, const std::string& file);
base::Result<node::HostDescription> load_host_xml(const std::string& path);

// The text begins like XML rather than YAML.
bool looks_like_xml(std::string_view text);

}  // namespace windtunnel::study
