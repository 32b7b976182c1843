#include "scenario/yaml_reader.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "scenario/suggest.h"
#include "scenario/text_file.h"

namespace windtunnel::scenario {
namespace {

// Thrown through the library to stop it; caught in read_yaml below.
struct Stop {
  base::Error error;
};

// A group whose end has not been seen yet.
struct OpenGroup {
  Node node;
  YAML::anchor_t anchor = 0;
  bool key_waits = false;  // mapping: the key has come, its value has not
  Node::Key key;
  std::map<std::string, size_t, std::less<>> places;  // mapping: index of each key
  std::set<std::string, std::less<>> merged;          // mapping: keys that came by `<<`
};

// Doubled keys reported before reading stops.
constexpr size_t kErrorsMax = 50;

// Builds the tree from the parser's events. Marks of the library count from 0.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, const std::string& file, const YamlLimits& limits)
      : text_(text), file_(file), limits_(limits) {}

  Node take_root() { return std::move(root_); }
  std::vector<base::Error> take_errors() { return std::move(errors_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) stop(mark, "found a second document, expected the end of the file");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.mark = here(mark);
    count(mark, 1);
    accept(std::move(node), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) stop(mark, "an alias inside the group it stands for");
    count(mark, nodes_in(known->second));
    if (groups_.size() + depth_of(known->second) > limits_.depth) stop_deep(mark);
    accept(known->second, 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    Node node = Node::scalar(value, tag == "!");
    if (node.quoted && !quote_closes(static_cast<size_t>(std::max(mark.pos, 0))))
      stop(mark, "the quote opened here is never closed");
    node.mark = here(mark);
    count(mark, 1);
    accept(std::move(node), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::sequence());
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::mapping());
  }
  void OnMapEnd() override { close(); }

 private:
  base::SourceMark here(const YAML::Mark& mark) const {
    return {file_, mark.line + 1, mark.column + 1};
  }
  [[noreturn]] void stop(const YAML::Mark& mark, std::string message) const {
    throw Stop{{here(mark), std::move(message), {}}};
  }
  void check_tag(const YAML::Mark& mark, const std::string& tag) const {
    const bool plain = tag.empty() || tag == "?" || tag == "!";
    if (!plain && !tag.starts_with("tag:yaml.org,2002:"))
      stop(mark, fmt::format("found the tag {}, but tags mean nothing here", quoted(tag)));
  }
  // The library takes the end of the file for the end of a quoted text, so a truncated file would
  // pass. `at`: where the node begins, its anchor and tag included.
  bool quote_closes(size_t at) const {
    constexpr std::string_view kOpenings = "'\"|>";
    while (at < text_.size() && kOpenings.find(text_[at]) == std::string_view::npos) {
      const bool comment = text_[at] == '#';
      const bool property = text_[at] == '&' || text_[at] == '!';
      const size_t end = text_.find_first_of(comment ? "\r\n" : " \t\r\n", at);
      at = comment || property ? std::min(end, text_.size()) : at + 1;
    }
    if (at >= text_.size()) return false;
    const char quote = text_[at];
    if (quote == '|' || quote == '>') return true;  // a block: it ends with its indentation
    for (++at; at < text_.size(); ++at) {
      if (text_[at] == '\\' && quote == '"') {
        ++at;
      } else if (text_[at] == quote) {
        if (quote == '"' || at + 1 >= text_.size() || text_[at + 1] != quote) return true;
        ++at;
      }
    }
    return false;
  }
  // Aliases repeat nodes, so it is the grown tree that is counted: nine anchors of nine aliases
  // each are 400 bytes of text and 3 * 10^8 nodes.
  static size_t nodes_in(const Node& node) {
    size_t count = 1;
    for (const Node& item : node.items) count += nodes_in(item);
    return count;
  }
  static size_t depth_of(const Node& node) {
    size_t depth = 0;
    for (const Node& item : node.items) depth = std::max(depth, depth_of(item));
    return depth + 1;
  }

  void count(const YAML::Mark& mark, size_t more) {
    nodes_ += more;
    if (nodes_ > limits_.nodes)
      throw Stop{{here(mark), fmt::format("found more than {} values", limits_.nodes),
                  "do aliases multiply?"}};
  }
  [[noreturn]] void stop_deep(const YAML::Mark& mark) const {
    stop(mark, fmt::format("nested deeper than {} levels", limits_.depth));
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node node) {
    check_tag(mark, tag);
    node.mark = here(mark);
    count(mark, 1);
    if (groups_.size() >= limits_.depth) stop_deep(mark);
    groups_.emplace_back();
    groups_.back().node = std::move(node);
    groups_.back().anchor = anchor;
  }
  void close() {
    OpenGroup group = std::move(groups_.back());
    groups_.pop_back();
    // The copy kept for later aliases counts as well: nested anchors repeat their contents.
    if (group.anchor != 0) nodes_ += nodes_in(group.node);
    accept(std::move(group.node), group.anchor);
  }

  // A finished node finds its place: the root, a list, or key and value in turn.
  void accept(Node node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = node;
    if (groups_.empty()) {
      root_ = std::move(node);
    } else if (groups_.back().node.kind == Node::Kind::kSequence) {
      groups_.back().node.items.push_back(std::move(node));
    } else if (groups_.back().key_waits) {
      accept_value(groups_.back(), std::move(node));
    } else {
      accept_key(groups_.back(), std::move(node));
    }
  }
  static void accept_key(OpenGroup& group, Node node) {
    if (node.kind != Node::Kind::kScalar)
      throw Stop{
          {node.mark, fmt::format("found {} as a key, expected a name", kind_name(node.kind)), {}}};
    group.key = {std::move(node.text), std::move(node.mark)};
    group.key_waits = true;
  }
  void accept_value(OpenGroup& group, Node node) {
    group.key_waits = false;
    if (group.key.text == "<<") {
      merge(group, node);
      return;
    }
    const auto known = group.places.find(group.key.text);
    if (known == group.places.end()) {
      append(group, std::move(group.key), std::move(node));
    } else if (group.merged.erase(group.key.text) > 0) {  // own keys win over merged ones
      group.node.keys[known->second] = std::move(group.key);
      group.node.items[known->second] = std::move(node);
    } else {
      const base::SourceMark& first = group.node.keys[known->second].mark;
      if (errors_.size() >= kErrorsMax)
        throw Stop{{group.key.mark, "and more keys that are given twice", {}}};
      errors_.push_back({group.key.mark, fmt::format("{} is given twice", quoted(group.key.text)),
                         fmt::format("first at line {}, column {}", first.line, first.column)});
    }
  }
  static void append(OpenGroup& group, Node::Key key, Node value) {
    group.places.emplace(key.text, group.node.keys.size());
    group.node.keys.push_back(std::move(key));
    group.node.items.push_back(std::move(value));
  }
  // `<<: *base` or `<<: [*a, *b]`: keys not there yet; the first list item wins.
  static void merge(OpenGroup& group, const Node& source) {
    if (source.kind == Node::Kind::kSequence) {
      for (const Node& item : source.items) merge_one(group, item);
    } else {
      merge_one(group, source);
    }
  }
  static void merge_one(OpenGroup& group, const Node& source) {
    if (source.kind != Node::Kind::kMapping)
      throw Stop{{source.mark,
                  fmt::format("found {} to merge with `<<`, expected a group of keys",
                              kind_name(source.kind)),
                  {}}};
    for (size_t i = 0; i < source.keys.size(); ++i) {
      if (group.places.contains(source.keys[i].text)) continue;
      group.merged.insert(source.keys[i].text);
      append(group, source.keys[i], source.items[i]);
    }
  }

  std::string_view text_;
  const std::string& file_;
  const YamlLimits& limits_;
  Node root_;
  std::vector<base::Error> errors_;
  std::vector<OpenGroup> groups_;
  std::map<YAML::anchor_t, Node> anchors_;
  size_t nodes_ = 0;
  int documents_ = 0;
};

base::SourceMark whole_file(const std::string& file) { return {file, 0, 0}; }

// Editors show a tab as blanks, and the library's complaint does not name it.
std::string tab_hint(std::string_view text, int line) {
  for (int at = 1; at < line; ++at) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  const size_t first = text.find_first_not_of(' ');
  const bool tab = first != std::string_view::npos && text[first] == '\t';
  return tab ? "the line begins with a tab; YAML is indented with blanks" : "";
}

base::Error from_library(const YAML::Exception& exception, std::string_view text,
                         const std::string& file) {
  const YAML::Mark& mark = exception.mark;
  base::SourceMark place = whole_file(file);
  if (!mark.is_null()) place = {file, mark.line + 1, mark.column + 1};
  std::string hint = mark.is_null() ? "" : tab_hint(text, mark.line + 1);
  return {std::move(place), "is not YAML: " + exception.msg, std::move(hint)};
}

base::Status parse(std::string_view text, const std::string& file, TreeBuilder& builder) {
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    return {};
  } catch (const Stop& stop) {
    return tl::unexpected(stop.error);
  } catch (const YAML::Exception& exception) {
    return tl::unexpected(from_library(exception, text, file));
  } catch (const std::exception& exception) {
    return base::fail(whole_file(file), fmt::format("is not YAML: {}", exception.what()));
  }
}

}  // namespace

YamlText read_yaml(std::string_view text, const std::string& file, const YamlLimits& limits) {
  YamlText result;
  const auto stop = [&result](base::Error error) {
    result.complete = false;
    result.errors.push_back(std::move(error));
    return std::move(result);
  };
  if (text.size() > limits.bytes) {
    std::string message = fmt::format("is larger than {} bytes", limits.bytes);
    return stop({whole_file(file), std::move(message), {}});
  }
  if (const base::Status status = check_text(text, file); !status) return stop(status.error());
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  TreeBuilder builder(text, file, limits);
  const base::Status status = parse(text, file, builder);
  result.errors = builder.take_errors();
  if (!status) return stop(status.error());
  result.root = builder.take_root();
  if (result.root.kind != Node::Kind::kNull) return result;
  result.root = Node::mapping();
  result.root.mark = {file, 1, 1};
  return result;
}

}  // namespace windtunnel::scenario
