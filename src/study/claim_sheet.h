// A claim sheet as it is written: one announcement, what it says sentence by sentence, and how each
// sentence is put to the test. Plain structs; claim_check.h turns them into something that can be
// computed, and docs/claims.md describes the format.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/result.h"
#include "catalog/catalog.h"
#include "scenario/reader.h"
#include "scenario/tree.h"
#include "scenario/value_types.h"

namespace windtunnel::study {

// A number the claims are computed from: written here, or taken from the catalog.
struct InputText {
  std::string name;
  std::string label;
  std::string value;  // "1599 USD"
  std::string from;   // "connectx-7-400.price"
  catalog::Mark mark = catalog::Mark::kAssumed;
  std::string source;
  std::string date;
  std::string set;  // from the command line, in place of either; not a key of the file
};

// A scenario with its changes; results are named NAME.METRIC in formulas.
struct RunText {
  std::string name;
  std::string label;
  std::string like;             // an earlier run, whose scenario and changes come first
  scenario::FilePath scenario;  // or `inline`, which is kept apart (SheetFile::inlines)
  std::vector<std::string> set;
  std::vector<std::string> quick;  // further changes under --quick
};

struct BillLineText {
  std::string what;
  std::string count;  // formula
  std::string each;   // formula
};
// A bill of materials; its total is named like the bill in formulas.
struct BillText {
  std::string name;
  std::string label;
  std::vector<BillLineText> lines;
};

struct ClaimFigureText {
  std::string name;
  std::string label;
  std::string value;  // formula
  std::string unit = "1";
};

struct AssumptionText {
  std::string text;
  std::string key;    // what sets it: an input, or a key of the scenarios
  std::string value;  // for people; empty: that of the input
  catalog::Mark mark = catalog::Mark::kAssumed;
  std::string source;
};

struct PointText {
  std::string label;
  std::string at;  // place on the axis; empty: points stand side by side
  std::vector<std::string> set;
};

// What is varied: an input, or a key of the scenarios of some runs.
struct SweepText {
  std::string input;
  std::string key;
  std::vector<std::string> runs;  // empty: all that the formulas name
  std::string label;
  std::vector<std::string> values;
  std::string from;  // with `to`: an interval of an input
  std::string to;
  std::vector<PointText> points;  // instead of key and values, when one value is not enough
};

struct SensitivityText {
  std::string why;  // why this assumption matters
  SweepText vary;
};

struct LineText {
  std::string label;
  std::string value;  // formula
};

enum class PlotKind : uint8_t { kCurve, kBars, kSeries, kBottleneck, kBreakEven };

struct PlotText {
  PlotKind kind = PlotKind::kCurve;
  std::string title;
  std::string about;
  std::string unit = "1";         // of the values
  SweepText vary;                 // curve, break-even: along the axis
  bool log_x = false;             // curve
  bool log_y = false;             // curve
  std::vector<LineText> lines;    // curve, bars
  std::string reference;          // curve: formula of a level worth comparing with
  std::string reference_label;    //
  std::vector<std::string> runs;  // series, bottleneck
  std::string series;             // series: its name in the run's results
  std::string solve;              // break-even: the input solved for
  std::string from;               // break-even: where it is sought
  std::string to;
};

// Which figure decides, and from where on it speaks for the claim.
struct VerdictText {
  std::string figure;
  std::string at_least;    // formula
  std::string at_most;     // formula
  std::string untestable;  // why nothing here can test it; then all else is empty
};

struct ClaimText {
  std::string id;
  std::string title;
  std::string says;     // the words that were published
  std::string source;   // where
  std::string reading;  // how they are understood here
  std::string answer;   // what to make of the result; may be empty
  std::vector<ClaimFigureText> figures;
  std::vector<AssumptionText> assumptions;
  std::vector<SensitivityText> sensitivity;
  std::vector<PlotText> plots;
  VerdictText verdict;
};

struct SheetText {
  std::string kind = "claims";
  std::string name;
  std::string title;
  std::string about;
  std::string announced;  // date
  std::string source;
  std::vector<InputText> inputs;
  std::vector<RunText> runs;
  std::vector<BillText> bills;
  std::vector<ClaimText> claims;
};

// A file that could be read, with the places of its keys.
struct SheetFile {
  std::string file;
  SheetText text;
  scenario::MarkTable marks;
  std::vector<std::optional<scenario::Node>> inlines;  // runs[i].inline
};

using SheetFileResult = tl::expected<SheetFile, std::vector<base::Error>>;

// Reads what stands in the text, as far as that can be judged without catalog and scenarios. `set`
// are `path=value` changes to the sheet itself (scenario/overrides.h). All mistakes, by place.
SheetFileResult read_sheet(std::string_view text, const std::string& file,
                           const std::vector<std::string>& set = {});
SheetFileResult load_sheet(const std::string& path, const std::vector<std::string>& set = {});

// `windtunnel schema claims`.
std::string sheet_schema();

}  // namespace windtunnel::study
