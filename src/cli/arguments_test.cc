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
