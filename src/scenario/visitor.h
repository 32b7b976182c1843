// One description per struct, four uses.
//
// A struct that can stand in a scenario has a free function
//
//     void describe(scenario::Visitor& visitor, Queue& queue) {
//       visitor.key({.name = "capacity", .meaning = "bytes or packets held", .min = "1 B"},
//                   queue.capacity);
//     }
//
// in its own namespace. Reader (reader.h), schema text (schema_text.h), dump (dump.h) and error
// texts all come from it. A field may be bool, int64_t, std::string, any quantity of quantity.h, a
// FilePath, an enum with EnumNames, an optional of these (empty is written `auto`), another
// described struct, or a vector of all of these. The default of a key is what the
// default-constructed struct holds.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/result.h"
#include "base/units.h"
#include "scenario/tree.h"
#include "scenario/value_types.h"

namespace windtunnel::scenario {

// What is known of a key besides its value. min and max are inclusive, written like any value of
// the key, and serve both the check and the documentation; empty means unbounded.
struct Key {
  std::string_view name;
  std::string_view meaning;
  std::string_view min = {};
  std::string_view max = {};
  std::string_view automatic = {};  // optional fields: what `auto` comes to
};

// Specialise for an enum: `static constexpr std::array<EnumName<E>, n> kNames = {{...}}`.
template <class E>
struct EnumName {
  E value;
  std::string_view name;
};
template <class E>
struct EnumNames;

template <class E>
constexpr std::string_view enum_text(E value) {
  for (const auto& entry : EnumNames<E>::kNames)
    if (entry.value == value) return entry.name;
  return "?";
}

// Reading, writing and comparing one type of value. Specialised in value_traits.h for everything
// that is no enum.
template <class T>
struct ValueTraits;

// A single value somewhere in a struct, its type erased.
class Slot {
 public:
  virtual ~Slot() = default;
  // What kind of value, for the schema: "integer", "time", "fat-tree | leaf-spine".
  virtual std::string type() const = 0;
  // Takes the node's text, or says what was found and expected and changes nothing.
  virtual base::Status assign(const Node& node, const Key& key) = 0;
  // The value as it would be written; a quoted scalar for free text.
  virtual Node written() const = 0;
};

class Visitor;

// A list somewhere in a struct. Elements are visited as values of the given key.
class ListSlot {
 public:
  virtual ~ListSlot() = default;
  virtual size_t size() const = 0;
  virtual void resize(size_t size) = 0;
  virtual void visit(size_t index, const Key& key, Visitor& visitor) = 0;
  // Visits a default-constructed element, for the schema.
  virtual void visit_default(const Key& key, Visitor& visitor) = 0;
};

using DescribeFunction = std::function<void(Visitor&)>;

class Visitor {
 public:
  virtual ~Visitor() = default;

  template <class T>
  void key(const Key& key, T& value);

 protected:
  virtual void on_value(const Key& key, Slot& slot) = 0;
  virtual void on_group(const Key& key, const DescribeFunction& describe_group) = 0;
  virtual void on_list(const Key& key, ListSlot& list) = 0;
};

template <class T>
concept Described = requires(Visitor& visitor, T& value) {
  describe(visitor, value);
};

namespace detail {

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

// "found X, expected TYPE from MIN to MAX".
base::Error out_of_range(const Node& node, const std::string& type, const Key& key);
base::Result<size_t> find_enum(const Node& node, const std::vector<std::string>& names);
std::string joined(const std::vector<std::string>& names, std::string_view separator);

template <class T>
class TypedSlot final : public Slot {
 public:
  explicit TypedSlot(T& value) : value_(value) {}
  std::string type() const override { return ValueTraits<T>::type(); }
  Node written() const override { return ValueTraits<T>::written(value_); }
  base::Status assign(const Node& node, const Key& key) override {
    const base::Result<T> value = ValueTraits<T>::parse(node);
    if (!value) return tl::unexpected(value.error());
    if constexpr (ValueTraits<T>::kOrdered) {
      const bool low = !key.min.empty() && ValueTraits<T>::less(*value, bound(key.min));
      const bool high = !key.max.empty() && ValueTraits<T>::less(bound(key.max), *value);
      if (low || high) return tl::unexpected(out_of_range(node, type(), key));
    }
    value_ = *value;
    return {};
  }

 private:
  static T bound(std::string_view text) {
    const base::Result<T> value = ValueTraits<T>::parse(Node::scalar(std::string(text)));
    WT_CHECK(value.has_value(), "a described bound does not parse");
    return *value;
  }
  T& value_;
};

template <class T>
class TypedSlot<std::optional<T>> final : public Slot {
 public:
  explicit TypedSlot(std::optional<T>& value) : value_(value) {}
  std::string type() const override { return ValueTraits<T>::type() + " or auto"; }
  Node written() const override {
    return value_ ? ValueTraits<T>::written(*value_) : Node::scalar("auto");
  }
  base::Status assign(const Node& node, const Key& key) override {
    if (node.text == "auto") {
      value_.reset();
      return {};
    }
    T value{};
    base::Status status = TypedSlot<T>(value).assign(node, key);
    if (status) value_ = value;
    return status;
  }

 private:
  std::optional<T>& value_;
};

template <class T>
class TypedList final : public ListSlot {
 public:
  explicit TypedList(std::vector<T>& values) : values_(values) {}
  size_t size() const override { return values_.size(); }
  void resize(size_t size) override { values_.resize(size); }
  void visit(size_t index, const Key& key, Visitor& visitor) override {
    visitor.key(key, values_[index]);
  }
  void visit_default(const Key& key, Visitor& visitor) override {
    T value{};
    visitor.key(key, value);
  }

 private:
  std::vector<T>& values_;
};

}  // namespace detail

// Enums are one implementation for all.
template <class E>
requires std::is_enum_v<E>
struct ValueTraits<E> {
  static constexpr bool kOrdered = false;
  static std::vector<std::string> names() {
    std::vector<std::string> result;
    result.reserve(std::size(EnumNames<E>::kNames));
    for (const auto& entry : EnumNames<E>::kNames) result.emplace_back(entry.name);
    return result;
  }
  static std::string type() { return detail::joined(names(), " | "); }
  static base::Result<E> parse(const Node& node) {
    return detail::find_enum(node, names()).map([](size_t index) {
      return EnumNames<E>::kNames[index].value;
    });
  }
  static Node written(E value) { return Node::scalar(std::string(enum_text(value))); }
};

template <class T>
void Visitor::key(const Key& key, T& value) {
  if constexpr (Described<T>) {
    on_group(key, [&value](Visitor& visitor) { describe(visitor, value); });
  } else if constexpr (detail::IsVector<T>::value) {
    detail::TypedList list(value);
    on_list(key, list);
  } else {
    detail::TypedSlot<T> slot(value);
    on_value(key, slot);
  }
}

}  // namespace windtunnel::scenario

#include "scenario/value_traits.h"  // IWYU pragma: export
