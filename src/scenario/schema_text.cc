#include "scenario/schema_text.h"

#include <fmt/format.h>

#include <sstream>
#include <string_view>

#include "scenario/tree.h"

namespace windtunnel::scenario {
namespace {

constexpr size_t kWidth = 96;

std::string range_of(const Key& key) {
  if (!key.min.empty() && !key.max.empty()) return fmt::format(", {} to {}", key.min, key.max);
  if (!key.min.empty()) return fmt::format(", at least {}", key.min);
  if (!key.max.empty()) return fmt::format(", at most {}", key.max);
  return {};
}

class SchemaWriter final : public Visitor {
 public:
  std::string text;

 protected:
  void on_value(const Key& key, Slot& slot) override {
    const std::string automatic =
        key.automatic.empty() ? std::string() : fmt::format(" auto: {}.", key.automatic);
    comment(fmt::format("{}{}. {}.{}", slot.type(), range_of(key), key.meaning, automatic));
    if (key.name.empty()) return;
    line(fmt::format("{}: {}", key.name, as_text(slot.written())));
  }
  void on_group(const Key& key, const DescribeFunction& describe_group) override {
    if (!key.name.empty()) {
      text += "\n";
      comment(fmt::format("{}.", key.meaning));
      line(fmt::format("{}:", key.name));
    }
    indent_ += 2;
    describe_group(*this);
    indent_ -= 2;
  }
  // An empty list, then its item in comments.
  void on_list(const Key& key, ListSlot& list) override {
    text += "\n";
    comment(fmt::format("list. {}. Each item:", key.meaning));
    const bool outer = in_item_;
    in_item_ = true;
    list.visit_default(Key{.name = {}, .meaning = "as above", .min = key.min, .max = key.max},
                       *this);
    in_item_ = outer;
    line(fmt::format("{}: []", key.name));
  }

 private:
  static std::string as_text(const Node& node) {
    const std::string yaml = to_yaml(node);
    return yaml.substr(0, yaml.find('\n'));
  }
  void line(const std::string& words) {
    text += fmt::format("{:{}}{}{}\n", "", indent_, in_item_ ? "# " : "", words);
  }
  // Wraps at the width, one `#` per line (two inside a list item, which is a comment already).
  void comment(const std::string& words) {
    const std::string lead = fmt::format("{:{}}{}", "", indent_, in_item_ ? "#   # " : "# ");
    std::istringstream stream(words);
    std::string row = lead;
    for (std::string word; stream >> word;) {
      if (row.size() + word.size() > kWidth && row != lead) {
        text += row + "\n";
        row = lead;
      }
      row += row == lead ? word : " " + word;
    }
    text += row + "\n";
  }

  size_t indent_ = 0;
  bool in_item_ = false;
};

}  // namespace

std::string schema_text_of(const DescribeFunction& describe_root) {
  SchemaWriter writer;
  describe_root(writer);
  return std::move(writer.text);
}

}  // namespace windtunnel::scenario
