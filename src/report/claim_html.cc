// The claims page: the verdicts first, then one section a claim with the figures that carry the
// argument, then what all of it rests on.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "report/claim_html_parts.h"
#include "report/claim_report.h"
#include "report/html_parts.h"
#include "report/human.h"
#include "report/json_writer.h"
#include "report/page_bundle.h"

namespace windtunnel::report {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string_view verdict_class(Verdict verdict) {
  switch (verdict) {
    case Verdict::kHolds:
      return "holds";
    case Verdict::kHoldsIf:
      return "holds-if";
    case Verdict::kDoesNotHold:
      return "fails";
    case Verdict::kCannotBeTested:
      break;
  }
  return "untested";
}

std::string verdict_badge(Verdict verdict) {
  return fmt::format("<span class=\"verdict {}\">{}</span>", verdict_class(verdict),
                     verdict_name(verdict));
}

std::string paragraph(std::string_view style, std::string_view text) {
  if (text.empty()) return "";
  return fmt::format("<p class=\"{}\">{}</p>\n", style, html_escape(text));
}

std::string head(const ClaimSheet& sheet, const PageBundle& bundle) {
  const std::string title = sheet.title.empty() ? sheet.name : sheet.title;
  std::string origin = fmt::format("windtunnel {} · claims {}", sheet.version, sheet.name);
  if (!sheet.announced.empty()) origin += fmt::format(" · announced {}", sheet.announced);
  if (sheet.quick) origin += " · quick: smaller runs than the sheet describes";
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
      "<link rel=\"icon\" href=\"data:,\">\n"
      "<title>{0}</title>\n<style>\n{2}</style>\n</head>\n<body>\n"
      "<header>\n<p class=\"origin\">{1}</p>\n<h1>{0}</h1>\n{3}</header>\n<main>\n",
      html_escape(title), html_escape(origin), bundle.style, paragraph("lead", sheet.about));
}

std::string anchor(const ClaimResult& claim) { return "claim-" + claim.id; }

// "3.91 times" with its rule, or why there is none.
std::string key_number(const ClaimResult& claim) {
  if (claim.decides.empty()) return "–";
  return html_escape(human(claim.value, claim.unit));
}

std::string overview_row(const ClaimResult& claim) {
  return fmt::format("<li><a href=\"#{}\">{}</a>{}<output>{}</output><small>{}</small></li>\n",
                     html_escape(anchor(claim)), html_escape(claim.title),
                     verdict_badge(claim.verdict), key_number(claim),
                     html_escape(claim.verdict == Verdict::kHoldsIf ? "if " + condition_text(claim)
                                 : claim.decides.empty()            ? claim.condition
                                                                    : "the claim: " + claim.rule));
}

std::string overview(const ClaimSheet& sheet) {
  std::string tally;
  for (const Verdict verdict :
       {Verdict::kHolds, Verdict::kHoldsIf, Verdict::kDoesNotHold, Verdict::kCannotBeTested}) {
    const auto count = std::count_if(sheet.claims.begin(), sheet.claims.end(),
                                     [&](const ClaimResult& c) { return c.verdict == verdict; });
    if (count == 0) continue;
    fmt::format_to(std::back_inserter(tally), "<li>{} {}</li>", count, verdict_badge(verdict));
  }
  std::string text = fmt::format(
      "<section aria-label=\"Verdicts\">\n<ul class=\"tally\">{}</ul>\n<ul class=\"claims\">\n",
      tally);
  for (const ClaimResult& claim : sheet.claims) text += overview_row(claim);
  return text + "</ul>\n</section>\n";
}

std::string figures_table(const ClaimResult& claim) {
  if (claim.figures.empty()) return "";
  Rows rows{{"Figure", "Value", "Formula"}};
  for (const NamedFigure& f : claim.figures) {
    rows.push_back({f.label, human(f.value, f.unit), f.formula});
  }
  return "<details data-print class=\"words\"><summary>All figures of this claim</summary>\n" +
         html_table(rows, rows[0].size(), "") + "</details>\n";
}

std::string assumptions_table(const ClaimResult& claim) {
  if (claim.assumptions.empty()) return "";
  Rows rows{{"Assumed", "Value", "Known by", "Where it comes from", "Set by"}};
  for (const ClaimAssumption& a : claim.assumptions) {
    rows.push_back({a.text, a.value, a.mark, a.source, a.key});
  }
  return fmt::format(
      "<details data-print class=\"words\"><summary>What it rests on "
      "({})</summary>\n{}</details>\n",
      claim.assumptions.size(), html_table(rows, rows[0].size(), ""));
}

std::string verdict_block(const ClaimResult& claim) {
  std::string text = "<div class=\"decision\">\n" + verdict_badge(claim.verdict);
  if (!claim.decides.empty()) {
    std::string label;
    for (const NamedFigure& f : claim.figures) {
      if (f.name == claim.decides) label = f.label;
    }
    text +=
        fmt::format("<p class=\"number\"><strong>{}</strong> <span>{}; the claim: {}</span></p>",
                    key_number(claim), html_escape(label), html_escape(claim.rule));
  }
  text += "</div>\n";
  if (claim.verdict == Verdict::kHoldsIf)
    return text + paragraph("condition", "Holds if " + condition_text(claim) + ".");
  return text + paragraph("condition", claim.condition);
}

std::string claim_section(const ClaimResult& claim, size_t& index, bool drawn) {
  std::string text = fmt::format(
      "<section class=\"claim\" id=\"{}\">\n<h2>{}</h2>\n<blockquote><p>{}</p><footer>{}</footer>"
      "</blockquote>\n",
      html_escape(anchor(claim)), html_escape(claim.title), html_escape(claim.says),
      html_escape(claim.source));
  text += verdict_block(claim) + paragraph("answer", claim.answer);
  if (!claim.reading.empty()) text += paragraph("note", "How it is read: " + claim.reading);
  for (const ClaimPlotResult& plot : claim.plots) {
    text += claim_figure(plot, index, drawn);
    if (is_scripted(plot)) ++index;
  }
  text += sensitivity_figure(claim) + figures_table(claim) + assumptions_table(claim);
  return text + "</section>\n";
}

std::string inputs_section(const ClaimSheet& sheet) {
  if (sheet.inputs.empty()) return "";
  Rows rows{{"Input", "Value", "Known by", "Date", "Source", "Name for --set"}};
  for (const InputRow& input : sheet.inputs) {
    rows.push_back({input.label, human(input.value, input.unit, 4), input.mark, input.date,
                    input.source, input.name});
  }
  return "<section class=\"words\">\n<details data-print><summary>Inputs, prices among "
         "them</summary>\n" +
         html_table(rows, rows[0].size(), "") + "</details>\n</section>\n";
}

std::string bills_section(const ClaimSheet& sheet) {
  if (sheet.bills.empty()) return "";
  std::string text =
      "<section class=\"words\">\n<details data-print><summary>Bills of materials</summary>\n";
  for (const BillTable& bill : sheet.bills) {
    Rows rows{{"Part", "Count", "Each", "Sum"}};
    const auto money = [&](double value) { return human(value, bill.unit, 6); };
    for (const BillRow& row : bill.rows) {
      rows.push_back({row.what, human_number(row.count), money(row.each), money(row.sum)});
    }
    rows.push_back({"Together", "", "", money(bill.total)});
    text += html_table(rows, 1, bill.label);
  }
  return text + "</details>\n</section>\n";
}

std::string runs_section(const ClaimSheet& sheet) {
  if (sheet.runs.empty()) return "";
  Rows rows{{"Run", "Scenario", "Changes", "What limited it", "Fingerprint"}};
  for (const RunRow& run : sheet.runs) {
    rows.push_back({run.label, run.scenario, fmt::format("{}", fmt::join(run.set, " ")),
                    run.limited_by, run.fingerprint});
  }
  return "<section class=\"words\">\n<details data-print><summary>Simulations</summary>\n" +
         html_table(rows, rows[0].size(),
                    "Runs that the figures name; sweeps change them further") +
         "</details>\n</section>\n";
}

std::string cost_section(const ClaimSheet& sheet) {
  const RunFacts& cost = sheet.cost;
  const Rows rows{{"What", "Cost"},
                  {"Simulations", human_count(static_cast<uint64_t>(sheet.simulations))},
                  {"CPU time", human(cost.cpu_seconds, unit::kSeconds)},
                  {"Wall time", human(cost.wall_seconds, unit::kSeconds)},
                  {"At the same time", fmt::to_string(cost.threads)},
                  {"Events", human_count(cost.events)},
                  {"Memory", human(static_cast<double>(cost.peak_rss_bytes), unit::kBytes)}};
  return "<section>\n<details data-print><summary>Cost of this page</summary>\n" +
         html_table(rows, 1, "") + "</details>\n</section>\n";
}

std::string script(const ClaimSheet& sheet, const PageBundle& bundle) {
  JsonWriter json(JsonWriter::Layout::kCompact);
  json.begin_array();
  for (const ClaimResult& claim : sheet.claims) {
    for (const ClaimPlotResult& plot : claim.plots) {
      if (is_scripted(plot)) write_claim_figure(json, plot);
    }
  }
  json.end();
  return fmt::format(
      "<script type=\"application/json\" id=\"figures\">{}</script>\n<script>{}</script>\n",
      json.take(), bundle.script);
}

}  // namespace

std::string claims_to_html(const ClaimSheet& sheet) {
  const PageBundle bundle = page_bundle();
  const bool drawn = !bundle.script.empty();
  std::string text = head(sheet, bundle) + overview(sheet);
  size_t index = 0;
  for (const ClaimResult& claim : sheet.claims) text += claim_section(claim, index, drawn);
  text += inputs_section(sheet) + bills_section(sheet) + runs_section(sheet) + cost_section(sheet);
  text += "</main>\n<footer><p>";
  if (drawn) {
    text += "<noscript>Curves need JavaScript; the tables hold the same values. </noscript>";
  }
  text +=
      "Every verdict on this page is computed; values are in full in the "
      "<code>claims.json</code> beside it.</p></footer>\n";
  if (drawn) text += script(sheet, bundle);
  return text + "</body>\n</html>\n";
}

}  // namespace windtunnel::report
