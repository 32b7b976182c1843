// Every reader's refusals as a user meets them: one table of what is wrong, one message for each
// with file, line and column, what was found, what was expected; exit code 2; nothing written.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace windtunnel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct Bad {
  const char* what;
  std::string text;
  std::vector<std::string> said;
};

class BadInput : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "windtunnel-bad-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    write("good.yaml", "kind: network\nfabric: {nodes: 16}\n");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }

  // Standard output and error of `windtunnel ARGUMENTS --out none`, run in the folder. The
  // arguments are quoted for the shell by the caller.
  std::string said_by(const std::string& arguments, int* exit) const {
    const fs::path program = fs::read_symlink("/proc/self/exe").parent_path() / "windtunnel";
    const std::string line = fmt::format("cd '{}' && '{}' {} --out none 2>&1", folder_.string(),
                                         program.string(), arguments);
    std::FILE* pipe = popen(line.c_str(), "r");
    std::string text;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
    const int status = pclose(pipe);
    *exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return text;
  }

  void expect_refused(const Bad& bad, const std::string& arguments) const {
    int exit = -1;
    const std::string text = said_by(arguments, &exit);
    EXPECT_EQ(exit, 2) << bad.what << ": " << text;
    for (const std::string& part : bad.said) EXPECT_THAT(text, HasSubstr(part)) << bad.what;
    EXPECT_FALSE(fs::exists(folder_ / "none")) << bad.what;
  }

  fs::path folder_;
};

std::string nested(int depth) {
  const auto count = static_cast<size_t>(depth);
  return fmt::format("kind: network\nfabric: {}{}\n", std::string(count, '['),
                     std::string(count, ']'));
}

// Nine lists of nine lists of nine lists: 1 KB that would be millions of values.
constexpr char kLaughs[] =
    "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
    "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
    "e: [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nkind: network\n";

TEST_F(BadInput, Scenarios) {
  const std::string head = "kind: network\nfabric: {nodes: 16";
  const std::vector<Bad> table = {
      {"empty", "", {"bad.yaml:1:1: found no key `kind`", "windtunnel schema network"}},
      {"truncated", head, {"bad.yaml:2:", "is not YAML"}},
      {"binary", std::string("\x00\xff\xfe", 3), {"bad.yaml:1:1", "UTF-8 text"}},
      {"huge", std::string(3'000'000, 'a'), {"bad.yaml", "larger than 1048576 bytes"}},
      {"too deep", nested(200), {"bad.yaml:2:", "nested deeper than 32"}},
      {"aliases that multiply", kLaughs, {"bad.yaml:5:", "do aliases multiply?"}},
      {"tabs", "kind: network\nfabric:\n\tnodes: 16\n", {"bad.yaml:3:", "a tab"}},
      {"key twice", "kind: network\nseed: 1\nseed: 2\n", {"bad.yaml:3:1", "line 2, column 1"}},
      {"unknown key", head + "}\nfabrik: {}\n", {"bad.yaml:3:1", "did you mean `fabric`?"}},
      {"unknown key, CRLF", "kind: network\r\nsede: 1\r\n", {"bad.yaml:2:1", "`seed`?"}},
      {"merged key",
       "kind: network\nfabric: &f {nodes: 16}\nworkload: {<<: *f}\n",
       {"bad.yaml:2:13", "unknown key `nodes` in workload"}},
      {"unknown kind", "kind: netwrok\n", {"bad.yaml:1:7", "did you mean `network`?"}},
      {"wrong unit", head + ", link_latency: 3 kB}\n", {"bad.yaml:2:", "expected a time"}},
      {"negative rate", head + ", link_rate: -4 Gbps}\n", {"bad.yaml:2:", "from 1 Mbps"}},
      {"no number", head + ", link_rate: NaN Gbps}\n", {"bad.yaml:2:", "expected a rate"}},
      {"too large", head + ", link_rate: 1e30 Gbps}\n", {"bad.yaml:2:", "too large"}},
      {"2^63", "kind: network\nfabric: {nodes: 9223372036854775808}\n", {"2:17", "too large"}},
      {"no nodes", "kind: network\nfabric: {nodes: 0}\n", {"2:17", "from 2 to 524288"}},
      {"one node", "kind: network\nfabric: {nodes: 1}\n", {"2:17", "from 2 to 524288"}},
      {"does not close", "kind: network\nfabric: {nodes: 17}\n", {"2:17", "16"}},
      {"node out of range",
       head + "}\nworkload: {kind: incast, destination: 16}\n",
       {"bad.yaml:3:", "expected 0 to 15"}},
  };
  for (const Bad& bad : table) {
    write("bad.yaml", bad.text);
    expect_refused(bad, "run bad.yaml");
  }
}

TEST_F(BadInput, Matrices) {
  const std::string head = "Nodes 16\nConnections 1\n";
  const std::vector<Bad> table = {
      {"empty", "", {"bad.cm:1:1: found no `Nodes N` line"}},
      {"truncated",
       "Nodes 16\nConnections 2\n0->1 start 0 size 9\n",
       {"bad.cm:2:13", "truncated?"}},
      {"binary", "\x01\x02", {"bad.cm:1:1", "UTF-8 text"}},
      {"twice", "Nodes 16\n" + head + "0->1 start 0 size 9\n", {"bad.cm:2:1", "given twice"}},
      {"unknown word", head + "0->1 strat 0 size 9\n", {"bad.cm:3:6", "did you mean `start`?"}},
      {"negative", head + "0->1 start 0 size -9\n", {"bad.cm:3:19", "at least 1"}},
      {"2^63", head + "0->1 start 0 size 9223372036854775808\n", {"bad.cm:3:19", "64 bits"}},
      {"node out of range", head + "0->16 start 0 size 9\n", {"bad.cm:3:1", "0 to 15"}},
      {"trigger that never fires",
       "Nodes 16\nConnections 1\nTriggers 1\n0->1 id 1 trigger 1 size 9\ntrigger id 1 oneshot\n",
       {"bad.cm:4:1", "never fires"}},
  };
  for (const Bad& bad : table) {
    write("bad.cm", bad.text);
    expect_refused(bad, "run good.yaml --set workload.matrix=bad.cm");
  }
}

TEST_F(BadInput, Topologies) {
  const std::vector<Bad> table = {
      {"truncated", "Nodes 16\nTiers 2\n", {"bad.topo:1:1", "truncated?"}},
      {"binary", "\x01\x02", {"bad.topo:1:1", "UTF-8 text"}},
      {"twice", "Nodes 16\nNodes 16\n", {"bad.topo:2:1", "given twice"}},
      {"unknown key", "Nodes 16\nTeirs 2\n", {"bad.topo:2:1", "did you mean `Tiers`?"}},
      {"negative rate",
       "Nodes 16\nTiers 2\nPodsize 16\nTier 0\nDownlink_speed_Gbps -100\n",
       {"bad.topo:5:21", "from 1 to 100000"}},
      {"does not close",
       "Nodes 17\nTiers 2\nPodsize 16\nTier 0\nDownlink_speed_Gbps 100\nRadix_Down 4\nRadix_Up 4\n"
       "Downlink_Latency_ns 1000\nTier 1\nDownlink_speed_Gbps 100\nRadix_Down 4\n"
       "Downlink_Latency_ns 1000\n",
       {"bad.topo:3:9", "does not close", "16", "17"}},
  };
  for (const Bad& bad : table) {
    write("bad.topo", bad.text);
    expect_refused(bad, "run good.yaml --set fabric.topology=bad.topo");
  }
}

// Here `text` is the flag's value; there is no line to point at, so the flag itself is quoted.
TEST_F(BadInput, Settings) {
  const std::vector<Bad> table = {
      {"no value", "fabric.nodes", {"--set", "path=value"}},
      {"empty value", "fabric.nodes=", {"--set fabric.nodes=", "found nothing"}},
      {"no path", "=3", {"--set", "path=value"}},
      {"hole in the path", "fabric..nodes=3", {"is no path", "fabric.nodes"}},
      {"truncated value", "fabric.nodes=[1", {"--set fabric.nodes=[1", "is not YAML"}},
      {"unknown key", "fabric.noodles=3", {"did you mean `nodes`?"}},
      {"a group is wanted", "fabric=3", {"found a single value, expected a group of keys"}},
      {"two values", "fabric.nodes=16 16", {"expected a whole number"}},
      {"too large", "fabric.nodes=1e30", {"too large"}},
  };
  for (const Bad& bad : table) expect_refused(bad, "run good.yaml --set '" + bad.text + "'");
}

TEST_F(BadInput, Variations) {
  const std::vector<Bad> table = {
      {"no values", "fabric.nodes", {"--vary", "path=v1,v2"}},
      {"empty value", "fabric.nodes=16,", {"--vary", "path=v1,v2"}},
      {"unknown key", "fabric.noodles=16,32", {"did you mean `nodes`?"}},
      {"no number", "fabric.nodes=16,x", {"found `x`, expected a whole number"}},
  };
  for (const Bad& bad : table) expect_refused(bad, "sweep good.yaml --vary '" + bad.text + "'");
}

TEST_F(BadInput, AByteOrderMarkAndCarriageReturnsAreNone) {
  write("dos.yaml", "\xef\xbb\xbfkind: network\r\nfabric: {nodes: 16}\r\n");
  int exit = -1;
  const std::string text = said_by("run dos.yaml --quiet", &exit);
  EXPECT_EQ(exit, 0) << text;
}

}  // namespace
}  // namespace windtunnel
