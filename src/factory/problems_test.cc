#include "factory/problems.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace windtunnel::factory {
namespace {

using testing::HasSubstr;

Duration minutes(int64_t n) { return Duration::s(60 * n); }
TimeDistribution minutes_each(int64_t n) { return TimeDistribution::constant(minutes(n)); }

Step step_at(const std::string& station) {
  Step step;
  step.station = station;
  step.time = minutes_each(1);
  return step;
}

// Gears are cut, stocked, and put into boxes two at a time; boxes are tested and shipped.
Plant sound_plant() {
  Plant plant;
  Item gear;
  gear.name = "gear";
  gear.route = {step_at("cut")};
  Item box;
  box.name = "box";
  box.route = {step_at("join"), step_at("test")};
  box.route[0].parts = {{"gear", 2}};
  plant.items = {gear, box};
  for (const char* name : {"cut", "join", "test"}) {
    Station station;
    station.name = name;
    station.buffer = 4;
    plant.stations.push_back(station);
  }
  plant.stocks = {{"gear", 10, 0, {}}};
  Release gears;
  gears.name = "gears";
  gears.kind = ReleaseKind::kLots;
  gears.shares = {{"gear", 1, 5, 6}};
  Release boxes;
  boxes.name = "boxes";
  boxes.shares = {{"box", 1, 1, {}}};
  plant.releases = {gears, boxes};
  return plant;
}

std::string problems_of(const Plant& plant) {
  std::string text;
  for (const PlantProblem& problem : find_plant_problems(plant))
    text += problem.key + ": " + problem.message + "\n";
  return text;
}

template <class Change>
std::string after(const Change& change) {
  Plant plant = sound_plant();
  change(plant);
  return problems_of(plant);
}

TEST(PlantProblems, ASoundPlantHasNone) { EXPECT_EQ(problems_of(sound_plant()), ""); }

TEST(PlantProblems, NamesThatAreNotKnown) {
  Plant plant = sound_plant();
  plant.items[1].route[1].station = "tst";
  const auto problems = find_plant_problems(plant);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].key, "items[1].route[1].station");
  EXPECT_EQ(problems[0].message, "found `tst`, expected the name of a station");
  EXPECT_EQ(problems[0].found, "tst");
  EXPECT_EQ(problems[0].names, (std::vector<std::string>{"cut", "join", "test"}));
  EXPECT_THAT(after([](Plant& p) { p.stations[0].setups = "x"; }),
              HasSubstr("stations[0].setups: found `x`, expected the name of a setup matrix, of "
                        "which there are none"));
  EXPECT_THAT(after([](Plant& p) { p.stations[0].setup_crew = "x"; }), HasSubstr("a crew"));
  EXPECT_THAT(after([](Plant& p) { p.stations[0].calendar = "x"; }), HasSubstr("a calendar"));
  EXPECT_THAT(after([](Plant& p) { p.stations[0].place = "x"; }), HasSubstr("a place"));
  EXPECT_THAT(after([](Plant& p) { p.items[1].route[0].parts[0].item = "x"; }),
              HasSubstr("items[1].route[0].parts[0]: found `x`, expected the name of an item"));
  EXPECT_THAT(after([](Plant& p) { p.items[1].route[0].parts[0].item = "box"; }),
              HasSubstr("found `box`, which has no stock to be taken from"));
  EXPECT_THAT(after([](Plant& p) { p.stations[1].name = "cut"; }),
              HasSubstr("stations[1].name: found `cut` again, which is the name of stations[0]"));
  EXPECT_THAT(after([](Plant& p) { p.items[0].name = ""; }), HasSubstr("items[0]: found no name"));
  EXPECT_THAT(after([](Plant& p) { p.items[1].route[1].rework_to = "joint"; }),
              HasSubstr("a step of this route"));
  EXPECT_THAT(after([](Plant& p) { p.items[1].route[0].rework_to = "test"; }),
              HasSubstr("found `test`, which comes after this step"));
  EXPECT_THAT(after([](Plant& p) { p.stocks.push_back(p.stocks[0]); }),
              HasSubstr("expected one stock for each item"));
}

TEST(PlantProblems, StationsThatAreNeverFed) {
  EXPECT_EQ(after([](Plant& p) {
              p.stations.push_back({});
              p.stations.back().name = "polish";
            }),
            "stations[3]: `polish` can never be fed: no route visits it\n");
  EXPECT_EQ(after([](Plant& p) {
              p.items[1].route[0].yield = {0, 1};
            }),
            "stations[2]: `test` can never be fed: nothing passes the steps before it, whose yield "
            "is 0\n");
  EXPECT_EQ(after([](Plant& p) { p.releases.pop_back(); }),
            "items[1]: nothing releases `box`, so it is never made; expected a release with a "
            "share of it\n");
  EXPECT_THAT(
      after([](Plant& p) { p.items[0].route.clear(), p.releases.erase(p.releases.begin()); }),
      HasSubstr("stocks[0]: the stock of `gear` is never filled"));
  EXPECT_THAT(after([](Plant& p) {
                Item screw;
                screw.name = "screw";
                p.items.push_back(screw);
              }),
              HasSubstr("items[2]: found no route for `screw` and no stock of it"));
}

TEST(PlantProblems, SetupMatrices) {
  const auto with_matrix = [](const auto& change) {
    return after([&](Plant& p) {
      p.stations[0].setups = "tools";
      p.setups = {
          {"tools", {{"gear", {minutes(0), minutes(3)}}, {"axle", {minutes(4), minutes(0)}}}}};
      change(p);
    });
  };
  EXPECT_EQ(with_matrix([](Plant&) {}), "");
  EXPECT_EQ(with_matrix([](Plant& p) { p.setups[0].rows[1].to.pop_back(); }),
            "setups[0].rows[1].to: found 1 times, expected 2: a setup matrix is square, with as "
            "many times in each row as it has rows\n");
  EXPECT_THAT(with_matrix([](Plant& p) { p.setups[0].rows[1].from = "gear"; }),
              HasSubstr("found family `gear` again"));
  EXPECT_EQ(with_matrix([](Plant& p) { p.setups[0].rows[0].from = "wheel"; }),
            "items[0].route[0]: family `gear` comes to station `cut`, whose setup matrix `tools` "
            "has no row for it\n");
  EXPECT_THAT(with_matrix([](Plant& p) { p.setups[0].rows.clear(); }), HasSubstr("found no rows"));
}

TEST(PlantProblems, ProtocolsNoBenchSpeaks) {
  const auto with = [](const std::vector<std::string>& spoken) {
    Plant plant = sound_plant();
    plant.items[1].protocol = "can-bus";
    plant.stations[2].groups = {{2, spoken}};
    return find_plant_problems(plant);
  };
  EXPECT_TRUE(with({}).empty());
  EXPECT_TRUE(with({"can-bus", "ethercat"}).empty());
  const auto problems = with({"canbus", "ethercat"});
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].message,
            "found `can-bus`, expected the name of a protocol that some bench of station `test` "
            "speaks");
  EXPECT_EQ(problems[0].names, (std::vector<std::string>{"canbus", "ethercat"}));
}

Plant with_layout(const std::vector<Lane>& lanes) {
  Plant plant = sound_plant();
  for (const char* name : {"dock", "store", "yard"}) plant.places.push_back({name, 1, 0});
  plant.lanes = lanes;
  plant.fleet = Fleet{};
  return plant;
}

TEST(PlantProblems, LayoutsInPieces) {
  const Lane dock_store = {"dock", "store", minutes(1)};
  const Lane store_yard = {"store", "yard", minutes(1)};
  Lane one_way = store_yard;
  one_way.both_ways = false;
  EXPECT_EQ(problems_of(with_layout({dock_store, store_yard})), "");
  EXPECT_EQ(problems_of(with_layout({dock_store})),
            "lanes: the layout is in pieces: no way leads from `dock` to `yard`; expected lanes "
            "that join all places\n");
  EXPECT_THAT(problems_of(with_layout({dock_store, one_way})),
              HasSubstr("no way leads back to `dock` from `yard`"));
  Plant plant = with_layout({dock_store, store_yard});
  plant.fleet->battery.endurance = minutes(60);
  EXPECT_THAT(problems_of(plant), HasSubstr("no place with a charger"));
  plant.places[0].chargers = 1;
  EXPECT_EQ(problems_of(plant), "");
  plant.lanes[0].time = minutes(90);
  EXPECT_THAT(problems_of(plant), HasSubstr("lanes[0].time: found a drive that no battery"));
  plant.lanes[0].time = minutes(1);
  plant.lanes[0].to = "dock";
  EXPECT_THAT(problems_of(plant), HasSubstr("lanes[0].to: found `dock`, where the lane begins"));
  plant.lanes[0].to = "store";
  plant.fleet->vehicles = 4;
  EXPECT_THAT(problems_of(plant), HasSubstr("found 4, for which the places have room for 3"));
  plant.fleet->vehicles = 1;
  plant.lanes[0].time = minutes(0);
  EXPECT_THAT(problems_of(plant), HasSubstr("lanes[0].time: found no time"));
  plant.places.clear();
  plant.lanes.clear();
  EXPECT_THAT(problems_of(plant), HasSubstr("expected places for the fleet"));
}

TEST(PlantProblems, BatteriesThatDoNotLastForARide) {
  Plant plant = with_layout({{"dock", "store", minutes(20)}, {"store", "yard", minutes(20)}});
  plant.places[0].chargers = 1;
  plant.stations[0].place = "dock";
  plant.stocks[0].place = "yard";  // 40 minutes there, and 40 back to the charger
  plant.fleet->battery.endurance = minutes(80);
  EXPECT_EQ(problems_of(plant), "");
  plant.fleet->battery.endurance = minutes(79);
  EXPECT_EQ(problems_of(plant),
            "fleet.battery.endurance: found 79.0 min, expected at least 80.0 min: so long is the "
            "ride from "
            "`dock` to `yard` with the ways from a charger and to one\n");
  plant.stations[1].place = "yard";  // takes the gears where they are
  plant.stations[2].place = "store";
  plant.fleet->battery.endurance = minutes(30);
  plant.stocks[0].place = "";
  EXPECT_THAT(problems_of(plant), HasSubstr("from `yard` to `store`"));
}

TEST(PlantProblems, ReworkWithoutEnd) {
  const auto with = [](int64_t most) {
    return after([&](Plant& p) {
      Step& step = p.items[1].route[1];
      step.yield = {0, 1};
      step.on_fail = OnFail::kRework;
      step.rework_max = most;
    });
  };
  EXPECT_THAT(with(0), HasSubstr("items[1].route[1].yield: found 0 with rework that never ends"));
  EXPECT_EQ(with(3), "");
}

TEST(PlantProblems, PartsInACircle) {
  const auto circle = [](int64_t initial) {
    return after([&](Plant& p) {
      p.stocks.push_back({"box", 5, initial, {}});
      p.items[0].route[0].parts = {{"box", 1}};
    });
  };
  EXPECT_THAT(circle(0), HasSubstr("parts go in a circle: `gear` needs `box` needs `gear`, and "
                                   "none is in stock at first"));
  EXPECT_EQ(circle(1), "");
}

TEST(PlantProblems, Loops) {
  const auto loop = [](const std::string& from, const std::string& to) {
    return after([&](Plant& p) { p.loops = {{"cards", 3, from, to, {}}}; });
  };
  EXPECT_EQ(loop("join", "test"), "");
  EXPECT_EQ(loop("join", "join"), "");
  EXPECT_EQ(loop("test", "join"),
            "loops[0]: no route visits `join` after `test`: cards would never come back\n");
}

TEST(PlantProblems, Standstills) {
  EXPECT_EQ(after([](Plant& p) { p.stocks[0].capacity = 1; }),
            "items[1].route[0].parts[0]: needs 2 of `gear` at once, of which its stock holds 1: "
            "expected a larger stock\n");
  EXPECT_THAT(after([](Plant& p) {
                p.releases[0].shares[0] = {"gear", 1, 1, 1};
              }),
              HasSubstr("releases[0].shares[0].stock_cap: found 1, at which the release waits "
                        "before any kit with `gear` is complete"));
  EXPECT_EQ(after([](Plant& p) { p.releases[0].shares[0] = {"gear", 1, 1, 2}; }), "");
  EXPECT_THAT(after([](Plant& p) {
                p.stations[0].batch_max = 4;
                p.stations[0].batch_min = 2;
              }),
              HasSubstr("found 5 pieces, of which 1 would wait for a batch of at least 2"));
  EXPECT_THAT(after([](Plant& p) { p.stations[1].buffer.reset(); }),
              HasSubstr("`box` is released without end"));
  EXPECT_EQ(after([](Plant& p) {
              p.stations[1].buffer.reset();
              p.loops = {{"cards", 3, "join", "test", {}}};
            }),
            "");
  EXPECT_THAT(after([](Plant& p) {
                p.items[1].route[0].time = {};
                p.stations[2].buffer.reset();
              }),
              HasSubstr("`box` takes no time"));
}

// A lot of one family reaches its cap before another has enough for the first kit.
TEST(PlantProblems, LotsThatCanNeverMakeAKit) {
  const auto with = [](int64_t axles_a_lot) {
    return after([&](Plant& p) {
      Item axle = p.items[0];
      axle.name = "axle";
      p.items.push_back(axle);
      p.stocks.push_back({"axle", {}, 0, {}});
      p.items[1].route[0].parts.push_back({"axle", 4});
      p.releases[0].shares.push_back({"axle", 1, axles_a_lot, 8});
    });
  };
  EXPECT_EQ(with(4), "");
  EXPECT_EQ(with(2), "");  // two turns of each: gears reach 5, below their cap of 6
  EXPECT_THAT(with(1), HasSubstr("before any kit with `gear` is complete: `axle` takes 4 turns"));
}

TEST(PlantProblems, Values) {
  EXPECT_THAT(after([](Plant& p) { p.stations[0].batch_min = 2; }),
              HasSubstr("found 2, expected at most batch_max, which is 1"));
  EXPECT_THAT(after([](Plant& p) {
                p.stations[0].batch_max = 8;
                p.stations[0].batch_min = 5;
              }),
              HasSubstr("never come together in a buffer of 4"));
  EXPECT_THAT(after([](Plant& p) {
                p.crews = {{"fitters", 2, {}, {}}};
                p.stations[0].operators = "fitters";
                p.stations[0].operators_needed = 3;
              }),
              HasSubstr("stations[0].operators_needed: found 3, of which crew `fitters` has 2"));
  EXPECT_THAT(after([](Plant& p) { p.stations[0].breakdowns = {{}}; }),
              HasSubstr("stations[0].breakdowns[0].between: found no time between breakdowns"));
  EXPECT_THAT(after([](Plant& p) { p.calendars = {{"day", {}}}; }), HasSubstr("found no shifts"));
  EXPECT_THAT(after([](Plant& p) {
                p.calendars = {{"day", {{1, 5, minutes(60), minutes(60)}}}};
              }),
              HasSubstr("calendars[0].shifts[0]: found a shift that ends as it begins"));
  EXPECT_THAT(after([](Plant& p) { p.releases[1].kind = ReleaseKind::kArrivals; }),
              HasSubstr("releases[1].between: found no time between arrivals"));
  EXPECT_THAT(after([](Plant& p) { p.releases[1].shares.clear(); }),
              HasSubstr("releases[1].shares: found none"));
  EXPECT_THAT(after([](Plant& p) {
                p.releases[1].shares = {{"box", 1'000'000, 1, {}}, {"box", 999'999, 1, {}}};
              }),
              HasSubstr("weights that repeat after 1999999 pieces"));
  EXPECT_THAT(after([](Plant& p) { p.stations[0].machines = 5'000'000; }),
              HasSubstr("found 5000002 machines in all"));
  EXPECT_THAT(after([](Plant& p) { p = Plant{}; }), HasSubstr("stations: found no stations"));
}

TEST(PlantProblems, Orders) {
  const auto with = [](const Order& order, size_t books = 1) {
    return after([&](Plant& p) {
      p.orders = {order};
      for (size_t i = 0; i < books; ++i) {
        Release book;
        book.name = "book " + std::to_string(i);
        book.kind = ReleaseKind::kOrders;
        p.releases.push_back(book);
      }
    });
  };
  Order order;
  order.name = "o1";
  order.item = "box";
  EXPECT_EQ(with(order), "");
  EXPECT_EQ(with(order, 0),
            "orders[0]: found no release that makes it, expected one of kind orders\n");
  EXPECT_THAT(with(order, 2), HasSubstr("found several releases of kind orders"));
  order.by = "boxes";
  EXPECT_THAT(with(order), HasSubstr("found `boxes`, expected a release of kind orders"));
  order.by = "";
  order.release = minutes(10);
  order.due = minutes(5);
  EXPECT_THAT(with(order), HasSubstr("orders[0].due: found a time before its release"));
  EXPECT_THAT(after([](Plant& p) { p.releases[1].kind = ReleaseKind::kOrders; }),
              HasSubstr("releases[1].shares: found shares, expected none"));
}

}  // namespace
}  // namespace windtunnel::factory
