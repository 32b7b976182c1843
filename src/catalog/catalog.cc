#include "catalog/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "catalog/catalog_text.h"
#include "scenario/reader.h"
#include "scenario/suggest.h"
#include "scenario/text_file.h"
#include "scenario/yaml_reader.h"

namespace windtunnel::catalog {
namespace {

namespace fs = std::filesystem;
using Errors = std::vector<base::Error>;
using namespace dimension;  // NOLINT(google-build-using-namespace): the words of figures

constexpr FigureKind kFigureKinds[] = {
    {"port_rate", kRate, false, "rate of the network ports together"},
    {"ports", kPlain, false, "network ports"},
    {"packet_rate", kPerSecond, false, "packets a second"},
    {"pcie_generation", kPlain, false, "generation of PCI Express"},
    {"pcie_lanes", kPlain, false, "lanes of PCI Express"},
    {"hop_latency", kTime, false, "time from port to port of a switch"},
    {"latency", kTime, false, "time until the first answer"},
    {"write_latency", kTime, false, "time until a write is done"},
    {"read_rate", kRate, false, "rate of large reads"},
    {"write_rate", kRate, false, "rate of large writes"},
    {"read_iops", kPerSecond, false, "small reads a second"},
    {"write_iops", kPerSecond, false, "small writes a second"},
    {"capacity", kData, false, "what it stores"},
    {"memory", kData, false, "fast memory"},
    {"memory_rate", kRate, false, "rate of the fast memory"},
    {"link_rate", kRate, false, "rate of the links to its own kind, both directions together"},
    {"links", kPlain, false, "links to its own kind"},
    {"compute", kPerSecond, false, "operations a second, dense, 16 bit unless said otherwise"},
    {"cores", kPlain, false, "processor cores"},
    {"clock", kPerSecond, false, "clock rate"},
    {"buffer", kData, false, "packet buffer shared by the ports"},
    {"gpus", kPlain, false, "accelerators inside"},
    {"power", kPower, false, "power drawn"},
    {"price", kPlain, true, "price of one"},
    {"io_cost", kPlain, true, "cost of the network cards in one"},
    {"price_per_capacity", kPlain, true, "price over what it stores"},
    {"cost_saving", kPlain, false, "share of cost that the vendor promises to save"},
    {"efficiency_gain", kPlain, false, "gain in efficiency that the vendor promises"},
    {"queue_saving", kPlain, false, "share of switch buffer that the vendor promises to save"},
    {"cluster_size", kPlain, false, "accelerators in one cluster that the vendor names"},
};

class Reader {
 public:
  Reader(const scenario::MarkTable& marks, Errors& errors) : marks_(marks), errors_(errors) {}

  Part part(const PartText& text, const std::string& path) {
    Part part{.id = text.id,
              .name = text.name,
              .part_class = text.part_class,
              .maker = text.maker,
              .about = text.about,
              .figures = {},
              .at = marks_.at(path + ".id")};
    required(path, "id", text.id);
    required(path, "name", text.name);
    if (!marks_.given(path + ".class")) complain(path, "a part has no `class`");
    std::map<std::string, base::SourceMark> seen;
    for (size_t i = 0; i < text.figures.size(); ++i) {
      const std::string at = fmt::format("{}.figures[{}]", path, i);
      part.figures.push_back(figure(text.figures[i], at));
      const auto [first, fresh] = seen.emplace(text.figures[i].name, marks_.at(at + ".name"));
      if (!fresh && !text.figures[i].name.empty()) {
        complain(at + ".name", fmt::format("figure `{}` is given twice (first at line {})",
                                           text.figures[i].name, first->second.line));
      }
    }
    return part;
  }

 private:
  void complain(const std::string& path, std::string message, std::string hint = {}) {
    if (marks_.bad_in(path)) return;
    errors_.push_back({marks_.at(path), std::move(message), std::move(hint)});
  }

  void required(const std::string& path, const char* key, const std::string& value) {
    const std::string at = fmt::format("{}.{}", path, key);
    if (!value.empty()) return;
    complain(marks_.given(at) ? at : path, fmt::format("`{}` is missing or empty", key));
  }

  PartFigure figure(const FigureText& text, const std::string& path) {
    PartFigure figure{.name = text.name,
                      .value = {},
                      .low = {},
                      .high = {},
                      .mark = text.mark,
                      .source = text.source,
                      .date = text.date,
                      .note = text.note,
                      .text = text.value,
                      .at = marks_.at(path)};
    required(path, "name", text.name);
    const FigureKind* kind = figure_kind(text.name);
    if (kind == nullptr && !text.name.empty()) {
      const std::vector<std::string> names = figure_names();
      complain(path + ".name",
               fmt::format("found figure {}, expected one of: {}", scenario::quoted(text.name),
                           fmt::join(names, ", ")),
               scenario::suggestion(text.name, names));
    }
    required(path, "value", text.value);
    figure.value = value(text.value, kind, path + ".value").value_or(Figure{});
    figure.low = value(text.low, kind, path + ".low");
    figure.high = value(text.high, kind, path + ".high");
    check_range(figure, path);
    if (!marks_.given(path + ".mark")) {
      complain(path,
               "`mark` is missing, expected how the figure is known: measured, vendor, "
               "derived, estimate, street or assumed");
    }
    required(path, "source", text.source);
    check_date(text, kind, path);
    return figure;
  }

  std::optional<Figure> value(const std::string& text, const FigureKind* kind,
                              const std::string& path) {
    if (text.empty()) return {};
    const base::Result<Figure> parsed = parse_figure(text);
    if (!parsed) {
      complain(path, parsed.error().message, parsed.error().hint);
      return {};
    }
    if (parsed->value < 0) {
      complain(path, fmt::format("found {}, expected nothing negative", scenario::quoted(text)));
    }
    if (kind != nullptr && !fits(*kind, parsed->dimension)) {
      complain(path, fmt::format("found {}, in {}, expected {} in {}", scenario::quoted(text),
                                 to_string(parsed->dimension), kind->meaning,
                                 kind->money ? "a currency" : to_string(kind->dimension)));
    }
    return *parsed;
  }

  static bool fits(const FigureKind& kind, const Dimension& dimension) {
    if (!kind.money) return dimension == kind.dimension;
    // price_per_capacity is the one price over something.
    const Dimension whole =
        kind.name == "price_per_capacity" ? dimension.with(Base::kBit, 0) : dimension;
    return is_money(whole) && (whole == dimension) == (kind.name != "price_per_capacity");
  }

  void check_range(const PartFigure& figure, const std::string& path) {
    const auto outside = [&](const std::optional<Figure>& bound, double sign) {
      return bound && sign * (figure.value.value - bound->value) < 0;
    };
    if (outside(figure.low, 1)) complain(path + ".low", "`low` is above `value`");
    if (outside(figure.high, -1)) complain(path + ".high", "`high` is below `value`");
  }

  void check_date(const FigureText& text, const FigureKind* kind, const std::string& path) {
    if (text.date.empty()) {
      if (kind != nullptr && kind->money) {
        complain(path, "a price has no `date`, expected the day, month or year it held");
      }
      return;
    }
    const std::string_view shape = "dddd-dd-dd";
    bool good = text.date.size() == 4 || text.date.size() == 7 || text.date.size() == 10;
    for (size_t i = 0; good && i < text.date.size(); ++i) {
      const bool digit = text.date[i] >= '0' && text.date[i] <= '9';
      good = shape[i] == 'd' ? digit : text.date[i] == '-';
    }
    if (!good) {
      complain(path + ".date", fmt::format("found {}, expected YYYY, YYYY-MM or YYYY-MM-DD",
                                           scenario::quoted(text.date)));
    }
  }

  const scenario::MarkTable& marks_;
  Errors& errors_;
};

// Ids are unique over all files of a catalog.
void check_ids(const std::vector<Part>& parts, Errors& errors) {
  std::map<std::string, base::SourceMark> seen;
  for (const Part& part : parts) {
    if (part.id.empty()) continue;
    const auto [first, fresh] = seen.emplace(part.id, part.at);
    if (fresh) continue;
    errors.push_back({part.at,
                      fmt::format("part `{}` is given twice (first at {}:{})", part.id,
                                  first->second.file, first->second.line),
                      {}});
  }
}

base::Status check_kind(const scenario::Node& root) {
  const scenario::Node* kind = root.find("kind");
  if (kind != nullptr && kind->text == "catalog") return {};
  return base::fail(kind == nullptr ? root.mark : kind->mark,
                    "expected a file of parts, with `kind: catalog`");
}

// The parts of one file; ids are left to the caller.
std::vector<Part> read_parts(std::string_view text, const std::string& file, Errors& errors) {
  scenario::YamlText yaml = scenario::read_yaml(text, file);
  errors.insert(errors.end(), yaml.errors.begin(), yaml.errors.end());
  if (!yaml.complete) return {};
  if (const base::Status kind = check_kind(yaml.root); !kind) {
    errors.push_back(kind.error());
    return {};
  }
  CatalogText texts;
  const scenario::ReadOutcome outcome = scenario::read(yaml.root, texts);
  errors.insert(errors.end(), outcome.errors.begin(), outcome.errors.end());
  Reader reader(outcome.marks, errors);
  std::vector<Part> parts;
  for (size_t i = 0; i < texts.parts.size(); ++i) {
    parts.push_back(reader.part(texts.parts[i], fmt::format("parts[{}]", i)));
  }
  return parts;
}

CatalogResult finish(std::vector<Part> parts, Errors errors) {
  check_ids(parts, errors);
  if (errors.empty()) return Catalog(std::move(parts));
  scenario::sort_by_place(errors);
  return tl::unexpected(std::move(errors));
}

base::Result<std::vector<std::string>> files_of(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code code;
  for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code)) {
    if (it->path().extension() == ".yaml") files.push_back(it->path().string());
  }
  if (code)
    return base::fail(base::SourceMark{folder}, "cannot be read as a folder: " + code.message());
  if (files.empty()) return base::fail(base::SourceMark{folder}, "holds no *.yaml file of parts");
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

const FigureKind* figure_kind(std::string_view name) {
  for (const FigureKind& kind : kFigureKinds) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

std::vector<std::string> figure_names() {
  std::vector<std::string> names;
  for (const FigureKind& kind : kFigureKinds) names.emplace_back(kind.name);
  return names;
}

const PartFigure* Part::find(std::string_view figure) const {
  for (const PartFigure& f : figures) {
    if (f.name == figure) return &f;
  }
  return nullptr;
}

const Part* Catalog::find(std::string_view id) const {
  for (const Part& part : parts_) {
    if (part.id == id) return &part;
  }
  return nullptr;
}

base::Result<Catalog::Found> Catalog::figure(std::string_view path) const {
  const size_t dot = path.find('.');
  const std::string_view id = path.substr(0, dot);
  Found found;
  found.part = find(id);
  if (found.part == nullptr) {
    std::vector<std::string> ids;
    for (const Part& part : parts_) ids.push_back(part.id);
    return base::fail(
        fmt::format("found part {}, expected one of the catalog's", scenario::quoted(id)),
        scenario::suggestion(id, ids));
  }
  std::string_view name = dot == std::string_view::npos ? "" : path.substr(dot + 1);
  std::string_view bound;
  if (const size_t second = name.find('.'); second != std::string_view::npos) {
    bound = name.substr(second + 1);
    name = name.substr(0, second);
  }
  found.figure = found.part->find(name);
  if (found.figure == nullptr) {
    std::vector<std::string> names;
    for (const PartFigure& figure : found.part->figures) names.push_back(figure.name);
    return base::fail(fmt::format("found figure {} of {}, expected one of: {}",
                                  scenario::quoted(name), id, fmt::join(names, ", ")),
                      scenario::suggestion(name, names));
  }
  const std::optional<Figure> value = bound.empty()     ? found.figure->value
                                      : bound == "low"  ? found.figure->low
                                      : bound == "high" ? found.figure->high
                                                        : std::nullopt;
  if (!value) {
    return base::fail(fmt::format("{}.{} has no {}", id, name, scenario::quoted(bound)),
                      "a figure with a range has `low` and `high`");
  }
  found.value = *value;
  return found;
}

CatalogResult read_catalog(std::string_view text, const std::string& file) {
  Errors errors;
  std::vector<Part> parts = read_parts(text, file, errors);
  return finish(std::move(parts), std::move(errors));
}

CatalogResult load_catalog(const std::string& folder) {
  const base::Result<std::vector<std::string>> files = files_of(folder);
  Errors errors;
  std::vector<Part> parts;
  if (!files) errors.push_back(files.error());
  for (const std::string& file : files.value_or(std::vector<std::string>{})) {
    const auto text = scenario::read_text_file(file, scenario::YamlLimits{}.bytes);
    if (!text) {
      errors.push_back(text.error());
      continue;
    }
    std::vector<Part> more = read_parts(*text, file, errors);
    std::move(more.begin(), more.end(), std::back_inserter(parts));
  }
  return finish(std::move(parts), std::move(errors));
}

}  // namespace windtunnel::catalog
