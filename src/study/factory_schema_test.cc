#include "study/factory_schema.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "scenario/spreadsheet.h"
#include "study/factory_files.h"

namespace windtunnel::study {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

// One station, one item: as small as a plant can be.
constexpr char kSmall[] = R"(kind: factory
items: [{name: box, route: [{station: join, time: 1 min}]}]
stations: [{name: join, buffer: 1}]
releases: [{shares: [{item: box}]}]
)";

std::string errors_of(const std::string& yaml, const std::vector<std::string>& overrides = {}) {
  const auto scenario = read_factory(yaml, "x.yaml", overrides);
  return scenario ? "no error" : base::to_string(scenario.error());
}

TEST(FactorySchema, ASmallPlantIsASmallFile) {
  const auto scenario = read_factory(kSmall, "x.yaml");
  ASSERT_TRUE(scenario.has_value()) << base::to_string(scenario.error());
  EXPECT_EQ(scenario->plant.releases[0].name, "release-1");
  EXPECT_EQ(scenario->warm_up, factory::Duration::s(7 * 86'400));
}

TEST(FactorySchema, TheSchemaIsAScenarioThatLacksAPlant) {
  const std::string errors = errors_of(factory_schema());
  EXPECT_THAT(errors, HasSubstr("items: found no items, expected some"));
  EXPECT_THAT(errors, HasSubstr("stations: found no stations"));
  EXPECT_THAT(errors, HasSubstr("releases: found no releases"));
}

TEST(FactorySchema, WritesWhatItReads) {
  const std::string text = std::string(kSmall) + R"(
stocks: [{item: screw, capacity: 50, initial: 10}]
crews: [{name: fitters, count: 2, calendar: day, cost_per_hour: 60 CNY}]
calendars: [{name: day, shifts: [{days: mon-fri, from: 06:00, until: 22:00}]}]
setups: [{name: tools, scale: 1/3, rows: [{from: box, to: [0]}]}]
orders: [{name: first, item: box, quantity: 3, due: 5 d, rush: true}]
loops: [{cards: 4, from: join, to: join, back: 1 min}]
places: [{name: dock, chargers: 1}, {name: store}]
lanes: [{from: dock, to: store, time: 30 s}]
fleet: {vehicles: 2, battery: {endurance: 8 h, charge_time: 1 h}, driving: 0.3 kW}
energy_price: 0.8 CNY
run: {half_width: 1 %, replications: 4}
)";
  const std::vector<std::string> overrides = {
      "stations.join.setups=tools",
      "stations.join.operators=fitters",
      "stations.join.place=dock",
      "stations.join.breakdowns=[{between: exponential 8 h, repair: lognormal 20 min cv 0.5}]",
      "items[1]={name: screw, material: 0.25}",
      "items.box.route[0].parts=[4 screw]",
      "releases[1]={kind: lots, kits: 3, shares: [{item: screw, lot: 4, stock_cap: 40}]}",
      "releases[2]={kind: orders}"};
  const auto scenario = read_factory(text, "x.yaml", overrides);
  ASSERT_TRUE(scenario.has_value()) << base::to_string(scenario.error());
  EXPECT_EQ(scenario->plant.releases[1].shares[0].lot, 12);
  EXPECT_EQ(scenario->plant.releases[1].shares[0].stock_cap, 120);
  EXPECT_EQ(scenario->warm_up, factory::Duration::zero());
  const std::string yaml = factory_yaml(scenario->description);
  const auto again = read_factory(yaml, "again.yaml");
  ASSERT_TRUE(again.has_value()) << base::to_string(again.error()) << yaml;
  EXPECT_EQ(factory_yaml(again->description), yaml);
  EXPECT_EQ(again->plant.items[0].route[0].parts[0].count, 4);
  ASSERT_TRUE(again->plant.fleet.has_value());
}

TEST(FactorySchema, MistakesSayWhereWhatAndTheNearestName) {
  EXPECT_EQ(errors_of(kSmall, {"items.box.route[0].station=jion"}),
            "--set items.box.route[0].station=jion: items[0].route[0].station: found `jion`, "
            "expected the name of a station (did you mean `join`?)\n");
  EXPECT_EQ(errors_of(kSmall, {"items.box.route[0].time=-1 min"}),
            "--set items.box.route[0].time=-1 min: items[0].route[0].time: found `-1 min`, "
            "expected a time from 0 s to 36500 d\n");
  EXPECT_THAT(errors_of(kSmall, {"run.duration=-3 d"}),
              HasSubstr("run.duration: found `-3 d`, expected time from 1 s to 36500 d"));
  EXPECT_THAT(errors_of(kSmall, {"stations.join.bufer=3"}), HasSubstr("did you mean `buffer`?"));
  EXPECT_THAT(errors_of(kSmall, {"stations.join.serve=lifo"}), HasSubstr("did you mean `fifo`?"));
  EXPECT_THAT(errors_of(kSmall, {"items.box.material=3 EUR"}),
              HasSubstr("material: found `3 EUR`, expected an amount in CNY"));
  EXPECT_EQ(errors_of(kSmall, {"items.box.material=3 EUR", "currency=EUR"}), "no error");
  EXPECT_THAT(errors_of(kSmall, {"items.box.route[0].parts=[0 screw]"}),
              HasSubstr("expected an item, or a count of at least 1 and an item"));
  EXPECT_THAT(errors_of(kSmall, {"setups=[{name: tools}]"}),
              HasSubstr("setups[0]: found no rows, expected one for each family"));
  EXPECT_THAT(errors_of(kSmall, {"run={half_width: 1 %, replications: 10, replications_max: 5}"}),
              HasSubstr("expected at least run.replications, which is 10"));
  EXPECT_THAT(errors_of("kind: factroy\n"), HasSubstr("did you mean `factory`?"));
}

std::string orders_of(const std::string& text) {
  const auto sheet = scenario::read_spreadsheet(text, "o.csv");
  if (!sheet) return sheet.error().to_string();
  const auto file = read_orders(*sheet);
  if (!file) return base::to_string(file.error());
  std::string out;
  for (const factory::Order& order : file->orders)
    out += order.name + "/" + order.item + "/" + std::to_string(order.quantity) + "/" +
           (order.release ? std::to_string(order.release->ticks() / 1'000'000) : "-") + "/" +
           (order.due ? std::to_string(order.due->ticks() / 1'000'000) : "-") +
           (order.rush ? "/rush\n" : "\n");
  return out;
}

TEST(FactoryFiles, OrderBooks) {
  EXPECT_EQ(orders_of("name,item,quantity,release,due,rush\na,box,3,1 h,2 d,yes\n,box,,,,\n"),
            "a/box/3/3600/172800/rush\n/box/1/-/-\n");
  EXPECT_EQ(orders_of("\xef\xbb\xbfitem;due\r\n\"box\";1,5 h\r\n"), "/box/1/-/5400\n");
  EXPECT_THAT(orders_of("item,quantty\nbox,3\n"),
              HasSubstr("o.csv:1:6: found column `quantty`, expected one of an order (did you mean "
                        "`quantity`?)"));
  EXPECT_THAT(orders_of("item,due,due\n"), HasSubstr("o.csv:1:10: found column `due` again"));
  EXPECT_THAT(orders_of("name\nx\n"), HasSubstr("o.csv:1:1: found no column `item`"));
  EXPECT_THAT(orders_of("item,due\nbox,soon\n"), HasSubstr("o.csv:2:5: found `soon`, expected a"));
  EXPECT_THAT(orders_of("item,due\nbox,-1 h\n"), HasSubstr("found `-1 h`, expected a time from"));
  EXPECT_THAT(orders_of("item,quantity\nbox,0\n"), HasSubstr("expected a quantity from 1"));
  EXPECT_THAT(orders_of("item,rush\nbox,maybe\n"), HasSubstr("found `maybe`, expected yes or no"));
  EXPECT_THAT(orders_of("item,due\n,1 h\n"), HasSubstr("o.csv:2:1: found no item"));
  EXPECT_THAT(orders_of("item\nbox,3\n"), HasSubstr("o.csv:2:5: found `3` beyond the last column"));
}

std::string setups_of(const std::string& text) {
  const auto sheet = scenario::read_spreadsheet(text, "s.csv");
  if (!sheet) return sheet.error().to_string();
  const auto rows = read_setups(*sheet);
  if (!rows) return base::to_string(rows.error());
  std::string out;
  for (const factory::SetupRow& row : *rows) {
    out += row.from + ":";
    for (const factory::Duration time : row.to)
      out.append(" ").append(std::to_string(time.ticks() / 1'000'000));
    out += "\n";
  }
  return out;
}

TEST(FactoryFiles, SetupMatrices) {
  EXPECT_EQ(setups_of(",a,b\na,0,5\nb,90 s,0\n"), "a: 0 300\nb: 90 0\n");
  EXPECT_EQ(setups_of("from;a;b\r\nb;7,5;\r\na;;1\r\n"), "a: 0 60\nb: 450 0\n");
  EXPECT_THAT(setups_of(",a,b\na,0,5\n"),
              HasSubstr("s.csv:1:4: found family `b` in the first row but not in the first column: "
                        "a setup matrix is square"));
  EXPECT_THAT(setups_of(",a,b\na,0,5\nb,5,0\nc,1,1\n"),
              HasSubstr("s.csv:4:1: found family `c`, expected one of the first row"));
  EXPECT_THAT(setups_of(",a,a\na,0,5\n"), HasSubstr("s.csv:1:4: found family `a` again"));
  EXPECT_THAT(setups_of(",a,b\na,0,5\na,0,5\n"), HasSubstr("s.csv:3:1: found family `a` again"));
  EXPECT_THAT(setups_of(",a,b\na,0,\nb,5,0\n"),
              HasSubstr("s.csv:2:5: found nothing, expected the time from `a` to `b`"));
  EXPECT_THAT(setups_of(",a,b\na,0,5,6\nb,5,0\n"), HasSubstr("beyond the last family"));
  EXPECT_THAT(setups_of(",a,b\na,0,-5\nb,5,0\n"), HasSubstr("s.csv:2:5: found `-5 min`"));
  EXPECT_THAT(setups_of("x\n"), HasSubstr("found no families"));
}

class FactoryFolder : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "windtunnel-factory-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  std::string errors(const std::vector<std::string>& overrides) const {
    const auto scenario = load_factory((folder_ / "x.yaml").string(), overrides);
    return scenario ? "no error" : base::to_string(scenario.error());
  }
  fs::path folder_;
};

TEST_F(FactoryFolder, FilesCountFromTheFolderOfTheScenario) {
  write("o.csv", "name,item,due\nlast,box,1 d\n");
  write("s.csv", ",box\nbox,0\n");
  const std::string path = write("x.yaml", std::string(kSmall) +
                                               "orders: [{name: first, item: box}]\n"
                                               "orders_file: o.csv\n"
                                               "setups: [{name: tools, file: s.csv}]\n");
  const auto scenario = load_factory(path, {"releases[1]={kind: orders}"});
  ASSERT_TRUE(scenario.has_value()) << base::to_string(scenario.error());
  ASSERT_EQ(scenario->plant.orders.size(), 2U);
  EXPECT_EQ(scenario->plant.orders[1].name, "last");
  EXPECT_EQ(scenario->plant.setups[0].rows.size(), 1U);
  EXPECT_EQ(scenario->description.plant.orders.size(), 1U);
}

TEST_F(FactoryFolder, MistakesInFilesSayWhere) {
  write("o.csv", "name,item\nlast,bax\n");
  write("x.yaml", std::string(kSmall) + "orders_file: o.csv\n");
  const std::vector<std::string> book = {"releases[1]={kind: orders}"};
  EXPECT_THAT(errors(book), HasSubstr("o.csv:2:1: orders[0].item: found `bax`, expected the name "
                                      "of an item (did you mean `box`?)"));
  EXPECT_THAT(errors({"orders_file=absent.csv"}), HasSubstr("absent.csv"));
  write("x.yaml", std::string(kSmall) + "setups: [{name: t, file: no.csv}]\n");
  EXPECT_THAT(errors({}), HasSubstr("x.yaml:5:26: setups[0].file: "));
  write("no.csv", ",box\nbox,0\n");
  EXPECT_THAT(errors({"setups[0].rows=[{from: box, to: [0]}]"}),
              HasSubstr("found rows and a file, expected one of both"));
}

}  // namespace
}  // namespace windtunnel::study
