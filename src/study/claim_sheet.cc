#include "study/claim_sheet.h"

#include <utility>

#include "catalog/mark_names.h"
#include "scenario/overrides.h"
#include "scenario/schema_text.h"
#include "scenario/text_file.h"
#include "scenario/visitor.h"
#include "scenario/yaml_reader.h"

namespace windtunnel::scenario {

using study::PlotKind;

template <>
struct EnumNames<PlotKind> {
  static constexpr std::array<EnumName<PlotKind>, 5> kNames = {
      {{PlotKind::kCurve, "curve"},
       {PlotKind::kBars, "bars"},
       {PlotKind::kSeries, "series"},
       {PlotKind::kBottleneck, "bottleneck"},
       {PlotKind::kBreakEven, "break-even"}}};
};

}  // namespace windtunnel::scenario

namespace windtunnel::study {

using scenario::Visitor;

void describe(Visitor& v, InputText& t) {
  v.key({.name = "name", .meaning = "Name in formulas"}, t.name);
  v.key({.name = "label", .meaning = "Words for people"}, t.label);
  v.key({.name = "value", .meaning = "The number with its unit"}, t.value);
  v.key({.name = "from", .meaning = "PART.FIGURE of the catalog, instead of `value`"}, t.from);
  v.key({.name = "mark", .meaning = "How it is known; a catalog figure brings its own"}, t.mark);
  v.key({.name = "source", .meaning = "Where it stands; a catalog figure brings its own"},
        t.source);
  v.key({.name = "date", .meaning = "When it held; money must have one"}, t.date);
}

void describe(Visitor& v, RunText& t) {
  v.key({.name = "name", .meaning = "Name in formulas, before the first dot"}, t.name);
  v.key({.name = "label", .meaning = "Words for people"}, t.label);
  v.key({.name = "like", .meaning = "An earlier run to begin with"}, t.like);
  v.key({.name = "scenario", .meaning = "Scenario file (or the scenario itself under `inline`)"},
        t.scenario);
  v.key({.name = "set", .meaning = "path=value changes to the scenario"}, t.set);
  v.key({.name = "quick", .meaning = "Further changes under --quick"}, t.quick);
}

void describe(Visitor& v, BillLineText& t) {
  v.key({.name = "what", .meaning = "The part"}, t.what);
  v.key({.name = "count", .meaning = "Formula: how many"}, t.count);
  v.key({.name = "each", .meaning = "Formula: what one costs"}, t.each);
}

void describe(Visitor& v, BillText& t) {
  v.key({.name = "name", .meaning = "Name of the total in formulas"}, t.name);
  v.key({.name = "label", .meaning = "Words for people"}, t.label);
  v.key({.name = "lines", .meaning = "What is bought"}, t.lines);
}

void describe(Visitor& v, ClaimFigureText& t) {
  v.key({.name = "name", .meaning = "Name in later formulas of the claim"}, t.name);
  v.key({.name = "label", .meaning = "Words for people"}, t.label);
  v.key({.name = "value", .meaning = "Formula"}, t.value);
  v.key({.name = "unit", .meaning = "Unit it is shown in"}, t.unit);
}

void describe(Visitor& v, AssumptionText& t) {
  v.key({.name = "text", .meaning = "What is assumed"}, t.text);
  v.key({.name = "key", .meaning = "What sets it: an input, or a key of the scenarios"}, t.key);
  v.key({.name = "value", .meaning = "The value, for people"}, t.value);
  v.key({.name = "mark", .meaning = "How it is known"}, t.mark);
  v.key({.name = "source", .meaning = "Why it is thought to be so"}, t.source);
}

void describe(Visitor& v, PointText& t) {
  v.key({.name = "label", .meaning = "Words for people"}, t.label);
  v.key({.name = "at", .meaning = "Place on the axis, with unit"}, t.at);
  v.key({.name = "set", .meaning = "path=value changes to the scenarios"}, t.set);
}

void describe(Visitor& v, SweepText& t) {
  v.key({.name = "input", .meaning = "The input that is varied"}, t.input);
  v.key({.name = "key", .meaning = "Or the key of the scenarios"}, t.key);
  v.key({.name = "runs", .meaning = "Runs it concerns; none: all that the formulas name"}, t.runs);
  v.key({.name = "label", .meaning = "Words for people"}, t.label);
  v.key({.name = "values", .meaning = "Its values"}, t.values);
  v.key({.name = "from", .meaning = "Or the least value of an input"}, t.from);
  v.key({.name = "to", .meaning = "and the largest"}, t.to);
  v.key({.name = "points", .meaning = "Or points of several changes each"}, t.points);
}

void describe(Visitor& v, SensitivityText& t) {
  v.key({.name = "why", .meaning = "Why this assumption matters"}, t.why);
  v.key({.name = "vary", .meaning = "What is varied"}, t.vary);
}

void describe(Visitor& v, LineText& t) {
  v.key({.name = "label", .meaning = "Words for people"}, t.label);
  v.key({.name = "value", .meaning = "Formula"}, t.value);
}

void describe(Visitor& v, PlotText& t) {
  v.key({.name = "kind", .meaning = "What is drawn"}, t.kind);
  v.key({.name = "title", .meaning = "Heading"}, t.title);
  v.key({.name = "about", .meaning = "One sentence"}, t.about);
  v.key({.name = "unit", .meaning = "Unit of the values"}, t.unit);
  v.key({.name = "vary", .meaning = "curve, break-even: what runs along the axis"}, t.vary);
  v.key({.name = "log_x", .meaning = "curve: logarithmic axis"}, t.log_x);
  v.key({.name = "log_y", .meaning = "curve: logarithmic values"}, t.log_y);
  v.key({.name = "lines", .meaning = "curve, bars: what is shown"}, t.lines);
  v.key({.name = "reference", .meaning = "curve: formula of a level to compare with"}, t.reference);
  v.key({.name = "reference_label", .meaning = "Its name"}, t.reference_label);
  v.key({.name = "runs", .meaning = "series, bottleneck: whose"}, t.runs);
  v.key({.name = "series", .meaning = "series: its name in results.json"}, t.series);
  v.key({.name = "solve", .meaning = "break-even: the input solved for"}, t.solve);
  v.key({.name = "from", .meaning = "break-even: where it is sought"}, t.from);
  v.key({.name = "to", .meaning = "break-even: where it is sought"}, t.to);
}

void describe(Visitor& v, VerdictText& t) {
  v.key({.name = "figure", .meaning = "The figure that decides"}, t.figure);
  v.key({.name = "at_least", .meaning = "Formula: the claim holds from here"}, t.at_least);
  v.key({.name = "at_most", .meaning = "Formula: the claim holds up to here"}, t.at_most);
  v.key({.name = "untestable", .meaning = "Why nothing here can test the claim"}, t.untestable);
}

void describe(Visitor& v, ClaimText& t) {
  v.key({.name = "id", .meaning = "Name of the claim"}, t.id);
  v.key({.name = "title", .meaning = "The claim in a few words"}, t.title);
  v.key({.name = "says", .meaning = "The words that were published"}, t.says);
  v.key({.name = "source", .meaning = "Where they stand"}, t.source);
  v.key({.name = "reading", .meaning = "How they are understood here"}, t.reading);
  v.key({.name = "answer", .meaning = "What to make of the figures"}, t.answer);
  v.key({.name = "figures", .meaning = "What is computed"}, t.figures);
  v.key({.name = "assumptions", .meaning = "What that rests on"}, t.assumptions);
  v.key({.name = "sensitivity", .meaning = "The assumptions that matter most, varied"},
        t.sensitivity);
  v.key({.name = "plots", .meaning = "What is drawn"}, t.plots);
  v.key({.name = "verdict", .meaning = "What decides"}, t.verdict);
}

void describe(Visitor& v, SheetText& t) {
  v.key({.name = "kind", .meaning = "claims"}, t.kind);
  v.key({.name = "name", .meaning = "Name of the sheet"}, t.name);
  v.key({.name = "title", .meaning = "What was announced"}, t.title);
  v.key({.name = "about", .meaning = "What the sheet is about"}, t.about);
  v.key({.name = "announced", .meaning = "When"}, t.announced);
  v.key({.name = "source", .meaning = "Where"}, t.source);
  v.key({.name = "inputs", .meaning = "Numbers the claims are computed from"}, t.inputs);
  v.key({.name = "runs", .meaning = "Simulations the claims are computed from"}, t.runs);
  v.key({.name = "bills", .meaning = "Bills of materials"}, t.bills);
  v.key({.name = "claims", .meaning = "What was claimed"}, t.claims);
}

namespace {

using Errors = std::vector<base::Error>;

tl::unexpected<Errors> refuse(Errors errors) {
  scenario::sort_by_place(errors);
  return tl::unexpected(std::move(errors));
}

base::Status check_kind(const scenario::Node& root) {
  const scenario::Node* kind = root.find("kind");
  if (kind != nullptr && kind->text == "claims") return {};
  return base::fail(kind == nullptr ? root.mark : kind->mark,
                    "expected a claim sheet, with `kind: claims`");
}

// A scenario inside the sheet is a scenario's business; the sheet's reader never sees it.
std::optional<scenario::Node> take_inline(scenario::Node& run) {
  if (run.kind != scenario::Node::Kind::kMapping) return {};
  for (size_t i = 0; i < run.keys.size(); ++i) {
    if (run.keys[i].text != "inline") continue;
    scenario::Node taken = std::move(run.items[i]);
    const auto at = static_cast<std::ptrdiff_t>(i);
    run.items.erase(run.items.begin() + at);
    run.keys.erase(run.keys.begin() + at);
    return taken;
  }
  return {};
}

std::vector<std::optional<scenario::Node>> take_inlines(scenario::Node& root) {
  std::vector<std::optional<scenario::Node>> inlines;
  scenario::Node* runs = root.find("runs");
  if (runs == nullptr || runs->kind != scenario::Node::Kind::kSequence) return inlines;
  for (scenario::Node& run : runs->items) inlines.push_back(take_inline(run));
  return inlines;
}

}  // namespace

SheetFileResult read_sheet(std::string_view text, const std::string& file,
                           const std::vector<std::string>& set) {
  scenario::YamlText yaml = scenario::read_yaml(text, file);
  Errors errors = std::move(yaml.errors);
  if (!yaml.complete) return refuse(std::move(errors));
  Errors more = scenario::apply_overrides(yaml.root, set);
  errors.insert(errors.end(), more.begin(), more.end());
  if (const base::Status kind = check_kind(yaml.root); !kind) {
    errors.push_back(kind.error());
    return refuse(std::move(errors));
  }
  SheetFile sheet;
  sheet.file = file;
  sheet.inlines = take_inlines(yaml.root);
  scenario::ReadOutcome outcome = scenario::read(yaml.root, sheet.text);
  errors.insert(errors.end(), outcome.errors.begin(), outcome.errors.end());
  if (!errors.empty()) return refuse(std::move(errors));
  sheet.marks = std::move(outcome.marks);
  sheet.inlines.resize(sheet.text.runs.size());
  return sheet;
}

SheetFileResult load_sheet(const std::string& path, const std::vector<std::string>& set) {
  const auto text = scenario::read_text_file(path, scenario::YamlLimits{}.bytes);
  if (!text) return refuse({text.error()});
  return read_sheet(*text, path, set);
}

std::string sheet_schema() { return scenario::schema_text<SheetText>(); }

}  // namespace windtunnel::study
