#include "base/result.h"

#include <algorithm>

namespace windtunnel::base {

std::string Error::to_string() const {
  std::string text;
  if (!mark.file.empty()) text += mark.file + ":";
  if (mark.line > 0) text += std::to_string(mark.line) + ":";
  if (mark.line > 0 && mark.column > 0) text += std::to_string(mark.column) + ":";
  if (!text.empty()) text += " ";
  text += message;
  if (!hint.empty()) text += " (" + hint + ")";
  return text;
}

std::string to_string(std::vector<Error> errors) {
  std::stable_sort(errors.begin(), errors.end(),
                   [](const Error& a, const Error& b) { return a.mark < b.mark; });
  std::string text;
  for (const Error& error : errors) text += error.to_string() + "\n";
  return text;
}

}  // namespace windtunnel::base
