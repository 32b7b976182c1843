// YAML text to a tree. The one place that knows yaml-cpp.
//
// Stricter than the library, because what it lets pass surprises users: a key given twice is an
// error (with both places), so are several documents in one file, tags, keys that are no single
// value, and aliases that swell. Anchors, aliases and `<<` merges work.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scenario/tree.h"

namespace windtunnel::scenario {

// Bounds on what is read: generous for what people write, small for a machine.
struct YamlLimits {
  size_t bytes = size_t{1} << 20;
  size_t nodes = 50'000;  // after aliases are expanded
  size_t depth = 32;
};

struct YamlText {
  Node root;                        // an empty mapping when the text says nothing
  bool complete = true;             // false: reading stopped at an error, root is to be ignored
  std::vector<base::Error> errors;  // may be there although the tree is complete: doubled keys,
                                    // of which the tree holds the first
};

// Total over arbitrary bytes. Marks carry `file`; a byte-order mark is skipped.
YamlText read_yaml(std::string_view text, const std::string& file, const YamlLimits& limits = {});

}  // namespace windtunnel::scenario
