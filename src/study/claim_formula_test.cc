#include "study/claim_formula.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace windtunnel::study {
namespace {

using catalog::Dimension;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace catalog::dimension;

TEST(Formula, NamesAndValues) {
  const auto formula = Formula::parse("1 - many.makespan / max(one.makespan, b)");
  ASSERT_TRUE(formula.has_value()) << formula.error().to_string();
  EXPECT_THAT(formula->names(), ElementsAre("b", "many.makespan", "one.makespan"));
  const std::vector<double> values = {2, 1, 4};
  EXPECT_DOUBLE_EQ(formula->evaluate(values), 0.75);
}

TEST(Formula, NoValueIsNotANumber) {
  const auto formula = Formula::parse("1 / a");
  ASSERT_TRUE(formula.has_value());
  const std::vector<double> nought = {0};
  EXPECT_TRUE(std::isnan(formula->evaluate(nought)));
}

TEST(Formula, WhatIsNoFormulaIsRefused) {
  for (const char* text :
       {"", "  ", "1 +", "(a", "a b", "1,2", "a = 2", "foo(1)", "\"x\"", "a )"}) {
    EXPECT_FALSE(Formula::parse(text).has_value()) << text;
  }
}

base::Result<Dimension> unit_of(const char* text, const std::vector<Dimension>& dimensions) {
  auto formula = Formula::parse(text);
  if (!formula) return tl::unexpected(formula.error());
  return formula->dimension(dimensions);
}

TEST(Formula, UnitsAreCarried) {
  EXPECT_EQ(*unit_of("a / b", {kData, kTime}), kRate);
  EXPECT_EQ(*unit_of("1 - a / b", {kTime, kTime}), kPlain);
  EXPECT_EQ(*unit_of("max(a, b) * 2", {kTime, kTime}), kTime);
  EXPECT_EQ(*unit_of("sqrt(a * b)", {kRate, kRate}), kRate);
  EXPECT_EQ(*unit_of("7", {}), kPlain);
}

TEST(Formula, WhatDoesNotGoTogetherIsRefused) {
  const Dimension usd = Dimension{}.with(catalog::Base::kUsd, 1);
  EXPECT_THAT(unit_of("a + b", {kTime, usd}).error().to_string(), HasSubstr("puts together"));
  EXPECT_FALSE(unit_of("a + 1", {kTime}).has_value());
  EXPECT_FALSE(unit_of("log10(a)", {kTime}).has_value());
  EXPECT_FALSE(unit_of("max(a, b)", {kTime, kRate}).has_value());
}

}  // namespace
}  // namespace windtunnel::study
