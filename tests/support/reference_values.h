// The reference values of known-answer tests, computed apart from this project:
// factory/reference_values.json in the folder WT_SHARED_DATA, or beside the source tree. Without it
// tests judge by closed forms alone.
//
// The file has two levels of names, the leaves numbers or the bare token Infinity, which strict
// readers of JSON refuse.
#pragma once

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "tests/support/shared_data.h"

namespace windtunnel::testing {

// By row and field.
using ReferenceValues = std::map<std::pair<std::string, std::string>, double>;

inline std::filesystem::path reference_file() {
  return shared_data() / "factory" / "reference_values.json";
}

inline double read_reference_number(std::istream& in) {
  std::string text;
  while (in && in.peek() != ',' && in.peek() != '}' && std::isspace(in.peek()) == 0) {
    text += static_cast<char>(in.get());
  }
  return text == "Infinity" ? std::numeric_limits<double>::infinity() : std::stod(text);
}

inline ReferenceValues read_reference_values(std::istream& in) {
  ReferenceValues values;
  std::string row;
  std::string name;
  for (char c = 0; in.get(c);) {
    if (c == '"') {
      std::getline(in, name, '"');
    } else if (c == '{') {
      row = name;
    } else if (c == ':' && (in >> std::ws).peek() != '{') {
      values[{row, name}] = read_reference_number(in);
    }
  }
  return values;
}

// Empty when the file is not there.
inline const ReferenceValues& reference_values() {
  static const ReferenceValues values = [] {
    std::ifstream file(reference_file());
    return read_reference_values(file);
  }();
  return values;
}

inline std::optional<double> find_reference(const std::string& row, const std::string& field) {
  const auto at = reference_values().find({row, field});
  if (at == reference_values().end()) return std::nullopt;
  return at->second;
}

}  // namespace windtunnel::testing
