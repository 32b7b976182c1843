// `windtunnel catalog`: hardware parts, every figure with where it comes from.
#include <fmt/format.h>

#include <algorithm>

#include "base/version.h"
#include "catalog/catalog.h"
#include "report/human.h"
#include "report/json_writer.h"
#include "report/text.h"
#include "scenario/suggest.h"
#include "study/claim_judge.h"
#include "study/command_support.h"

namespace windtunnel::study {
namespace {

using catalog::Part;
using catalog::PartFigure;

std::string price_text(const Part& part) {
  const PartFigure* price = part.find("price");
  return price == nullptr ? ""
                          : fmt::format("{} ({})", price->text, catalog::mark_name(price->mark));
}

std::string list_text(const std::vector<Part>& parts, const report::Paint& paint) {
  std::vector<std::vector<std::string>> rows{{"part", "class", "figures", "price"}};
  for (const Part& part : parts) {
    rows.push_back({part.id, std::string(catalog::class_name(part.part_class)),
                    fmt::to_string(part.figures.size()), price_text(part)});
  }
  return report::text_table(rows, paint) +
         "\n`windtunnel catalog PART` shows its figures with their sources.\n";
}

std::string range_text(const PartFigure& figure) {
  if (!figure.low || !figure.high) return "";
  const auto shown = [](const catalog::Figure& f) {
    const ShownUnit unit = shown_unit("1", f.dimension);
    return report::human(f.value * unit.factor, unit.name, 4);
  };
  return fmt::format(" ({} to {})", shown(*figure.low), shown(*figure.high));
}

std::string part_text(const Part& part, const report::TerminalStyle& style) {
  const report::Paint paint(style.colour);
  std::string text = paint.bold(part.name) + "\n" + paint.dim(part.about) + "\n\n";
  size_t width = 0;
  for (const PartFigure& figure : part.figures) width = std::max(width, figure.name.size());
  for (const PartFigure& figure : part.figures) {
    text +=
        fmt::format("  {}  {}{}  {}{}\n", report::pad_right(figure.name, width),
                    paint.bold(figure.text), range_text(figure), catalog::mark_name(figure.mark),
                    figure.date.empty() ? "" : ", " + figure.date);
    text += paint.dim(fmt::format("  {}  {}\n", std::string(width, ' '), figure.source));
    if (!figure.note.empty()) {
      text += paint.dim(fmt::format("  {}  {}\n", std::string(width, ' '), figure.note));
    }
  }
  return text;
}

void write_value(report::JsonWriter& json, std::string_view key, const catalog::Figure& figure) {
  json.member(key, figure.value * catalog::report_unit(figure.dimension).factor);
}

void write(report::JsonWriter& json, const Part& part) {
  json.begin_object();
  json.member("id", part.id);
  json.member("name", part.name);
  json.member("class", catalog::class_name(part.part_class));
  json.member("maker", part.maker);
  json.member("about", part.about);
  json.key("figures");
  json.begin_object();
  for (const PartFigure& figure : part.figures) {
    json.key(figure.name);
    json.begin_object(true);
    write_value(json, "value", figure.value);
    json.member("unit", catalog::report_unit(figure.value.dimension).name);
    if (figure.low) write_value(json, "low", *figure.low);
    if (figure.high) write_value(json, "high", *figure.high);
    json.member("text", figure.text);
    json.member("mark", catalog::mark_name(figure.mark));
    json.member("source", figure.source);
    if (!figure.date.empty()) json.member("date", figure.date);
    if (!figure.note.empty()) json.member("note", figure.note);
    json.end();
  }
  json.end();
  json.end();
}

std::string to_json(const std::vector<Part>& parts) {
  report::JsonWriter json;
  json.begin_object();
  json.member("windtunnel", base::version());
  json.key("parts");
  json.begin_array();
  for (const Part& part : parts) write(json, part);
  json.end();
  json.end();
  return json.take() + "\n";
}

}  // namespace

Outcome catalog(const CatalogOptions& options) {
  const catalog::CatalogResult catalog = catalog::load_catalog(options.data + "/catalog");
  if (!catalog) return bad_input(catalog.error());
  std::vector<Part> parts = catalog->parts();
  if (!options.part.empty()) {
    const Part* part = catalog->find(options.part);
    if (part == nullptr) {
      std::vector<std::string> ids;
      ids.reserve(parts.size());
      for (const Part& known : parts) ids.push_back(known.id);
      base::Error error;
      error.message = fmt::format(
          "catalog: found part {}, expected one of the {} that `windtunnel "
          "catalog` lists",
          scenario::quoted(options.part), ids.size());
      error.hint = scenario::suggestion(options.part, ids);
      return bad_input(error);
    }
    parts = {*part};
  }
  Outcome outcome;
  const report::Paint paint(options.printing.style.colour);
  if (options.printing.json) {
    outcome.out = to_json(parts);
  } else if (!options.printing.quiet) {
    outcome.out = options.part.empty() ? list_text(parts, paint)
                                       : part_text(parts.front(), options.printing.style);
  }
  return outcome;
}

}  // namespace windtunnel::study
