// What a user says about a factory: the plain structs behind `kind: factory`, and the description
// of the factory room's structs. From `describe` come the reader, the error texts, `windtunnel
// schema factory` and the dump of a resolved scenario.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "factory/plant.h"
#include "scenario/visitor.h"

namespace windtunnel::scenario {

void describe(Visitor& visitor, factory::Step& step);
void describe(Visitor& visitor, factory::Item& item);
void describe(Visitor& visitor, factory::Stock& stock);
void describe(Visitor& visitor, factory::Breakdown& breakdown);
void describe(Visitor& visitor, factory::Outage& outage);
void describe(Visitor& visitor, factory::MachineGroup& group);
void describe(Visitor& visitor, factory::StationPower& power);
void describe(Visitor& visitor, factory::Station& station);
void describe(Visitor& visitor, factory::SetupRow& row);
void describe(Visitor& visitor, factory::Crew& crew);
void describe(Visitor& visitor, factory::Shift& shift);
void describe(Visitor& visitor, factory::Calendar& calendar);
void describe(Visitor& visitor, factory::ReleaseShare& share);
void describe(Visitor& visitor, factory::Order& order);
void describe(Visitor& visitor, factory::Loop& loop);
void describe(Visitor& visitor, factory::Place& place);
void describe(Visitor& visitor, factory::Lane& lane);
void describe(Visitor& visitor, factory::Battery& battery);
void describe(Visitor& visitor, factory::Fleet& fleet);

// A part of a step is one text: `hip`, or `8 hip`.
template <>
struct ValueTraits<factory::Part> {
  static constexpr bool kOrdered = false;
  static std::string type() { return "item, or count and item"; }
  static base::Result<factory::Part> parse(const Node& node);
  static Node written(const factory::Part& value);
};

}  // namespace windtunnel::scenario

namespace windtunnel::study {

using FactoryDuration = factory::Duration;

// A setup matrix may stand in a file of its own.
struct SetupsDescription {
  factory::SetupMatrix matrix;
  scenario::FilePath file;
};

// Lots and caps of a release may be given per kit, so that one key sets the size of all.
struct ReleaseDescription {
  factory::Release release;
  int64_t kits = 1;
};

struct FactoryRunDescription {
  std::optional<FactoryDuration> warm_up;
  FactoryDuration duration = FactoryDuration::s(28 * 86'400);
  int64_t replications = 10;
  base::Ratio half_width{0, 1};  // of half_width_of, relative; 0: no more than `replications`
  std::string half_width_of = "finished.total";
  int64_t replications_max = 200;
  int64_t threads = 1;
  std::optional<FactoryDuration> gantt_from;
  FactoryDuration gantt_length = FactoryDuration::s(86'400);
};

struct FactoryDescription {
  std::string name = "a factory";
  std::string description;
  int64_t seed = 1;
  std::string currency = "CNY";
  factory::Plant plant;  // without setups, releases and the orders of the file
  std::vector<SetupsDescription> setups;
  std::vector<ReleaseDescription> releases;
  scenario::FilePath orders_file;
  FactoryRunDescription run;
};

void describe(scenario::Visitor& visitor, SetupsDescription& setups);
void describe(scenario::Visitor& visitor, ReleaseDescription& release);
void describe(scenario::Visitor& visitor, FactoryRunDescription& run);
void describe(scenario::Visitor& visitor, FactoryDescription& scenario);

}  // namespace windtunnel::study
