// A claim sheet that was computed: what the writers of claims (terminal, JSON, HTML) take in. Plain
// structs, and nothing of any domain. Values are in the units of measurements.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "report/measurements.h"

namespace windtunnel::report {

enum class Verdict : uint8_t { kHolds, kHoldsIf, kDoesNotHold, kCannotBeTested };
// "holds", "holds if", "does not hold", "cannot be tested".
std::string_view verdict_name(Verdict verdict);

struct NamedFigure {
  std::string name = {};
  std::string label = {};
  std::string formula = {};
  double value = 0;
  std::string unit = {};
};

struct ClaimAssumption {
  std::string text = {};
  std::string key = {};    // what sets it
  std::string value = {};  // for people
  std::string mark = {};   // how it is known
  std::string source = {};
};

// Values along an axis. Points stand at `at`, or side by side when the axis has labels.
struct Curve {
  struct Line {
    std::string label = {};
    std::vector<double> values = {};
  };
  std::string x_title = {};
  std::string x_unit = {};
  std::vector<double> at = {};           // ascending
  std::vector<std::string> labels = {};  // of points; as many as `at`
  bool placed = true;                    // false: the labels are the axis
  bool log_x = false;
  bool log_y = false;
  std::string unit = {};  // of the values
  std::vector<Line> lines = {};
  std::optional<double> reference = {};
  std::string reference_label = {};
};

// Bars side by side; a group of them for each row that has several parts, shares of 1 by
// themselves.
struct Bars {
  struct Row {
    std::string label = {};
    std::vector<double> values = {};  // NaN: this row has no such part
  };
  std::string unit = {};
  std::vector<std::string> parts = {};  // names of the values; one: plain bars
  std::vector<Row> rows = {};
};

// How far one assumption moves the figure that decides.
struct SensitivityResult {
  std::string label = {};
  std::string why = {};
  double low = 0;  // of the figure, over the range
  double high = 0;
  std::string condition = {};  // where the claim holds; empty: everywhere or nowhere
  bool everywhere = false;
  bool nowhere = false;
  std::vector<double> break_evens = {};  // where it begins or ceases to hold, in curve.x_unit
  Curve curve = {};
  std::vector<bool> holds = {};  // by point
};

struct ClaimPlotResult {
  std::string title = {};
  std::string about = {};
  std::variant<Curve, Bars, Series> data = {};
};

// A run in which something had to be done and was not.
struct Shortfall {
  std::string run = {};  // its name
  std::string label = {};
  std::vector<std::string> set = {};
  std::string what = {};  // "3 flows failed: the transport gave up"
};

struct ClaimResult {
  std::string id = {};
  std::string title = {};
  std::string says = {};
  std::string source = {};
  std::string reading = {};
  std::string answer = {};
  Verdict verdict = Verdict::kCannotBeTested;
  // What decides: the figure, its value, the rule ("at least 2 times"); for an untestable claim
  // only the reason.
  std::string decides = {};  // name of a figure
  double value = 0;
  std::string unit = {};
  std::string rule = {};
  std::string condition = {};  // of `holds if`; reason of `cannot be tested`
  bool as_assumed = false;     // the rule is met by the assumptions as they stand
  std::vector<NamedFigure> figures = {};
  std::vector<ClaimAssumption> assumptions = {};
  std::vector<SensitivityResult> sensitivity = {};
  std::vector<ClaimPlotResult> plots = {};
  std::vector<std::string> runs = {};      // names of those it rests on
  std::vector<Shortfall> shortfalls = {};  // of those runs, as the sheet describes them
};

struct InputRow {
  std::string name = {};
  std::string label = {};
  double value = 0;
  std::string unit = {};
  std::string mark = {};
  std::string source = {};
  std::string date = {};
};

struct BillRow {
  std::string what = {};
  double count = 0;
  double each = 0;
  double sum = 0;
};
struct BillTable {
  std::string name = {};
  std::string label = {};
  std::string unit = {};
  std::vector<BillRow> rows = {};
  double total = 0;
};

struct RunRow {
  std::string name = {};
  std::string label = {};
  std::string scenario = {};  // file as the sheet names it
  std::vector<std::string> set = {};
  std::string fingerprint = {};
  uint64_t seed = 0;
  std::string limited_by = {};  // bottleneck, one sentence
  std::vector<Assumption> assumptions = {};
};

struct ClaimSheet {
  std::string version = {};
  std::string name = {};
  std::string title = {};
  std::string about = {};
  std::string announced = {};
  std::string source = {};
  bool quick = false;  // smaller runs than the sheet describes
  std::vector<ClaimResult> claims = {};
  std::vector<InputRow> inputs = {};
  std::vector<BillTable> bills = {};
  std::vector<RunRow> runs = {};
  std::vector<Shortfall> shortfalls = {};  // of all simulations, sweeps among them
  // The only part that may differ between two equal runs.
  RunFacts cost = {};
  int simulations = 0;
};

// "3.91 times (at least 2 times)".
std::string number_beside(const ClaimResult& claim);
// "the price of a card is at most 615 USD; as assumed it is not", or why a claim cannot be tested.
std::string condition_text(const ClaimResult& claim);

std::string claims_to_json(const ClaimSheet& sheet);
std::string claims_to_terminal(const ClaimSheet& sheet, bool colour, int columns);
// One self-contained page; see html.h.
std::string claims_to_html(const ClaimSheet& sheet);

}  // namespace windtunnel::report
