#include "study/claim_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "scenario/suggest.h"
#include "study/claim_metrics.h"

namespace windtunnel::study {
namespace {

using Kind = NameReference::Kind;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name(const std::string& name) {
  const auto good = [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && is_letter(name[0]) && std::all_of(name.begin(), name.end(), good);
}

tl::unexpected<base::Error> consequence() { return tl::unexpected(base::Error{}); }

}  // namespace

bool is_consequence(const base::Error& error) { return error.message.empty(); }

void ClaimNames::add_input(const std::string& name, size_t index, const catalog::Dimension& d) {
  things_.insert_or_assign(name, Thing{{Kind::kInput, index, {}}, d});
}
void ClaimNames::add_bill(const std::string& name, size_t index, const catalog::Dimension& d) {
  things_.insert_or_assign(name, Thing{{Kind::kBill, index, {}}, d});
}
void ClaimNames::add_figure(const std::string& name, size_t index, const catalog::Dimension& d) {
  things_.insert_or_assign(name, Thing{{Kind::kFigure, index, {}}, d});
}
void ClaimNames::add_run(const std::string& name, size_t index, const std::string& kind) {
  runs_.insert_or_assign(name, Run{index, kind});
}

void ClaimNames::add_broken(const std::string& name) { broken_.insert(name); }
void ClaimNames::add_broken_figure(const std::string& name) { broken_figures_.insert(name); }
bool ClaimNames::broken(const std::string& name) const {
  return broken_.count(name) > 0 || broken_figures_.count(name) > 0;
}

void ClaimNames::forget_figures() {
  broken_figures_.clear();
  std::erase_if(things_,
                [](const auto& entry) { return entry.second.reference.kind == Kind::kFigure; });
}

base::Status ClaimNames::check_new(const std::string& name) const {
  if (!is_name(name)) {
    return base::fail(fmt::format("found name {}, expected letters, digits and `_`, a letter first",
                                  scenario::quoted(name)));
  }
  if (things_.count(name) > 0 || runs_.count(name) > 0 || broken(name)) {
    return base::fail(fmt::format("the name `{}` is given twice", name));
  }
  return {};
}

std::vector<std::string> ClaimNames::names() const {
  std::vector<std::string> names;
  for (const auto& [name, thing] : things_) names.push_back(name);
  for (const auto& [name, run] : runs_) names.push_back(name);
  return names;
}

base::Result<ClaimNames::Thing> ClaimNames::find_metric(const std::string& name, size_t dot) const {
  const std::string run_name = name.substr(0, dot);
  const std::string metric = name.substr(dot + 1);
  const auto run = runs_.find(run_name);
  if (run == runs_.end()) {
    return base::fail(fmt::format("unknown run `{}` in `{}`", run_name, name),
                      scenario::suggestion(run_name, names()));
  }
  const auto dimension = metric_dimension(run->second.kind, metric);
  if (!dimension) {
    const std::vector<std::string> known = metric_names(run->second.kind);
    const std::string hint = scenario::suggestion(metric, known);
    return base::fail(
        fmt::format("a run of kind {} measures no {}", run->second.kind, scenario::quoted(metric)),
        hint.empty() ? fmt::format("known: {}", fmt::join(known, ", ")) : hint);
  }
  return Thing{{Kind::kMetric, run->second.index, metric}, *dimension};
}

base::Result<ClaimNames::Thing> ClaimNames::find(const std::string& name) const {
  const size_t dot = name.find('.');
  if (broken(name.substr(0, dot))) return consequence();
  if (dot != std::string::npos) return find_metric(name, dot);
  const auto thing = things_.find(name);
  if (thing != things_.end()) return thing->second;
  if (runs_.count(name) > 0) {
    return base::fail(fmt::format("`{}` is a run, expected one of its metrics", name),
                      fmt::format("such as `{}.makespan`", name));
  }
  return base::fail(fmt::format("unknown name {}", scenario::quoted(name)),
                    scenario::suggestion(name, names()));
}

base::Result<BoundFormula> ClaimNames::bind(const std::string& text,
                                            const base::SourceMark& at) const {
  const auto placed = [&](base::Error error) {
    error.mark = at;
    return tl::unexpected(std::move(error));
  };
  base::Result<Formula> formula = Formula::parse(text);
  if (!formula) return placed(formula.error());
  BoundFormula bound{std::move(*formula), {}, {}, at};
  std::vector<catalog::Dimension> dimensions;
  for (const std::string& name : bound.formula.names()) {
    const base::Result<Thing> thing = find(name);
    if (!thing) return placed(thing.error());
    bound.names.push_back(thing->reference);
    dimensions.push_back(thing->dimension);
  }
  const base::Result<catalog::Dimension> dimension = bound.formula.dimension(dimensions);
  if (!dimension) return placed(dimension.error());
  bound.dimension = *dimension;
  return bound;
}

base::Result<size_t> ClaimNames::input(const std::string& name) const {
  const auto thing = things_.find(name);
  if (thing != things_.end() && thing->second.reference.kind == Kind::kInput) {
    return thing->second.reference.index;
  }
  if (broken(name)) return consequence();
  std::vector<std::string> inputs;
  for (const auto& [known, other] : things_) {
    if (other.reference.kind == Kind::kInput) inputs.push_back(known);
  }
  return base::fail(fmt::format("unknown input {}", scenario::quoted(name)),
                    scenario::suggestion(name, inputs));
}

base::Result<size_t> ClaimNames::run(const std::string& name) const {
  const auto run = runs_.find(name);
  if (run != runs_.end()) return run->second.index;
  if (broken(name)) return consequence();
  std::vector<std::string> runs;
  for (const auto& [known, other] : runs_) runs.push_back(known);
  return base::fail(fmt::format("unknown run {}", scenario::quoted(name)),
                    scenario::suggestion(name, runs));
}

}  // namespace windtunnel::study
