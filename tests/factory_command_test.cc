// `kind: factory` as its user meets it: every file of a plant that cannot be has its own message
// with file, line and column, exit code 2 and nothing written; good ones run, the same for any
// number of threads.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/source_dir.h"

namespace windtunnel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr char kPlant[] = R"(kind: factory
name: boxes
items:
  - {name: gear, route: [{station: cut, time: 45 s, yield: 98 %}]}
  - name: box
    protocol: can
    route:
      - {station: join, time: exponential 3 min, parts: [2 gear]}
      - {station: test, time: 8 min, docking: 10 s, yield: 90 %, on_fail: rework}
stations:
  - {name: cut, buffer: 0, setups: tools}
  - {name: join, buffer: 2, breakdowns: [{between: exponential 4 h, repair: exponential 10 min}]}
  - {name: test, groups: [{count: 3, protocols: [can, lin]}]}
stocks: [{item: gear, capacity: 40}]
setups: [{name: tools, rows: [{from: gear, to: [0 s]}]}]
releases:
  - {name: gears, kind: lots, shares: [{item: gear, lot: 10, stock_cap: 20}]}
  - {name: boxes, shares: [{item: box}]}
run: {warm_up: 4 h, duration: 2 d, replications: 3}
)";

struct Said {
  int exit = -1;
  std::string text;
};

class FactoryCommand : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "windtunnel-factory-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    write("plant.yaml", kPlant);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  std::string read(const std::string& name) const {
    std::ifstream file(folder_ / name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  // Standard output and error of `windtunnel ARGUMENTS`, run in the folder.
  Said say(const std::string& arguments) const {
    const fs::path program = fs::read_symlink("/proc/self/exe").parent_path() / "windtunnel";
    const std::string line =
        fmt::format("cd '{}' && '{}' {} 2>&1", folder_.string(), program.string(), arguments);
    std::FILE* pipe = popen(line.c_str(), "r");
    Said said;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe))
      said.text += static_cast<char>(c);
    const int status = pclose(pipe);
    said.exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return said;
  }

  // The plant with one line exchanged for another.
  void expect_refused(const std::string& from, const std::string& to,
                      const std::string& message) const {
    std::string text = kPlant;
    const size_t place = text.find(from);
    ASSERT_NE(place, std::string::npos) << from;
    text.replace(place, from.size(), to);
    write("bad.yaml", text);
    const Said said = say("run bad.yaml --out none");
    EXPECT_EQ(said.exit, 2) << said.text;
    EXPECT_THAT(said.text, HasSubstr(message + "\n"));
    EXPECT_FALSE(fs::exists(folder_ / "none")) << message;
  }
  fs::path folder_;
};

TEST_F(FactoryCommand, AStationThatCanNeverBeFed) {
  expect_refused("stocks:", "  - {name: polish}\nstocks:",
                 "bad.yaml:14:5: stations[3]: `polish` can never be fed: no route visits it");
}

TEST_F(FactoryCommand, ASetupMatrixThatIsNotSquare) {
  expect_refused("to: [0 s]", "to: [0 s, 3 min]",
                 "bad.yaml:15:48: setups[0].rows[0].to: found 2 times, expected 1: a setup matrix "
                 "is square, with as many times in each row as it has rows");
}

TEST_F(FactoryCommand, AProtocolNoBenchSpeaks) {
  expect_refused("protocol: can", "protocol: cam",
                 "bad.yaml:6:15: items[1].protocol: found `cam`, expected the name of a protocol "
                 "that some bench of station `test` speaks (did you mean `can`?)");
}

TEST_F(FactoryCommand, ANegativeTime) {
  expect_refused(
      "time: 45 s", "time: -45 s",
      "bad.yaml:4:47: items[0].route[0].time: found `-45 s`, expected a time from 0 s to "
      "36500 d");
  expect_refused("time: exponential 3 min", "time: exponential -3 min",
                 "bad.yaml:8:31: items[1].route[0].time: found `-3 min`, expected a time from 0 s "
                 "to 36500 d");
  expect_refused("to: [0 s]", "to: [-1 s]",
                 "bad.yaml:15:49: setups[0].rows[0].to[0]: found `-1 s`, expected time from 0 s to "
                 "36500 d");
}

TEST_F(FactoryCommand, AVehicleGraphInTwoPieces) {
  expect_refused("run:",
                 "places: [{name: dock}, {name: store}, {name: yard}]\n"
                 "lanes: [{from: dock, to: store, time: 1 min}]\n"
                 "fleet: {vehicles: 1}\nrun:",
                 "bad.yaml:20:8: lanes: the layout is in pieces: no way leads from `dock` to "
                 "`yard`; expected lanes that join all places");
}

TEST_F(FactoryCommand, AStandstillThatMustCome) {
  expect_refused("capacity: 40", "capacity: 1",
                 "bad.yaml:8:58: items[1].route[0].parts[0]: needs 2 of `gear` at once, of which "
                 "its stock holds 1: expected a larger stock");
}

TEST_F(FactoryCommand, ASpreadsheetThatIsNoMatrix) {
  write("tools.csv", "from;gear;axle\r\ngear;0;\"7,5\"\r\n");
  expect_refused("rows: [{from: gear, to: [0 s]}]", "file: tools.csv",
                 "tools.csv:1:11: found family `axle` in the first row but not in the first "
                 "column: a setup matrix is square");
}

TEST_F(FactoryCommand, AMetricThatDoesNotExist) {
  expect_refused("replications: 3", "replications: 3, half_width: 1 %, half_width_of: shiped.total",
                 "bad.yaml:19:85: run.half_width_of: found `shiped.total`, expected a metric of "
                 "this plant such as `finished.total` (did you mean `shipped.total`?)");
}

TEST_F(FactoryCommand, RunsTheSameWithAnyNumberOfThreads) {
  const Said one = say("run plant.yaml --out one");
  ASSERT_EQ(one.exit, 0) << one.text;
  EXPECT_THAT(one.text, HasSubstr("shipped"));
  EXPECT_THAT(one.text, HasSubstr("limited the plant"));
  const Said two = say("run plant.yaml --threads 3 --out two");
  ASSERT_EQ(two.exit, 0) << two.text;
  const auto up_to_costs = [](const std::string& json) {
    return json.substr(0, json.rfind("\"run\": {"));
  };
  const std::string results = read("one/results.json");
  ASSERT_THAT(results, HasSubstr("\"shipped.total\""));
  EXPECT_EQ(up_to_costs(results), up_to_costs(read("two/results.json")));
  EXPECT_EQ(read("one/stations.csv"), read("two/stations.csv"));
  EXPECT_THAT(read("one/report.html"), HasSubstr("What stations did"));
}

TEST_F(FactoryCommand, GoesOnUntilTheIntervalIsNarrow) {
  const Said said =
      say("run plant.yaml --json --set run='{duration: 1 d, replications: 2, half_width: 0.01 %, "
          "half_width_of: wip.mean, replications_max: 5}'");
  ASSERT_EQ(said.exit, 0) << said.text;
  EXPECT_THAT(said.text, HasSubstr("\"replications\": {\"value\": 5,"));
  EXPECT_THAT(said.text,
              HasSubstr("5 replications did not narrow the interval of wip.mean so far"));
}

TEST_F(FactoryCommand, SweepsAndCompares) {
  const Said sweep = say("sweep plant.yaml --vary stations.join.machines=1,2 --out sweep");
  ASSERT_EQ(sweep.exit, 0) << sweep.text;
  EXPECT_TRUE(fs::exists(folder_ / "sweep/sweep.csv"));
  const Said compare = say("compare plant.yaml plant.yaml");
  EXPECT_EQ(compare.exit, 0) << compare.text;
}

TEST_F(FactoryCommand, TheSchemaNamesEveryKey) {
  const Said said = say("schema factory");
  EXPECT_EQ(said.exit, 0);
  for (const char* key : {"route:", "setups:", "protocols:", "half_width_of:", "battery:"})
    EXPECT_THAT(said.text, HasSubstr(key));
  EXPECT_THAT(say("schema").text, HasSubstr("factory"));
}

// The examples are read, with every file they name, and each says what it asks.
TEST_F(FactoryCommand, ExamplesAreSound) {
  for (const auto& entry : fs::directory_iterator(source_dir() / "examples" / "factory")) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream file(entry.path());
    std::string first;
    std::getline(file, first);
    EXPECT_TRUE(first.starts_with("# ")) << entry.path();
    const Said said = say(fmt::format(
        "run '{}' --quiet --set run.duration='2 h' --set run.warm_up=0 --set run.replications=1",
        entry.path().string()));
    EXPECT_EQ(said.exit, 0) << entry.path() << ": " << said.text;
  }
}

}  // namespace
}  // namespace windtunnel
