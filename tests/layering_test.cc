// The repository's own rules: walls between rooms, one table in three places, banned words,
// lengths, headers that stand alone. Each rule is run over the repository and, so that it is known
// to be able to fail, over a sample that breaks it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "tests/layering/rules.h"
#include "tests/support/source_dir.h"

namespace windtunnel::layering {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int kFileLinesHard = 1000;
constexpr int kFunctionLinesHard = 70;

std::filesystem::path root() { return source_dir(); }

// The tests named Repository read the one that contains this.
class Repository : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(std::filesystem::exists(root() / "CMakeLists.txt")); }
};

const std::vector<SourceFile>& repository() {
  static const std::vector<SourceFile> files =
      read_sources(root(), {"src", "include", "tests", "bench", "fuzz"});
  return files;
}

Layers layers() { return read_layers(read_text(root() / "tools/layers.txt")); }

std::string sample_with_body(int lines) {
  std::string text = "namespace a {\nint f(int x) {\n";
  for (int i = 0; i < lines - 2; ++i) text += "  ++x;\n";
  return text + "}\n}  // namespace a\n";
}

TEST_F(Repository, IncludesStayInsideTheWalls) {
  ASSERT_THAT(repository(), testing::Not(IsEmpty()));
  EXPECT_EQ(to_string(check_includes(repository(), layers())), "");
}

TEST_F(Repository, TheTableItselfHasNoCycle) {
  EXPECT_EQ(to_string(find_cycles(layers(), "tools/layers.txt")), "");
}

TEST_F(Repository, BuildAndArchitecturePageDrawTheSameWalls) {
  ASSERT_THAT(layers(), testing::Not(IsEmpty()));
  EXPECT_EQ(read_cmake_rooms(read_text(root() / "CMakeLists.txt")), layers());
  EXPECT_EQ(read_document_table(read_text(root() / "docs/architecture.md")), layers());
}

TEST_F(Repository, SourcesIncludeTheirOwnHeaderFirst) {
  EXPECT_EQ(to_string(check_own_header_first(repository())), "");
}

TEST_F(Repository, SaysNothingBanned) {
  const std::vector<Ban> bans = read_bans(read_text(root() / "tools/bans.txt"));
  ASSERT_THAT(bans, testing::Not(IsEmpty()));
  EXPECT_EQ(to_string(check_bans(repository(), bans)), "");
}

TEST_F(Repository, FilesAndFunctionsAreNoLongerThanTheRatchet) {
  const Ratchet ratchet = read_ratchet(read_text(root() / "tools/ratchet.txt"));
  EXPECT_LE(ratchet.file_lines_max, kFileLinesHard);
  EXPECT_LE(ratchet.function_lines_max, kFunctionLinesHard);
  EXPECT_EQ(to_string(check_lengths(repository(), ratchet)), "");
  const Ratchet longest = measure_lengths(repository());
  RecordProperty("file_lines_max", longest.file_lines_max);
  RecordProperty("function_lines_max", longest.function_lines_max);
}

// --- the rules can fail -----------------------------------------------------------------------

const Layers kSampleLayers{{"base", {}}, {"des", {"base"}}, {"braid", {"base"}}};

TEST(LayeringRules, ReportAnIncludeAcrossAnUndrawnWall) {
  const std::vector<SourceFile> files{
      {"src/braid/path.h", "#pragma once\n#include \"base/units.h\"\n#include \"des/clock.h\"\n"}};
  const auto findings = check_includes(files, kSampleLayers);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].line, 3);
  EXPECT_THAT(findings[0].message, HasSubstr("no arrow from braid to des"));
}

TEST(LayeringRules, ReportARoomThatIsNotInTheTable) {
  const auto findings = check_includes({{"src/cellar/a.h", "#pragma once\n"}}, kSampleLayers);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(findings[0].message, HasSubstr("cellar"));
}

TEST(LayeringRules, DoNotReadIncludesInCommentsAndStrings) {
  const std::vector<SourceFile> files{
      {"src/braid/path.h",
       "// #include \"des/clock.h\"\n/*\n#include \"des/clock.h\"\n*/\n"
       "const char* s = R\"(\n#include \"des/clock.h\"\n)\";\n"}};
  EXPECT_THAT(check_includes(files, kSampleLayers), IsEmpty());
}

TEST(LayeringRules, ReportRoomsThatIncludeEachOther) {
  const Layers both{{"a", {"b"}}, {"b", {"a"}}};
  const std::vector<SourceFile> files{{"src/a/a.h", "#include \"b/b.h\"\n"},
                                      {"src/b/b.h", "#include \"a/a.h\"\n"}};
  const auto findings = check_includes(files, both);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(findings[0].message, HasSubstr("a -> b -> a"));
  EXPECT_THAT(find_cycles(both, "t"), SizeIs(1));
}

TEST(LayeringRules, ReadTheTableInItsThreePlaces) {
  EXPECT_EQ(read_layers("# c\nbase:\ndes: base\nbraid: base\n"), kSampleLayers);
  EXPECT_EQ(read_cmake_rooms("wt_room(base)\nwt_room(des LINKS base)\n"
                             "wt_room(braid LINKS base PRIVATE zlib)\n"),
            kSampleLayers);
  EXPECT_EQ(read_document_table("| room | what | may include |\n|---|---|---|\n"
                                "| `base` | units | – |\n| `des` | clock | base |\n"
                                "| `braid` | paths | `base` |\n\n| `x` | other table | y |\n"),
            kSampleLayers);
}

TEST(LayeringRules, ReportAHeaderThatIsNotIncludedFirst) {
  const std::vector<SourceFile> files{
      {"src/des/clock.cc", "#include <vector>\n#include \"des/clock.h\"\n"},
      {"src/des/clock.h", "#pragma once\n"}};
  EXPECT_THAT(check_own_header_first(files), SizeIs(1));
}

TEST(LayeringRules, ReportBannedWordsWhereTheyAreNotAllowed) {
  const auto bans = read_bans("# words\nrand( | src/cli/* | seeded\n*_distribution< | | ours\n");
  const std::vector<SourceFile> files{
      {"src/des/a.cc", "int x = rand();\nstd::uniform_int_distribution<int> d;\n"},
      {"src/des/b.cc", "int y = brand();  // rand()\nconst char* s = \"rand()\";\n"},
      {"src/cli/c.cc", "int z = rand();\n"}};
  const auto findings = check_bans(files, bans);
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(to_string({findings[0]}), "src/des/a.cc:1: `rand(` is banned: seeded\n");
  EXPECT_EQ(findings[1].line, 2);
}

TEST(LayeringRules, ReportLongFilesAndFunctions) {
  const Ratchet ratchet{.file_lines_max = 60, .function_lines_max = 40};
  EXPECT_THAT(check_lengths({{"src/a.cc", sample_with_body(40)}}, ratchet), IsEmpty());
  EXPECT_THAT(check_lengths({{"src/a.cc", sample_with_body(41)}}, ratchet), SizeIs(1));
  EXPECT_THAT(check_lengths({{"src/a.cc", sample_with_body(59)}}, ratchet), SizeIs(2));
}

std::vector<int> lengths(const std::string& text) {
  std::vector<int> out;
  for (const Function& f : functions_of({"a.cc", text})) out.push_back(f.lines);
  return out;
}

TEST(LayeringRules, MeasureFunctionsInOurStyle) {
  EXPECT_THAT(lengths("int f() { return 1; }\n"), ElementsAre(1));
  EXPECT_THAT(
      lengths("class A final : public B {\n public:\n  A()\n      : a_{1}, b_(2) {\n"
              "    g();\n  }\n  int a() const {\n    return a_;\n  }\n  int a_ = {3};\n};\n"),
      ElementsAre(4, 3));
  EXPECT_THAT(lengths("template <class T>\nT f(T x, Options o = {}) {\n  if (x) {\n  }\n}\n"),
              ElementsAre(5));
  EXPECT_THAT(lengths("enum class E : uint8_t { kA };\nconstexpr int kA[] = {1, 2};\n"
                      "struct [[nodiscard]] S {\n  int x{1};\n};\n"),
              ElementsAre());
  EXPECT_THAT(lengths("#define M(x) \\\n  do {      \\\n\nTEST(A, b) {\n  char c = '{';\n"
                      "  int n = 1'000;\n}\n"),
              ElementsAre(4));
  EXPECT_THAT(lengths("constexpr auto operator<=>(const A&) const = default;\n"
                      "bool operator<(A a, A b) { return a.x < b.x; }\nint g() {\n}\n"),
              ElementsAre(1, 2));
}

}  // namespace
}  // namespace windtunnel::layering
