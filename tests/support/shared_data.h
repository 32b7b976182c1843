// Where published data that are not part of the project lie: the folder WT_SHARED_DATA, or
// ../shared/data beside the source tree. Tests of them skip themselves where there are none.
#pragma once

#include <cstdlib>
#include <filesystem>

namespace windtunnel {

// ctest names the source tree; without it that is taken to be the working directory.
inline std::filesystem::path shared_data() {
  if (const char* const shared = std::getenv("WT_SHARED_DATA")) return shared;
  const char* const source = std::getenv("WT_SOURCE_DIR");
  return std::filesystem::path(source != nullptr ? source : ".") / "../shared/data";
}

}  // namespace windtunnel
