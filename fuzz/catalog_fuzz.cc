// Any bytes as a catalog: the reader returns, and what it refuses it explains.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "catalog/catalog.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text;
  for (size_t i = 0; i < size; ++i) text += static_cast<char>(data[i]);
  const auto catalog = windtunnel::catalog::read_catalog(text, "fuzz.yaml");
  if (!catalog) WT_CHECK(!catalog.error().empty(), "a refusal says why");
  return 0;
}
