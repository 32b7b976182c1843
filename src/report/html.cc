#include "report/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "report/figure_parts.h"
#include "report/html_parts.h"
#include "report/human.h"
#include "report/json_writer.h"
#include "report/terminal.h"
#include "report/text.h"
#include "report/utf8.h"

namespace windtunnel::report {

std::string html_escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    const char c = text.front();
    if (length == 0) {
      out += "\xEF\xBF\xBD";  // U+FFFD
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += ' ';
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

namespace {

std::string label_of(const Metric& metric) {
  return metric.label.empty() ? metric.name : metric.label;
}

PageHead head(const Measurements& m) {
  std::string origin = fmt::format("windtunnel {}", m.version);
  if (!m.kind.empty()) origin += fmt::format(" · {}", m.kind);
  origin += fmt::format(" · seed {}", m.seed);
  if (!m.fingerprint.empty()) origin += fmt::format(" · fingerprint {}", m.fingerprint);
  return {m.title.empty() ? "Windtunnel report" : m.title, std::move(origin), {}};
}

std::string share_bars(const Bottleneck& bottleneck) {
  std::vector<PlainBar> bars{
      {bottleneck.what, bottleneck.share, human(bottleneck.share, unit::kShare)}};
  for (const Bottleneck::Share& next : bottleneck.runners) {
    bars.push_back({next.what, next.share, human(next.share, unit::kShare)});
  }
  return plain_bars(bars);
}

// "57.17 µs" large, its label and "± 0.04 µs" small below.
std::string key_figure(const Metric& metric) {
  const std::string value = human_with_interval(metric);
  const size_t at = value.find(" ± ");
  std::string label = html_escape(label_of(metric));
  if (at != std::string::npos) {
    label += fmt::format(" <small>{} (95 %)</small>", html_escape(value.substr(at + 1)));
  }
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", label,
                     html_escape(value.substr(0, at)));
}

std::string answer(const Measurements& m) {
  std::string text = fmt::format("<section aria-label=\"The answer\">\n<p class=\"limit\">{}</p>\n",
                                 html_escape(bottleneck_sentence(m.bottleneck)));
  if (!m.bottleneck.explanation.empty()) {
    text += fmt::format("<p>{}</p>\n", html_escape(m.bottleneck.explanation));
  }
  if (!m.bottleneck.what.empty() && !m.bottleneck.runners.empty()) text += share_bars(m.bottleneck);
  std::string keys;
  for (const Metric& metric : m.metrics) {
    if (metric.headline) keys += key_figure(metric);
  }
  if (!keys.empty()) text += fmt::format("<dl class=\"keys\">\n{}</dl>\n", keys);
  return text + "</section>\n";
}

std::string metrics_section(const Measurements& m) {
  std::string text =
      "<section class=\"words\">\n<h2>All measurements</h2>\n<div class=\"scroll\" "
      "tabindex=\"0\"><table>"
      "<thead><tr><th scope=\"col\">Measurement</th><th scope=\"col\" class=\"n\">Value</th>"
      "<th scope=\"col\" class=\"name\">Name in results.json</th></tr></thead>\n<tbody>\n";
  for (const Metric& metric : m.metrics) {
    fmt::format_to(std::back_inserter(text),
                   "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td>"
                   "<td class=\"name\"><code>{}</code></td></tr>\n",
                   html_escape(label_of(metric)), html_escape(human_with_interval(metric)),
                   html_escape(metric.name));
  }
  return text + "</tbody></table></div>\n</section>\n";
}

std::string assumptions_section(const Measurements& m) {
  if (m.assumptions.empty()) return "";
  std::vector<std::vector<std::string>> rows{{"Assumption", "Value", "Where it comes from"}};
  for (const Assumption& a : m.assumptions) rows.push_back({a.what, a.value, a.source});
  return "<section class=\"words\">\n<h2>What this rests on</h2>\n" +
         html_table(rows, rows[0].size(), "") + "</section>\n";
}

// A leaf as text, the way it would be written after --set path=.
std::string leaf_text(const ScenarioTree::Value& value) {
  if (const bool* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  if (const int64_t* whole = std::get_if<int64_t>(&value)) return fmt::to_string(*whole);
  if (const double* number = std::get_if<double>(&value)) return json_number(*number);
  if (const std::string* text = std::get_if<std::string>(&value)) return *text;
  return "–";
}

void flatten(const ScenarioTree& tree, const std::string& path,
             std::vector<std::vector<std::string>>& rows) {
  const std::string prefix = path.empty() ? "" : path + ".";
  if (const auto* map = std::get_if<ScenarioTree::Map>(&tree.value)) {
    for (const ScenarioTree::Member& member : *map) {
      flatten(member.tree, prefix + member.key, rows);
    }
  } else if (const auto* list = std::get_if<ScenarioTree::List>(&tree.value)) {
    for (size_t i = 0; i < list->size(); ++i) {
      flatten((*list)[i], fmt::format("{}[{}]", path, i), rows);
    }
  } else {
    rows.push_back({path, leaf_text(tree.value)});
  }
}

std::string scenario_section(const Measurements& m) {
  std::vector<std::vector<std::string>> rows{{"Key", "Value"}};
  flatten(m.scenario, "", rows);
  return folded_section("Scenario, with every default", "", html_table(rows, rows[0].size(), ""));
}

std::string run_section(const RunFacts& run) {
  const auto seconds = [](double value) { return human(value, unit::kSeconds); };
  std::vector<std::vector<std::string>> rows{{"What", "Cost"},
                                             {"CPU time", seconds(run.cpu_seconds)},
                                             {"CPU time of set-up", seconds(run.setup_cpu_seconds)},
                                             {"Wall time", seconds(run.wall_seconds)},
                                             {"Threads", fmt::to_string(run.threads)},
                                             {"Events", human_count(run.events)}};
  if (run.cpu_seconds > 0 && run.events > 0) {
    const double rate = static_cast<double>(run.events) / run.cpu_seconds;
    rows.push_back({"Events per CPU second", human(rate, unit::kCount, 3)});
  }
  rows.push_back({"Memory", human(static_cast<double>(run.peak_rss_bytes), unit::kBytes)});
  for (const Metric& metric : run.more) {
    rows.push_back({label_of(metric), human_with_interval(metric)});
  }
  return folded_section("Cost of the run", "words", html_table(rows, 1, ""));
}

std::string figures_json(const Measurements& m) {
  JsonWriter json(JsonWriter::Layout::kCompact);
  json.begin_array();
  for (const Series& series : m.series) write_figure(json, series);
  json.end();
  return json.take();
}

}  // namespace

std::string to_html(const Measurements& m) {
  std::string text = page_begin(head(m)) + answer(m);
  for (size_t i = 0; i < m.series.size(); ++i) {
    text += html_figure(m.series[i], i, page_has_script());
  }
  text += metrics_section(m) + assumptions_section(m) + scenario_section(m) + run_section(m.run);
  return text + page_end("Values are in full in the <code>results.json</code> of the same run.",
                         figures_json(m));
}

}  // namespace windtunnel::report
