// A streaming JSON writer with one fixed layout: same calls, same bytes.
//
// Objects are laid out one member a line, arrays of plain values on one line. Numbers are the
// shortest text that reads back as the same double; infinities and NaN, which JSON lacks, become
// null.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace windtunnel::report {

// Text between the quotes of a JSON string. '<' is escaped too, so that JSON can stand inside an
// HTML script element. Bytes that are not UTF-8 become U+FFFD.
std::string json_escape(std::string_view text);

// The shortest round-trip form of a number: "0.1", "1e-06", "null" for NaN and infinities.
std::string json_number(double value);

class JsonWriter {
 public:
  enum class Layout { kIndented, kCompact };
  explicit JsonWriter(Layout layout = Layout::kIndented) : layout_(layout) {}

  // Containers. `on_one_line` keeps a short object or array of plain values together.
  void begin_object(bool on_one_line = false) { begin('{', '}', on_one_line); }
  void begin_array(bool on_one_line = false) { begin('[', ']', on_one_line); }
  void end();

  void key(std::string_view name);
  void value(std::string_view text);
  void value(const char* text) { value(std::string_view(text)); }
  void value(double number);
  void value(bool truth);
  void value(int64_t number);
  void value(uint64_t number);
  void value(int number) { value(static_cast<int64_t>(number)); }
  void null();
  template <class T>
  void member(std::string_view name, const T& content) {
    key(name);
    value(content);
  }
  void numbers(const std::vector<double>& values);

  // The text so far; complete once every container has ended.
  const std::string& text() const { return text_; }
  std::string take();

 private:
  struct Level {
    char close;
    bool on_one_line;
    bool empty;
  };
  void begin(char open, char close, bool on_one_line);
  void separate();
  void raw(std::string_view text);
  void new_line();

  Layout layout_;
  bool after_key_ = false;
  std::vector<Level> levels_;
  std::string text_;
};

}  // namespace windtunnel::report
