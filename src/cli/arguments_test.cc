#include "cli/arguments.h"

#include <gtest/gtest.h>

#include <limits>

namespace windtunnel::cli {
namespace {

using testing::HasSubstr;

template <class Options>
Options parsed(const std::vector<std::string>& arguments) {
  const auto command = parse_arguments(arguments, "9.9.9");
  if (!command) {
    ADD_FAILURE() << command.error().to_string();
    return {};
  }
  const Options* options = std::get_if<Options>(&*command);
  EXPECT_NE(options, nullptr) << "another command was parsed";
  return options == nullptr ? Options{} : *options;
}

std::string error_of(const std::vector<std::string>& arguments) {
  const auto command = parse_arguments(arguments, "9.9.9");
  return command ? "parsed without complaint" : command.error().to_string();
}

TEST(ParseRun, TakesEveryOption) {
  const auto run = parsed<study::RunOptions>({"run", "a.yaml", "--set", "link.rate=800 Gbps",
                                              "--set=x=1=2", "--seed", "7", "--threads", "2",
                                              "--out", "out/x", "--json", "--quiet", "--force"});
  EXPECT_EQ(run.file, "a.yaml");
  ASSERT_EQ(run.settings.size(), 2U);
  EXPECT_EQ(run.settings[0].path, "link.rate");
  EXPECT_EQ(run.settings[0].value, "800 Gbps");
  EXPECT_EQ(run.settings[1].path, "x");
  EXPECT_EQ(run.settings[1].value, "1=2");
  EXPECT_EQ(run.seed, 7U);
  EXPECT_EQ(run.threads, 2);
  EXPECT_EQ(run.out, "out/x");
  EXPECT_TRUE(run.printing.json && run.printing.quiet && run.force);
}

TEST(ParseRun, DefaultsLeaveTheScenarioInCharge) {
  const auto run = parsed<study::RunOptions>({"run", "a.yaml"});
  EXPECT_FALSE(run.seed || run.threads);
  EXPECT_TRUE(run.settings.empty() && run.out.empty());
  EXPECT_FALSE(run.printing.json || run.printing.quiet || run.force);
}

TEST(ParseRun, OptionsMayStandBeforeTheFile) {
  const auto run = parsed<study::RunOptions>({"run", "--set", "a=1", "b.yaml", "--set", "c="});
  EXPECT_EQ(run.file, "b.yaml");
  ASSERT_EQ(run.settings.size(), 2U);
  EXPECT_EQ(run.settings[1].value, "");
}

TEST(ParseRun, RefusesBadValues) {
  EXPECT_THAT(error_of({"run", "a", "--seed", "-1"}),
              HasSubstr("--seed: found `-1`, expected a whole number from 0 to 9223372036854775807"
                        " (see `windtunnel run --help`)"));
  EXPECT_THAT(error_of({"run", "a", "--seed", "9223372036854775808"}), HasSubstr("--seed: found"));
  EXPECT_THAT(error_of({"run", "a", "--threads", "0"}), HasSubstr("from 1 to 1024"));
  EXPECT_THAT(error_of({"run", "a", "--threads", "2x"}), HasSubstr("found `2x`"));
  EXPECT_THAT(error_of({"run", "a", "--set", "rate"}), HasSubstr("expected path=value"));
  EXPECT_THAT(error_of({"run", "a", "--set", "=5"}), HasSubstr("expected path=value"));
  EXPECT_THAT(error_of({"run"}), HasSubstr("FILE is required"));
  EXPECT_THAT(error_of({"run", "a", "b"}), HasSubstr("b"));
  EXPECT_THAT(error_of({"run", "a", "--seed"}), HasSubstr("--seed"));
}

TEST(ParseRun, TakesTheLargestSeed) {
  const auto run = parsed<study::RunOptions>({"run", "a", "--seed", "9223372036854775807"});
  EXPECT_EQ(run.seed, uint64_t{std::numeric_limits<int64_t>::max()});
}

TEST(ParseSweep, SplitsValues) {
  const auto sweep = parsed<study::SweepOptions>({"sweep", "a.yaml", "--vary", "paths=1,16,256",
                                                  "--vary", "cc=nscc", "--replications", "5",
                                                  "--jobs", "2", "--set", "x=1"});
  ASSERT_EQ(sweep.variations.size(), 2U);
  EXPECT_EQ(sweep.variations[0].path, "paths");
  EXPECT_THAT(sweep.variations[0].values, testing::ElementsAre("1", "16", "256"));
  EXPECT_EQ(sweep.replications, 5);
  EXPECT_EQ(sweep.jobs, 2);
  EXPECT_EQ(sweep.settings.size(), 1U);
}

TEST(ParseSweep, RefusesEmptyValues) {
  for (const char* text : {"paths", "paths=", "=1", "paths=1,,2", "paths=1,"}) {
    EXPECT_THAT(error_of({"sweep", "a", "--vary", text}), HasSubstr("expected path=v1,v2,..."))
        << text;
  }
  EXPECT_THAT(error_of({"sweep", "a"}), HasSubstr("--vary"));
  EXPECT_THAT(error_of({"sweep", "a", "--vary", "x=1", "--replications", "0"}),
              HasSubstr("--replications: found `0`"));
}

TEST(ParseImprove, TakesSearchAndTarget) {
  const auto improve = parsed<study::ImproveOptions>(
      {"improve", "a.yaml", "--search", "stations.b.machines=7..12:2.5,fleet.vehicles=1..6",
       "--search", "c=0..0", "--target", "shipped.per_year>=12000", "--set", "x=1", "--jobs", "2"});
  ASSERT_EQ(improve.search.size(), 3U);
  EXPECT_EQ(improve.search[0].path, "stations.b.machines");
  EXPECT_EQ(improve.search[0].low, 7);
  EXPECT_EQ(improve.search[0].high, 12);
  EXPECT_EQ(improve.search[0].price, 2.5);
  EXPECT_EQ(improve.search[1].path, "fleet.vehicles");
  EXPECT_EQ(improve.search[1].price, 1);
  ASSERT_TRUE(improve.target.has_value());
  EXPECT_EQ(improve.target->metric, "shipped.per_year");
  EXPECT_TRUE(improve.target->at_least);
  EXPECT_EQ(improve.target->value, 12'000);
  EXPECT_EQ(improve.replications, 10);
  EXPECT_EQ(improve.replications_max, 160);
  const auto least = parsed<study::ImproveOptions>(
      {"improve", "a", "--search", "x=1..2", "--target", "lead.robot.mean<=1e5"});
  EXPECT_FALSE(least.target->at_least);
  EXPECT_EQ(least.target->value, 1e5);
  const auto within =
      parsed<study::ImproveOptions>({"improve", "a", "--search", "x=1..2", "--budget", "7"});
  EXPECT_EQ(within.budget, 7);
}

TEST(ParseImprove, RefusesWhatCannotBeMeant) {
  for (const char* text : {"x", "=1..2", "x=1", "x=2..1", "x=-1..2", "x=1..2:0", "x=1..2:-3",
                           "x=1..2:", "x=1.5..2", "x=1..2,", "x=1..9999999"}) {
    EXPECT_THAT(error_of({"improve", "a", "--search", text, "--budget", "1"}),
                HasSubstr("--search: found"))
        << text;
  }
  for (const char* text : {"x", ">=3", "x>3", "x>=", "x>=three", "x>=nan", "x>=inf"}) {
    EXPECT_THAT(error_of({"improve", "a", "--search", "x=1..2", "--target", text}),
                HasSubstr("--target: found"))
        << text;
  }
  EXPECT_THAT(error_of({"improve", "a", "--search", "x=1..2"}), HasSubstr("--target or --budget"));
  EXPECT_THAT(error_of({"improve", "a", "--search", "x=1..2", "--target", "a>=1", "--budget", "1"}),
              HasSubstr("--target or --budget"));
  EXPECT_THAT(error_of({"improve", "a", "--target", "a>=1"}), HasSubstr("--search beside it"));
  EXPECT_THAT(error_of({"improve", "a", "--budget", "-1", "--search", "x=1..2"}),
              HasSubstr("--budget: found"));
  EXPECT_THAT(error_of({"improve", "a", "--change", "x"}), HasSubstr("--change: found"));
  EXPECT_THAT(error_of({"improve", "a", "--replications", "1"}),
              HasSubstr("--replications: found `1`"));
}

TEST(ParseOthers, TakeTheirNames) {
  EXPECT_EQ(parsed<study::CompareOptions>({"compare", "a", "b", "c"}).files.size(), 3U);
  EXPECT_THAT(error_of({"compare", "a"}), HasSubstr("at least two files"));
  const auto validate = parsed<study::ValidateOptions>({"validate", "mm1", "fig3", "--json"});
  EXPECT_THAT(validate.names, testing::ElementsAre("mm1", "fig3"));
  EXPECT_TRUE(validate.printing.json);
  EXPECT_EQ(parsed<study::SchemaOptions>({"schema"}).kind, "");
  EXPECT_EQ(parsed<study::SchemaOptions>({"schema", "network"}).kind, "network");
  EXPECT_THAT(error_of({"schema", "--json"}), HasSubstr("unknown option `--json`"));
}

TEST(ParseNode, TakesAFileAndTheEndsOfAPath) {
  const auto node = parsed<study::NodeOptions>({"node", "x.xml", "--from", "gpu0", "--to", "nic1"});
  EXPECT_EQ(node.file, "x.xml");
  EXPECT_EQ(node.from, "gpu0");
  EXPECT_EQ(node.to, "nic1");
  EXPECT_TRUE(parsed<study::NodeOptions>({"node", "x.xml", "--json"}).printing.json);
  EXPECT_THAT(error_of({"node"}), HasSubstr("FILE"));
  EXPECT_THAT(error_of({"node", "x.xml", "--form", "a"}), HasSubstr("did you mean `--from`?"));
}

TEST(Unknown, NamesTheNearest) {
  EXPECT_THAT(error_of({"rnu", "a"}), HasSubstr("unknown command `rnu`"));
  EXPECT_THAT(error_of({"rnu", "a"}), HasSubstr("did you mean `run`?"));
  EXPECT_THAT(error_of({"run", "a", "--sede", "3"}), HasSubstr("did you mean `--seed`?"));
  EXPECT_THAT(error_of({"run", "a", "--thread=3"}), HasSubstr("did you mean `--threads`?"));
  EXPECT_THAT(error_of({"--verion"}), HasSubstr("did you mean `--version`?"));
  EXPECT_THAT(error_of({"frobnicate"}), HasSubstr("see `windtunnel --help`"));
  EXPECT_THAT(error_of({"run", "a", "--xyzzy"}), HasSubstr("see `windtunnel run --help`"));
}

TEST(Help, AnswersByItself) {
  EXPECT_EQ(parsed<ShowText>({"--version"}).text, "windtunnel 9.9.9\n");
  const std::string top = parsed<ShowText>({"--help"}).text;
  for (const char* command : {"run", "sweep", "compare", "validate", "schema", "Exit codes"}) {
    EXPECT_THAT(top, HasSubstr(command));
  }
  EXPECT_EQ(parsed<ShowText>({}).text, top);
  EXPECT_THAT(parsed<ShowText>({"run", "--help"}).text, HasSubstr("--threads"));
  EXPECT_THAT(parsed<ShowText>({"sweep", "-h"}).text, HasSubstr("--vary"));
}

}  // namespace
}  // namespace windtunnel::cli
