// claims.json: everything a claim sheet amounts to. Two equal runs give the same bytes, `run`
// aside, which is the last member.
#include "report/claim_report.h"
#include "report/json_parts.h"
#include "report/json_writer.h"

namespace windtunnel::report {
namespace {

void write(JsonWriter& json, const ClaimPlotResult& plot);
void write(JsonWriter& json, const ClaimResult& claim);
void write(JsonWriter& json, const InputRow& input);
void write(JsonWriter& json, const BillRow& row);
void write(JsonWriter& json, const BillTable& bill);
void write(JsonWriter& json, const RunRow& run);
void write(JsonWriter& json, const Shortfall& shortfall);

void write(JsonWriter& json, const NamedFigure& figure) {
  json.begin_object(true);
  json.member("name", figure.name);
  json.member("label", figure.label);
  json.member("value", figure.value);
  json.member("unit", figure.unit);
  json.member("formula", figure.formula);
  json.end();
}

void write(JsonWriter& json, const ClaimAssumption& assumption) {
  json.begin_object(true);
  json.member("text", assumption.text);
  json.member("key", assumption.key);
  json.member("value", assumption.value);
  json.member("mark", assumption.mark);
  json.member("source", assumption.source);
  json.end();
}

void write(JsonWriter& json, const Curve& curve) {
  json.begin_object();
  json.member("x_title", curve.x_title);
  json.member("x_unit", curve.x_unit);
  if (curve.placed) write_numbers(json, "x", curve.at);
  write_texts(json, "labels", curve.labels);
  json.member("unit", curve.unit);
  if (curve.reference) {
    json.member("reference", *curve.reference);
    json.member("reference_label", curve.reference_label);
  }
  json.key("lines");
  json.begin_array();
  for (const Curve::Line& line : curve.lines) {
    json.begin_object();
    json.member("label", line.label);
    write_numbers(json, "values", line.values);
    json.end();
  }
  json.end();
  json.end();
}

void write(JsonWriter& json, const Bars& bars) {
  json.begin_object();
  json.member("unit", bars.unit);
  write_texts(json, "parts", bars.parts);
  json.key("rows");
  json.begin_array();
  for (const Bars::Row& row : bars.rows) {
    json.begin_object();
    json.member("label", row.label);
    write_numbers(json, "values", row.values);
    json.end();
  }
  json.end();
  json.end();
}

void write(JsonWriter& json, const Series& series) {
  json.begin_object();
  json.member("series", series.name);
  write_series_members(json, series);
  json.end();
}

void write(JsonWriter& json, const SensitivityResult& result) {
  json.begin_object();
  json.member("of", result.label);
  json.member("why", result.why);
  json.member("low", result.low);
  json.member("high", result.high);
  json.member("holds_where", std::string(result.everywhere ? "everywhere"
                                         : result.nowhere  ? "nowhere"
                                                           : result.condition));
  write_numbers(json, "break_even", result.break_evens);
  json.key("holds");
  json.begin_array(true);
  for (const bool holds : result.holds) json.value(holds);
  json.end();
  json.key("curve");
  write(json, result.curve);
  json.end();
}

template <class T>
void write_list(JsonWriter& json, std::string_view key, const std::vector<T>& list) {
  json.key(key);
  json.begin_array();
  for (const T& item : list) write(json, item);
  json.end();
}

void write(JsonWriter& json, const ClaimPlotResult& plot) {
  json.begin_object();
  json.member("title", plot.title);
  json.key("data");
  std::visit([&json](const auto& data) { write(json, data); }, plot.data);
  json.end();
}

void write_verdict(JsonWriter& json, const ClaimResult& claim) {
  json.key("verdict");
  json.begin_object();
  json.member("state", verdict_name(claim.verdict));
  if (!claim.decides.empty()) {
    json.member("figure", claim.decides);
    json.member("value", claim.value);
    json.member("unit", claim.unit);
    json.member("rule", claim.rule);
    json.member("as_assumed", claim.as_assumed);
  }
  if (!claim.condition.empty()) json.member("condition", claim.condition);
  json.end();
}

void write(JsonWriter& json, const ClaimResult& claim) {
  json.begin_object();
  json.member("id", claim.id);
  json.member("title", claim.title);
  json.member("says", claim.says);
  json.member("source", claim.source);
  json.member("reading", claim.reading);
  write_verdict(json, claim);
  json.member("answer", claim.answer);
  write_list(json, "figures", claim.figures);
  write_list(json, "assumptions", claim.assumptions);
  write_list(json, "sensitivity", claim.sensitivity);
  write_list(json, "plots", claim.plots);
  write_texts(json, "runs", claim.runs);
  json.end();
}

void write(JsonWriter& json, const InputRow& input) {
  json.begin_object(true);
  json.member("name", input.name);
  json.member("label", input.label);
  json.member("value", input.value);
  json.member("unit", input.unit);
  json.member("mark", input.mark);
  json.member("source", input.source);
  if (!input.date.empty()) json.member("date", input.date);
  json.end();
}

void write(JsonWriter& json, const BillRow& row) {
  json.begin_object(true);
  json.member("what", row.what);
  json.member("count", row.count);
  json.member("each", row.each);
  json.member("sum", row.sum);
  json.end();
}

void write(JsonWriter& json, const BillTable& bill) {
  json.begin_object();
  json.member("name", bill.name);
  json.member("label", bill.label);
  json.member("unit", bill.unit);
  json.member("total", bill.total);
  write_list(json, "lines", bill.rows);
  json.end();
}

void write(JsonWriter& json, const RunRow& run) {
  json.begin_object();
  json.member("name", run.name);
  json.member("label", run.label);
  json.member("scenario", run.scenario);
  write_texts(json, "set", run.set);
  json.member("seed", run.seed);
  json.member("fingerprint", run.fingerprint);
  json.member("limited_by", run.limited_by);
  json.end();
}

void write(JsonWriter& json, const Shortfall& shortfall) {
  json.begin_object();
  json.member("run", shortfall.run);
  json.member("label", shortfall.label);
  write_texts(json, "set", shortfall.set);
  json.member("what", shortfall.what);
  json.end();
}

}  // namespace

std::string claims_to_json(const ClaimSheet& sheet) {
  JsonWriter json;
  json.begin_object();
  json.member("windtunnel", sheet.version);
  json.member("sheet", sheet.name);
  json.member("title", sheet.title);
  json.member("announced", sheet.announced);
  json.member("source", sheet.source);
  json.member("quick", sheet.quick);
  write_list(json, "claims", sheet.claims);
  write_list(json, "inputs", sheet.inputs);
  write_list(json, "bills", sheet.bills);
  write_list(json, "runs", sheet.runs);
  write_list(json, "fell_short", sheet.shortfalls);
  write_cost(json, sheet.cost, sheet.simulations);
  json.end();
  return json.take() + "\n";
}

}  // namespace windtunnel::report
