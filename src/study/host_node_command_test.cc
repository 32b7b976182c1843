// `windtunnel node` as a function: files in, text and exit codes out.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "study/commands.h"

namespace windtunnel::study {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class NodeCommand : public testing::Test {
 protected:
  ~NodeCommand() override { fs::remove(file_); }
  Outcome show(const std::string& text, const std::string& from = {}, const std::string& to = {},
               bool json = false) {
    std::ofstream(file_, std::ios::binary) << text;
    NodeOptions options;
    options.file = file_;
    options.from = from;
    options.to = to;
    options.printing.json = json;
    return show_node(options);
  }
  const std::string file_ =
      fs::path(testing::TempDir()) /
      (std::string("node-") + testing::UnitTest::GetInstance()->current_test_info()->name() + "-" +
       std::to_string(::getpid()));
};

constexpr char kXml[] = R"(<system version="1"><cpu numaid="0">
  <pci busid="0000:10:00.0" class="0x060400" vendor="0x15b3" device="0x1979">
    <pci busid="0000:11:00.0" class="0x030200"/><pci busid="0000:12:00.0" class="0x020700"/>
  </pci></cpu></system>)";

TEST_F(NodeCommand, DrawsXmlAndScenarios) {
  const Outcome xml = show(kXml);
  EXPECT_EQ(xml.exit, ExitCode::kDone) << xml.err;
  EXPECT_THAT(xml.out, HasSubstr("switch inside a NIC"));
  const Outcome yaml = show("kind: host\nserver: {preset: switch-chip, preset_gpus: 2}\n");
  EXPECT_EQ(yaml.exit, ExitCode::kDone) << yaml.err;
  EXPECT_THAT(yaml.out, HasSubstr("├─ switch0"));
}

TEST_F(NodeCommand, FindsPathsByNameOrBusId) {
  for (const char* from : {"gpu0", "0000:11:00.0"}) {
    const Outcome outcome = show(kXml, from, "nic0");
    EXPECT_EQ(outcome.exit, ExitCode::kDone) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("gpu0 → nic-switch0 → nic0"));
    EXPECT_THAT(outcome.out, HasSubstr("turned around in nic-switch0"));
  }
  const Outcome json = show(kXml, "gpu0", "nic0", true);
  EXPECT_THAT(json.out, HasSubstr("\"by\": \"write\""));
  EXPECT_EQ(json.out, show(kXml, "gpu0", "nic0", true).out);
}

TEST_F(NodeCommand, MistakesAreExitCodeTwo) {
  const auto error = [](const Outcome& outcome) {
    EXPECT_EQ(outcome.exit, ExitCode::kBadInput);
    EXPECT_EQ(outcome.out, "");
    return outcome.err;
  };
  EXPECT_THAT(error(show(kXml, "gpu0")), HasSubstr("one of --from and --to"));
  EXPECT_THAT(error(show(kXml, "gpu9", "nic0")), HasSubstr("did you mean `gpu0`?"));
  EXPECT_THAT(error(show("<sistem/>")), HasSubstr("did you mean `system`?"));
  EXPECT_THAT(error(show("")), HasSubstr("kind"));
  EXPECT_THAT(error(show(std::string("\x7f"
                                     "ELF\0\1\2",
                                     7))),
              HasSubstr(":1:"));
  EXPECT_THAT(error(show("kind: network\n")), HasSubstr("expected host"));
  NodeOptions absent;
  absent.file = "/nowhere/at/all.xml";
  EXPECT_THAT(error(show_node(absent)), HasSubstr("/nowhere/at/all.xml"));
}

}  // namespace
}  // namespace windtunnel::study
