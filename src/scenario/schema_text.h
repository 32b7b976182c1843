// The reference of a kind of scenario, as text in the shape of a scenario: every key with its
// default, and above it a comment with type, range and meaning. The text is itself a valid scenario
// that says nothing but the defaults.
#pragma once

#include <string>

#include "scenario/visitor.h"

namespace windtunnel::scenario {

std::string schema_text_of(const DescribeFunction& describe_root);

template <class T>
std::string schema_text() {
  T value{};
  return schema_text_of([&value](Visitor& visitor) { describe(visitor, value); });
}

}  // namespace windtunnel::scenario
