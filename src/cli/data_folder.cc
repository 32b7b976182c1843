#include "cli/data_folder.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace windtunnel::cli {
namespace {

namespace fs = std::filesystem;

bool holds_data(const fs::path& folder) {
  std::error_code code;
  return fs::is_directory(folder / "catalog", code) && fs::is_directory(folder / "claims", code);
}

}  // namespace

std::string data_folder(const std::string& executable, const char* environment) {
  constexpr int kLevelsMax = 5;  // build/PRESET/bin/windtunnel is three below the source tree
  if (environment != nullptr && *environment != '\0') return environment;
  fs::path folder = fs::path(executable).parent_path();
  for (int level = 0; level < kLevelsMax && !folder.empty(); ++level) {
    if (holds_data(folder / "share/windtunnel")) return (folder / "share/windtunnel").string();
    if (holds_data(folder)) return folder.string();
    if (folder == folder.root_path()) break;
    folder = folder.parent_path();
  }
  return ".";
}

std::string process_data_folder() {
  std::error_code code;
  const fs::path executable = fs::read_symlink("/proc/self/exe", code);
  return data_folder(code ? "" : executable.string(), std::getenv("WINDTUNNEL_DATA"));
}

}  // namespace windtunnel::cli
