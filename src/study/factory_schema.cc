#include "study/factory_schema.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "factory/problems.h"
#include "scenario/amount.h"
#include "scenario/dump.h"
#include "scenario/overrides.h"
#include "scenario/schema_text.h"
#include "scenario/suggest.h"
#include "scenario/text_file.h"
#include "scenario/yaml_reader.h"
#include "study/factory_files.h"
#include "study/factory_measure.h"
#include "study/scenario_kind.h"

namespace windtunnel::study {
namespace {

using Errors = std::vector<base::Error>;
using scenario::Node;

tl::unexpected<Errors> refuse(Errors errors) {
  scenario::sort_by_place(errors);
  return tl::unexpected(std::move(errors));
}

void append(Errors& all, Errors more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// Amounts may repeat the currency, and then it must be the one of the bill.
void check_currencies(const Node& node, const std::string& currency, Errors& errors) {
  for (size_t i = 0; i < node.items.size(); ++i) {
    const Node& item = node.items[i];
    const std::string_view key = node.kind == Node::Kind::kMapping
                                     ? std::string_view(node.keys[i].text)
                                     : std::string_view();
    const bool money = key == "material" || key == "cost_per_hour" || key == "energy_price";
    const std::string_view found =
        money && item.kind == Node::Kind::kScalar ? scenario::currency_of(item.text) : "";
    if (!found.empty() && found != currency)
      errors.push_back({item.mark,
                        fmt::format("{}: found {}, expected an amount in {}", key,
                                    scenario::quoted(item.text), currency),
                        "`currency` names the one of every amount"});
    check_currencies(item, currency, errors);
  }
}

template <class Things>
void name_the_nameless(Things& things, const char* word) {
  for (size_t i = 0; i < things.size(); ++i)
    if (things[i].name.empty()) things[i].name = fmt::format("{}-{}", word, i + 1);
}

// From the description to the plant: files are read, kits multiplied, defaults filled in.
class Completer {
 public:
  Completer(FactoryScenario& scenario, Errors& errors) : scenario_(scenario), errors_(errors) {}

  // False when files could not be read, so that nothing more can be said.
  bool complete() {
    factory::Plant& plant = scenario_.plant;
    plant = scenario_.description.plant;
    for (size_t i = 0; i < scenario_.description.setups.size(); ++i) setups(i);
    for (const ReleaseDescription& release : scenario_.description.releases) add(release);
    orders();
    name_the_nameless(plant.releases, "release");
    name_the_nameless(plant.orders, "order");
    name_the_nameless(plant.loops, "loop");
    warm_up();
    return errors_.empty();
  }

  base::SourceMark mark_of(const std::string& key) const {
    constexpr std::string_view kOrders = "orders[";
    if (key.starts_with(kOrders)) {
      const auto index = static_cast<size_t>(std::stoul(key.substr(kOrders.size())));
      const size_t listed = scenario_.description.plant.orders.size();
      if (index >= listed) return order_marks_[index - listed];
    }
    return scenario_.marks.at(key);
  }

 private:
  void setups(size_t index) {
    const SetupsDescription& described = scenario_.description.setups[index];
    const std::string key = fmt::format("setups[{}]", index);
    factory::SetupMatrix matrix = described.matrix;
    if (described.file.given() && !matrix.rows.empty()) {
      errors_.push_back({scenario_.marks.at(key + ".file"),
                         fmt::format("{}: found rows and a file, expected one of both", key),
                         {}});
    } else if (described.file.given()) {
      const auto sheet = sheet_of(described.file, key + ".file");
      if (!sheet) return;
      SetupFileResult rows = read_setups(*sheet);
      if (rows) {
        matrix.rows = std::move(*rows);
      } else {
        append(errors_, std::move(rows.error()));
      }
    }
    scenario_.plant.setups.push_back(std::move(matrix));
  }
  scenario::SpreadsheetResult sheet_of(const scenario::FilePath& file, const std::string& key) {
    auto sheet = scenario::load_spreadsheet(file.resolved);
    if (sheet) return sheet;
    base::Error error = sheet.error();
    if (error.mark.line == 0) {
      error.message = fmt::format("{}: {} {}", key, error.mark.file, error.message);
      error.mark = scenario_.marks.at(key);
    }
    errors_.push_back(std::move(error));
    return sheet;
  }

  void add(const ReleaseDescription& described) {
    factory::Release release = described.release;
    if (release.kind == factory::ReleaseKind::kLots) {
      for (factory::ReleaseShare& share : release.shares) {
        share.lot *= described.kits;
        if (share.stock_cap) *share.stock_cap *= described.kits;
      }
    }
    scenario_.plant.releases.push_back(std::move(release));
  }

  void orders() {
    const scenario::FilePath& path = scenario_.description.orders_file;
    if (!path.given()) return;
    const auto sheet = sheet_of(path, "orders_file");
    if (!sheet) return;
    OrderFileResult file = read_orders(*sheet);
    if (!file) {
      append(errors_, std::move(file.error()));
      return;
    }
    auto& orders = scenario_.plant.orders;
    orders.insert(orders.end(), file->orders.begin(), file->orders.end());
    order_marks_ = std::move(file->marks);
  }

  void warm_up() {
    const FactoryRunDescription& run = scenario_.description.run;
    scenario_.warm_up = run.warm_up.value_or(
        scenario_.plant.orders.empty() ? run.duration / 4 : factory::Duration::zero());
  }

  FactoryScenario& scenario_;
  Errors& errors_;
  std::vector<base::SourceMark> order_marks_;
};

void check_run(const FactoryScenario& scenario, Errors& errors) {
  const FactoryRunDescription& run = scenario.description.run;
  if (run.half_width.part > 0 && run.replications_max < run.replications)
    errors.push_back({scenario.marks.at("run.replications_max"),
                      fmt::format("run.replications_max: found {}, expected at least "
                                  "run.replications, which is {}",
                                  run.replications_max, run.replications),
                      {}});
}

}  // namespace

FactoryResult read_factory(const Node& root) {
  FactoryScenario scenario;
  scenario::ReadOutcome outcome = scenario::read(root, scenario.description);
  Errors errors = std::move(outcome.errors);
  scenario.marks = std::move(outcome.marks);
  if (!errors.empty()) return refuse(std::move(errors));
  check_currencies(root, scenario.description.currency, errors);
  check_run(scenario, errors);
  Completer completer(scenario, errors);
  if (!completer.complete()) return refuse(std::move(errors));
  for (const factory::PlantProblem& problem : factory::find_plant_problems(scenario.plant))
    errors.push_back({completer.mark_of(problem.key),
                      fmt::format("{}: {}", problem.key, problem.message),
                      scenario::suggestion(problem.found, problem.names)});
  if (!errors.empty()) return refuse(std::move(errors));
  if (const auto wanted = find_half_width_value(scenario); !wanted) return refuse({wanted.error()});
  return scenario;
}

FactoryResult read_factory(std::string_view text, const std::string& file,
                           const std::vector<std::string>& overrides) {
  scenario::YamlText yaml = scenario::read_yaml(text, file);
  Errors errors = std::move(yaml.errors);
  if (!yaml.complete) return refuse(std::move(errors));
  append(errors, scenario::apply_overrides(yaml.root, overrides));
  if (const auto kind = kind_of(yaml.root, {"factory"}); !kind) {
    errors.push_back(kind.error());
    return refuse(std::move(errors));
  }
  FactoryResult scenario = read_factory(yaml.root);
  if (!scenario) append(errors, std::move(scenario.error()));
  if (!errors.empty()) return refuse(std::move(errors));
  return scenario;
}

FactoryResult load_factory(const std::string& path, const std::vector<std::string>& overrides) {
  const auto text = scenario::read_text_file(path, scenario::YamlLimits{}.bytes);
  if (!text) return refuse({text.error()});
  return read_factory(*text, path, overrides);
}

std::string factory_schema() { return scenario::schema_text<FactoryDescription>(); }

std::string factory_yaml(const FactoryDescription& description) {
  return scenario::to_yaml(scenario::dump(description));
}

}  // namespace windtunnel::study
