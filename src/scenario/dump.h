// From a struct back to a tree, by its description: the resolved scenario, defaults included.
#pragma once

#include "scenario/tree.h"
#include "scenario/visitor.h"

namespace windtunnel::scenario {

Node dump_tree(const DescribeFunction& describe_root);

// A tree that to_yaml writes as a scenario file and to_json as the `scenario` of a result. Reading
// it again gives an equal struct.
template <class T>
Node dump(T value) {
  return dump_tree([&value](Visitor& visitor) { describe(visitor, value); });
}

}  // namespace windtunnel::scenario
