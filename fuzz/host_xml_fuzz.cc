// Any bytes as the topology file of a machine: the reader returns, and what it accepts can be
// built, drawn and asked for paths.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "node/host_path.h"
#include "study/host_tree.h"
#include "study/host_xml.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text;
  for (size_t i = 0; i < size; ++i) text += static_cast<char>(data[i]);
  const auto host = windtunnel::study::read_host_xml(text, "fuzz.xml");
  if (!host) {
    WT_CHECK(!host.error().message.empty(), "a refusal says why");
    WT_CHECK(host.error().mark.line > 0, "and where");
    return 0;
  }
  // Large ones take time to draw and no other code.
  if (host->devices.size() > 64) return 0;
  const auto model = windtunnel::node::HostModel::build(*host);
  WT_CHECK(!windtunnel::study::host_tree_text(model, {}).empty(), "a server can be drawn");
  const auto last = static_cast<uint32_t>(host->devices.size() - 1);
  for (uint32_t part = 0; part < last; ++part) {
    const auto answer = windtunnel::node::find_paths(model, part, last - part);
    WT_CHECK(!answer || !answer->choices.empty(), "an answer is a path");
  }
  return 0;
}
