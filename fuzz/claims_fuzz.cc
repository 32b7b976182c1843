// Any bytes as a claim sheet: reading and planning return, and what they refuse they explain.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "study/claim_plan.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text;
  for (size_t i = 0; i < size; ++i) text += static_cast<char>(data[i]);
  // No input may name files: reading /dev/stdin or a huge one is not what is tested here.
  for (const char* key : {"scenario", "topology", "matrix"}) {
    if (text.find(key) != std::string::npos) return 0;
  }
  auto sheet = windtunnel::study::read_sheet(text, "fuzz.yaml");
  if (!sheet) {
    WT_CHECK(!sheet.error().empty(), "a refusal says why");
    return 0;
  }
  const auto plan = windtunnel::study::plan_claims(std::move(*sheet), {}, false);
  if (!plan) WT_CHECK(!plan.error().empty(), "a refusal says why");
  return 0;
}
