#include "catalog/catalog_text.h"

#include "catalog/mark_names.h"
#include "scenario/visitor.h"

namespace windtunnel::scenario {

using catalog::PartClass;

template <>
struct EnumNames<PartClass> {
  static constexpr std::array<EnumName<PartClass>, 11> kNames = {
      {{PartClass::kNic, "nic"},
       {PartClass::kPcieSwitch, "pcie-switch"},
       {PartClass::kRetimer, "retimer"},
       {PartClass::kBoard, "board"},
       {PartClass::kAccelerator, "accelerator"},
       {PartClass::kCpu, "cpu"},
       {PartClass::kSsd, "ssd"},
       {PartClass::kServer, "server"},
       {PartClass::kSwitch, "switch"},
       {PartClass::kOptic, "optic"},
       {PartClass::kCable, "cable"}}};
};

}  // namespace windtunnel::scenario

namespace windtunnel::catalog {

std::string_view mark_name(Mark mark) { return scenario::enum_text(mark); }
std::string_view class_name(PartClass part_class) { return scenario::enum_text(part_class); }

void describe(scenario::Visitor& v, FigureText& t) {
  v.key({.name = "name", .meaning = "Which figure it is"}, t.name);
  v.key({.name = "value", .meaning = "The figure with its unit"}, t.value);
  v.key({.name = "low", .meaning = "Lowest that was found"}, t.low);
  v.key({.name = "high", .meaning = "Highest that was found"}, t.high);
  v.key({.name = "mark", .meaning = "How it is known"}, t.mark);
  v.key({.name = "source", .meaning = "Where it stands"}, t.source);
  v.key({.name = "date", .meaning = "When it held; prices must have one"}, t.date);
  v.key({.name = "note", .meaning = "What else to know"}, t.note);
}

void describe(scenario::Visitor& v, PartText& t) {
  v.key({.name = "id", .meaning = "Name in references, unique in the catalog"}, t.id);
  v.key({.name = "name", .meaning = "Name for people"}, t.name);
  v.key({.name = "class", .meaning = "What it is"}, t.part_class);
  v.key({.name = "maker", .meaning = "Who makes it"}, t.maker);
  v.key({.name = "about", .meaning = "One sentence"}, t.about);
  v.key({.name = "figures", .meaning = "What is known of it"}, t.figures);
}

void describe(scenario::Visitor& v, CatalogText& t) {
  v.key({.name = "kind", .meaning = "catalog"}, t.kind);
  v.key({.name = "about", .meaning = "What the parts have in common"}, t.about);
  v.key({.name = "parts", .meaning = "The parts"}, t.parts);
}

}  // namespace windtunnel::catalog
