#include "report/terminal.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "report/human.h"
#include "report/text.h"

namespace windtunnel::report {
namespace {

constexpr int kColumnsMin = 40;

std::string headline(const Measurements& m, const Paint& paint) {
  std::string line = paint.bold(m.title.empty() ? "windtunnel run" : plain_line(m.title));
  line += "\n";
  std::string facts = fmt::format("windtunnel {}", m.version);
  if (!m.kind.empty()) facts += fmt::format(" · {}", m.kind);
  facts += fmt::format(" · seed {}", m.seed);
  if (!m.fingerprint.empty()) facts += fmt::format(" · fingerprint {}", m.fingerprint);
  return line + paint.dim(plain_line(facts)) + "\n";
}

struct Row {
  std::string label;
  std::string value;
  bool strong;
};

// Headlines, then as many of the others as a reader wants to see; `left` is how many there are
// besides.
std::vector<Row> rows_of(const Measurements& m, size_t& left) {
  constexpr size_t kOthersMax = 40;
  std::vector<Row> rows;
  size_t others = 0;
  left = 0;
  for (const bool strong : {true, false}) {
    for (const Metric& metric : m.metrics) {
      if (metric.headline != strong) continue;
      if (!strong && ++others > kOthersMax) {
        ++left;
        continue;
      }
      rows.push_back({plain_line(metric.label.empty() ? metric.name : metric.label),
                      human_with_interval(metric), strong});
    }
  }
  return rows;
}

// Labels to the left, values right-aligned at the last digit of their number's text.
std::string table(const std::vector<Row>& rows, const Paint& paint) {
  size_t label_width = 0;
  size_t value_width = 0;
  for (const Row& row : rows) {
    label_width = std::max(label_width, display_width(row.label));
    value_width = std::max(value_width, display_width(row.value));
  }
  std::string text;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    if (i > 0 && rows[i - 1].strong && !row.strong) text += "\n";
    const std::string line =
        pad_right(row.label, label_width) + "   " + pad_left(row.value, value_width);
    text += "  " + (row.strong ? paint.bold(line) : line) + "\n";
  }
  return text;
}

// How a whole is shared out, in percent: a column for each part that is not nought everywhere.
std::string stack_table(const Series& series, const Paint& paint) {
  constexpr size_t kRowsMax = 40;
  const auto* stack = std::get_if<Stack>(&series.data);
  if (stack == nullptr || stack->rows.empty() || stack->rows.size() > kRowsMax) return {};
  const auto cell = [](double share) {
    return share < 0.0005 ? std::string("–") : fmt::format("{:.1f}", 100 * share);
  };
  size_t label = 0;
  for (const Stack::Row& row : stack->rows) label = std::max(label, display_width(row.label));
  std::string head = pad_right("%", label);
  std::vector<std::string> lines;
  for (const Stack::Row& row : stack->rows)
    lines.push_back("  " + pad_right(plain_line(row.label), label));
  for (size_t part = 0; part < stack->parts.size(); ++part) {
    const auto is_nought = [part](const Stack::Row& row) { return row.shares[part] < 0.0005; };
    if (std::all_of(stack->rows.begin(), stack->rows.end(), is_nought)) continue;
    const size_t width = std::max<size_t>(display_width(stack->parts[part]), 5) + 2;
    head += pad_left(plain_line(stack->parts[part]), width);
    for (size_t r = 0; r < lines.size(); ++r)
      lines[r] += pad_left(cell(stack->rows[r].shares[part]), width);
  }
  std::string text = plain_line(series.title) + "\n  " + paint.dim(head) + "\n";
  for (const std::string& line : lines) text += line + "\n";
  return text + "\n";
}

std::string cost(const RunFacts& run) {
  std::string text = fmt::format("Cost: {} CPU", human(run.cpu_seconds, unit::kSeconds));
  if (run.setup_cpu_seconds > 0) {
    text += fmt::format(" + {} set-up", human(run.setup_cpu_seconds, unit::kSeconds));
  }
  text += fmt::format(", {} events", human_count(run.events));
  if (run.cpu_seconds > 0 && run.events > 0) {
    const double per_second = static_cast<double>(run.events) / run.cpu_seconds;
    text += fmt::format(" ({})", human(per_second, unit::kEventsPerSecond));
  }
  text += fmt::format(", {} of memory, {} thread{}",
                      human(static_cast<double>(run.peak_rss_bytes), unit::kBytes), run.threads,
                      run.threads == 1 ? "" : "s");
  for (const Metric& metric : run.more) {
    text += fmt::format(", {} {}", plain_line(metric.label.empty() ? metric.name : metric.label),
                        human(metric.value, metric.unit));
  }
  return text + ".";
}

}  // namespace

std::string bottleneck_sentence(const Bottleneck& bottleneck) {
  if (bottleneck.what.empty()) return "What limited this run is not known.";
  std::string text = fmt::format("Limited by {}", bottleneck.what);
  if (!bottleneck.where.empty()) text += fmt::format(" ({})", bottleneck.where);
  return text + fmt::format(" for {} of the time.", human(bottleneck.share, unit::kShare));
}

std::string runners_sentence(const Bottleneck& bottleneck) {
  std::string text;
  for (const Bottleneck::Share& runner : bottleneck.runners) {
    text += fmt::format("{}{} {}", text.empty() ? "Next: " : ", ", runner.what,
                        human(runner.share, unit::kShare));
  }
  return text.empty() ? text : text + ".";
}

std::string to_terminal(const Measurements& m, const TerminalStyle& style) {
  const Paint paint(style.colour);
  const auto width = static_cast<size_t>(std::max(style.columns, kColumnsMin));
  size_t left = 0;
  std::string text = headline(m, paint) + "\n" + table(rows_of(m, left), paint);
  if (left > 0)
    text += paint.dim(fmt::format("  and {} more figures with --json or --out", left)) + "\n";
  text += "\n";
  for (const Series& series : m.series) text += stack_table(series, paint);
  text += paint.bold(wrapped(bottleneck_sentence(m.bottleneck), width));
  for (const std::string& more : {m.bottleneck.explanation, runners_sentence(m.bottleneck)}) {
    if (!more.empty()) text += wrapped(more, width);
  }
  return text + "\n" + paint.dim(wrapped(cost(m.run), width));
}

}  // namespace windtunnel::report
