// Any bytes as a topology file: the reader returns, and what it accepts the fabric can build.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "study/htsim_topology.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text;
  for (size_t i = 0; i < size; ++i) text += static_cast<char>(data[i]);
  const auto topology = windtunnel::study::read_htsim_topology(text, "fuzz.topo");
  if (!topology) {
    WT_CHECK(!topology.error().empty(), "a refusal says why");
    return 0;
  }
  // Large ones take time and memory to build and no other code.
  if (topology->nodes > 4'096 || topology->podsize > 4'096) return 0;
  const auto built = windtunnel::fabric::Topology::build(topology->to_fabric(), 1);
  WT_CHECK(built.has_value(), "what closes here closes there");
  return 0;
}
