// Any bytes as a scenario: the reader returns, and what it accepts it can write and read again.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "study/network_schema.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text;
  for (size_t i = 0; i < size; ++i) text += static_cast<char>(data[i]);
  // No input may name files: reading /dev/stdin or a huge one is not what is tested here.
  if (text.find("topology") != std::string::npos || text.find("matrix") != std::string::npos)
    return 0;
  // What follows the first zero byte is a flag.
  const size_t zero = text.find('\0');
  std::vector<std::string> overrides;
  if (zero != std::string::npos) {
    overrides.push_back(text.substr(zero + 1));
    text.resize(zero);
  }
  const auto scenario = windtunnel::study::read_network(text, "fuzz.yaml", overrides);
  if (!scenario) {
    WT_CHECK(!scenario.error().empty(), "a refusal says why");
    return 0;
  }
  const std::string yaml = windtunnel::study::network_yaml(scenario->description);
  const auto again = windtunnel::study::read_network(yaml, "again.yaml");
  WT_CHECK(again.has_value(), "what was written reads back");
  WT_CHECK(windtunnel::study::network_yaml(again->description) == yaml, "and means the same");
  return 0;
}
