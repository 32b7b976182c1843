// Any bytes as a spreadsheet: the reader returns, and so do those of order books and setup
// matrices, whose refusals have a place.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "scenario/spreadsheet.h"
#include "study/factory_files.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace study = windtunnel::study;
  std::string text;
  for (size_t i = 0; i < size; ++i) text += static_cast<char>(data[i]);
  const auto sheet = windtunnel::scenario::read_spreadsheet(text, "fuzz.csv");
  if (!sheet) {
    WT_CHECK(sheet.error().mark.line > 0, "a refusal has a place");
    return 0;
  }
  const auto orders = study::read_orders(*sheet);
  if (orders) {
    WT_CHECK(orders->orders.size() == orders->marks.size(), "every order has a place");
  } else {
    for (const auto& error : orders.error()) WT_CHECK(error.mark.line > 0, "and where");
  }
  const auto setups = study::read_setups(*sheet);
  if (setups) {
    for (const auto& row : *setups)
      WT_CHECK(row.to.size() == setups->size(), "a setup matrix is square");
  } else {
    for (const auto& error : setups.error()) WT_CHECK(error.mark.line > 0, "and where");
  }
  return 0;
}
