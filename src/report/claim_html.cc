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

PageHead head(const ClaimSheet& sheet) {
  std::string origin = fmt::format("windtunnel {} · claims {}", sheet.version, sheet.name);
  if (!sheet.announced.empty()) origin += fmt::format(" · announced {}", sheet.announced);
  if (sheet.quick) origin += " · quick: smaller runs than the sheet describes";
  return {sheet.title.empty() ? sheet.name : sheet.title, std::move(origin), sheet.about};
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
    return text + html_paragraph("condition", "Holds if " + condition_text(claim) + ".");
  return text + html_paragraph("condition", claim.condition);
}

std::string claim_section(const ClaimResult& claim, size_t& index, bool drawn) {
  std::string text = fmt::format(
      "<section class=\"claim\" id=\"{}\">\n<h2>{}</h2>\n<blockquote><p>{}</p><footer>{}</footer>"
      "</blockquote>\n",
      html_escape(anchor(claim)), html_escape(claim.title), html_escape(claim.says),
      html_escape(claim.source));
  text += verdict_block(claim) + html_paragraph("answer", claim.answer);
  for (const Shortfall& s : claim.shortfalls) {
    text += fmt::format("<p class=\"note short\">In the run “{}”, {}.</p>\n", html_escape(s.label),
                        html_escape(s.what));
  }
  if (!claim.reading.empty()) text += html_paragraph("note", "How it is read: " + claim.reading);
  for (const ClaimPlotResult& plot : claim.plots) {
    text += claim_figure(plot, index, drawn);
    if (is_scripted(plot)) ++index;
  }
  text += sensitivity_figure(claim) + figures_table(claim) + assumptions_table(claim);
  return text + "</section>\n";
}

// What runs had to do and did not: flows that failed, ranks that waited for ever.
std::string shortfalls_section(const ClaimSheet& sheet) {
  if (sheet.shortfalls.empty()) return "";
  Rows rows{{"Run", "Changes", "What was not done"}};
  for (const Shortfall& s : sheet.shortfalls) {
    rows.push_back({s.label, fmt::format("{}", fmt::join(s.set, " ")), s.what});
  }
  return "<section class=\"words\" id=\"fell-short\">\n<h2>Runs that fell short</h2>\n"
         "<p class=\"about\">Figures of these runs are of what was done.</p>\n" +
         html_table(rows, rows[0].size(), "") + "</section>\n";
}

std::string inputs_section(const ClaimSheet& sheet) {
  if (sheet.inputs.empty()) return "";
  Rows rows{{"Input", "Value", "Known by", "Date", "Source", "Name for --set"}};
  for (const InputRow& input : sheet.inputs) {
    rows.push_back({input.label, human(input.value, input.unit, 4), input.mark, input.date,
                    input.source, input.name});
  }
  return folded_section("Inputs, prices among them", "words", html_table(rows, rows[0].size(), ""));
}

std::string bills_section(const ClaimSheet& sheet) {
  if (sheet.bills.empty()) return "";
  std::string text;
  for (const BillTable& bill : sheet.bills) {
    Rows rows{{"Part", "Count", "Each", "Sum"}};
    const auto money = [&](double value) { return human(value, bill.unit, 6); };
    for (const BillRow& row : bill.rows) {
      rows.push_back({row.what, human_number(row.count), money(row.each), money(row.sum)});
    }
    rows.push_back({"Together", "", "", money(bill.total)});
    text += html_table(rows, 1, bill.label);
  }
  return folded_section("Bills of materials", "words", text);
}

std::string runs_section(const ClaimSheet& sheet) {
  if (sheet.runs.empty()) return "";
  Rows rows{{"Run", "Scenario", "Changes", "What limited it", "Fingerprint"}};
  for (const RunRow& run : sheet.runs) {
    rows.push_back({run.label, run.scenario, fmt::format("{}", fmt::join(run.set, " ")),
                    run.limited_by, run.fingerprint});
  }
  return folded_section(
      "Simulations", "words",
      html_table(rows, rows[0].size(), "Runs that the figures name; sweeps change them further"));
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
  return folded_section("Cost of this page", "", html_table(rows, 1, ""));
}

std::string figures_json(const ClaimSheet& sheet) {
  JsonWriter json(JsonWriter::Layout::kCompact);
  json.begin_array();
  for (const ClaimResult& claim : sheet.claims) {
    for (const ClaimPlotResult& plot : claim.plots) {
      if (is_scripted(plot)) write_claim_figure(json, plot);
    }
  }
  json.end();
  return json.take();
}

}  // namespace

std::string claims_to_html(const ClaimSheet& sheet) {
  std::string text = page_begin(head(sheet)) + overview(sheet);
  size_t index = 0;
  for (const ClaimResult& claim : sheet.claims) {
    text += claim_section(claim, index, page_has_script());
  }
  text += shortfalls_section(sheet) + inputs_section(sheet) + bills_section(sheet) +
          runs_section(sheet) + cost_section(sheet);
  return text + page_end(
                    "Every verdict on this page is computed; values are in full in the "
                    "<code>claims.json</code> beside it.",
                    figures_json(sheet));
}

}  // namespace windtunnel::report
