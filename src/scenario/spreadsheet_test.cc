#include "scenario/spreadsheet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "base/random.h"

namespace windtunnel::scenario {
namespace {

using testing::HasSubstr;

// Cells in brackets, rows in lines.
std::string shown(const std::string& text) {
  const SpreadsheetResult sheet = read_spreadsheet(text, "t.csv");
  if (!sheet) return sheet.error().to_string();
  std::string out;
  for (const auto& row : sheet->rows) {
    for (const Cell& cell : row) out += "[" + cell.text + "]";
    out += "\n";
  }
  return out;
}

TEST(Spreadsheet, ReadsCommasSemicolonsAndTabs) {
  EXPECT_EQ(shown("a,b\n1,2\n"), "[a][b]\n[1][2]\n");
  EXPECT_EQ(shown("a;b\n1,5;2\n"), "[a][b]\n[1,5][2]\n");
  EXPECT_EQ(shown("a\tb\n1\t2"), "[a][b]\n[1][2]\n");
  EXPECT_EQ(shown("\"a,b\";c\n1;2\n"), "[a,b][c]\n[1][2]\n");
}

TEST(Spreadsheet, LineEndsMarksAndBlanks) {
  EXPECT_EQ(shown("\xef\xbb\xbf"
                  "a, b \r\n 1 ,2\r\n"),
            "[a][b]\n[1][2]\n");
  EXPECT_EQ(shown("a,b\r1,2\r"), "[a][b]\n[1][2]\n");
  EXPECT_EQ(shown("\na,b\n\n,,\n1,2\n\n"), "[a][b]\n[1][2]\n");
  EXPECT_EQ(shown("a,b\n1,\n,2\n"), "[a][b]\n[1][]\n[][2]\n");
}

TEST(Spreadsheet, Quotes) {
  EXPECT_EQ(shown("\"a \"\"b\"\"\",c\n"), "[a \"b\"][c]\n");
  EXPECT_EQ(shown("\"two\nlines\",c\n"), "[two\nlines][c]\n");
  EXPECT_THAT(shown("a,\"b\n"), HasSubstr("t.csv:1:3: found a quote that does not end"));
  EXPECT_THAT(shown("\"a\"b,c\n"), HasSubstr("t.csv:1:4: found text behind a closing quote"));
}

TEST(Spreadsheet, CellsKnowTheirPlace) {
  const SpreadsheetResult sheet = read_spreadsheet("\xc3\xa4,b\r\n\"x\ny\", q\n", "t.csv");
  ASSERT_TRUE(sheet.has_value());
  EXPECT_EQ(sheet->rows[0][1].mark, (base::SourceMark{"t.csv", 1, 3}));
  EXPECT_EQ(sheet->rows[1][0].mark, (base::SourceMark{"t.csv", 2, 1}));
  EXPECT_EQ(sheet->rows[1][1].mark, (base::SourceMark{"t.csv", 3, 5}));
}

TEST(Spreadsheet, RefusesWhatIsNoTable) {
  EXPECT_THAT(shown(""), HasSubstr("t.csv:1:1: found no rows"));
  EXPECT_THAT(shown("\n,,\n"), HasSubstr("found no rows"));
  EXPECT_THAT(shown(std::string("a\0b", 3)), HasSubstr("t.csv:1:2"));
  const SpreadsheetLimits small = {.bytes = 100, .rows = 2, .columns = 3};
  EXPECT_THAT(read_spreadsheet("1\n2\n3\n", "t.csv", small).error().message,
              HasSubstr("more than 2 rows"));
  EXPECT_THAT(read_spreadsheet("1,2,3,4\n", "t.csv", small).error().message,
              HasSubstr("more than 3 cells"));
}

TEST(Spreadsheet, NumbersMayHaveADecimalComma) {
  const auto first = [](const std::string& text) {
    const SpreadsheetResult sheet = read_spreadsheet(text, "t.csv");
    return number_text(*sheet, sheet->rows[0][0]);
  };
  EXPECT_EQ(first("1,5;2\n"), "1.5");
  EXPECT_EQ(first("\"1,5\",2,3\n"), "1,5");
  EXPECT_EQ(first("1.5;2\n"), "1.5");
}

TEST(Spreadsheet, IsTotalOverArbitraryText) {
  base::RandomStream random(11, "spreadsheet");
  const std::string letters = "ab,;\t\"\r\n 1\xc3\xa4";
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (uint64_t n = random.below(24); n > 0; --n) text += letters[random.below(letters.size())];
    const SpreadsheetResult sheet = read_spreadsheet(text, "t.csv");
    if (!sheet) {
      EXPECT_GT(sheet.error().mark.line, 0) << "seed 11, case " << i;
    } else {
      EXPECT_FALSE(sheet->rows.empty());
    }
  }
}

}  // namespace
}  // namespace windtunnel::scenario
