// How each type of value is read, written and compared. Included by visitor.h.
#pragma once

#include <cstdint>
#include <string>

#include "base/money.h"
#include "base/result.h"
#include "base/time_distribution.h"
#include "base/units.h"
#include "scenario/span.h"
#include "scenario/tree.h"
#include "scenario/value_types.h"

namespace windtunnel::scenario {

template <class T>
struct ValueTraits;

template <>
struct ValueTraits<bool> {
  static constexpr bool kOrdered = false;
  static std::string type() { return "true | false"; }
  static base::Result<bool> parse(const Node& node);
  static Node written(bool value);
};

template <>
struct ValueTraits<std::string> {
  static constexpr bool kOrdered = false;
  static std::string type() { return "text"; }
  static base::Result<std::string> parse(const Node& node);
  static Node written(const std::string& value);
};

template <>
struct ValueTraits<FilePath> {
  static constexpr bool kOrdered = false;
  static std::string type() { return "file name or none"; }
  // Resolves against the folder of the file the node is from, or the working directory when it is
  // from a flag. `none` and empty text give no file.
  static base::Result<FilePath> parse(const Node& node);
  static Node written(const FilePath& value);
};

template <>
struct ValueTraits<int64_t> {
  static constexpr bool kOrdered = true;
  static std::string type() { return "integer"; }
  static base::Result<int64_t> parse(const Node& node);
  static Node written(int64_t value);
  static bool less(int64_t a, int64_t b) { return a < b; }
};

template <>
struct ValueTraits<base::Duration> {
  static constexpr bool kOrdered = true;
  static std::string type() { return "time"; }
  static base::Result<base::Duration> parse(const Node& node);
  static Node written(base::Duration value);
  static bool less(base::Duration a, base::Duration b) { return a < b; }
};

template <>
struct ValueTraits<base::Bytes> {
  static constexpr bool kOrdered = true;
  static std::string type() { return "size"; }
  static base::Result<base::Bytes> parse(const Node& node);
  static Node written(base::Bytes value);
  static bool less(base::Bytes a, base::Bytes b) { return a < b; }
};

template <>
struct ValueTraits<base::Rate> {
  static constexpr bool kOrdered = true;
  static std::string type() { return "rate"; }
  static base::Result<base::Rate> parse(const Node& node);
  static Node written(base::Rate value);
  static bool less(base::Rate a, base::Rate b) { return a < b; }
};

template <>
struct ValueTraits<base::Ratio> {
  static constexpr bool kOrdered = true;
  static std::string type() { return "share"; }
  static base::Result<base::Ratio> parse(const Node& node);
  static Node written(base::Ratio value);
  static bool less(base::Ratio a, base::Ratio b);
};

template <>
struct ValueTraits<DataAmount> {
  static constexpr bool kOrdered = true;
  static std::string type() { return "size or packets"; }
  static base::Result<DataAmount> parse(const Node& node);
  static Node written(DataAmount value);
  // Bounds compare the counts whatever the unit: `1 B` as a minimum means "positive" in both.
  static bool less(DataAmount a, DataAmount b) { return a.count < b.count; }
};

template <>
struct ValueTraits<Span> {
  static constexpr bool kOrdered = true;
  static std::string type() { return "time"; }
  static base::Result<Span> parse(const Node& node);
  static Node written(Span value);
  static bool less(Span a, Span b) { return a < b; }
};

template <>
struct ValueTraits<base::Money> {
  static constexpr bool kOrdered = true;
  static std::string type() { return "money"; }
  static base::Result<base::Money> parse(const Node& node);
  static Node written(base::Money value);
  static bool less(base::Money a, base::Money b) { return a < b; }
};

template <>
struct ValueTraits<base::Power> {
  static constexpr bool kOrdered = true;
  static std::string type() { return "power"; }
  static base::Result<base::Power> parse(const Node& node);
  static Node written(base::Power value);
  static bool less(base::Power a, base::Power b) { return a < b; }
};

template <>
struct ValueTraits<base::TimeDistribution> {
  static constexpr bool kOrdered = false;
  static std::string type() { return "time or distribution"; }
  static base::Result<base::TimeDistribution> parse(const Node& node);
  static Node written(const base::TimeDistribution& value);
};

template <>
struct ValueTraits<TimeOfDay> {
  static constexpr bool kOrdered = false;
  static std::string type() { return "time of day"; }
  static base::Result<TimeOfDay> parse(const Node& node);
  static Node written(TimeOfDay value);
};

template <>
struct ValueTraits<Weekdays> {
  static constexpr bool kOrdered = false;
  static std::string type() { return "days"; }
  static base::Result<Weekdays> parse(const Node& node);
  static Node written(Weekdays value);
};

}  // namespace windtunnel::scenario
