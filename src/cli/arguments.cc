// The only file that includes CLI11, whose exceptions end here.
#include "cli/arguments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <thread>

#include "scenario/suggest.h"

namespace windtunnel::cli {
namespace {

constexpr int kThreadsMax = 1024;
constexpr int kReplicationsMax = 100'000;

constexpr char kIntroduction[] =
    "Windtunnel simulates announced AI hardware and says what limits it.\n\n"
    "  windtunnel run scenario.yaml --out out/first\n";
constexpr char kExitCodes[] =
    "Exit codes: 0 done, 1 a claim or validation fell short, 2 bad input, 3 internal fault,\n"
    "130 stopped by Ctrl-C.";

// What CLI11 collects before it is checked: texts, so that complaints are ours.
struct Raw {
  study::RunOptions run;
  study::SweepOptions sweep;
  study::ImproveOptions improve;
  study::CompareOptions compare;
  study::ValidateOptions validate;
  study::SchemaOptions schema;
  study::ClaimsOptions claims;
  study::CatalogOptions catalog;
  study::NodeOptions node;
  study::PlanOptions plan;
  std::vector<std::string> down;
  std::vector<std::string> rush;
  std::optional<std::string> rate;
  std::optional<std::string> tries;
  std::vector<std::string> settings;
  std::vector<std::string> variations;
  std::vector<std::string> changes;
  std::vector<std::string> search;
  std::optional<std::string> target;
  std::optional<std::string> budget;
  std::optional<std::string> indifference;
  std::optional<std::string> replications_max;
  std::optional<std::string> seed;
  std::optional<std::string> threads;
  std::optional<std::string> jobs;
  std::optional<std::string> replications;
};

CLI::Option* add_repeated(CLI::App& app, const std::string& name, std::vector<std::string>& into,
                          const std::string& about) {
  return app.add_option(name, into, about)->allow_extra_args(false)->take_all();
}

void add_printing(CLI::App& app, study::Printing& printing) {
  app.add_flag("--json", printing.json, "Print the result as JSON instead of words");
  app.add_flag("--quiet,-q", printing.quiet, "Print nothing but errors");
}

void add_run(CLI::App& top, Raw& raw) {
  CLI::App* app = top.add_subcommand("run", "Simulate one scenario and say what limited it");
  app->add_option("FILE", raw.run.file, "Scenario to run")->required();
  add_repeated(*app, "--set", raw.settings, "Override a key: path=value (may be repeated)")
      ->type_name("K=V");
  app->add_option("--seed", raw.seed, "Seed of all random draws (default: the scenario's)")
      ->type_name("N");
  app->add_option("--threads", raw.threads, "Threads for this run (default: the scenario's)")
      ->type_name("N");
  app->add_option("--out", raw.run.out,
                  "Folder for results.json, report.html, flows.csv and links.csv")
      ->type_name("DIR");
  app->add_flag("--force", raw.run.force, "Run even if the estimate exceeds the memory there is");
  add_printing(*app, raw.run.printing);
}

void add_sweep(CLI::App& top, Raw& raw) {
  CLI::App* app = top.add_subcommand("sweep", "Run a scenario over every combination of values");
  app->add_option("FILE", raw.sweep.file, "Scenario to vary")->required();
  add_repeated(*app, "--vary", raw.variations, "Values of a key: path=v1,v2,... (may be repeated)")
      ->type_name("K=V,V")
      ->required();
  add_repeated(*app, "--set", raw.settings, "Override a key everywhere: path=value")
      ->type_name("K=V");
  app->add_option("--replications", raw.replications, "Seeds per combination (default 1)")
      ->type_name("N");
  app->add_option("--jobs", raw.jobs, "Runs at the same time (default 1)")->type_name("N");
  app->add_option("--seed", raw.seed, "First seed (default: the scenario's)")->type_name("N");
  app->add_option("--out", raw.sweep.out, "Folder for sweep.csv and sweep.json")->type_name("DIR");
  app->add_flag("--force", raw.sweep.force, "Run even if the estimate exceeds the memory there is");
  add_printing(*app, raw.sweep.printing);
}

void add_improve(CLI::App& top, Raw& raw) {
  CLI::App* app = top.add_subcommand(
      "improve", "What single changes are worth, and the least that meets a target");
  app->add_option("FILE", raw.improve.file, "Scenario to improve")->required();
  app->add_option("--metric", raw.improve.metric,
                  "What counts, more being better (default: what the kind of scenario is for)")
      ->type_name("M");
  add_repeated(*app, "--change", raw.changes, "Weigh this change too: path=value (may be repeated)")
      ->type_name("K=V");
  add_repeated(*app, "--search", raw.search,
               "Search over whole numbers: path=low..high or path=low..high:price,... (may be "
               "repeated)")
      ->type_name("K=A..B");
  app->add_option("--target", raw.target,
                  "Find the cheapest setting that meets this: \"metric>=x\" or \"metric<=x\"")
      ->type_name("T");
  app->add_option("--budget", raw.budget, "Find the best setting of at most this price")
      ->type_name("P");
  app->add_option("--indifference", raw.indifference,
                  "With --budget: differences of the metric that do not matter (default: 1 %)")
      ->type_name("D");
  add_repeated(*app, "--set", raw.settings, "Override a key everywhere: path=value")
      ->type_name("K=V");
  app->add_option("--replications", raw.replications, "Runs of each setting (default 10)")
      ->type_name("N");
  app->add_option("--replications-max", raw.replications_max,
                  "Runs of a setting that chance still leaves open (default 160)")
      ->type_name("N");
  app->add_option("--jobs", raw.jobs, "Runs at the same time (default 1)")->type_name("N");
  app->add_option("--seed", raw.seed, "First seed (default: the scenario's)")->type_name("N");
  app->add_option("--out", raw.improve.out, "Folder for improve.json")->type_name("DIR");
  app->add_flag("--force", raw.improve.force,
                "Run even if the estimate exceeds the memory there is");
  add_printing(*app, raw.improve.printing);
}

void add_others(CLI::App& top, Raw& raw) {
  CLI::App* compare =
      top.add_subcommand("compare", "Put scenarios, or results of earlier runs, side by side");
  compare
      ->add_option("FILE", raw.compare.files,
                   "Scenario to run, or results.json of an earlier run; at least two, and the "
                   "first is what the others are compared with")
      ->required();
  compare->add_option("--out", raw.compare.out, "Folder for comparison.csv and comparison.json")
      ->type_name("DIR");
  compare->add_flag("--force", raw.compare.force,
                    "Run even if the estimate exceeds the memory there is");
  add_printing(*compare, raw.compare.printing);

  CLI::App* validate =
      top.add_subcommand("validate", "Check known answers and published figures, with our error");
  validate->add_option("NAME", raw.validate.names, "Checks to run (default: all)");
  validate
      ->add_option("--data", raw.validate.data,
                   "Folder that holds published instances, as factory/atsp/br17.txt (default: "
                   "checks that need them are listed as not run)")
      ->type_name("DIR");
  validate->add_option("--out", raw.validate.out, "Folder for validation.json")->type_name("DIR");
  add_printing(*validate, raw.validate.printing);

  CLI::App* schema = top.add_subcommand("schema", "List every key of a kind of file");
  schema->add_option("KIND", raw.schema.kind,
                     "Kind of scenario, or claims (default: list the kinds)");
}

void add_data(CLI::App& app, std::string& into) {
  app.add_option("--data", into,
                 "Folder that holds catalog/ and claims/ (default: $WINDTUNNEL_DATA, or those that "
                 "came with the program)")
      ->type_name("DIR");
}

void add_claims(CLI::App& top, Raw& raw) {
  CLI::App* app =
      top.add_subcommand("claims", "Compute what an announcement claims, with verdicts");
  app->add_option("NAME", raw.claims.names, "Claim sheets, by name or file (default: all)");
  add_repeated(*app, "--set", raw.settings,
               "Change an input of the sheet: name=value (may be repeated)")
      ->type_name("K=V");
  app->add_option("--jobs", raw.jobs, "Runs at the same time (default: one a processor)")
      ->type_name("N");
  app->add_option("--out", raw.claims.out, "Folder for claims.json and claims.html")
      ->type_name("DIR");
  app->add_flag("--quick", raw.claims.quick, "Smaller runs, where the sheet says which");
  app->add_flag("--strict", raw.claims.strict, "Exit code 1 when a claim does not hold");
  app->add_flag("--force", raw.claims.force,
                "Run even if the estimate exceeds the memory there is");
  add_data(*app, raw.claims.data);
  add_printing(*app, raw.claims.printing);
}

void add_catalog(CLI::App& top, Raw& raw) {
  CLI::App* app =
      top.add_subcommand("catalog", "List hardware parts, or show one with its sources");
  app->add_option("PART", raw.catalog.part, "Part to show (default: list all)");
  add_data(*app, raw.catalog.data);
  add_printing(*app, raw.catalog.printing);
}

void add_node(CLI::App& top, Raw& raw) {
  CLI::App* app =
      top.add_subcommand("node", "Draw a server and its bandwidths, and find paths through it");
  app->add_option("FILE", raw.node.file,
                  "Topology XML of NCCL or hwloc, or a scenario of kind host")
      ->required();
  app->add_option("--from", raw.node.from, "Part where a path begins: its name or bus id")
      ->type_name("A");
  app->add_option("--to", raw.node.to, "Part where it ends")->type_name("B");
  add_printing(*app, raw.node.printing);
}

void add_plan(CLI::App& top, Raw& raw) {
  CLI::App* app = top.add_subcommand(
      "plan", "Find lots and sequences for a factory, and try them beside the present ones");
  app->add_option("FILE", raw.plan.file, "Scenario of kind factory")->required();
  add_repeated(*app, "--set", raw.settings, "Override a key: path=value (may be repeated)")
      ->type_name("K=V");
  app->add_option("--rate", raw.rate,
                  "Shipped a year that lots are reckoned for (default: 95 % of what is possible)")
      ->type_name("N");
  app->add_option("--at", raw.plan.at, "Plan orders again from this time on, such as `9 h`")
      ->type_name("TIME");
  add_repeated(*app, "--down", raw.down, "A station stops at that time: station=length")
      ->type_name("S=TIME");
  add_repeated(*app, "--rush", raw.rush, "A rush order comes in: item=quantity[ by due]")
      ->type_name("ITEM=N");
  app->add_option("--replications", raw.replications,
                  "Seeds that each plan is tried with (default 5)")
      ->type_name("N");
  app->add_option("--tries", raw.tries, "Runs that the search may take (default 200)")
      ->type_name("N");
  app->add_option("--jobs", raw.jobs, "Runs at the same time (default 1)")->type_name("N");
  app->add_option("--seed", raw.seed, "First seed (default: the scenario's)")->type_name("N");
  app->add_option("--out", raw.plan.out, "Folder for plan.json")->type_name("DIR");
  add_printing(*app, raw.plan.printing);
}

// --- complaints ---------------------------------------------------------------------------------

std::vector<std::string> command_names(const CLI::App& top) {
  std::vector<std::string> names;
  for (const CLI::App* app : top.get_subcommands({})) names.push_back(app->get_name());
  return names;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

std::string help_hint(std::string_view command) {
  return command.empty() ? "see `windtunnel --help`"
                         : fmt::format("see `windtunnel {} --help`", command);
}

base::Error error(std::string message, std::string hint) {
  return base::fail(std::move(message), std::move(hint)).value();
}

// The first argument that names neither a command nor an option of its command.
std::optional<base::Error> unknown_name(CLI::App& top, const std::vector<std::string>& arguments) {
  const std::vector<std::string> commands = command_names(top);
  const CLI::App* app = &top;
  for (const std::string& argument : arguments) {
    if (argument == "--") return {};
    const bool number = argument.size() > 1 && argument[1] >= '0' && argument[1] <= '9';
    if (argument.size() > 1 && argument.starts_with('-') && !number) {
      const std::string name = argument.substr(0, argument.find('='));
      const std::vector<std::string> names = option_names(*app);
      if (std::ranges::find(names, name) != names.end()) continue;
      const std::string hint = scenario::suggestion(name, names);
      const std::string command = app == &top ? "" : app->get_name();
      return error(fmt::format("unknown option {}", scenario::quoted(name)),
                   hint.empty() ? help_hint(command) : hint);
    }
    if (app != &top) continue;
    if (std::ranges::find(commands, argument) == commands.end()) {
      const std::string hint = scenario::suggestion(argument, commands);
      return error(fmt::format("unknown command {}, expected one of: {}",
                               scenario::quoted(argument), fmt::join(commands, ", ")),
                   hint.empty() ? help_hint("") : hint);
    }
    app = top.get_subcommand(argument);
  }
  return {};
}

// --- checked values -----------------------------------------------------------------------------

// Collects the first complaint about a value.
class Checker {
 public:
  explicit Checker(std::string command) : command_(std::move(command)) {}
  const std::optional<base::Error>& error() const { return error_; }

  template <class Integer>
  std::optional<Integer> whole(const char* option, const std::optional<std::string>& text,
                               Integer least, Integer most) {
    if (!text) return {};
    Integer value = 0;
    const char* end = text->data() + text->size();
    const auto [stop, code] = std::from_chars(text->data(), end, value);
    if (code == std::errc() && stop == end && value >= least && value <= most) return value;
    complain(fmt::format("{}: found {}, expected a whole number from {} to {}", option,
                         scenario::quoted(*text), least, most));
    return {};
  }

  std::vector<study::Setting> settings(const std::vector<std::string>& texts,
                                       const char* option = "--set",
                                       const char* expected = "path=value") {
    std::vector<study::Setting> settings;
    for (const std::string& text : texts) {
      const size_t equals = text.find('=');
      if (equals == std::string::npos || equals == 0) {
        complain(
            fmt::format("{}: found {}, expected {}", option, scenario::quoted(text), expected));
        continue;
      }
      settings.push_back({text.substr(0, equals), text.substr(equals + 1)});
    }
    return settings;
  }

  std::vector<study::Variation> variations(const std::vector<std::string>& texts) {
    std::vector<study::Variation> variations;
    for (const std::string& text : texts) {
      const size_t equals = text.find('=');
      study::Variation variation;
      if (equals != std::string::npos) variation.values = split(text.substr(equals + 1));
      variation.path = text.substr(0, equals);
      const bool complete = !variation.path.empty() && !variation.values.empty() &&
                            std::ranges::none_of(variation.values, &std::string::empty);
      if (!complete) {
        complain(fmt::format("--vary: found {}, expected path=v1,v2,...", scenario::quoted(text)));
      }
      variations.push_back(std::move(variation));
    }
    return variations;
  }

  std::optional<double> number(const char* option, const std::optional<std::string>& text,
                               double least) {
    if (!text) return {};
    const std::optional<double> value = parse<double>(*text);
    if (value && *value >= least && std::isfinite(*value)) return value;
    complain(fmt::format("{}: found {}, expected a number of at least {}", option,
                         scenario::quoted(*text), least));
    return {};
  }

  std::vector<study::SearchKey> search(const std::vector<std::string>& texts) {
    std::vector<study::SearchKey> keys;
    for (const std::string& text : texts) {
      for (const std::string& part : split(text)) {
        if (const std::optional<study::SearchKey> key = search_key(part)) {
          keys.push_back(*key);
        } else {
          complain(
              fmt::format("--search: found {}, expected path=low..high or "
                          "path=low..high:price, with whole numbers and low <= high",
                          scenario::quoted(part)));
        }
      }
    }
    return keys;
  }

  std::optional<study::Target> target(const std::optional<std::string>& text) {
    if (!text) return {};
    for (const char* sign : {">=", "<="}) {
      const size_t at = text->find(sign);
      if (at == std::string::npos || at == 0) continue;
      const std::optional<double> value = parse<double>(std::string_view(*text).substr(at + 2));
      if (!value || !std::isfinite(*value)) break;
      return study::Target{text->substr(0, at), sign[0] == '>', *value};
    }
    complain(fmt::format("--target: found {}, expected metric>=number or metric<=number",
                         scenario::quoted(*text)));
    return {};
  }

  void complain(std::string message) {
    if (!error_) error_ = cli::error(std::move(message), help_hint(command_));
  }

 private:
  template <class Number>
  static std::optional<Number> parse(std::string_view text) {
    Number value = 0;
    const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || stop != text.data() + text.size()) return {};
    return value;
  }
  static std::optional<study::SearchKey> search_key(std::string_view text) {
    constexpr int64_t kMost = 1'000'000;
    const size_t equals = text.find('=');
    const size_t dots = text.find("..", equals == std::string_view::npos ? 0 : equals);
    if (equals == std::string_view::npos || equals == 0 || dots == std::string_view::npos)
      return {};
    const size_t colon = std::min(text.find(':', dots), text.size());
    const auto low = parse<int64_t>(text.substr(equals + 1, dots - equals - 1));
    const auto high = parse<int64_t>(text.substr(dots + 2, colon - dots - 2));
    if (!low || !high || *low < 0 || *high < *low || *high > kMost) return {};
    study::SearchKey key{std::string(text.substr(0, equals)), *low, *high, 1};
    if (colon == text.size()) return key;
    const auto price = parse<double>(text.substr(colon + 1));
    if (!price || !(*price > 0) || !std::isfinite(*price)) return {};
    key.price = *price;
    return key;
  }
  static std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> values;
    while (true) {
      const size_t comma = text.find(',');
      values.emplace_back(text.substr(0, comma));
      if (comma == std::string_view::npos) return values;
      text.remove_prefix(comma + 1);
    }
  }
  std::string command_;
  std::optional<base::Error> error_;
};

std::optional<uint64_t> checked_seed(Checker& check, const Raw& raw) {
  // A seed is a key of the scenario, and numbers there are 64-bit and signed.
  return check.whole<uint64_t>("--seed", raw.seed, 0, std::numeric_limits<int64_t>::max());
}

study::PlanOptions checked_plan(Raw& raw, Checker& check) {
  constexpr int kRateMax = 1'000'000'000;
  raw.plan.settings = check.settings(raw.settings);
  raw.plan.seed = checked_seed(check, raw);
  raw.plan.down = check.settings(raw.down, "--down", "station=length, such as press=2 h");
  raw.plan.rush = check.settings(raw.rush, "--rush", "item=quantity, such as `arm=2 by 30 h`");
  raw.plan.jobs = check.whole("--jobs", raw.jobs, 1, kThreadsMax).value_or(1);
  raw.plan.replications =
      check.whole("--replications", raw.replications, 1, kReplicationsMax).value_or(5);
  raw.plan.tries = check.whole("--tries", raw.tries, 0, kReplicationsMax).value_or(200);
  raw.plan.rate = check.whole("--rate", raw.rate, 1, kRateMax);
  if (raw.plan.at.empty() && !(raw.down.empty() && raw.rush.empty()))
    check.complain("--down and --rush need --at: the time at which they happen");
  return std::move(raw.plan);
}

study::ImproveOptions checked_improve(Raw& raw, Checker& check) {
  study::ImproveOptions& improve = raw.improve;
  improve.settings = check.settings(raw.settings);
  improve.changes = check.settings(raw.changes, "--change");
  improve.search = check.search(raw.search);
  improve.target = check.target(raw.target);
  improve.budget = check.number("--budget", raw.budget, 0);
  improve.indifference = check.number("--indifference", raw.indifference, 1e-12);
  improve.seed = checked_seed(check, raw);
  improve.jobs = check.whole("--jobs", raw.jobs, 1, kThreadsMax).value_or(1);
  improve.replications =
      check.whole("--replications", raw.replications, 2, kReplicationsMax).value_or(10);
  improve.replications_max =
      check
          .whole("--replications-max", raw.replications_max, improve.replications, kReplicationsMax)
          .value_or(std::max(160, improve.replications));
  const bool wanted = improve.target.has_value() != improve.budget.has_value();
  if (!improve.search.empty() && !wanted)
    check.complain("--search: expected either --target or --budget beside it");
  if (improve.search.empty() && (raw.target || raw.budget))
    check.complain(fmt::format("{}: expected --search beside it, with the keys that may change",
                               raw.target ? "--target" : "--budget"));
  return std::move(improve);
}

Command checked(Raw& raw, const std::string& command, Checker& check) {
  if (command == "run") {
    raw.run.settings = check.settings(raw.settings);
    raw.run.seed = checked_seed(check, raw);
    raw.run.threads = check.whole("--threads", raw.threads, 1, kThreadsMax);
    return std::move(raw.run);
  }
  if (command == "sweep") {
    raw.sweep.settings = check.settings(raw.settings);
    raw.sweep.variations = check.variations(raw.variations);
    raw.sweep.seed = checked_seed(check, raw);
    raw.sweep.jobs = check.whole("--jobs", raw.jobs, 1, kThreadsMax).value_or(1);
    raw.sweep.replications =
        check.whole("--replications", raw.replications, 1, kReplicationsMax).value_or(1);
    return std::move(raw.sweep);
  }
  if (command == "improve") return checked_improve(raw, check);
  if (command == "compare") {
    if (raw.compare.files.size() < 2) check.complain("compare: expected at least two files");
    return std::move(raw.compare);
  }
  if (command == "validate") return std::move(raw.validate);
  if (command == "catalog") return std::move(raw.catalog);
  if (command == "node") return std::move(raw.node);
  if (command == "plan") return checked_plan(raw, check);
  if (command == "claims") {
    raw.claims.settings = check.settings(raw.settings);
    const int processors = static_cast<int>(std::thread::hardware_concurrency());
    raw.claims.jobs = check.whole("--jobs", raw.jobs, 1, kThreadsMax)
                          .value_or(std::clamp(processors, 1, kThreadsMax));
    return std::move(raw.claims);
  }
  return std::move(raw.schema);
}

}  // namespace

base::Result<Command> parse_arguments(const std::vector<std::string>& arguments,
                                      const std::string& version) {
  Raw raw;
  CLI::App top(kIntroduction, "windtunnel");
  top.footer(kExitCodes);
  top.get_formatter()->column_width(28);
  for (const char* noise : {"REQUIRED", "TEXT"}) top.get_formatter()->label(noise, "");
  top.require_subcommand(0, 1);
  top.set_version_flag("--version", "windtunnel " + version);
  add_run(top, raw);
  add_sweep(top, raw);
  add_improve(top, raw);
  add_others(top, raw);
  add_claims(top, raw);
  add_catalog(top, raw);
  add_node(top, raw);
  add_plan(top, raw);
  if (arguments.empty()) return ShowText{top.help()};
  if (const std::optional<base::Error> unknown = unknown_name(top, arguments)) {
    return tl::unexpected(*unknown);
  }
  try {
    top.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    const std::vector<CLI::App*> chosen = top.get_subcommands();
    return ShowText{chosen.empty() ? top.help() : chosen.front()->help("windtunnel")};
  } catch (const CLI::CallForVersion& answer) {
    return ShowText{fmt::format("{}\n", answer.what())};
  } catch (const CLI::ParseError& complaint) {
    const std::vector<CLI::App*> chosen = top.get_subcommands();
    return base::fail(complaint.what(),
                      help_hint(chosen.empty() ? "" : chosen.front()->get_name()));
  }
  if (top.get_subcommands().empty()) return ShowText{top.help()};
  const std::string command = top.get_subcommands().front()->get_name();
  Checker check(command);
  Command result = checked(raw, command, check);
  if (check.error()) return tl::unexpected(*check.error());
  return result;
}

}  // namespace windtunnel::cli
