#include "report/json_writer.h"

#include <gtest/gtest.h>

#include <limits>

namespace windtunnel::report {
namespace {

TEST(JsonWriter, LaysOutNestedContainersTheSameWayEveryTime) {
  JsonWriter json;
  json.begin_object();
  json.member("name", "a \"b\"\n");
  json.key("list");
  json.numbers({1, 0.1, 1e-6});
  json.key("empty");
  json.begin_object();
  json.end();
  json.key("point");
  json.begin_object(true);
  json.member("x", 1);
  json.member("deep", true);
  json.end();
  json.end();
  EXPECT_EQ(json.take(),
            "{\n"
            "  \"name\": \"a \\\"b\\\"\\n\",\n"
            "  \"list\": [1, 0.1, 1e-06],\n"
            "  \"empty\": {},\n"
            "  \"point\": {\"x\": 1, \"deep\": true}\n"
            "}\n");
}

TEST(JsonWriter, CompactLayoutHasNoSpaces) {
  JsonWriter json(JsonWriter::Layout::kCompact);
  json.begin_object();
  json.member("a", 1);
  json.member("b", uint64_t{18446744073709551615ULL});
  json.end();
  EXPECT_EQ(json.take(), "{\"a\":1,\"b\":18446744073709551615}");
}

TEST(JsonWriter, NumbersAreTheShortestThatReadBack) {
  EXPECT_EQ(json_number(0.1), "0.1");
  EXPECT_EQ(json_number(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(json_number(12345), "12345");
  EXPECT_EQ(json_number(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(json_number(std::numeric_limits<double>::quiet_NaN()), "null");
}

TEST(JsonEscape, ControlsAndMarkupCannotLeaveTheString) {
  EXPECT_EQ(json_escape("a\x01\x7f"), "a\\u0001\\u007f");
  EXPECT_EQ(json_escape("</script>"), "\\u003c/script>");
  EXPECT_EQ(json_escape("\\\t\r"), "\\\\\\t\\r");
}

TEST(JsonEscape, MalformedUtf8BecomesTheReplacementCharacter) {
  EXPECT_EQ(json_escape("µs"), "µs");
  EXPECT_EQ(json_escape("\xF0\x9F\x98\x80"), "\xF0\x9F\x98\x80");
  EXPECT_EQ(json_escape("a\xC3"), "a\\ufffd");                     // cut short
  EXPECT_EQ(json_escape("\xC0\xAF"), "\\ufffd\\ufffd");            // overlong '/'
  EXPECT_EQ(json_escape("\xED\xA0\x80").substr(0, 6), "\\ufffd");  // surrogate
  EXPECT_EQ(json_escape("\xF5z"), "\\ufffdz");                     // beyond Unicode
}

}  // namespace
}  // namespace windtunnel::report
