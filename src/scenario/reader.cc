#include "scenario/reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "scenario/suggest.h"

namespace windtunnel::scenario {
namespace {

// Collects the paths of a description; values are not looked at.
class PathCollector final : public Visitor {
 public:
  std::vector<std::string> paths;

 protected:
  void on_value(const Key& key, Slot&) override {
    paths.push_back(key.name.empty() ? prefix_ : join_path(prefix_, key.name));
  }
  void on_group(const Key& key, const DescribeFunction& describe_group) override {
    const std::string outer = prefix_;
    if (!key.name.empty()) {
      prefix_ = join_path(prefix_, key.name);
      paths.push_back(prefix_);
    }
    describe_group(*this);
    prefix_ = outer;
  }
  void on_list(const Key& key, ListSlot& list) override {
    const std::string outer = prefix_;
    prefix_ = join_path(prefix_, key.name);
    paths.push_back(prefix_);
    prefix_ += "[]";
    list.visit_default(Key{}, *this);
    prefix_ = outer;
  }

 private:
  std::string prefix_;
};

// A group being read: where it is and which names its description has asked for so far.
struct Frame {
  const Node* node = nullptr;  // null: the user left the group out
  std::string path;
  std::vector<std::string> names;
};

class TreeReader final : public Visitor {
 public:
  TreeReader(const Node& root, const DescribeFunction& describe_root)
      : describe_root_(describe_root) {
    outcome.marks.add("", root.mark);
    read_group(root, "", describe_root);
  }
  ReadOutcome outcome;

 protected:
  void on_value(const Key& key, Slot& slot) override {
    const Node* node = take(key);
    if (node == nullptr) return;
    const std::string path = path_of(key);
    if (node->kind != Node::Kind::kScalar) {
      complain(*node, path,
               fmt::format("found {}, expected {}", kind_name(node->kind), slot.type()));
      return;
    }
    base::Status status = slot.assign(*node, key);
    if (status) return;
    status.error().message = fmt::format("{}: {}", path, status.error().message);
    outcome.marks.add_bad(path);
    outcome.errors.push_back(std::move(status.error()));
  }

  void on_group(const Key& key, const DescribeFunction& describe_group) override {
    const Node* node = take(key);
    if (node != nullptr) read_group(*node, path_of(key), describe_group);
  }

  void on_list(const Key& key, ListSlot& list) override {
    const Node* node = take(key);
    if (node == nullptr) return;
    const std::string path = path_of(key);
    if (node->kind == Node::Kind::kNull) {
      list.resize(0);
      return;
    }
    if (node->kind != Node::Kind::kSequence) {
      complain(*node, path, fmt::format("found {}, expected a list", kind_name(node->kind)),
               "write it as [ ... ] or with a leading `-`");
      return;
    }
    list.resize(0);
    list.resize(node->items.size());
    for (size_t i = 0; i < node->items.size(); ++i) {
      Key element = key;
      element.name = {};
      element_ = &node->items[i];
      element_path_ = join_path(path, i);
      outcome.marks.add(element_path_, element_->mark);
      list.visit(i, element, *this);
    }
  }

 private:
  // The node a key stands for: an element of the list being read when the key has no name.
  const Node* take(const Key& key) {
    if (key.name.empty()) return element_;
    Frame& frame = frames_.back();
    frame.names.emplace_back(key.name);
    const Node* node = frame.node->find(key.name);
    if (node == nullptr) return nullptr;
    const auto index = static_cast<size_t>(node - frame.node->items.data());
    const bool valued = node->kind != Node::Kind::kNull;
    outcome.marks.add(join_path(frame.path, key.name),
                      valued ? node->mark : frame.node->keys[index].mark);
    return node;
  }
  std::string path_of(const Key& key) const {
    return key.name.empty() ? element_path_ : join_path(frames_.back().path, key.name);
  }

  void read_group(const Node& node, const std::string& path, const DescribeFunction& fill) {
    if (node.kind == Node::Kind::kNull) return;
    if (node.kind != Node::Kind::kMapping) {
      complain(node, path, fmt::format("found {}, expected a group of keys", kind_name(node.kind)));
      return;
    }
    frames_.push_back({&node, path, {}});
    fill(*this);
    report_unknown(frames_.back());
    frames_.pop_back();
  }

  void report_unknown(const Frame& frame) {
    for (const Node::Key& key : frame.node->keys) {
      if (std::find(frame.names.begin(), frame.names.end(), key.text) != frame.names.end())
        continue;
      outcome.marks.add_bad(join_path(frame.path, key.text));
      outcome.errors.push_back({key.mark,
                                fmt::format("unknown key {}{}", quoted(key.text),
                                            frame.path.empty() ? "" : " in " + frame.path),
                                hint_for(key.text, frame)});
    }
  }

  // A near name in the same group; else the same name in another one; else the names there are.
  // Only the first errors are worth a search: a wrong kind of file can hold thousands of names.
  std::string hint_for(const std::string& name, const Frame& frame) {
    constexpr size_t kHintsMax = 100;
    if (outcome.errors.size() >= kHintsMax) return {};
    if (const auto near = nearest_name(name, frame.names)) return "did you mean `" + *near + "`?";
    if (paths_.empty()) paths_ = known_paths(describe_root_);
    for (const std::string& path : paths_)
      if (path.ends_with("." + name)) return fmt::format("did you mean `{}`?", path);
    return "known: " + detail::joined(frame.names, ", ");
  }

  void complain(const Node& node, const std::string& path, const std::string& message,
                std::string hint = {}) {
    const base::SourceMark& mark =
        node.kind == Node::Kind::kNull ? outcome.marks.at(path) : node.mark;
    outcome.marks.add_bad(path);
    outcome.errors.push_back(
        {mark, path.empty() ? message : fmt::format("{}: {}", path, message), std::move(hint)});
  }

  const DescribeFunction& describe_root_;
  std::vector<Frame> frames_;
  const Node* element_ = nullptr;
  std::string element_path_;
  std::vector<std::string> paths_;
};

}  // namespace

base::SourceMark MarkTable::at(std::string_view path) const {
  while (true) {
    const auto found = marks_.find(path);
    if (found != marks_.end()) return found->second;
    if (path.empty()) return {};
    const size_t cut = path.find_last_of(".[");
    path = cut == std::string_view::npos ? std::string_view() : path.substr(0, cut);
  }
}

bool MarkTable::bad_in(std::string_view path, std::string_view except) const {
  const auto within = [](std::string_view inner, std::string_view outer) {
    return inner.starts_with(outer) && (inner.size() == outer.size() || outer.empty() ||
                                        inner[outer.size()] == '.' || inner[outer.size()] == '[');
  };
  return std::any_of(bad_.begin(), bad_.end(), [&](const std::string& bad) {
    return bad.empty() || (within(bad, path) && !within(bad, except));
  });
}

void sort_by_place(std::vector<base::Error>& errors) {
  std::stable_sort(errors.begin(), errors.end(),
                   [](const base::Error& a, const base::Error& b) { return a.mark < b.mark; });
  const auto what = [](const base::Error& error) {
    const size_t path_end = error.message.find(": ");
    return std::string_view(error.message).substr(path_end == std::string::npos ? 0 : path_end);
  };
  auto kept = errors.begin();
  auto first = errors.begin();  // kept, of the same place
  for (auto error = errors.begin(); error != errors.end(); ++error) {
    if (first == kept || first->mark < error->mark) first = kept;
    const auto same = [&](const base::Error& e) { return what(e) == what(*error); };
    if (error->mark.line > 0 && std::any_of(first, kept, same)) continue;
    if (kept != error) *kept = std::move(*error);
    ++kept;
  }
  errors.erase(kept, errors.end());
}

std::vector<std::string> known_paths(const DescribeFunction& describe_root) {
  PathCollector collector;
  describe_root(collector);
  return std::move(collector.paths);
}

ReadOutcome read_tree(const Node& root, const DescribeFunction& describe_root) {
  constexpr size_t kErrorsMax = 100;
  TreeReader reader(root, describe_root);
  std::vector<base::Error>& errors = reader.outcome.errors;
  sort_by_place(errors);
  if (errors.size() > kErrorsMax) {
    const size_t more = errors.size() - kErrorsMax;
    errors.resize(kErrorsMax + 1);
    errors.back() = {errors.back().mark, fmt::format("and {} more errors", more), {}};
  }
  return std::move(reader.outcome);
}

}  // namespace windtunnel::scenario
