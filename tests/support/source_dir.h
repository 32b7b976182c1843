// Where the repository is, for tests that read files of it. ctest says so in WT_SOURCE_DIR.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace windtunnel {

// Fails the running test when the variable is not set; the path returned does not exist then.
inline std::filesystem::path source_dir() {
  const char* const source = std::getenv("WT_SOURCE_DIR");
  if (source != nullptr) return source;
  ADD_FAILURE() << "set WT_SOURCE_DIR to the repository";
  return "/WT_SOURCE_DIR is not set";
}

}  // namespace windtunnel
