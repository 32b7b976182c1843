#include "scenario/tree.h"

#include <fmt/format.h>

#include <utility>

namespace windtunnel::scenario {
namespace {

// Escapes shared by JSON and double-quoted YAML.
std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (c == '\n') {
      result += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      result += fmt::format("\\u{:04x}", byte);
    } else {
      result += c;
    }
  }
  return result + "\"";
}

bool is_json_number(std::string_view text) {
  size_t i = text.starts_with('-') ? 1 : 0;
  const size_t first = i;
  while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
  const bool leading_zero = i - first > 1 && text[first] == '0';
  return i > first && i == text.size() && !leading_zero;
}

std::string yaml_scalar(const Node& node) { return node.quoted ? in_quotes(node.text) : node.text; }

void write_yaml(std::string& out, const Node& node, size_t indent);

// What follows `key:` or `-`: on the same line when it is small.
void write_yaml_value(std::string& out, const Node& node, size_t indent) {
  const bool group = node.kind == Node::Kind::kSequence || node.kind == Node::Kind::kMapping;
  if (!group) {
    out += node.kind == Node::Kind::kScalar ? " " + yaml_scalar(node) + "\n" : "\n";
  } else if (node.items.empty()) {
    out += node.kind == Node::Kind::kSequence ? " []\n" : " {}\n";
  } else {
    out += "\n";
    write_yaml(out, node, indent);
  }
}

void write_yaml(std::string& out, const Node& node, size_t indent) {
  for (size_t i = 0; i < node.items.size(); ++i) {
    out.append(indent, ' ');
    out += node.kind == Node::Kind::kMapping ? node.keys[i].text + ":" : "-";
    write_yaml_value(out, node.items[i], indent + 2);
  }
}

void write_json(std::string& out, const Node& node) {
  const bool mapping = node.kind == Node::Kind::kMapping;
  if (node.kind == Node::Kind::kNull) {
    out += "null";
  } else if (node.kind == Node::Kind::kScalar) {
    const bool bare =
        !node.quoted && (is_json_number(node.text) || node.text == "true" || node.text == "false");
    out += bare ? node.text : in_quotes(node.text);
  } else {
    out += mapping ? "{" : "[";
    for (size_t i = 0; i < node.items.size(); ++i) {
      if (i > 0) out += ", ";
      if (mapping) out += in_quotes(node.keys[i].text) + ": ";
      write_json(out, node.items[i]);
    }
    out += mapping ? "}" : "]";
  }
}

}  // namespace

Node Node::scalar(std::string text, bool quoted) {
  Node node;
  node.kind = Kind::kScalar;
  node.text = std::move(text);
  node.quoted = quoted;
  return node;
}

Node Node::sequence() {
  Node node;
  node.kind = Kind::kSequence;
  return node;
}

Node Node::mapping() {
  Node node;
  node.kind = Kind::kMapping;
  return node;
}

const Node* Node::find(std::string_view key) const {
  for (size_t i = 0; i < keys.size(); ++i)
    if (keys[i].text == key) return &items[i];
  return nullptr;
}

Node* Node::find(std::string_view key) { return const_cast<Node*>(std::as_const(*this).find(key)); }

Node& Node::add(std::string key, Node value) {
  keys.push_back({std::move(key), value.mark});
  items.push_back(std::move(value));
  return items.back();
}

std::string_view kind_name(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::kNull:
      return "nothing";
    case Node::Kind::kScalar:
      return "a single value";
    case Node::Kind::kSequence:
      return "a list";
    case Node::Kind::kMapping:
      return "a group of keys";
  }
  return "nothing";
}

std::string join_path(std::string_view parent, std::string_view key) {
  return parent.empty() ? std::string(key) : fmt::format("{}.{}", parent, key);
}

std::string join_path(std::string_view parent, size_t index) {
  return fmt::format("{}[{}]", parent, index);
}

std::string to_yaml(const Node& root) {
  std::string out;
  if (root.items.empty()) {
    write_yaml_value(out, root, 0);
    out.erase(0, out.find_first_not_of(' '));
  } else {
    write_yaml(out, root, 0);
  }
  return out;
}

std::string to_json(const Node& root) {
  std::string out;
  write_json(out, root);
  return out;
}

}  // namespace windtunnel::scenario
