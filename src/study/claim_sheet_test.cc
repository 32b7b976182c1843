// Claim sheets from text to verdict: what is refused, and known answers.
#include "study/claim_sheet.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "study/claim_judge.h"
#include "study/claim_plan.h"
#include "study/claim_values.h"

namespace windtunnel::study {
namespace {

using report::Verdict;
using testing::HasSubstr;

constexpr char kSheet[] =
    "kind: claims\n"
    "name: s\n"
    "inputs:\n"
    "  - {name: nic, value: 1599 USD, mark: street, source: s, date: 2026}\n"
    "  - {name: premium, value: 0 USD, mark: assumed, source: s, date: 2026}\n"
    "  - {name: chip, value: 425 USD, mark: estimate, source: s, date: 2026}\n"
    "  - {name: chips, value: 4, mark: assumed, source: s}\n"
    "  - {name: retimer, value: 33 USD, mark: estimate, source: s, date: 2026}\n"
    "  - {name: board, value: 400 USD, mark: assumed, source: s, date: 2026}\n"
    "  - {name: riser, value: 100 USD, mark: assumed, source: s, date: 2026}\n"
    "bills:\n"
    "  - {name: before, lines: [{what: c, count: '8', each: nic}, {what: s, count: chips, each: "
    "chip},"
    " {what: r, count: '16', each: retimer}, {what: b, count: '1', each: board}]}\n"
    "  - {name: after, lines: [{what: c, count: '8', each: nic + premium},"
    " {what: r, count: '8', each: retimer}, {what: b, count: '1', each: riser}]}\n"
    "claims:\n"
    "  - id: io\n"
    "    title: t\n"
    "    says: w\n"
    "    source: s\n"
    "    figures: [{name: saving, value: 1 - after / before, unit: '%'}]\n"
    "    verdict: {figure: saving, at_least: '0.3'}\n"
    "    sensitivity: [{why: y, vary: {input: chip, from: 0 USD, to: 3000 USD}}]\n";

std::string changed(const std::string& from, const std::string& to) {
  std::string text = kSheet;
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

ClaimPlanResult plan_of(const std::string& text) {
  SheetFileResult sheet = read_sheet(text, "s.yaml");
  if (!sheet) return tl::unexpected(sheet.error());
  return plan_claims(std::move(*sheet), {}, false);
}

report::ClaimSheet judged(const std::string& text) {
  ClaimPlanResult plan = plan_of(text);
  EXPECT_TRUE(plan.has_value()) << base::to_string(plan.error());
  return plan ? judge_claims(*plan, {}, false) : report::ClaimSheet{};
}

struct BillCase {
  const char* what;
  double nic, premium, chip, chips;
  double before, after, saving;
};

// The table of a bill of eight cards, 3.2 Tb/s, with and without separate switches.
TEST(ClaimCost, TheTableOfBillsIsReproduced) {
  const BillCase cases[] = {{"premium of the same shop", 1599, 180, 425, 4, 15420, 14596, 0.05},
                            {"dear cards", 2188, 331, 425, 4, 20132, 20516, -0.02},
                            {"inner switch free", 1599, 0, 425, 4, 15420, 13156, 0.15},
                            {"two outer switches", 1599, 0, 425, 2, 14570, 13156, 0.10},
                            {"switch bought singly", 1599, 0, 1300, 4, 18920, 13156, 0.30},
                            {"cards at internal cost", 500, 0, 425, 4, 6628, 4364, 0.34},
                            {"the same with 50 more", 500, 50, 425, 4, 6628, 4764, 0.28}};
  for (const BillCase& c : cases) {
    ClaimPlanResult plan = plan_of(kSheet);
    ASSERT_TRUE(plan.has_value()) << base::to_string(plan.error());
    const std::vector<report::Measurements> none;
    const ClaimValues values(*plan, none);
    ClaimChanges changes;
    changes.inputs = {{0, c.nic}, {1, c.premium}, {2, c.chip}, {3, c.chips}};
    EXPECT_DOUBLE_EQ(values.total(plan->bills[0], changes), c.before) << c.what;
    EXPECT_DOUBLE_EQ(values.total(plan->bills[1], changes), c.after) << c.what;
    EXPECT_NEAR(values.figure(plan->claims[0], 0, changes), c.saving, 0.005) << c.what;
  }
}

TEST(ClaimCost, BreakEvensOfTheSwitchPrice) {
  const std::pair<const char*, double> cases[] = {
      {"600", 412}, {"1000", 755}, {"1599", 1269}, {"2188", 1773}};
  for (const auto& [price, expected] : cases) {
    const auto sheet = judged(changed("1599 USD", std::string(price) + " USD"));
    ASSERT_EQ(sheet.claims.size(), 1U);
    const report::ClaimResult& claim = sheet.claims[0];
    EXPECT_EQ(claim.verdict, Verdict::kHoldsIf);
    ASSERT_EQ(claim.sensitivity[0].break_evens.size(), 1U);
    EXPECT_NEAR(claim.sensitivity[0].break_evens[0], expected, 0.6) << price;
  }
}

TEST(ClaimVerdict, FollowsFromTheFigures) {
  EXPECT_EQ(judged(changed("at_least: '0.3'", "at_least: '-9'")).claims[0].verdict,
            Verdict::kHolds);
  EXPECT_EQ(judged(changed("at_least: '0.3'", "at_least: '0.9'")).claims[0].verdict,
            Verdict::kDoesNotHold);
  EXPECT_EQ(judged(kSheet).claims[0].verdict, Verdict::kHoldsIf);
  EXPECT_FALSE(judged(kSheet).claims[0].as_assumed);
  EXPECT_EQ(judged(changed("value: 1 - after / before", "value: after / before * nic / premium"))
                .claims[0]
                .verdict,
            Verdict::kCannotBeTested);
}

struct Bad {
  std::string text;
  const char* said;
};

TEST(ClaimSheet, MistakesAreNamedWithTheirPlace) {
  const Bad cases[] = {
      {changed("1 - after / before", "1 - aftr / before"), "did you mean `after`?"},
      {changed("1 - after / before", "1 - after / before + nic"), "puts together"},
      {changed("1 - after / before", "1 - (after"), "expected a formula"},
      {changed("1 - after / before", "r.makespan"), "unknown run `r`"},
      {changed("1 - after / before, unit: '%'", "after, unit: '%'"), "found a value in USD"},
      {changed("figure: saving", "figure: savings"), "did you mean `saving`?"},
      {changed(", at_least: '0.3'", ""), "no verdict can be computed"},
      {changed("input: chip,", "input: chop,"), "did you mean `chip`?"},
      {changed("from: 0 USD", "from: 0 W"), "expected a value in USD"},
      {changed("from: 0 USD", "from: 9000 USD"), "expected more than `from`"},
      {changed("value: 4, mark: assumed", "value: 4"), "`mark` is missing"},
      {changed("value: 100 USD", "value: -100 USD"), "expected nothing negative"},
      {changed("name: riser", "name: nic"), "the name `nic` is given twice"},
      {changed("name: riser", "name: ri-ser"), "expected letters, digits"},
      {changed("value: 100 USD", "from: a.price"), "found part `a`"},
      {changed("each: riser", "each: chips"), "expected USD"},
      {changed("count: chips", "count: chip"), "expected a plain number"},
      {changed("kind: claims", "kind: catalog"), "expected a claim sheet"},
      {changed("claims:\n  -", "claim:\n  -"), "s.yaml"},
      {changed("    says: w\n", ""), "`says` is missing"},
      {changed("bills:", "runs: [{name: x, scenario: /no/such.yaml}]\nbills:"), "/no/such.yaml"},
      {changed("bills:", "runs: [{name: x, inline: {kind: netwrk}}]\nbills:"),
       "did you mean `network`?"},
      {changed("bills:", "runs: [{name: x}]\nbills:"), "expected one of `scenario`"},
  };
  for (const Bad& bad : cases) {
    const ClaimPlanResult plan = plan_of(bad.text);
    ASSERT_FALSE(plan.has_value()) << bad.said;
    EXPECT_THAT(base::to_string(plan.error()), HasSubstr(bad.said));
    EXPECT_THAT(base::to_string(plan.error()), HasSubstr("s.yaml"));
  }
}

// A line that rests on a wrong one is not complained about too.
TEST(ClaimSheet, OneMistakeIsOneMessage) {
  const std::string rests_on_saving =
      "    figures: [{name: saving, value: 1 - aftr / before, unit: '%'},"
      " {name: twice, value: saving * 2, unit: '%'}, {name: more, value: twice + saving}]\n"
      "    plots:\n"
      "      - {title: p, kind: bars, lines: [{label: a, value: twice}]}\n"
      "      - {title: q, kind: curve, lines: [{label: a, value: more}],"
      " vary: {input: chip, from: 0 USD, to: 9 USD}}\n"
      "      - {title: r, kind: break-even, solve: chip, from: 0 USD, to: 9 USD,"
      " vary: {input: nic, from: 0 USD, to: 9 USD}}\n";
  const std::string figures =
      "    figures: [{name: saving, value: 1 - after / before, unit: '%'}]\n";
  const Bad cases[] = {
      {changed(figures, rests_on_saving), "did you mean `after`?"},
      {changed("1 - after / before, unit: '%'", "after, unit: '%'"), "found a value in USD"},
      {changed("value: 425 USD, mark", "value: 425 UDS, mark"), "found unit `UDS`"},
      {changed("count: chips", "count: chisp"), "unknown name `chisp`"},
      {changed("bills:", "runs: [{name: x, inline: {kind: netwrk}}, {name: y, like: x}]\nbills:"),
       "did you mean `network`?"},
      {changed("value: 1 - after / before", "value: x.makespan / y.makespan"), "unknown run `x`"},
      {changed("at_least: '0.3'", "at_least: afte / before"), "did you mean `after`?"},
  };
  for (const Bad& bad : cases) {
    const ClaimPlanResult plan = plan_of(bad.text);
    ASSERT_FALSE(plan.has_value()) << bad.said;
    EXPECT_THAT(base::to_string(plan.error()), HasSubstr(bad.said));
    EXPECT_EQ(plan.error().size(), 1U) << base::to_string(plan.error());
  }
}

// What a mistake hides is found once it is mended, but what it does not touch is found at once.
TEST(ClaimSheet, MistakesBesideAWrongFormulaAreFoundToo) {
  std::string text = changed("1 - after / before", "1 - aftr / before");
  text +=
      "    plots: [{title: q, kind: curve, lines: [{label: a, value: saving}],"
      " vary: {input: chop, from: 0 USD, to: 9 USD}}]\n";
  const ClaimPlanResult plan = plan_of(text);
  ASSERT_FALSE(plan.has_value());
  EXPECT_THAT(base::to_string(plan.error()), HasSubstr("did you mean `chip`?"));
  EXPECT_EQ(plan.error().size(), 2U) << base::to_string(plan.error());
}

}  // namespace
}  // namespace windtunnel::study
