#include "study/instance_setups.h"

#include <fmt/format.h>

#include <utility>

#include "study/instance_text.h"

namespace windtunnel::study {
namespace {

constexpr int64_t kFamiliesMax = 2'000;

}  // namespace

base::Result<planning::SetupMatrix> read_setup_matrix(std::string_view text,
                                                      const std::string& file) {
  InstanceLines lines(text, file);
  if (!lines.next("the number of families") || !lines.has(1, "number of families"))
    return lines.error();
  const auto families = lines.whole(0, "number of families", 1, kFamiliesMax);
  if (!families) return lines.error();
  const auto n = static_cast<size_t>(*families);
  std::vector<int64_t> rows;
  for (size_t from = 0; from < n; ++from) {
    const std::string name = fmt::format("setups from family {}", from);
    if (!lines.next(name) || !lines.has(n, name)) return lines.error();
    for (size_t to = 0; to < n; ++to) {
      const int64_t min = from == to ? -planning::kSetupMax : 0;
      const auto setup = lines.whole(to, name, min, planning::kSetupMax);
      if (!setup) return lines.error();
      rows.push_back(from == to ? 0 : *setup);
    }
  }
  if (!lines.ends()) return lines.error();
  return planning::SetupMatrix(n, std::move(rows));
}

}  // namespace windtunnel::study
