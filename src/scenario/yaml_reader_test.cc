#include "scenario/yaml_reader.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"

namespace windtunnel::scenario {
namespace {

using testing::HasSubstr;

std::string first_error(const YamlText& yaml) {
  return yaml.errors.empty() ? "no error" : yaml.errors.front().to_string();
}
std::string first_error(std::string_view text) { return first_error(read_yaml(text, "f.yaml")); }

TEST(ReadYaml, KeepsPlacesAndQuoting) {
  const YamlText yaml = read_yaml("a: 1\nb:\n  - x\n  - 'y'\nc: {d: \"2\"}\n", "f.yaml");
  ASSERT_TRUE(yaml.errors.empty());
  const Node& root = yaml.root;
  EXPECT_EQ(root.kind, Node::Kind::kMapping);
  EXPECT_EQ(root.find("a")->text, "1");
  EXPECT_EQ(root.find("a")->mark, (base::SourceMark{"f.yaml", 1, 4}));
  EXPECT_EQ(root.keys[1].mark, (base::SourceMark{"f.yaml", 2, 1}));
  EXPECT_FALSE(root.find("b")->items[0].quoted);
  EXPECT_TRUE(root.find("b")->items[1].quoted);
  EXPECT_EQ(root.find("b")->items[1].mark.line, 4);
  EXPECT_EQ(root.find("c")->find("d")->text, "2");
  EXPECT_EQ(root.find("z"), nullptr);
}

TEST(ReadYaml, AnEmptyTextIsAnEmptyMapping) {
  for (const char* text : {"", "\n\n", "# only a comment\n", "---\n"}) {
    const YamlText yaml = read_yaml(text, "f.yaml");
    EXPECT_TRUE(yaml.complete && yaml.errors.empty()) << first_error(yaml);
    EXPECT_EQ(yaml.root.kind, Node::Kind::kMapping);
    EXPECT_TRUE(yaml.root.items.empty());
  }
}

TEST(ReadYaml, ByteOrderMarkAndCarriageReturnsAreFine) {
  const YamlText yaml = read_yaml(
      "\xef\xbb\xbf"
      "a: 1\r\nb: 2\r\n",
      "f.yaml");
  ASSERT_TRUE(yaml.errors.empty()) << first_error(yaml);
  EXPECT_EQ(yaml.root.find("b")->text, "2");
}

TEST(ReadYaml, EveryDoubledKeyIsAnErrorWithBothPlaces) {
  const YamlText yaml = read_yaml("a: 1\nb: {c: 1, c: 2}\na: 3\n", "f.yaml");
  EXPECT_TRUE(yaml.complete);
  ASSERT_EQ(yaml.errors.size(), 2u);
  EXPECT_EQ(yaml.errors[0].to_string(),
            "f.yaml:2:11: `c` is given twice (first at line 2, column 5)");
  EXPECT_EQ(yaml.errors[1].to_string(),
            "f.yaml:3:1: `a` is given twice (first at line 1, column 1)");
}

TEST(ReadYaml, AnchorsAliasesAndMerges) {
  const YamlText yaml = read_yaml(
      "base: &b {x: 1, y: 2}\n"
      "copy: *b\n"
      "own: {<<: *b, y: 3}\n"
      "late: {y: 4, <<: *b}\n"
      "many: {<<: [{x: 7}, *b], z: 5}\n",
      "f.yaml");
  ASSERT_TRUE(yaml.errors.empty()) << first_error(yaml);
  EXPECT_EQ(yaml.root.find("copy")->find("y")->text, "2");
  EXPECT_EQ(yaml.root.find("own")->find("y")->text, "3");
  EXPECT_EQ(yaml.root.find("own")->find("x")->text, "1");
  EXPECT_EQ(yaml.root.find("late")->find("y")->text, "4");
  EXPECT_EQ(yaml.root.find("many")->find("x")->text, "7");
  EXPECT_EQ(yaml.root.find("many")->find("y")->text, "2");
  EXPECT_THAT(first_error("a: {<<: 5}"), HasSubstr("to merge with `<<`"));
  EXPECT_THAT(first_error("a: *nobody"), HasSubstr("f.yaml:1:4"));
  EXPECT_THAT(first_error("a: &a [*a]"), HasSubstr("alias"));
}

TEST(ReadYaml, AliasesCannotSwell) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::vector<std::string> nine(9, fmt::format("*a{}", i - 1));
    bomb += fmt::format("a{}: &a{} [{}]\n", i, i, fmt::join(nine, ", "));
  }
  EXPECT_THAT(first_error(bomb), HasSubstr("more than 50000 values"));
}

TEST(ReadYaml, DepthIsBounded) {
  EXPECT_THAT(first_error(std::string(40, '[')), HasSubstr("nested deeper than 32 levels"));
  EXPECT_THAT(first_error(std::string(100'000, '[')), HasSubstr("nested deeper than 32 levels"));
  std::string block;
  for (int i = 0; i < 60; ++i) block += fmt::format("{:{}}a:\n", "", i);
  EXPECT_THAT(first_error(block), HasSubstr("nested deeper than 32 levels"));
  std::string chain = "a0: &a0 [[[[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]]]\n";
  chain += "a1: [[[[[[[[[[[[[[[[[[[[*a0]]]]]]]]]]]]]]]]]]]]\n";
  EXPECT_THAT(first_error(chain), HasSubstr("nested deeper than 32 levels"));
}

TEST(ReadYaml, SizeAndCountAreBounded) {
  const YamlLimits limits{.bytes = 100, .nodes = 5, .depth = 3};
  EXPECT_THAT(first_error(read_yaml(std::string(101, ' '), "f.yaml", limits)),
              HasSubstr("larger than 100 bytes"));
  EXPECT_THAT(first_error(read_yaml("[1, 2, 3, 4, 5]", "f.yaml", limits)),
              HasSubstr("more than 5 values"));
  EXPECT_TRUE(read_yaml("[1, 2, 3, 4]", "f.yaml", limits).errors.empty());
}

TEST(ReadYaml, WhatIsNotTextIsSaidToBe) {
  EXPECT_THAT(first_error(std::string_view("a: 1\nb: \0", 9)),
              HasSubstr("f.yaml:2:4: found byte 0x00, expected UTF-8 text"));
  EXPECT_THAT(first_error("\x1f\x8b\x08"), HasSubstr("found byte 0x1f"));
  EXPECT_THAT(first_error("a: \xff\xfe"), HasSubstr("f.yaml:1:4: found byte 0xff"));
  EXPECT_THAT(first_error("a: \xc3"), HasSubstr("found byte 0xc3"));
  EXPECT_THAT(first_error("a: \xed\xa0\x80"), HasSubstr("found byte 0xed"));
  EXPECT_TRUE(read_yaml("a: \xc2\xb5\xf0\x9f\x8c\xac\n", "f.yaml").errors.empty());
}

TEST(ReadYaml, BrokenTextsPointAtThePlace) {
  EXPECT_THAT(first_error("a: [1, 2\n"), HasSubstr("is not YAML"));
  EXPECT_THAT(first_error("a: 1\n\tb: 2\n"), HasSubstr("f.yaml:2:"));
  for (const char* open :
       {"a: 'open\n", "a: \"open\n", "a: 'it''s\n", "a: \"x\\\"\n", "a: &b 'x\n"})
    EXPECT_THAT(first_error(open), HasSubstr("f.yaml:1:4: the quote opened here is never closed"))
        << open;
  EXPECT_TRUE(read_yaml("a: &b 'it''s'\nc: \"x\\\"\"\nd: &e # note\n  'f'\n", "f").errors.empty());
  EXPECT_THAT(first_error("a: 1\n---\nb: 2\n"), HasSubstr("second document"));
  EXPECT_THAT(first_error("a: !mine 5\n"), HasSubstr("tags mean nothing here"));
  EXPECT_THAT(first_error("{[1]: 2}"), HasSubstr("found a list as a key"));
  EXPECT_THAT(first_error("? {a: 1}\n: 2\n"), HasSubstr("found a group of keys as a key"));
}

TEST(ReadYaml, BlocksOfText) {
  const YamlText yaml =
      read_yaml("a: |\n  it's\n  \"two\nb: >- # note\n  x\n  y\nc: &c |\n  z\n", "f.yaml");
  ASSERT_TRUE(yaml.errors.empty()) << first_error(yaml);
  EXPECT_EQ(yaml.root.find("a")->text, "it's\n\"two\n");
  EXPECT_EQ(yaml.root.find("b")->text, "x y");
  EXPECT_TRUE(yaml.root.find("c")->quoted);
}

TEST(ReadYaml, ErrorsAreBoundedInNumber) {
  std::string text;
  for (int i = 0; i < 1'000; ++i) text += "a: 1\n";
  EXPECT_LE(read_yaml(text, "f.yaml").errors.size(), 51u);
}

// Not one prefix of a text, and no text with one byte changed, may crash or hang.
TEST(ReadYaml, IsTotalOverDamagedTexts) {
  const std::string text =
      "# c\nkind: network\nfabric: &f {nodes: 16, queue: {ecn_low: 3 packets}}\n"
      "faults:\n  - at: 1 us\n    link: \"tor-up\"\n  - <<: *f\nname: |\n  a\n  b\nx: >-\n  c\n";
  constexpr uint64_t kSeed = 99;
  base::RandomStream random(kSeed, "damaged yaml");
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  for (size_t i = 0; i < text.size(); ++i) {
    const YamlText cut = read_yaml(text.substr(0, i), "f.yaml");
    EXPECT_EQ(cut.complete, cut.errors.empty());
    std::string changed = text;
    changed[i] = static_cast<char>(random.below(256));
    const YamlText other = read_yaml(changed, "f.yaml");
    EXPECT_TRUE(other.complete || !other.errors.empty());
  }
}

}  // namespace
}  // namespace windtunnel::scenario
