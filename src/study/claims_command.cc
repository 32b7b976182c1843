// `windtunnel claims`: announcements, computed.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "report/claim_report.h"
#include "report/output.h"
#include "scenario/suggest.h"
#include "study/claim_judge.h"
#include "study/claim_plan.h"
#include "study/claim_run.h"
#include "study/claim_values.h"
#include "study/command_support.h"
#include "study/timing.h"

namespace windtunnel::study {
namespace {

namespace fs = std::filesystem;
using Errors = std::vector<base::Error>;

std::vector<std::string> sheets_of(const std::string& data) {
  std::vector<std::string> names;
  std::error_code code;
  for (fs::directory_iterator it(data + "/claims", code), end; !code && it != end;
       it.increment(code)) {
    if (it->path().extension() == ".yaml") names.push_back(it->path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// A name is that of a sheet that comes with the program; anything with a slash or an ending is a
// file.
base::Result<std::vector<std::string>> files_of(const ClaimsOptions& options) {
  const std::vector<std::string> known = sheets_of(options.data);
  std::vector<std::string> names = options.names.empty() ? known : options.names;
  if (names.empty()) {
    return base::fail(fmt::format("claims: there is no sheet in {}/claims", options.data),
                      "name a file, or use --data");
  }
  for (std::string& name : names) {
    if (name.find('/') != std::string::npos || name.find(".yaml") != std::string::npos) continue;
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return base::fail(fmt::format("claims: found {}, expected a file or one of: {}",
                                    scenario::quoted(name), fmt::join(known, ", ")),
                        scenario::suggestion(name, known));
    }
    name = fmt::format("{}/claims/{}.yaml", options.data, name);
  }
  return names;
}

bool is_input_name(const std::string& path) {
  return path.find_first_of(".[") == std::string::npos;
}

// `--set nic_price=1000 USD` changes an input by its name, whatever it was taken from.
base::Status set_inputs(SheetFile& sheet, const std::vector<Setting>& settings) {
  for (const Setting& setting : settings) {
    if (!is_input_name(setting.path)) continue;
    std::vector<std::string> names;
    bool found = false;
    for (size_t i = 0; i < sheet.text.inputs.size(); ++i) {
      InputText& input = sheet.text.inputs[i];
      names.push_back(input.name);
      if (input.name != setting.path) continue;
      found = true;
      input.set = setting.value;
      sheet.marks.add(fmt::format("inputs[{}].set", i),
                      base::SourceMark{fmt::format("--set {}={}", setting.path, setting.value)});
    }
    if (!found) {
      return base::fail(fmt::format("--set: unknown input {}", scenario::quoted(setting.path)),
                        scenario::suggestion(setting.path, names));
    }
  }
  return {};
}

tl::expected<ClaimPlan, Errors> plan_file(const std::string& file, const catalog::Catalog& catalog,
                                          const ClaimsOptions& options) {
  std::vector<std::string> changes;
  for (const Setting& setting : options.settings) {
    if (!is_input_name(setting.path)) changes.push_back(setting.path + "=" + setting.value);
  }
  SheetFileResult sheet = load_sheet(file, changes);
  if (!sheet) return tl::unexpected(std::move(sheet.error()));
  if (const base::Status set = set_inputs(*sheet, options.settings); !set) {
    return tl::unexpected(Errors{set.error()});
  }
  return plan_claims(std::move(*sheet), catalog, options.quick);
}

// Every sheet is understood before any is computed.
tl::expected<std::vector<ClaimPlan>, Errors> plan_all(const ClaimsOptions& options) {
  const auto files = files_of(options);
  if (!files) return tl::unexpected(Errors{files.error()});
  const catalog::CatalogResult catalog = catalog::load_catalog(options.data + "/catalog");
  if (!catalog) return tl::unexpected(catalog.error());
  std::vector<ClaimPlan> plans;
  Errors errors;
  for (const std::string& file : *files) {
    auto plan = plan_file(file, *catalog, options);
    if (plan) {
      plans.push_back(std::move(*plan));
    } else {
      errors.insert(errors.end(), plan.error().begin(), plan.error().end());
    }
  }
  if (!errors.empty()) return tl::unexpected(std::move(errors));
  return plans;
}

report::RunFacts cost_of(const std::vector<report::Measurements>& results, const Stamp& begin,
                         const Stamp& end, int threads) {
  report::RunFacts cost;
  cost.cpu_seconds = end.cpu_seconds - begin.cpu_seconds;
  cost.wall_seconds = end.wall_seconds - begin.wall_seconds;
  cost.peak_rss_bytes = peak_rss().count();
  cost.threads = threads;
  for (const report::Measurements& m : results) cost.events += m.run.events;
  return cost;
}

// Exit code 1: a verdict without a value, and with --strict a claim that does not hold.
bool falls_short(const report::ClaimSheet& sheet, bool strict) {
  return std::any_of(sheet.claims.begin(), sheet.claims.end(), [&](const report::ClaimResult& c) {
    const bool no_value = c.verdict == report::Verdict::kCannotBeTested && !c.decides.empty();
    return no_value || (strict && c.verdict == report::Verdict::kDoesNotHold);
  });
}

base::Status write_sheet(const ClaimsOptions& options, const std::string& folder,
                         const report::ClaimSheet& sheet, Outcome& outcome) {
  const auto files = report::write_files(folder, {{"claims.json", report::claims_to_json(sheet)},
                                                  {"claims.html", report::claims_to_html(sheet)}});
  if (!files) return tl::unexpected(files.error());
  if (options.printing.quiet || options.printing.json) return {};
  for (const std::string& file : *files) outcome.err += fmt::format("wrote {}\n", file);
  return {};
}

tl::expected<report::ClaimSheet, Errors> compute(const ClaimPlan& plan,
                                                 const ClaimsOptions& options, Observer& observer,
                                                 Outcome& outcome) {
  constexpr uint32_t kWholeProcess = 2;
  const Stamp begin = stamp(kWholeProcess);
  auto runs = run_claims(
      plan, {.jobs = options.jobs, .force = options.force, .quiet = options.printing.quiet},
      observer);
  if (!runs) return tl::unexpected(Errors{runs.error()});
  if (runs->stopped) {
    outcome = interrupted(runs->progress);
    return report::ClaimSheet{};
  }
  const Stamp end = stamp(kWholeProcess);
  Errors missing = ClaimValues(plan, runs->results).check();
  if (!missing.empty()) return tl::unexpected(std::move(missing));
  outcome.err += warnings_text(plan.warnings) + warnings_text(runs->warnings);
  for (size_t j = 0; j < plan.jobs.size(); ++j) {
    if (runs->shortfalls[j].empty()) continue;
    outcome.err +=
        fmt::format("run `{}`: {}\n", plan.runs[plan.jobs[j].run].name, runs->shortfalls[j]);
  }
  report::ClaimSheet sheet = judge_claims(plan, *runs, options.quick);
  sheet.cost = cost_of(runs->results, begin, end, runs->at_a_time);
  sheet.simulations = static_cast<int>(plan.jobs.size());
  return sheet;
}

}  // namespace

Outcome claims(const ClaimsOptions& options, Observer& observer) {
  const auto plans = plan_all(options);
  if (!plans) return bad_input(plans.error());
  const auto folder_of = [&](const ClaimPlan& plan) {
    return plans->size() == 1 ? options.out : options.out + "/" + plan.text.name;
  };
  if (!options.out.empty()) {
    for (const ClaimPlan& plan : *plans) {
      const auto writable = report::probe_folder(folder_of(plan), {"claims.json", "claims.html"});
      if (!writable) return bad_input(writable.error());
    }
  }
  Outcome outcome;
  std::vector<report::ClaimSheet> sheets;
  for (const ClaimPlan& plan : *plans) {
    auto sheet = compute(plan, options, observer, outcome);
    if (!sheet) return bad_input(sheet.error());
    if (outcome.exit == ExitCode::kInterrupted) return outcome;
    sheets.push_back(std::move(*sheet));
  }
  if (!options.out.empty()) observer.writing();
  for (size_t i = 0; i < sheets.size(); ++i) {
    if (!options.out.empty()) {
      const base::Status written = write_sheet(options, folder_of((*plans)[i]), sheets[i], outcome);
      if (!written) return bad_input(written.error());
    }
    if (falls_short(sheets[i], options.strict)) outcome.exit = ExitCode::kFellShort;
    if (options.printing.json) {
      outcome.out += report::claims_to_json(sheets[i]);
    } else if (!options.printing.quiet) {
      outcome.out +=
          (i > 0 ? "\n" : "") + report::claims_to_terminal(sheets[i], options.printing.style.colour,
                                                           options.printing.style.columns);
    }
  }
  return outcome;
}

}  // namespace windtunnel::study
