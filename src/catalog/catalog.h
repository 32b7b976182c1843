// Hardware parts as data: what a vendor says of a card, what somebody measured, what a shop asks.
// Every figure carries its unit, where it comes from and how far that can be trusted.
//
// A catalog is a folder of YAML files of `kind: catalog`; docs/claims.md has the format.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/result.h"
#include "catalog/unit.h"

namespace windtunnel::catalog {

// How a figure came to be known, from best to least: somebody measured it; the vendor says so; it
// follows from others; a third party estimates it; a shop asked that price on that day; nobody
// says, and we take it.
enum class Mark : uint8_t { kMeasured, kVendor, kDerived, kEstimate, kStreet, kAssumed };
std::string_view mark_name(Mark mark);

enum class PartClass : uint8_t {
  kNic,
  kPcieSwitch,
  kRetimer,
  kBoard,
  kAccelerator,
  kCpu,
  kSsd,
  kServer,
  kSwitch,
  kOptic,
  kCable
};
std::string_view class_name(PartClass part_class);

// What a part can be told by, and in which unit.
struct FigureKind {
  std::string_view name;
  Dimension dimension;
  bool money = false;  // any currency, instead of `dimension`; the date becomes compulsory
  std::string_view meaning;
};
// Null when there is none of that name.
const FigureKind* figure_kind(std::string_view name);
std::vector<std::string> figure_names();

struct PartFigure {
  std::string name;
  Figure value;
  std::optional<Figure> low;  // the range seen, when more than one figure was found
  std::optional<Figure> high;
  Mark mark = Mark::kAssumed;
  std::string source;
  std::string date;  // YYYY, YYYY-MM or YYYY-MM-DD; prices have one
  std::string note;
  std::string text;  // the value as it was written
  base::SourceMark at;
};

struct Part {
  std::string id;
  std::string name;
  PartClass part_class = PartClass::kNic;
  std::string maker;
  std::string about;
  std::vector<PartFigure> figures;
  base::SourceMark at;

  const PartFigure* find(std::string_view figure) const;
};

class Catalog {
 public:
  Catalog() = default;
  explicit Catalog(std::vector<Part> parts) : parts_(std::move(parts)) {}
  const std::vector<Part>& parts() const { return parts_; }
  const Part* find(std::string_view id) const;
  // `connectx-7.price`, `connectx-7.price.high`. Errors name the nearest part or figure.
  struct Found {
    const Part* part = nullptr;
    const PartFigure* figure = nullptr;
    Figure value;
  };
  base::Result<Found> figure(std::string_view path) const;

 private:
  std::vector<Part> parts_;
};

using CatalogResult = tl::expected<Catalog, std::vector<base::Error>>;

// One file's text; `file` is its name in messages. All mistakes, sorted by place: unknown keys,
// figures that no part has, wrong or missing units, negative figures, a missing source, mark or
// date of a price, ids given twice.
CatalogResult read_catalog(std::string_view text, const std::string& file);

// Every *.yaml of a folder, in the order of their names.
CatalogResult load_catalog(const std::string& folder);

}  // namespace windtunnel::catalog
