// `windtunnel validate`: published figures beside ours.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/version.h"
#include "report/human.h"
#include "report/json_writer.h"
#include "report/output.h"
#include "scenario/suggest.h"
#include "study/command_support.h"
#include "study/validation.h"

namespace windtunnel::study {
namespace {

constexpr char kNotRun[] = "not run: needs the instance files, give --data DIR";

struct CaseResult {
  const ValidationCase* of = nullptr;
  std::vector<Comparison> comparisons;
  bool was_run = true;
  bool holds() const {
    return std::all_of(comparisons.begin(), comparisons.end(),
                       [](const Comparison& c) { return c.holds; });
  }
};

base::Result<std::vector<const ValidationCase*>> choose(const std::vector<std::string>& names) {
  std::vector<const ValidationCase*> chosen;
  std::vector<std::string> known;
  for (const ValidationCase& c : validation_cases()) known.push_back(c.name);
  for (const std::string& name : names) {
    const size_t before = chosen.size();
    for (const ValidationCase& c : validation_cases()) {
      // "row-6" also means row-6-nscc and row-6-rccc.
      if (c.name == name || c.name.rfind(name + "-", 0) == 0) chosen.push_back(&c);
    }
    if (chosen.size() == before) {
      return base::fail(
          fmt::format("validate: found `{}`, expected one of {}", name, fmt::join(known, ", ")),
          scenario::suggestion(name, known));
    }
  }
  if (names.empty()) {
    for (const ValidationCase& c : validation_cases()) chosen.push_back(&c);
  }
  return chosen;
}

// "-1.2 %", or how far below a bound.
std::string difference(const Comparison& c) {
  if (c.theirs == 0 || std::isnan(c.theirs)) return c.holds ? "=" : "differs";
  return fmt::format("{:+.2f} %", 100 * (c.ours - c.theirs) / c.theirs);
}

std::string allowed(const Comparison& c) {
  switch (c.rule) {
    case Comparison::Rule::kAtMost:
      return "at most";
    case Comparison::Rule::kAtLeast:
      return "at least";
    case Comparison::Rule::kOrder:
      return "order";
    case Comparison::Rule::kInterval:
      return fmt::format("{:g} % interval ±{:.2f} %, at most ±{:g} %", 100 * c.level,
                         100 * c.half_width / std::abs(c.theirs), 100 * c.allowed);
    case Comparison::Rule::kNear:
      break;
  }
  return c.allowed < 1e-3 ? "exact" : fmt::format("±{:.0f} %", 100 * c.allowed);
}

const char* rule_name(Comparison::Rule rule) {
  switch (rule) {
    case Comparison::Rule::kNear:
      return "near";
    case Comparison::Rule::kAtMost:
      return "at_most";
    case Comparison::Rule::kAtLeast:
      return "at_least";
    case Comparison::Rule::kOrder:
      return "order";
    case Comparison::Rule::kInterval:
      return "interval";
  }
  return "";
}

std::string to_text(const CaseResult& result) {
  if (!result.was_run)
    return fmt::format("skip {}: {}\n    {}\n      {}\n", result.of->name, result.of->about,
                       result.of->source, kNotRun);
  std::string text = fmt::format("{} {}: {}\n    {}\n", result.holds() ? "ok  " : "FAR ",
                                 result.of->name, result.of->about, result.of->source);
  for (const Comparison& c : result.comparisons) {
    text += fmt::format("    {} {:<44} ours {:>12}  theirs {:>12}  {:>9}  ({})\n",
                        c.holds ? " " : "!", c.what, report::human(c.ours, c.unit, 5),
                        report::human(c.theirs, c.unit, 5), difference(c), allowed(c));
    if (!c.note.empty()) text += fmt::format("        {}\n", c.note);
  }
  return text;
}

void write_comparison(report::JsonWriter& json, const Comparison& c) {
  json.begin_object();
  json.member("what", c.what);
  json.member("ours", c.ours);
  json.member("theirs", c.theirs);
  json.member("unit", c.unit);
  json.member("allowed", c.allowed);
  json.member("rule", rule_name(c.rule));
  json.member("holds", c.holds);
  if (c.rule == Comparison::Rule::kInterval) {
    json.member("half_width", c.half_width);
    json.member("level", c.level);
  }
  if (!c.note.empty()) json.member("note", c.note);
  json.end();
}

void write_case(report::JsonWriter& json, const CaseResult& result) {
  json.begin_object();
  json.member("name", result.of->name);
  json.member("about", result.of->about);
  json.member("source", result.of->source);
  if (result.was_run) {
    json.member("holds", result.holds());
  } else {
    json.member("not_run", kNotRun);
  }
  json.key("comparisons");
  json.begin_array();
  for (const Comparison& c : result.comparisons) write_comparison(json, c);
  json.end();
  json.end();
}

std::string to_json(const std::vector<CaseResult>& results) {
  report::JsonWriter json;
  json.begin_object();
  json.member("windtunnel", base::version());
  json.key("cases");
  json.begin_array();
  for (const CaseResult& result : results) write_case(json, result);
  json.end();
  json.end();
  return json.take() + "\n";
}

// Says which case of how many is running.
class CaseObserver final : public Observer {
 public:
  CaseObserver(Observer& inner, int total) : inner_(inner), total_(total) {}
  void progress(const Progress& progress) override {
    last_ = progress;
    last_.runs_done = done_;
    last_.runs_total = total_;
    last_.done = static_cast<double>(done_) / total_;
    inner_.progress(last_);
  }
  bool stop_requested() const override { return inner_.stop_requested(); }
  void case_done() { ++done_; }
  const Progress& last() const { return last_; }

 private:
  Observer& inner_;
  int total_;
  int done_ = 0;
  Progress last_;
};

base::Result<CaseResult> run_case(const ValidationCase& c, const std::string& data,
                                  Observer& observer) {
  if (!c.run && data.empty()) return CaseResult{&c, {}, false};
  auto comparisons = c.run ? c.run(observer) : c.run_on_data(data, observer);
  if (!comparisons) return tl::unexpected(comparisons.error());
  return CaseResult{&c, std::move(*comparisons)};
}

}  // namespace

Outcome validate(const ValidateOptions& options, Observer& observer) {
  const auto chosen = choose(options.names);
  if (!chosen) return bad_input(chosen.error());
  if (!options.out.empty()) {
    const auto writable = report::probe_folder(options.out, {"validation.json"});
    if (!writable) return bad_input(writable.error());
  }
  CaseObserver watched(observer, static_cast<int>(chosen->size()));
  std::vector<CaseResult> results;
  Outcome outcome;
  for (const ValidationCase* c : *chosen) {
    auto result = run_case(*c, options.data, watched);
    if (observer.stop_requested()) return interrupted(watched.last());
    if (!result) return bad_input(result.error());
    results.push_back(std::move(*result));
    watched.case_done();
    if (!results.back().holds()) outcome.exit = ExitCode::kFellShort;
    if (!options.printing.json && !options.printing.quiet) outcome.out += to_text(results.back());
  }
  const std::string json = to_json(results);
  if (!options.out.empty()) {
    observer.writing();
    const auto written = report::write_files(options.out, {{"validation.json", json}});
    if (!written) return bad_input(written.error());
  }
  if (options.printing.json) outcome.out = json;
  return outcome;
}

}  // namespace windtunnel::study
