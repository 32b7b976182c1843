#include "study/htsim_matrix.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/support/shared_data.h"

namespace windtunnel::study {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kHeader = "Nodes 16\nConnections {}\nTriggers {}\n";

std::string matrix_text(int connections, int triggers, const std::string& body) {
  return fmt::format(fmt::runtime(kHeader), connections, triggers) + body;
}

// All errors of a text as lines, or "".
std::string errors_of_text(const std::string& text, MatrixOptions options = {}) {
  const auto matrix = read_connection_matrix(text, "m.cm", options);
  return matrix ? std::string() : base::to_string(matrix.error());
}
std::string errors_of_body(int connections, int triggers, const std::string& body) {
  return errors_of_text(matrix_text(connections, triggers, body));
}

ConnectionMatrix good(const std::string& text, MatrixOptions options = {}) {
  auto matrix = read_connection_matrix(text, "m.cm", options);
  EXPECT_TRUE(matrix.has_value()) << base::to_string(matrix.error());
  return matrix ? std::move(*matrix) : ConnectionMatrix{};
}

TEST(Matrix, ReadsConnectionsAndTriggers) {
  const ConnectionMatrix m =
      good(matrix_text(4, 2,
                       "# a comment\n"
                       "0->13 id 7 start 0 size 2000000 send_done_trigger 5\n"
                       "13->0\tid 8 start 1.5 size 9000000000000 recv_done_trigger 5 prio 3\r\n"
                       "1->2 id 9 trigger 5 size 1 send_done_trigger 9 msg 4\n"
                       "\n"
                       "2->3 trigger 9 size 2\n"
                       "trigger id 5 barrier count 2\n"
                       "trigger id 9 oneshot"));
  EXPECT_EQ(m.nodes, 16u);
  ASSERT_EQ(m.connections.size(), 4u);
  EXPECT_EQ(m.connections[0].src, 0u);
  EXPECT_EQ(m.connections[0].dst, 13u);
  EXPECT_EQ(m.connections[0].id, 7u);
  EXPECT_EQ(m.connections[0].bytes, 2'000'000);
  EXPECT_EQ(m.connections[0].on_sent, 0u);
  EXPECT_EQ(m.connections[0].line, 5);
  EXPECT_EQ(m.connections[1].start.ps(), 1'500'000);
  EXPECT_EQ(m.connections[1].bytes, 9'000'000'000'000);
  EXPECT_EQ(m.connections[1].on_received, 0u);
  EXPECT_EQ(m.connections[1].priority, 3);
  EXPECT_EQ(m.connections[2].started_by, 0u);
  EXPECT_EQ(m.connections[2].message, 4u);
  EXPECT_EQ(m.connections[3].id, 0u);
  ASSERT_EQ(m.triggers.size(), 2u);
  EXPECT_EQ(m.triggers[0].kind, TriggerKind::kBarrier);
  EXPECT_EQ(m.triggers[0].count, 2u);
  EXPECT_THAT(m.triggers[0].connections, ElementsAre(2u));
  EXPECT_THAT(m.triggers[1].connections, ElementsAre(3u));
  ASSERT_EQ(m.warnings.size(), 2u);  // prio and msg do nothing
  EXPECT_THAT(m.warnings[0].to_string(), HasSubstr("m.cm:6:"));
}

TEST(Matrix, StartIsMicrosecondsUnlessToldOtherwise) {
  const std::string text = matrix_text(1, 0, "0->1 start 5000000 size 1\n");
  const ConnectionMatrix micro = good(text);
  EXPECT_EQ(micro.connections[0].start, base::Duration::s(5));
  ASSERT_EQ(micro.warnings.size(), 1u);
  EXPECT_THAT(micro.warnings[0].message, HasSubstr("matrix_start_unit"));
  const ConnectionMatrix pico = good(text, {.start_unit = MatrixStartUnit::kPicoseconds});
  EXPECT_EQ(pico.connections[0].start, base::Duration::us(5));
  EXPECT_TRUE(pico.warnings.empty());
  EXPECT_TRUE(good(matrix_text(1, 0, "0->1 start 0 size 1\n")).warnings.empty());
  for (const char* bad : {"-1", "x", "1us", "0.0000001", "1_0", "1e30"})
    EXPECT_THAT(errors_of_body(1, 0, fmt::format("0->1 start {} size 1\n", bad)),
                HasSubstr("m.cm:4:12: start: found"))
        << bad;
}

TEST(Matrix, Failures) {
  const ConnectionMatrix m = good(
      "Nodes 16\nConnections 1\nFailures 2\n0->1 start 0 size 1\n"
      "failure switch_type AGG switch_id 3 link_id 1\nfailure switch_type CORE switch_id 0 link_id "
      "2\n");
  ASSERT_EQ(m.failures.size(), 2u);
  EXPECT_EQ(m.failures[0].tier, SwitchTier::kAgg);
  EXPECT_EQ(m.failures[0].switch_index, 3u);
  EXPECT_EQ(m.failures[0].link, 1u);
  const std::string head = "Nodes 16\nConnections 0\nFailures 1\n";
  EXPECT_THAT(
      errors_of_text(head + "failure switch_type TORR switch_id 3 link_id 1\n"),
      HasSubstr("m.cm:4:21: found `TORR`, expected TOR, AGG or CORE (did you mean `TOR`?)"));
  EXPECT_THAT(errors_of_text(head + "failure switch_typ TOR\n"), HasSubstr("`switch_type`"));
  EXPECT_THAT(errors_of_text(head + "failure switch_type TOR\n"), HasSubstr("expected `failure"));
  EXPECT_THAT(errors_of_text(head), HasSubstr("declares 1 failures, but holds 0"));
}

struct BadCase {
  const char* body;
  int connections;
  int triggers;
  const char* expected;
};

TEST(Matrix, EveryMistakeHasItsPlaceAndReason) {
  const std::vector<BadCase> cases = {
      {"0->16 start 0 size 1\n", 1, 0, "m.cm:4:1: node 16 is out of range, expected 0 to 15"},
      {"0->99999999 start 0 size 1\n", 1, 0, "m.cm:4:4: destination: found 99999999"},
      {"-1->3 start 0 size 1\n", 1, 0, "m.cm:4:1: source: found -1"},
      {"0->x start 0 size 1\n", 1, 0, "m.cm:4:4: destination: found `x`, expected a whole number"},
      {"0-> start 0 size 1\n", 1, 0, "m.cm:4:4: destination: found ``"},
      {"3->3 start 0 size 1\n", 1, 0, "m.cm:4:1: node 3 sends to itself"},
      {"0->1 start 0 size -5\n", 1, 0, "m.cm:4:19: size: found -5, expected at least 1"},
      {"0->1 start 0 size 0\n", 1, 0, "m.cm:4:19: size: found 0, expected at least 1 byte"},
      {"0->1 start 0 size 9223372036854775808\n", 1, 0, "which does not fit in 64 bits"},
      {"0->1 start 0 size 9223372036854775807\n0->2 start 0 size 1\n", 2, 0,
       "m.cm:5:19: size: the connections together exceed"},
      {"0->1 start 0 size 2MB\n", 1, 0, "m.cm:4:19: size: found `2MB`, expected a whole number"},
      {"0->1 start 0 sise 1\n", 1, 0, "m.cm:4:14: unknown word `sise` (did you mean `size`?)"},
      {"0->1 start 0 size\n", 1, 0, "m.cm:4:14: size has no value: the line ends here"},
      {"0->1 start 0\n", 1, 0, "m.cm:4:1: connection 0->1 has no size"},
      {"0->1 size 1\n", 1, 0, "m.cm:4:1: connection 0->1 has neither start nor trigger"},
      {"0->1 start 0 size 1 size 2\n", 1, 0, "m.cm:4:21: size is given twice"},
      {"0->1 id 0 start 0 size 1\n", 1, 0, "m.cm:4:9: id: found 0, expected at least 1"},
      {"0->1 id 4 start 0 size 1\n1->2 id 4 start 0 size 1\n", 2, 0,
       "m.cm:5:1: id 4 is given twice (first at line 4)"},
      {"0->1 start 0 trigger 3 size 1\ntrigger id 3 oneshot\n", 1, 1,
       "m.cm:4:1: connection 0->1 has both start and trigger"},
      {"0->1 trigger 3 size 1\n", 1, 0, "m.cm:4:14: trigger 3 is not defined"},
      {"0->1 start 0 size 1 send_done_trigger 3\n", 1, 0, "m.cm:4:39: trigger 3 is not defined"},
      {"trigger id 3 oneshot\ntrigger id 3 oneshot\n", 0, 2,
       "m.cm:5:1: trigger 3 is defined twice"},
      {"trigger id 3 onceshot\n", 0, 1,
       "m.cm:4:14: unknown word `onceshot` (did you mean `oneshot`?)"},
      {"trigger id 3 oneshot barrier\n", 0, 1, "m.cm:4:22: a second kind of trigger: `barrier`"},
      {"trigger oneshot\n", 0, 1, "m.cm:4:1: the trigger has no id"},
      {"trigger id 3\n", 0, 1, "m.cm:4:1: trigger 3 has no kind"},
      {"trigger id 3 barrier\n", 0, 1, "m.cm:4:1: barrier 3 has no count"},
      {"trigger id\n", 0, 1, "m.cm:4:9: id has no value"},
      {"Conections 3\n", 0, 0, "m.cm:4:1: unknown word `Conections`"},
      {"Nodes 8\n", 0, 0, "m.cm:4:1: Nodes is given twice (first at line 1)"},
      {"0->1 start 0 size 1\n", 3, 0,
       "m.cm:2:13: declares 3 connections, but holds 1 (is the file truncated?)"},
      {"0->1 start 0 size 1\n", 0, 0, "m.cm:2:13: declares 0 connections, but holds 1"},
      {"trigger id 1 oneshot\n", 0, 2, "m.cm:3:10: declares 2 triggers, but holds 1"},
  };
  for (const BadCase& c : cases)
    EXPECT_THAT(errors_of_body(c.connections, c.triggers, c.body), HasSubstr(c.expected)) << c.body;
}

TEST(Matrix, HeaderMistakes) {
  EXPECT_THAT(errors_of_text(""), HasSubstr("m.cm:1:1: found no `Nodes N` line"));
  EXPECT_THAT(errors_of_text(""), HasSubstr("m.cm:1:1: found no `Connections N` line"));
  EXPECT_THAT(errors_of_text("Nodes x\nConnections 0\n"), HasSubstr("m.cm:1:7: Nodes: found `x`"));
  EXPECT_THAT(errors_of_text("Nodes 1\nConnections 0\n"), HasSubstr("from 2 to 524288"));
  EXPECT_THAT(errors_of_text("Nodes\nConnections 0\n"), HasSubstr("m.cm:1:1: Nodes has no number"));
  EXPECT_THAT(errors_of_text("Nodes 8 9\nConnections 0\n"),
              HasSubstr("m.cm:1:9: found `9` behind"));
  EXPECT_THAT(errors_of_text("Nodes 8\nConnections -1\n"), HasSubstr("m.cm:2:13: Connections"));
  EXPECT_THAT(errors_of_text("\x89PNG\r\n"), HasSubstr("m.cm:1:1: found byte 0x89"));
  EXPECT_EQ(errors_of_text("Nodes 8\nConnections 0\n"), "");
}

TEST(Matrix, AFlowThatCanNeverStartIsAnError) {
  EXPECT_THAT(
      errors_of_body(1, 1, "0->1 trigger 3 size 1\ntrigger id 3 oneshot\n"),
      HasSubstr("m.cm:4:1: 0->1 never starts: trigger 3 never fires (no connection fires it)"));
  // A cycle: each waits for the other.
  EXPECT_THAT(errors_of_body(2, 2,
                             "0->1 trigger 1 size 1 send_done_trigger 2\n"
                             "1->0 trigger 2 size 1 recv_done_trigger 1\n"
                             "trigger id 1 oneshot\ntrigger id 2 oneshot\n"),
              HasSubstr("1 of the 1 connections that would fire it wait themselves"));
  // A barrier that cannot fill.
  EXPECT_THAT(errors_of_body(3, 1,
                             "0->1 start 0 size 1 send_done_trigger 1\n"
                             "1->2 start 0 size 1 send_done_trigger 1\n"
                             "2->3 trigger 1 size 1\ntrigger id 1 barrier count 3\n"),
              HasSubstr("does not fire often enough (it needs 3 firings and can get 2)"));
  // A multishot with more flows than firings: the second flow is the one left waiting.
  EXPECT_THAT(errors_of_body(3, 1,
                             "0->1 start 0 size 1 send_done_trigger 1\n"
                             "2->3 trigger 1 size 1\n4->5 trigger 1 size 1\n"
                             "trigger id 1 multishot\n"),
              HasSubstr("m.cm:6:1: 4->5 never starts"));
}

TEST(Matrix, TriggersThatDoFireAreFine) {
  // Both notifications of one flow count; a multishot that starts its own successor runs through.
  EXPECT_EQ(errors_of_body(2, 1,
                           "0->1 start 0 size 1 send_done_trigger 1 recv_done_trigger 1\n"
                           "2->3 trigger 1 size 1\ntrigger id 1 barrier count 2\n"),
            "");
  EXPECT_EQ(errors_of_body(3, 1,
                           "0->1 start 0 size 1 send_done_trigger 1\n"
                           "2->3 trigger 1 size 1 send_done_trigger 1\n4->5 trigger 1 size 1\n"
                           "trigger id 1 multishot\n"),
            "");
  EXPECT_EQ(errors_of_body(1, 1, "0->1 start 0 size 1\ntrigger id 1 oneshot\n"), "");
}

// Counts (Nodes - 1) times too high and no trigger lines: the older script. Nothing else passes.
TEST(Matrix, OldAllToAllDialect) {
  const std::string body =
      "0->1 id 1 start 0 size 5 send_done_trigger 1\n0->2 id 2 trigger 1 size 5\n"
      "1->2 id 3 start 0 size 5 send_done_trigger 2\n1->0 id 4 trigger 2 size 5\n";
  const std::string head = "Nodes 3\nConnections 8\nTriggers 4\n";
  const ConnectionMatrix m = good(head + body);
  EXPECT_EQ(m.connections.size(), 4u);
  ASSERT_EQ(m.triggers.size(), 2u);
  EXPECT_EQ(m.triggers[1].id, 2u);
  ASSERT_EQ(m.warnings.size(), 1u);
  EXPECT_THAT(m.warnings[0].to_string(), HasSubstr("m.cm:2:13: declares 8 connections"));
  const std::string cut = head + body.substr(0, body.find("1->0"));
  EXPECT_THAT(errors_of_text(cut), HasSubstr("declares 8 connections, but holds 3"));
  EXPECT_THAT(errors_of_text("Nodes 3\nConnections 8\nTriggers 2\n" + body),
              HasSubstr("declares 8 connections, but holds 4"));
}

TEST(Matrix, ErrorsAreBoundedInNumber) {
  std::string text = "Nodes 16\nConnections 1000\n";
  for (int i = 0; i < 1000; ++i) text += "0->x start 0 size 1\n";
  const auto matrix = read_connection_matrix(text, "m.cm");
  ASSERT_FALSE(matrix.has_value());
  EXPECT_LE(matrix.error().size(), 51u);
}

TEST(Matrix, AbsentFile) {
  const auto matrix = load_connection_matrix("/no/such.cm");
  ASSERT_FALSE(matrix.has_value());
  EXPECT_THAT(base::to_string(matrix.error()), HasSubstr("/no/such.cm: cannot be read"));
}

// No damage to a good file may crash the reader; cutting a line off is always noticed.
TEST(Matrix, IsTotalOverDamagedFiles) {
  const std::string text = matrix_text(3, 1,
                                       "0->13 id 7 start 0 size 2000000 send_done_trigger 5\n"
                                       "13->0 id 8 trigger 5 size 1 prio 3\n"
                                       "1->2 id 9 trigger 5 size 1 msg 4\n"
                                       "trigger id 5 oneshot\n");
  ASSERT_EQ(errors_of_text(text), "");
  constexpr uint64_t kSeed = 5;
  base::RandomStream random(kSeed, "damaged matrix");
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string cut = text.substr(0, i);
    if (i + 1 < text.size() || text[i] != '\n') {
      EXPECT_NE(errors_of_text(cut), "") << cut;
    }
    std::string changed = text;
    changed[i] = static_cast<char>(random.below(256));
    (void)read_connection_matrix(changed, "m.cm");
  }
}

TEST(Matrix, RealFiles) {
  const std::filesystem::path folder = shared_data() / "htsim";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no matrices in " << folder;
  struct Real {
    const char* name;
    size_t connections;
    uint32_t nodes;
    size_t triggers;
  };
  const std::vector<Real> files = {
      {"a2a.cm", 240, 16, 224},
      {"alltoall_serial_16n.cm", 240, 16, 224},
      {"bidir.cm", 2, 16, 0},
      {"incast.cm", 15, 16, 0},
      {"incast_128.cm", 127, 128, 0},
      {"one.cm", 1, 16, 0},
      {"perm_1024n_1024c_0u_2000000b.cm", 1024, 1024, 0},
      {"perm_128n_128c_2MB.cm", 128, 128, 0},
      {"perm_16n_16c_2MB.cm", 16, 16, 0},
      {"perm_8192n_8192c_1MB.cm", 8192, 8192, 0},
  };
  for (const Real& file : files) {
    const auto matrix = load_connection_matrix(folder / file.name);
    ASSERT_TRUE(matrix.has_value()) << base::to_string(matrix.error());
    EXPECT_EQ(matrix->connections.size(), file.connections) << file.name;
    EXPECT_EQ(matrix->nodes, file.nodes) << file.name;
    EXPECT_EQ(matrix->triggers.size(), file.triggers) << file.name;
    EXPECT_EQ(matrix->warnings.empty(), std::string_view(file.name) != "a2a.cm") << file.name;
    for (const Connection& c : matrix->connections) EXPECT_GE(c.bytes, 1'000'000);
  }
}

}  // namespace
}  // namespace windtunnel::study
