// Reader, schema text and dump over one small description that has every type of value.
#include "scenario/reader.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scenario/dump.h"
#include "scenario/overrides.h"
#include "scenario/schema_text.h"
#include "scenario/yaml_reader.h"

namespace windtunnel::scenario::reader_test {

enum class Colour : uint8_t { kRed, kGreen };

struct Bolt {
  base::Bytes size = base::Bytes(8);
  std::optional<int64_t> turns;
};

struct Machine {
  std::string name = "m";
  bool on = true;
  int64_t count = 3;
  Colour colour = Colour::kRed;
  base::Duration pause = base::Duration::us(2);
  base::Rate rate = base::Rate::gbps(1);
  base::Ratio share{1, 2};
  DataAmount buffer = DataAmount::packets(4);
  FilePath table;
  std::optional<base::Duration> limit;
  Bolt bolt;
  std::vector<Bolt> bolts;
  std::vector<int64_t> numbers;
};

void describe(Visitor& v, Bolt& b) {
  v.key({.name = "size", .meaning = "How large", .min = "1 B", .max = "1 KiB"}, b.size);
  v.key({.name = "turns", .meaning = "How often", .min = "1", .automatic = "until tight"}, b.turns);
}
void describe(Visitor& v, Machine& m) {
  v.key({.name = "name", .meaning = "What it is called"}, m.name);
  v.key({.name = "on", .meaning = "Whether it runs"}, m.on);
  v.key({.name = "count", .meaning = "How many", .min = "1", .max = "9"}, m.count);
  v.key({.name = "colour", .meaning = "How it looks"}, m.colour);
  v.key({.name = "pause", .meaning = "How long", .min = "1 ns"}, m.pause);
  v.key({.name = "rate", .meaning = "How fast", .max = "2 Gbps"}, m.rate);
  v.key({.name = "share", .meaning = "How much", .min = "0", .max = "100 %"}, m.share);
  v.key({.name = "buffer", .meaning = "How deep", .min = "1 B"}, m.buffer);
  v.key({.name = "table", .meaning = "From where"}, m.table);
  v.key({.name = "limit", .meaning = "Until when", .automatic = "never"}, m.limit);
  v.key({.name = "bolt", .meaning = "The main one"}, m.bolt);
  v.key({.name = "bolts", .meaning = "The others"}, m.bolts);
  v.key({.name = "numbers", .meaning = "Some numbers", .min = "0"}, m.numbers);
}

}  // namespace windtunnel::scenario::reader_test

namespace windtunnel::scenario {
template <>
struct EnumNames<reader_test::Colour> {
  static constexpr std::array<EnumName<reader_test::Colour>, 2> kNames = {
      {{reader_test::Colour::kRed, "red"}, {reader_test::Colour::kGreen, "green"}}};
};
}  // namespace windtunnel::scenario

namespace windtunnel::scenario::reader_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

struct Reading {
  Machine machine;
  ReadOutcome outcome;
  std::string text;  // all errors
};

Reading read_text(const std::string& text, const std::vector<std::string>& overrides = {}) {
  YamlText yaml = read_yaml(text, "dir/f.yaml");
  EXPECT_TRUE(yaml.errors.empty()) << base::to_string(yaml.errors);
  EXPECT_TRUE(apply_overrides(yaml.root, overrides).empty());
  Reading reading;
  reading.outcome = read(yaml.root, reading.machine);
  reading.text = base::to_string(reading.outcome.errors);
  return reading;
}

TEST(Reader, FillsEveryType) {
  const Reading r = read_text(
      "name: press\non: false\ncount: 4\ncolour: green\npause: 3 ms\nrate: 2 Gbps\nshare: 25 %\n"
      "buffer: 8 KiB\ntable: t.csv\nlimit: 1 s\nbolt: {size: 16 B, turns: 2}\n"
      "bolts:\n  - size: 2 B\n  - {turns: auto}\nnumbers: [1, 2]\n");
  EXPECT_EQ(r.text, "");
  EXPECT_EQ(r.machine.name, "press");
  EXPECT_FALSE(r.machine.on);
  EXPECT_EQ(r.machine.count, 4);
  EXPECT_EQ(r.machine.colour, Colour::kGreen);
  EXPECT_EQ(r.machine.pause, base::Duration::ms(3));
  EXPECT_EQ(r.machine.share, (base::Ratio{1, 4}));
  EXPECT_EQ(r.machine.buffer, DataAmount::bytes(8'192));
  EXPECT_EQ(r.machine.table.resolved, "dir/t.csv");
  EXPECT_EQ(r.machine.limit, base::Duration::s(1));
  EXPECT_EQ(r.machine.bolt.turns, 2);
  ASSERT_EQ(r.machine.bolts.size(), 2u);
  EXPECT_EQ(r.machine.bolts[0].size, base::Bytes(2));
  EXPECT_EQ(r.machine.bolts[1].turns, std::nullopt);
  EXPECT_THAT(r.machine.numbers, ElementsAre(1, 2));
}

TEST(Reader, AbsentKeysKeepTheirDefaults) {
  const Reading r = read_text("bolt:\nbolts:\n");
  EXPECT_EQ(r.text, "");
  EXPECT_EQ(r.machine.count, 3);
  EXPECT_EQ(r.machine.limit, std::nullopt);
  EXPECT_EQ(r.machine.bolt.size, base::Bytes(8));
}

TEST(Reader, ReportsEveryMistakeInOrderOfPlace) {
  const Reading r = read_text(
      "count: many\ncolr: red\nbolt: {size: 4 miles}\nbolts: {size: 1 B}\ncolour: grene\n");
  EXPECT_EQ(
      r.text,
      "dir/f.yaml:1:8: count: found `many`, expected a whole number\n"
      "dir/f.yaml:2:1: unknown key `colr` (did you mean `colour`?)\n"
      "dir/f.yaml:3:14: bolt.size: found `4 miles`, expected a size such as `4 KiB` or "
      "`2 MB` (B, kB, MB, GB, TB, KiB, MiB, GiB, TiB)\n"
      "dir/f.yaml:4:8: bolts: found a group of keys, expected a list (write it as [ ... ] or "
      "with a leading `-`)\n"
      "dir/f.yaml:5:9: colour: found `grene`, expected red | green (did you mean `green`?)\n");
}

TEST(Reader, RangesAreInclusiveAndSaid) {
  EXPECT_EQ(read_text("count: 1\n").text, "");
  EXPECT_EQ(read_text("count: 9\n").text, "");
  EXPECT_THAT(read_text("count: 0\n").text,
              HasSubstr("count: found `0`, expected integer from 1 to 9"));
  EXPECT_THAT(read_text("pause: 0.5 ns\n").text, HasSubstr("expected time of at least 1 ns"));
  EXPECT_THAT(read_text("rate: 3 Gbps\n").text, HasSubstr("expected rate of at most 2 Gbps"));
  EXPECT_THAT(read_text("share: 101 %\n").text, HasSubstr("from 0 to 100 %"));
  EXPECT_THAT(read_text("buffer: 0 packets\n").text, HasSubstr("at least 1 B"));
  EXPECT_THAT(read_text("bolt: {turns: 0}\n").text, HasSubstr("bolt.turns: found `0`"));
  EXPECT_THAT(read_text("numbers: [0, -1]\n").text, HasSubstr("numbers[1]: found `-1`"));
  EXPECT_THAT(read_text("bolts: [{size: 2 KiB}]\n").text,
              HasSubstr("bolts[0].size: found `2 KiB`"));
}

TEST(Reader, WrongKindsOfNode) {
  EXPECT_THAT(read_text("count: [1]\n").text, HasSubstr("count: found a list, expected integer"));
  EXPECT_THAT(read_text("count:\n").text, HasSubstr("1:1: count: found nothing"));
  EXPECT_THAT(read_text("bolt: 5\n").text, HasSubstr("bolt: found a single value"));
  EXPECT_THAT(read_text("numbers: 5\n").text, HasSubstr("expected a list"));
  EXPECT_THAT(read_text("numbers: [[1]]\n").text, HasSubstr("numbers[0]: found a list"));
  EXPECT_THAT(read_text("bolts: [5]\n").text, HasSubstr("bolts[0]: found a single value"));
  EXPECT_THAT(read_text("[1, 2]\n").text, HasSubstr("found a list, expected a group of keys"));
}

TEST(Reader, ErrorsAreBoundedInNumber) {
  std::string text;
  for (int i = 0; i < 1'000; ++i) text += fmt::format("k{}: 1\n", i);
  const Reading r = read_text(text);
  EXPECT_EQ(r.outcome.errors.size(), 101u);
  EXPECT_THAT(r.text, HasSubstr("and 900 more errors"));
}

TEST(Reader, AKeyOfAnotherGroupIsFound) {
  EXPECT_THAT(read_text("turns: 3\n").text, HasSubstr("did you mean `bolt.turns`?"));
  EXPECT_THAT(read_text("zzz: 3\n").text, HasSubstr("known: name, on, count"));
}

TEST(Reader, PlacesOfKeysAreRemembered) {
  const Reading r = read_text("count: 4\nbolts: [{size: 2 B}]\n", {"bolt.size=4 B"});
  const MarkTable& marks = r.outcome.marks;
  EXPECT_EQ(marks.at("count"), (base::SourceMark{"dir/f.yaml", 1, 8}));
  EXPECT_EQ(marks.at("bolts[0].size").column, 16);
  EXPECT_EQ(marks.at("bolt.size").file, "--set bolt.size=4 B");
  EXPECT_EQ(marks.at("bolts[0].turns"), marks.at("bolts[0]"));
  EXPECT_EQ(marks.at("pause"), marks.at(""));
  EXPECT_TRUE(marks.given("count"));
  EXPECT_FALSE(marks.given("pause"));
}

TEST(Reader, WhatCouldNotBeReadIsRemembered) {
  const MarkTable marks = read_text("bolt: {size: x}\ncuont: 1\n").outcome.marks;
  EXPECT_TRUE(marks.bad_in("bolt"));
  EXPECT_TRUE(marks.bad_in("bolt.size"));
  EXPECT_FALSE(marks.bad_in("bolts"));
  EXPECT_FALSE(marks.bad_in("bolt", "bolt.size"));
  EXPECT_TRUE(marks.bad_in(""));
  EXPECT_FALSE(read_text("count: 2\n").outcome.marks.bad_in(""));
}

TEST(Reader, FilesFromFlagsCountFromTheWorkingDirectory) {
  EXPECT_EQ(read_text("", {"table=x/t.csv"}).machine.table.resolved, "x/t.csv");
  EXPECT_EQ(read_text("table: /abs/t.csv\n").machine.table.resolved, "/abs/t.csv");
  EXPECT_FALSE(read_text("table: none\n").machine.table.given());
}

TEST(Reader, SaysOnceWhatAnAliasRepeats) {
  const Reading r =
      read_text("bolts:\n  - &bolt {size: long, turns: never}\n  - *bolt\n  - *bolt\n");
  EXPECT_THAT(r.text, HasSubstr("bolts[0].size: "));
  EXPECT_THAT(r.text, HasSubstr("bolts[0].turns: "));
  EXPECT_THAT(r.text, Not(HasSubstr("bolts[1]")));
}

TEST(Reader, ErrorsOfFlagsPointAtTheFlag) {
  EXPECT_THAT(read_text("", {"count=ten"}).text,
              HasSubstr("--set count=ten: count: found `ten`, expected a whole number"));
  EXPECT_THAT(read_text("", {"cuont=1"}).text, HasSubstr("--set cuont=1: unknown key `cuont`"));
}

TEST(Schema, PrintsEveryKeyAndIsItselfAScenario) {
  const std::string schema = schema_text<Machine>();
  for (const std::string& path : known_paths([](Visitor& v) {
         Machine m;
         describe(v, m);
       })) {
    const std::string name = path.substr(path.find_last_of(".]") + 1);
    if (!name.empty()) {
      EXPECT_THAT(schema, HasSubstr(name + ":")) << path;
    }
  }
  EXPECT_THAT(schema, HasSubstr("# integer, 1 to 9. How many.\ncount: 3\n"));
  EXPECT_THAT(schema, HasSubstr("# time or auto. Until when. auto: never.\nlimit: auto\n"));
  EXPECT_THAT(schema, HasSubstr("red | green"));
  const Reading r = read_text(schema);
  EXPECT_EQ(r.text, "") << schema;
  EXPECT_EQ(to_yaml(dump(r.machine)), to_yaml(dump(Machine{})));
}

TEST(Dump, ReadsBackAsTheSame) {
  Machine machine;
  machine.name = "a \"quoted\"\nname: \\ with # \x01 and \xc3\xa9";
  machine.share = {1, 3};
  machine.limit = base::Duration::ps(12'345);
  machine.bolts = {{base::Bytes(5), 7}, {}};
  machine.numbers = {3, 1};
  machine.table = {"none", "dir/none"};
  const std::string yaml = to_yaml(dump(machine));
  const Reading r = read_text(yaml);
  EXPECT_EQ(r.text, "") << yaml;
  EXPECT_EQ(to_yaml(dump(r.machine)), yaml);
  EXPECT_EQ(r.machine.name, machine.name);
  EXPECT_EQ(r.machine.table, machine.table);
}

TEST(Dump, JsonKeepsNumbersBareAndEscapes) {
  Machine machine;
  machine.name = "12";
  machine.numbers = {4};
  const std::string json = to_json(dump(machine));
  EXPECT_THAT(json, HasSubstr("\"name\": \"12\""));
  EXPECT_THAT(json, HasSubstr("\"count\": 3"));
  EXPECT_THAT(json, HasSubstr("\"on\": true"));
  EXPECT_THAT(json, HasSubstr("\"pause\": \"2 us\""));
  EXPECT_THAT(json, HasSubstr("\"numbers\": [4]"));
  EXPECT_EQ(to_json(Node::scalar("a\"\n\x02", true)), "\"a\\\"\\n\\u0002\"");
}

}  // namespace
}  // namespace windtunnel::scenario::reader_test
