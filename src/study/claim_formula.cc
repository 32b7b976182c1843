// The only file that includes muParser, whose exceptions end here.
#include "study/claim_formula.h"

#include <fmt/format.h>
#include <muParser.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/random.h"
#include "scenario/suggest.h"

namespace windtunnel::study {

struct Formula::Parsed {
  std::string text;
  std::vector<std::string> names;
  std::vector<double> values;  // what the parser reads; written by evaluate()
  mu::Parser parser;
};

namespace {

using catalog::Dimension;

constexpr size_t kTextMax = 2000;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// Without names of its own: `_pi` and `_e` could be taken for a figure's.
void prepare(mu::Parser& parser) {
  parser.ClearConst();
  parser.DefineNameChars("0123456789_.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

base::Error complaint(const std::string& text, const mu::Parser::exception_type& fault) {
  base::Error error;
  error.message =
      fmt::format("found {}, expected a formula: {}", scenario::quoted(text), fault.GetMsg());
  return error;
}

// Numbers that stand in for figures not known yet: between 0.5 and 1.5, the same in every run.
std::vector<double> stand_ins(size_t count, uint64_t set) {
  std::vector<double> values;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t hash = base::hash_combine(base::hash_combine(set, i), 0x5bd1e995);
    values.push_back(0.5 + static_cast<double>(hash >> 11) / static_cast<double>(1ULL << 53));
  }
  return values;
}

// `a = 1` would change what a name stands for.
bool assigns(const std::string& text) {
  for (size_t at = text.find('='); at != std::string::npos; at = text.find('=', at + 1)) {
    const bool compares =
        at > 0 && std::string_view("=<>!").find(text[at - 1]) != std::string::npos;
    if (!compares && text.substr(at + 1, 1) != "=") return true;
  }
  return false;
}

// The power of `scale` by which `after` differs from `before`; empty when there is none.
std::optional<int8_t> power_of(double before, double after, double scale) {
  const double power = std::log(after / before) / std::log(scale);
  const double whole = std::round(power);
  if (!std::isfinite(power) || std::fabs(power - whole) > 1e-6 || std::fabs(whole) > 100) return {};
  return static_cast<int8_t>(whole);
}

}  // namespace

Formula::Formula(std::unique_ptr<Parsed> parsed) : parsed_(std::move(parsed)) {}
Formula::Formula(Formula&&) noexcept = default;
Formula& Formula::operator=(Formula&&) noexcept = default;
Formula::~Formula() = default;

const std::string& Formula::text() const { return parsed_->text; }
const std::vector<std::string>& Formula::names() const { return parsed_->names; }

base::Result<Formula> Formula::parse(const std::string& text) {
  if (text.size() > kTextMax) return base::fail("the formula is longer than 2,000 characters");
  if (text.find_first_not_of(" \t\n") == std::string::npos) {
    return base::fail("found nothing, expected a formula");
  }
  if (assigns(text)) {
    return base::fail(
        fmt::format("found {}, expected a formula without `=`", scenario::quoted(text)));
  }
  auto parsed = std::make_unique<Parsed>();
  parsed->text = text;
  try {
    prepare(parsed->parser);
    parsed->parser.SetExpr(text);
    for (const auto& [name, place] : parsed->parser.GetUsedVar()) parsed->names.push_back(name);
    parsed->values.assign(parsed->names.size(), 1);
    for (size_t i = 0; i < parsed->names.size(); ++i) {
      parsed->parser.DefineVar(parsed->names[i], &parsed->values[i]);
    }
    int results = 0;
    parsed->parser.Eval(results);
    if (results != 1) {
      return base::fail(fmt::format("found {}, expected one formula: {} are separated by commas",
                                    scenario::quoted(text), results));
    }
  } catch (const mu::Parser::exception_type& fault) {
    return tl::unexpected(complaint(text, fault));
  }
  return Formula(std::move(parsed));
}

double Formula::evaluate(std::span<const double> values) const {
  WT_CHECK(values.size() == parsed_->values.size(), "a formula gets a value for each of its names");
  std::copy(values.begin(), values.end(), parsed_->values.begin());
  try {
    const double result = parsed_->parser.Eval();
    return std::isfinite(result) ? result : kNone;
  } catch (const mu::Parser::exception_type&) {
    return kNone;
  }
}

base::Result<Dimension> Formula::dimension(std::span<const Dimension> dimensions) const {
  constexpr uint64_t kSets = 8;
  constexpr double kScale = 1.75;
  std::optional<Dimension> found;
  bool valued = false;
  for (uint64_t set = 0; set < kSets; ++set) {
    const std::vector<double> values = stand_ins(dimensions.size(), set);
    const double before = evaluate(values);
    valued = valued || std::isfinite(before);
    if (!std::isfinite(before) || before == 0) continue;
    Dimension dimension;
    for (const catalog::Base base : catalog::kAllBases) {
      std::vector<double> scaled = values;
      for (size_t i = 0; i < scaled.size(); ++i) {
        scaled[i] *= std::pow(kScale, dimensions[i].of(base));
      }
      const std::optional<int8_t> power = power_of(before, evaluate(scaled), kScale);
      if (!power) {
        return base::fail(fmt::format("{} puts together what differs in {}",
                                      scenario::quoted(text()),
                                      catalog::to_string(Dimension{}.with(base, 1))));
      }
      dimension = dimension.with(base, *power);
    }
    if (found && *found != dimension) {
      return base::fail(fmt::format("{} is sometimes in {} and sometimes in {}",
                                    scenario::quoted(text()), catalog::to_string(*found),
                                    catalog::to_string(dimension)));
    }
    found = dimension;
  }
  if (!found && !valued) {
    return base::fail(fmt::format("{} never has a value", scenario::quoted(text())));
  }
  return found.value_or(Dimension{});
}

}  // namespace windtunnel::study
