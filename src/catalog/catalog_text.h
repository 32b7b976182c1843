// A catalog file as it is written, before units and names are judged. For the reader alone.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"

namespace windtunnel::scenario {
class Visitor;
}

namespace windtunnel::catalog {

struct FigureText {
  std::string name;
  std::string value;
  std::string low;
  std::string high;
  Mark mark = Mark::kAssumed;
  std::string source;
  std::string date;
  std::string note;
};

struct PartText {
  std::string id;
  std::string name;
  PartClass part_class = PartClass::kNic;
  std::string maker;
  std::string about;
  std::vector<FigureText> figures;
};

struct CatalogText {
  std::string kind = "catalog";
  std::string about;
  std::vector<PartText> parts;
};

void describe(scenario::Visitor& visitor, FigureText& text);
void describe(scenario::Visitor& visitor, PartText& text);
void describe(scenario::Visitor& visitor, CatalogText& text);

}  // namespace windtunnel::catalog
