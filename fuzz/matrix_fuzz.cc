// Any bytes as a traffic matrix: the reader returns, and what it accepts is consistent.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "study/htsim_matrix.h"

using windtunnel::study::Connection;
using windtunnel::study::ConnectionMatrix;
using windtunnel::study::kNoTrigger;

namespace {

void check_matrix(const ConnectionMatrix& matrix) {
  const auto valid = [&](uint32_t trigger) {
    return trigger == kNoTrigger || trigger < matrix.triggers.size();
  };
  for (const Connection& c : matrix.connections) {
    WT_CHECK(c.src < matrix.nodes && c.dst < matrix.nodes && c.src != c.dst, "ends are nodes");
    WT_CHECK(c.bytes > 0, "something is sent");
    WT_CHECK(c.start.ps() >= 0, "no flow starts before the run");
    WT_CHECK(valid(c.started_by) && valid(c.on_sent) && valid(c.on_received), "triggers exist");
  }
  for (const auto& trigger : matrix.triggers)
    for (const uint32_t index : trigger.connections)
      WT_CHECK(index < matrix.connections.size(), "triggers start connections");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text;
  for (size_t i = 0; i < size; ++i) text += static_cast<char>(data[i]);
  const auto matrix = windtunnel::study::read_connection_matrix(text, "fuzz.cm");
  if (matrix) {
    check_matrix(*matrix);
  } else {
    WT_CHECK(!matrix.error().empty(), "a refusal says why");
  }
  return 0;
}
