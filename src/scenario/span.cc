#include "scenario/span.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "scenario/decimal.h"
#include "scenario/quantity.h"
#include "scenario/suggest.h"

namespace windtunnel::scenario {
namespace {

using base::Ratio;
using base::Result;
using base::TimeDistribution;
using base::TimeShape;
using detail::Unit;

// In seconds; the first six are the canonical ones, largest last.
constexpr std::array kUnits = {Unit{"us", 1, 1'000'000},
                               Unit{"ms", 1, 1'000},
                               Unit{"s", 1, 1},
                               Unit{"min", 60, 1},
                               Unit{"h", 3'600, 1},
                               Unit{"d", 86'400, 1},
                               Unit{"w", 604'800, 1},
                               Unit{"sec", 1, 1},
                               Unit{"minutes", 60, 1},
                               Unit{"hour", 3'600, 1},
                               Unit{"hours", 3'600, 1},
                               Unit{"day", 86'400, 1},
                               Unit{"days", 86'400, 1},
                               Unit{"week", 604'800, 1},
                               Unit{"weeks", 604'800, 1},
                               Unit{"\xc2\xb5s", 1, 1'000'000},   // micro sign
                               Unit{"\xce\xbcs", 1, 1'000'000}};  // Greek mu
constexpr size_t kCanonical = 6;
constexpr detail::Sort kSpan = {"a time such as `15 min` (us, ms, s, min, h, d, w)", kUnits};
constexpr int64_t kPerSecond = base::Microseconds::kPerSecond;
constexpr Span kLongest = Span::s(int64_t{36'500} * 86'400);

constexpr std::string_view kDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr std::string_view kDaysInFull[] = {"monday", "tuesday",  "wednesday", "thursday",
                                            "friday", "saturday", "sunday"};

// How a shape is written: its word, what follows it, and an example for messages.
enum class Follows : uint8_t { kMean, kStages, kLowHigh, kLowModeHigh, kCv, kShape, kSlot };
struct ShapeText {
  TimeShape shape;
  std::string_view word;
  Follows follows;
  std::string_view example;
};
constexpr std::array kShapes = {
    ShapeText{TimeShape::kConstant, "constant", Follows::kMean, "constant 45 s"},
    ShapeText{TimeShape::kExponential, "exponential", Follows::kMean, "exponential 2 h"},
    ShapeText{TimeShape::kErlang, "erlang", Follows::kStages, "erlang 3 10 min"},
    ShapeText{TimeShape::kUniform, "uniform", Follows::kLowHigh, "uniform 4 min 6 min"},
    ShapeText{TimeShape::kTriangular, "triangular", Follows::kLowModeHigh,
              "triangular 1 min 2 min 4 min"},
    ShapeText{TimeShape::kNormal, "normal", Follows::kCv, "normal 10 min cv 0.2"},
    ShapeText{TimeShape::kLognormal, "lognormal", Follows::kCv, "lognormal 10 min cv 0.5"},
    ShapeText{TimeShape::kGamma, "gamma", Follows::kCv, "gamma 10 min cv 2"},
    ShapeText{TimeShape::kWeibull, "weibull", Follows::kShape, "weibull 20 h shape 1.5"},
    ShapeText{TimeShape::kHyperexponential, "hyperexponential", Follows::kCv,
              "hyperexponential 1 min cv 2"},
    ShapeText{TimeShape::kGeometric, "geometric", Follows::kSlot, "geometric 10 min slot 1 min"},
};

// The words of a text, one after the other. What went wrong first is kept.
class Words {
 public:
  explicit Words(std::string_view text) {
    constexpr size_t kWordsMax = 16;
    size_t begin = 0;
    while (begin < text.size() && words_.size() < kWordsMax) {
      const size_t end = std::min(text.find_first_of(" \t", begin), text.size());
      if (end > begin) words_.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
  }

  bool done() const { return next_ >= words_.size(); }
  std::string_view take() { return done() ? std::string_view() : words_[next_++]; }
  bool skip(std::string_view word) {
    if (done() || words_[next_] != word) return false;
    ++next_;
    return true;
  }

  // A number and its unit, together or apart. Zero needs no unit.
  Result<Span> time() {
    const std::string_view number = take();
    std::string text(number);
    const bool bare = !number.empty() && (detail::is_digit(number.back()) || number.back() == '.');
    if (bare && !done() && !detail::is_digit(words_[next_].front()) && !keyword(words_[next_]))
      text += fmt::format(" {}", take());
    const Result<Span> span = parse_span(text);
    if (!span) return span;
    if (*span < Span::zero() || *span > kLongest)
      return base::fail(
          fmt::format("found {}, expected a time from 0 s to {}", quoted(text), format(kLongest)));
    return span;
  }

 private:
  static bool keyword(std::string_view word) {
    return word == "cv" || word == "shape" || word == "slot";
  }
  std::vector<std::string_view> words_;
  size_t next_ = 0;
};

base::Status take_span(Words& words, Span& span) {
  const Result<Span> value = words.time();
  if (!value) return tl::unexpected(value.error());
  span = *value;
  return {};
}

base::Status take_keyword(Words& words, std::string_view keyword, const ShapeText& shape) {
  const std::string_view word = words.take();
  if (word == keyword) return {};
  return detail::refuse(word, fmt::format("`{}`, as in `{}`", keyword, shape.example));
}

// A decimal where it is one, a fraction otherwise; one word, unlike a share in percent.
std::string format_number(Ratio ratio) {
  int64_t scale = 1;
  for (int places = 0; places <= 12; ++places, scale *= 10) {
    if (scale % ratio.whole != 0) continue;
    const base::Int128 digits = static_cast<base::Int128>(ratio.part) * (scale / ratio.whole);
    const auto whole = static_cast<int64_t>(digits / scale);
    if (places == 0) return fmt::format("{}", whole);
    return fmt::format("{}.{:0{}}", whole, static_cast<int64_t>(digits % scale), places);
  }
  return fmt::format("{}/{}", ratio.part, ratio.whole);
}

struct Bounds {
  Ratio least;
  Ratio most;
};

base::Status take_parameter(Words& words, std::string_view keyword, const ShapeText& shape,
                            Bounds bounds, Ratio& value) {
  if (const base::Status there = take_keyword(words, keyword, shape); !there) return there;
  std::string word(words.take());
  if (words.skip("%")) word += "%";
  const Result<Ratio> number = parse_ratio(word);
  if (!number || less(*number, bounds.least) || less(bounds.most, *number))
    return detail::refuse(
        word, fmt::format("a {} from {} to {}, as in `{}`", keyword, format_number(bounds.least),
                          format_number(bounds.most), shape.example));
  value = *number;
  return {};
}

base::Status in_order(std::initializer_list<Span> spans, const ShapeText& shape) {
  const Span* last = nullptr;
  for (const Span& span : spans) {
    if (last != nullptr && span < *last)
      return base::fail(fmt::format("found {} after {}, expected ascending times as in `{}`",
                                    format(span), format(*last), shape.example));
    last = &span;
  }
  return {};
}

base::Status take_bounds(Words& words, const ShapeText& shape, TimeDistribution& d) {
  if (const base::Status low = take_span(words, d.low); !low) return low;
  if (shape.follows == Follows::kLowModeHigh)
    if (const base::Status mode = take_span(words, d.mode); !mode) return mode;
  if (const base::Status high = take_span(words, d.high); !high) return high;
  if (shape.follows == Follows::kLowHigh) return in_order({d.low, d.high}, shape);
  return in_order({d.low, d.mode, d.high}, shape);
}

base::Status take_stages(Words& words, const ShapeText& shape, TimeDistribution& d) {
  const std::string_view word = words.take();
  const Result<int64_t> stages = parse_integer(word);
  if (!stages || *stages < 1 || *stages > 10'000)
    return detail::refuse(
        word, fmt::format("a number of stages from 1 to 10000, as in `{}`", shape.example));
  d.stages = *stages;
  return take_span(words, d.mean);
}

base::Status take_slot(Words& words, const ShapeText& shape, TimeDistribution& d) {
  if (const base::Status mean = take_span(words, d.mean); !mean) return mean;
  if (const base::Status there = take_keyword(words, "slot", shape); !there) return there;
  if (const base::Status slot = take_span(words, d.slot); !slot) return slot;
  if (d.slot == Span::zero() || d.mean < d.slot)
    return base::fail(
        fmt::format("found a mean of {} and a slot of {}, expected a slot above zero and "
                    "a mean of at least one slot",
                    format(d.mean), format(d.slot)));
  return {};
}

// Larger spreads than these describe nothing that people build.
constexpr Bounds kCv = {{0, 1}, {10, 1}};
constexpr Bounds kCvAboveOne = {{1, 1}, {10, 1}};
constexpr Bounds kWeibullShape = {{1, 5}, {50, 1}};

base::Status take_rest(Words& words, const ShapeText& shape, TimeDistribution& d) {
  switch (shape.follows) {
    case Follows::kMean:
      return take_span(words, d.mean);
    case Follows::kStages:
      return take_stages(words, shape, d);
    case Follows::kLowHigh:
    case Follows::kLowModeHigh:
      return take_bounds(words, shape, d);
    case Follows::kSlot:
      return take_slot(words, shape, d);
    case Follows::kCv:
    case Follows::kShape:
      break;
  }
  if (const base::Status mean = take_span(words, d.mean); !mean) return mean;
  if (shape.follows == Follows::kShape)
    return take_parameter(words, "shape", shape, kWeibullShape, d.parameter);
  const bool above_one = d.shape == TimeShape::kHyperexponential;
  return take_parameter(words, "cv", shape, above_one ? kCvAboveOne : kCv, d.parameter);
}

tl::unexpected<base::Error> unknown_shape(std::string_view text, std::string_view word) {
  std::vector<std::string> names;
  for (const ShapeText& shape : kShapes) names.emplace_back(shape.word);
  std::string hint = suggestion(word, names);
  if (hint.empty()) hint = fmt::format("shapes: {}", fmt::join(names, ", "));
  return detail::refuse(text, "a time such as `45 s` or a distribution such as `exponential 2 h`",
                        std::move(hint));
}

Result<int64_t> two_digits(std::string_view text, int64_t most) {
  const bool digits = text.size() == 2 && detail::is_digit(text[0]) && detail::is_digit(text[1]);
  const int64_t value = digits ? (text[0] - '0') * 10 + (text[1] - '0') : most + 1;
  if (value > most) return base::fail("out of range");
  return value;
}

Result<int64_t> weekday(std::string_view text) {
  for (size_t i = 0; i < std::size(kDays); ++i)
    if (text == kDays[i] || text == kDaysInFull[i]) return static_cast<int64_t>(i) + 1;
  return base::fail("no day");
}

}  // namespace

Result<Span> parse_span(std::string_view text) {
  return detail::parse_quantity(text, kSpan, kPerSecond, "microseconds").map([](int64_t ticks) {
    return Span::ticks(ticks);
  });
}

Result<TimeDistribution> parse_distribution(std::string_view text) {
  text = detail::trimmed(text);
  TimeDistribution d;
  const ShapeText* shape = &kShapes.front();
  Words words(text);
  const bool number = !text.empty() && (detail::is_digit(text.front()) || text.front() == '-' ||
                                        text.front() == '+' || text.front() == '.');
  if (!number) {
    const std::string_view word = words.take();
    shape = nullptr;
    for (const ShapeText& known : kShapes)
      if (known.word == word) shape = &known;
    if (shape == nullptr) return unknown_shape(text, word);
  }
  d.shape = shape->shape;
  const base::Status rest = take_rest(words, *shape, d);
  if (!rest) return tl::unexpected(rest.error());
  if (!words.done())
    return detail::refuse(words.take(), fmt::format("nothing more, as in `{}`", shape->example));
  return d;
}

Result<TimeOfDay> parse_time_of_day(std::string_view text) {
  text = detail::trimmed(text);
  constexpr std::string_view kExpected = "a time of day from `00:00` to `24:00`";
  const bool seconds = text.size() == 8 && text[5] == ':';
  if ((text.size() != 5 && !seconds) || text[2] != ':') return detail::refuse(text, kExpected);
  const auto h = two_digits(text.substr(0, 2), 24);
  const auto m = two_digits(text.substr(3, 2), 59);
  const auto s = seconds ? two_digits(text.substr(6, 2), 59) : Result<int64_t>(0);
  if (!h || !m || !s) return detail::refuse(text, kExpected);
  const int64_t total = *h * 3'600 + *m * 60 + *s;
  if (total > 86'400) return detail::refuse(text, kExpected);
  return TimeOfDay{Span::s(total)};
}

Result<Weekdays> parse_weekdays(std::string_view text) {
  text = detail::trimmed(text);
  constexpr std::string_view kExpected =
      "a day or days such as `mon` or `mon-fri` (mon, tue, wed, thu, fri, sat, sun)";
  const size_t dash = text.find('-');
  const auto first = weekday(detail::trimmed(text.substr(0, dash)));
  const auto last =
      dash == std::string_view::npos ? first : weekday(detail::trimmed(text.substr(dash + 1)));
  if (!first || !last) return detail::refuse(text, kExpected);
  if (*last < *first)
    return detail::refuse(text, kExpected, "for days across Sunday write two shifts");
  return Weekdays{*first, *last};
}

std::string format(Span span) {
  if (span == Span::zero()) return "0 s";
  return detail::format_units(span.ticks(), std::span(kUnits.data(), kCanonical), kPerSecond);
}

std::string format(const TimeDistribution& d) {
  if (d.shape == TimeShape::kConstant) return format(d.mean);
  for (const ShapeText& shape : kShapes) {
    if (shape.shape != d.shape) continue;
    switch (shape.follows) {
      case Follows::kMean:
        return fmt::format("{} {}", shape.word, format(d.mean));
      case Follows::kStages:
        return fmt::format("{} {} {}", shape.word, d.stages, format(d.mean));
      case Follows::kLowHigh:
        return fmt::format("{} {} {}", shape.word, format(d.low), format(d.high));
      case Follows::kLowModeHigh:
        return fmt::format("{} {} {} {}", shape.word, format(d.low), format(d.mode),
                           format(d.high));
      case Follows::kCv:
        return fmt::format("{} {} cv {}", shape.word, format(d.mean), format_number(d.parameter));
      case Follows::kShape:
        return fmt::format("{} {} shape {}", shape.word, format(d.mean),
                           format_number(d.parameter));
      case Follows::kSlot:
        return fmt::format("{} {} slot {}", shape.word, format(d.mean), format(d.slot));
    }
  }
  return "?";
}

std::string format(TimeOfDay time) {
  const int64_t s = time.since_midnight.ticks() / kPerSecond;
  std::string text = fmt::format("{:02}:{:02}", s / 3'600, s / 60 % 60);
  if (s % 60 != 0) text += fmt::format(":{:02}", s % 60);
  return text;
}

std::string format(Weekdays days) {
  const std::string first(kDays[days.first - 1]);
  return days.first == days.last ? first : fmt::format("{}-{}", first, kDays[days.last - 1]);
}

}  // namespace windtunnel::scenario
