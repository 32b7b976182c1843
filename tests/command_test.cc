// The windtunnel command as its user meets it: exit codes, messages, files, interruption.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
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

struct Result {
  int exit = -1;
  std::string out;
  std::string err;
};

fs::path command() { return fs::read_symlink("/proc/self/exe").parent_path() / "windtunnel"; }

fs::path example(const std::string& name) { return source_dir() / "examples" / name; }

std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// A folder of the test's own that goes with it.
class Command : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "windtunnel-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

  pid_t start(const std::vector<std::string>& arguments) const {
    const pid_t child = fork();
    if (child != 0) return child;
    const auto redirect = [this](int descriptor, const char* name) {
      const int file = open((folder_ / name).c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
      dup2(file, descriptor);
    };
    redirect(STDOUT_FILENO, "stdout");
    redirect(STDERR_FILENO, "stderr");
    std::string program = command().string();
    std::vector<std::string> copies = arguments;
    std::vector<char*> argv = {program.data()};
    for (std::string& argument : copies) argv.push_back(argument.data());
    argv.push_back(nullptr);
    execv(program.c_str(), argv.data());
    _exit(127);
  }

  Result finish(pid_t child) const {
    int status = 0;
    waitpid(child, &status, 0);
    Result result;
    result.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    result.out = read_file(folder_ / "stdout");
    result.err = read_file(folder_ / "stderr");
    return result;
  }

  Result run(const std::vector<std::string>& arguments) const { return finish(start(arguments)); }

  fs::path folder_;
};

constexpr char kSmall[] =
    "kind: network\n"
    "fabric: {nodes: 16, link_rate: 100 Gbps}\n"
    "transport: {paths: {selection: oblivious}}\n"
    "workload: {bytes: 100 kB}\n";

TEST_F(Command, RunWritesWholeFilesAndASummaryThatNamesTheBottleneck) {
  const fs::path file = write("small.yaml", kSmall);
  const Result result = run({"run", file, "--out", folder_ / "out"});
  EXPECT_EQ(result.exit, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("mean completion time"));
  EXPECT_THAT(result.out, HasSubstr("Limited by"));
  EXPECT_THAT(read_file(folder_ / "out/results.json"), HasSubstr("\"flow.completion.mean\""));
  EXPECT_THAT(read_file(folder_ / "out/report.html"), HasSubstr("</html>"));
}

TEST_F(Command, SameSeedSameBytesOutsideRun) {
  const fs::path file = write("small.yaml", kSmall);
  std::vector<std::string> texts;
  for (const std::string threads : {"1", "2", "1"}) {
    const Result result = run({"run", file, "--json", "--seed", "7", "--threads", threads});
    ASSERT_EQ(result.exit, 0) << result.err;
    texts.push_back(result.out.substr(0, result.out.find("\"run\":")));
  }
  EXPECT_EQ(texts[0], texts[1]);
  EXPECT_EQ(texts[0], texts[2]);
  const Result other = run({"run", file, "--json", "--seed", "8"});
  EXPECT_NE(texts[0], other.out.substr(0, other.out.find("\"run\":")));
}

TEST_F(Command, NoProgressInAPipe) {
  const Result result = run({"run", example("permutation-1024.yaml"), "--quiet"});
  EXPECT_EQ(result.exit, 0);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, "");
}

struct BadInput {
  const char* what;
  std::vector<std::string> settings;
  std::vector<std::string> said;
};

TEST_F(Command, BadInputIsOneClearMessageAndNothingWritten) {
  const fs::path file = write("small.yaml", kSmall);
  const std::vector<BadInput> cases = {
      {"unknown key", {"fabric.noodles=16"}, {"noodles", "nodes"}},
      {"wrong unit", {"fabric.link_rate=100 Gb"}, {"fabric.link_rate", "100 Gb"}},
      {"negative rate", {"fabric.link_rate=-1 Gbps"}, {"fabric.link_rate"}},
      {"unknown name", {"transport.paths.selection=repps"}, {"repps", "reps"}},
      {"node out of range",
       {"workload.kind=incast", "workload.destination=16", "workload.fan_in=3"},
       {"destination", "15"}},
      {"tree that does not close", {"fabric.nodes=17"}, {"17", "16"}},
      {"missing matrix", {"workload.matrix=/no/such.cm"}, {"/no/such.cm"}},
      {"dead link out of range", {"faults=[{kind: link-down, link: tor-up, switch: 99}]"}, {"99"}},
      {"traced flow out of range", {"output.trace_flows=[99]"}, {"99", "15"}},
      {"too little memory", {"limits.memory=1 MiB"}, {"memory"}},
  };
  for (const BadInput& bad : cases) {
    std::vector<std::string> arguments = {"run", file, "--out", folder_ / "none"};
    for (const std::string& setting : bad.settings) {
      arguments.push_back("--set");
      arguments.push_back(setting);
    }
    const Result result = run(arguments);
    EXPECT_EQ(result.exit, 2) << bad.what;
    EXPECT_EQ(result.out, "") << bad.what;
    for (const std::string& said : bad.said) EXPECT_THAT(result.err, HasSubstr(said)) << bad.what;
    EXPECT_FALSE(fs::exists(folder_ / "none")) << bad.what;
  }
}

TEST_F(Command, BadFilesPointAtLineAndColumn) {
  const Result duplicate = run({"run", write("a.yaml", "kind: network\nseed: 1\nseed: 2\n")});
  EXPECT_EQ(duplicate.exit, 2);
  EXPECT_THAT(duplicate.err, HasSubstr("a.yaml:3:1"));
  const Result truncated = run({"run", write("b.yaml", "kind: network\nfabric: {nodes: 16")});
  EXPECT_EQ(truncated.exit, 2);
  EXPECT_THAT(truncated.err, HasSubstr("b.yaml:2"));
  const Result binary = run({"run", write("c.yaml", std::string("\x00\xff\xfe\x01", 4))});
  EXPECT_EQ(binary.exit, 2);
  EXPECT_THAT(binary.err, HasSubstr("c.yaml"));
  const Result matrix =
      run({"run", write("d.yaml", kSmall), "--set",
           "workload.matrix=" +
               write("m.cm", "Nodes 16\nConnections 1\n0->99 start 0 size 1\n").string()});
  EXPECT_EQ(matrix.exit, 2);
  EXPECT_THAT(matrix.err, HasSubstr("m.cm:3"));
}

TEST_F(Command, ALongWaitCostsNothing) {
  const fs::path file = write("small.yaml", kSmall);
  const Result result = run({"run", file, "--json", "--set", "workload.start=100 s"});
  EXPECT_EQ(result.exit, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("\"flow.unfinished\": {\"value\": 0"));
}

TEST_F(Command, UnknownCommandNamesTheNearest) {
  const Result result = run({"rnu"});
  EXPECT_EQ(result.exit, 2);
  EXPECT_THAT(result.err, HasSubstr("run"));
}

// What is announced before a run, in bytes, and what the run then took.
struct Memory {
  double announced = 0;
  double taken = 0;
};

Memory memory_of(const Result& result) {
  Memory memory;
  std::string unit;
  std::stringstream said(result.err.substr(result.err.find("about ") + 6));
  said >> memory.announced >> unit;
  memory.announced *= unit.starts_with("GB") ? 1e9 : 1e6;
  constexpr std::string_view kKey = "\"peak_rss_bytes\": ";
  const size_t at = result.out.find(kKey);
  if (at != std::string::npos) memory.taken = std::stod(result.out.substr(at + kKey.size()));
  return memory;
}

// Never less than what is taken, at most 60 % more.
TEST_F(Command, MemoryIsAnnouncedBeforehandAndNotFarFromWhatIsTaken) {
#ifdef WT_SANITIZED
  GTEST_SKIP() << "a sanitizer's own memory counts as the run's";
#endif
  const fs::path file = write("m.yaml",
                              "kind: network\nfabric: {nodes: 128}\n"
                              "workload: {bytes: 200 kB}\n");
  const std::vector<std::vector<std::string>> runs = {
      {"fabric.nodes=16"},
      {"fabric.nodes=1024"},
      {"fabric.nodes=1024", "transport.kind=roce", "fabric.queue.discipline=pfc"},
      {"fabric.planes=8"},
      {"workload.kind=all-to-all", "workload.bytes=20 kB"},
      {"workload.kind=all-to-all", "workload.bytes=60 kB", "workload.parallel=32"},
      {"workload.kind=incast", "workload.fan_in=127"}};
  for (const auto& settings : runs) {
    std::vector<std::string> arguments = {"run", file, "--json"};
    for (const std::string& setting : settings) {
      arguments.push_back("--set");
      arguments.push_back(setting);
    }
    const Result result = run(arguments);
    ASSERT_EQ(result.exit, 0) << result.err;
    const Memory memory = memory_of(result);
    ASSERT_GT(memory.taken, 0);
    EXPECT_GE(memory.announced, memory.taken) << testing::PrintToString(settings);
    EXPECT_LE(memory.announced, 1.6 * memory.taken) << testing::PrintToString(settings);
  }
}

TEST_F(Command, AnUnwritableFolderIsRefusedBeforeTheRun) {
  const fs::path file = write("small.yaml", kSmall);
  const fs::path taken = write("taken", "a file");
  const Result result = run({"run", file, "--out", taken / "out"});
  EXPECT_EQ(result.exit, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, HasSubstr("taken is no folder"));
  EXPECT_THAT(result.err, HasSubstr("--out"));
}

TEST_F(Command, CtrlCStopsWithinASecondAndLeavesNothing) {
  const pid_t child = start({"run", example("permutation-8192.yaml"), "--set",
                             "workload.bytes=64 MB", "--out", folder_ / "out"});
  usleep(1'500'000);
  kill(child, SIGINT);
  // One second is what users are promised; a loaded test machine gets four.
  siginfo_t ended{};
  int polls = 0;
  while (polls < 400 &&
         waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         ended.si_pid == 0) {
    usleep(10'000);
    ++polls;
  }
  EXPECT_LT(polls, 400);
  const Result result = finish(child);
  EXPECT_EQ(result.exit, 130);
  EXPECT_THAT(result.err, HasSubstr("simulated"));
  EXPECT_FALSE(fs::exists(folder_ / "out/results.json"));
  EXPECT_FALSE(fs::exists(folder_ / "out/report.html"));
}

TEST_F(Command, SweepCrossesValuesAndWritesCsv) {
  const fs::path file = write("small.yaml", kSmall);
  const Result result =
      run({"sweep", file, "--vary", "transport.paths.selection=one-path,oblivious", "--vary",
           "workload.bytes=100 kB,200 kB", "--replications", "3", "--jobs", "2", "--out",
           folder_ / "sweep"});
  EXPECT_EQ(result.exit, 0) << result.err;
  const std::string csv = read_file(folder_ / "sweep/sweep.csv");
  EXPECT_THAT(csv, HasSubstr("transport.paths.selection=oblivious, workload.bytes=200 kB"));
  const Result again = run({"sweep", file, "--vary", "transport.paths.selection=one-path,oblivious",
                            "--vary", "workload.bytes=100 kB,200 kB", "--replications", "3",
                            "--jobs", "1", "--out", folder_ / "again"});
  EXPECT_EQ(again.exit, 0);
  EXPECT_EQ(csv, read_file(folder_ / "again/sweep.csv"));
}

TEST_F(Command, CompareTakesScenariosAndResults) {
  const fs::path file = write("small.yaml", kSmall);
  ASSERT_EQ(run({"run", file, "--out", folder_ / "out", "--quiet"}).exit, 0);
  const Result result = run({"compare", file, folder_ / "out/results.json"});
  EXPECT_EQ(result.exit, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("results.json"));
}

TEST_F(Command, SchemaListsEveryKey) {
  const Result result = run({"schema", "network"});
  EXPECT_EQ(result.exit, 0);
  for (const char* key : {"link_rate", "selection", "ecn_low", "trace_flows", "fan_in"}) {
    EXPECT_THAT(result.out, HasSubstr(key));
  }
  EXPECT_EQ(run({"schema", "netwrok"}).exit, 2);
}

TEST_F(Command, SchemaKnowsClaimSheetsToo) {
  EXPECT_THAT(run({"schema"}).out, HasSubstr("\nclaims "));
  const Result result = run({"schema", "claims"});
  EXPECT_EQ(result.exit, 0);
  for (const char* key : {"at_least", "inputs", "sensitivity", "inline", "break-even"}) {
    EXPECT_THAT(result.out, HasSubstr(key));
  }
  const Result wrong = run({"schema", "claim"});
  EXPECT_EQ(wrong.exit, 2);
  EXPECT_THAT(wrong.err, HasSubstr("did you mean `claims`?"));
}

TEST_F(Command, ValidateSaysOursTheirsAndTheDifference) {
  const Result result = run({"validate", "unloaded", "row-1"});
  EXPECT_EQ(result.exit, 0) << result.out << result.err;
  for (const char* word : {"ours", "theirs", "%"}) EXPECT_THAT(result.out, HasSubstr(word));
  EXPECT_EQ(run({"validate", "row-99"}).exit, 2);
}

TEST_F(Command, ValidateListsWhatItCannotRunWithoutInstances) {
  const Result result = run({"validate", "factory-order"});
  EXPECT_EQ(result.exit, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("ok   factory-order-joints"));
  EXPECT_THAT(result.out, HasSubstr("not run: needs the instance files, give --data DIR"));
  const Result json = run({"validate", "factory-order-br17", "--json"});
  EXPECT_EQ(json.exit, 0);
  EXPECT_THAT(json.out, HasSubstr("\"not_run\""));
  EXPECT_THAT(json.out, testing::Not(HasSubstr("\"holds\"")));
  const Result absent = run({"validate", "factory-order-br17", "--data", folder_ / "none"});
  EXPECT_EQ(absent.exit, 2);
  EXPECT_THAT(absent.err, HasSubstr("none/factory/atsp/br17.txt: cannot be read"));
}

TEST_F(Command, ValidateReadsInstancesFromTheFolderGiven) {
  fs::create_directories(folder_ / "factory/atsp");
  write("factory/atsp/br17.txt", "3\n0 13 100\n100 0 13\n13 100 0\n");
  const Result result = run({"validate", "factory-order-br17", "--data", folder_});
  EXPECT_EQ(result.exit, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("39 steps"));
  write("factory/atsp/br17.txt", "3\n0 14 100\n100 0 13\n13 100 0\n");
  EXPECT_EQ(run({"validate", "factory-order-br17", "--data", folder_}).exit, 1);
  write("factory/atsp/br17.txt", "3\n0 14 100\n100 0 13\n");
  EXPECT_EQ(run({"validate", "factory-order-br17", "--data", folder_}).exit, 2);
}

TEST_F(Command, TraceOfChosenFlows) {
  const fs::path file = write("small.yaml", kSmall);
  const Result result =
      run({"run", file, "--set", "output.trace_flows=[3]", "--out", folder_ / "out", "--quiet"});
  EXPECT_EQ(result.exit, 0) << result.err;
  const std::string trace = read_file(folder_ / "out/trace.json");
  EXPECT_THAT(trace, HasSubstr("flow 3 data"));
  EXPECT_THAT(trace, Not(HasSubstr("flow 4 data")));
}

}  // namespace
}  // namespace windtunnel
