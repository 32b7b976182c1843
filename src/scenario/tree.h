// A scenario file as a tree in which every node knows where it was written. No YAML library type
// appears here; yaml_reader.h makes trees, overrides.h changes them, reader.h turns them into
// structs, dump.h makes them from structs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace windtunnel::scenario {

struct Node {
  enum class Kind : unsigned char { kNull, kScalar, kSequence, kMapping };
  struct Key {
    std::string text;
    base::SourceMark mark;
  };

  Kind kind = Kind::kNull;
  // Scalars: the text is a string even if it looks like a number, a truth value or nothing.
  bool quoted = false;
  std::string text;
  base::SourceMark mark;
  std::vector<Node> items;  // elements of a sequence, or values of a mapping in file order
  std::vector<Key> keys;    // of a mapping: keys[i] belongs to items[i]

  static Node scalar(std::string text, bool quoted = false);
  static Node sequence();
  static Node mapping();

  // Value of a key, or null when absent or when this is no mapping.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
  // Appends; the caller sees to it that the key is new.
  Node& add(std::string key, Node value);
};

// "a text", "a list", "a group of keys" or "nothing", for messages.
std::string_view kind_name(Node::Kind kind);

// `fabric` + `nodes` = `fabric.nodes`; `faults` + 2 = `faults[2]`.
std::string join_path(std::string_view parent, std::string_view key);
std::string join_path(std::string_view parent, size_t index);

// Text that reads back as the same tree (marks apart).
std::string to_yaml(const Node& root);
// Unquoted scalars that are JSON numbers or truth values stay bare; all others become strings.
std::string to_json(const Node& root);

}  // namespace windtunnel::scenario
