#include "report/json_writer.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "report/utf8.h"

namespace windtunnel::report {
namespace {

std::string_view short_escape(char c) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '<':
      return "\\u003c";
    default:
      return {};
  }
}

}  // namespace

std::string json_escape(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    const char c = text.front();
    if (length == 0) {
      out += "\\ufffd";
    } else if (const std::string_view escaped = short_escape(c); !escaped.empty()) {
      out += escaped;
    } else if (length == 1 && (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

std::string json_number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "null";
}

void JsonWriter::begin(char open, char close, bool on_one_line) {
  separate();
  text_ += open;
  const bool inherited = !levels_.empty() && levels_.back().on_one_line;
  levels_.push_back({close, on_one_line || inherited || layout_ == Layout::kCompact, true});
}

void JsonWriter::end() {
  WT_CHECK(!levels_.empty() && !after_key_, "a JSON container ends that was not begun");
  const Level level = levels_.back();
  levels_.pop_back();
  if (!level.on_one_line && !level.empty) new_line();
  text_ += level.close;
  if (levels_.empty() && layout_ == Layout::kIndented) text_ += '\n';
}

void JsonWriter::key(std::string_view name) {
  WT_CHECK(!levels_.empty() && levels_.back().close == '}', "a JSON key needs an object");
  separate();
  text_ += '"';
  text_ += json_escape(name);
  text_ += layout_ == Layout::kCompact ? "\":" : "\": ";
  after_key_ = true;
}

void JsonWriter::value(std::string_view text) { raw(fmt::format("\"{}\"", json_escape(text))); }
void JsonWriter::value(double number) { raw(json_number(number)); }
void JsonWriter::value(bool truth) { raw(truth ? "true" : "false"); }
void JsonWriter::value(int64_t number) { raw(fmt::to_string(number)); }
void JsonWriter::value(uint64_t number) { raw(fmt::to_string(number)); }
void JsonWriter::null() { raw("null"); }

void JsonWriter::numbers(const std::vector<double>& values) {
  begin_array(true);
  for (const double number : values) value(number);
  end();
}

std::string JsonWriter::take() {
  WT_CHECK(levels_.empty(), "a JSON container was not ended");
  return std::exchange(text_, {});
}

// Puts the comma and the line break that stand before the next key or element.
void JsonWriter::separate() {
  if (std::exchange(after_key_, false) || levels_.empty()) return;
  Level& level = levels_.back();
  if (!level.empty) text_ += level.on_one_line && layout_ == Layout::kIndented ? ", " : ",";
  level.empty = false;
  if (!level.on_one_line) new_line();
}

void JsonWriter::raw(std::string_view text) {
  separate();
  text_ += text;
}

void JsonWriter::new_line() {
  text_ += '\n';
  text_.append(levels_.size() * 2, ' ');
}

}  // namespace windtunnel::report
