// Reads the reference values of the known-answer tests: reference_values.json in the folder
// WT_SHARED_DATA, or beside the source tree. Two levels of names, the leaves numbers or the bare
// token Infinity, which strict readers of JSON refuse.
#include <gtest/gtest.h>

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <string>

#include "des/queueing_fixture.h"

namespace windtunnel::des::queueing {
namespace {

using Values = std::map<std::string, double>;  // by "row.field"

double read_number(std::istream& in) {
  std::string text;
  while (in && in.peek() != ',' && in.peek() != '}' && std::isspace(in.peek()) == 0) {
    text += static_cast<char>(in.get());
  }
  return text == "Infinity" ? std::numeric_limits<double>::infinity() : std::stod(text);
}

Values read_values(std::istream& in) {
  Values values;
  std::string row;
  std::string name;
  for (char c = 0; in.get(c);) {
    if (c == '"') {
      std::getline(in, name, '"');
    } else if (c == '{') {
      row = name;
    } else if (c == ':' && (in >> std::ws).peek() != '{') {
      values[row + "." + name] = read_number(in);
    }
  }
  return values;
}

// ctest names the source tree; without it that is taken to be the working directory.
std::filesystem::path reference_file() {
  const char* const shared = std::getenv("WT_SHARED_DATA");
  const char* const source = std::getenv("WT_SOURCE_DIR");
  const std::filesystem::path data =
      shared != nullptr
          ? std::filesystem::path(shared)
          : std::filesystem::path(source != nullptr ? source : ".") / "../shared/data";
  return data / "factory" / "reference_values.json";
}

const Values& references() {
  static const Values values = [] {
    std::ifstream file(reference_file());
    return read_values(file);
  }();
  return values;
}

TEST(QueueingReferences, AreRead) {
  if (!references_present()) {
    GTEST_SKIP() << reference_file() << " is absent; closed forms alone judge the queueing tests";
  }
  EXPECT_EQ(find_reference("MM1_lam0.5", "W"), 2.0);
  EXPECT_EQ(find_reference("MM1_lam0.5", "nothing"), std::nullopt);
  EXPECT_EQ(find_reference("lotsize_D40_t1min_setup60min", "W_Q60"),
            std::numeric_limits<double>::infinity());
}

}  // namespace

bool references_present() { return !references().empty(); }

std::optional<double> find_reference(const std::string& row, const std::string& field) {
  const auto at = references().find(row + "." + field);
  if (at == references().end()) return std::nullopt;
  return at->second;
}

}  // namespace windtunnel::des::queueing
