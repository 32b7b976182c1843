// A claim sheet on the terminal: each claim with its verdict, the number beside it and what it
// depends on.
#include <fmt/format.h>

#include <algorithm>

#include "report/claim_report.h"
#include "report/human.h"
#include "report/text.h"

namespace windtunnel::report {
namespace {

constexpr int kColumnsMin = 60;

std::string painted(Verdict verdict, const Paint& paint) {
  constexpr size_t kWidth = 16;  // of "cannot be tested"
  const std::string name = pad_right(verdict_name(verdict), kWidth);
  switch (verdict) {
    case Verdict::kHolds:
      return paint.green(name);
    case Verdict::kDoesNotHold:
      return paint.red(name);
    case Verdict::kHoldsIf:
      return paint.bold(name);
    case Verdict::kCannotBeTested:
      return paint.dim(name);
  }
  return name;
}

std::string indented(const std::string& text, size_t columns) {
  constexpr size_t kIndent = 18;
  std::string out;
  std::string lines = wrapped(plain_line(text), std::max<size_t>(columns, kIndent + 20) - kIndent);
  while (!lines.empty()) {
    const size_t end = lines.find('\n');
    out += std::string(kIndent, ' ') + lines.substr(0, end) + "\n";
    lines.erase(0, end == std::string::npos ? lines.size() : end + 1);
  }
  return out;
}

std::string claim_text(const ClaimResult& claim, const Paint& paint, size_t columns) {
  std::string text = painted(claim.verdict, paint) + "  " +
                     paint.bold(plain_line(claim.title.empty() ? claim.id : claim.title)) + "\n";
  if (!claim.decides.empty()) text += indented(number_beside(claim), columns);
  if (!claim.condition.empty()) {
    text += indented(
        (claim.verdict == Verdict::kHoldsIf ? "holds if " : "") + condition_text(claim), columns);
  }
  return text;
}

std::string tally(const ClaimSheet& sheet) {
  std::string text;
  for (const Verdict verdict :
       {Verdict::kHolds, Verdict::kHoldsIf, Verdict::kDoesNotHold, Verdict::kCannotBeTested}) {
    const auto count = std::count_if(sheet.claims.begin(), sheet.claims.end(),
                                     [&](const ClaimResult& c) { return c.verdict == verdict; });
    if (count > 0) {
      text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", verdict_name(verdict), count);
    }
  }
  return text;
}

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kHolds:
      return "holds";
    case Verdict::kHoldsIf:
      return "holds if";
    case Verdict::kDoesNotHold:
      return "does not hold";
    case Verdict::kCannotBeTested:
      break;
  }
  return "cannot be tested";
}

std::string number_beside(const ClaimResult& claim) {
  std::string label;
  for (const NamedFigure& figure : claim.figures) {
    if (figure.name == claim.decides) label = figure.label;
  }
  return fmt::format("{}: {} (the claim: {})", label, human(claim.value, claim.unit), claim.rule);
}

std::string condition_text(const ClaimResult& claim) {
  if (claim.verdict != Verdict::kHoldsIf) return claim.condition;
  return claim.condition +
         (claim.as_assumed ? "; as assumed, it holds" : "; as assumed, it does not hold");
}

std::string claims_to_terminal(const ClaimSheet& sheet, bool colour, int columns) {
  const Paint paint(colour);
  const auto width = static_cast<size_t>(std::max(columns, kColumnsMin));
  std::string text = paint.bold(plain_line(sheet.title)) + "\n";
  text += paint.dim(fmt::format("windtunnel {} · claims {} · announced {}{}", sheet.version,
                                plain_line(sheet.name), plain_line(sheet.announced),
                                sheet.quick ? " · quick: smaller runs than described" : "")) +
          "\n\n";
  for (const ClaimResult& claim : sheet.claims) text += claim_text(claim, paint, width);
  text +=
      "\n" + paint.bold(fmt::format("{} claims ({}).", sheet.claims.size(), tally(sheet))) + "\n";
  text += paint.dim(
      fmt::format("Cost: {} simulations, {} CPU, {} events, {} of memory.", sheet.simulations,
                  human(sheet.cost.cpu_seconds, unit::kSeconds), human_count(sheet.cost.events),
                  human(static_cast<double>(sheet.cost.peak_rss_bytes), unit::kBytes)));
  return text + "\n";
}

}  // namespace windtunnel::report
