#include "study/host_xml.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "node/host_model.h"
#include "node/host_path.h"
#include "scenario/text_file.h"
#include "tests/support/shared_data.h"

namespace windtunnel::study {
namespace {

using node::HostPart;
using testing::HasSubstr;
namespace fs = std::filesystem;

// Files of real machines are not part of the project; see WT_SHARED_DATA in CONTRIBUTING.md.
std::string real_file(const std::string& name) {
  return (shared_data() / "topology" / name).string();
}

int count(const node::HostDescription& host, HostPart kind) {
  int n = 0;
  for (const node::HostDevice& device : host.devices) n += device.kind == kind ? 1 : 0;
  return n;
}

std::string error_of(const std::string& text) {
  const auto host = read_host_xml(text, "x.xml");
  return host ? "no error" : host.error().to_string();
}

uint32_t id(const node::HostModel& model, const std::string& name) {
  const auto found = model.find(name);
  WT_CHECK(found.has_value(), name);
  return *found;
}

constexpr char kConnectX7[] = R"(<?xml version="1.0"?>
<system version="1">
  <cpu numaid="0" arch="x86_64" vendor="AuthenticAMD" familyid="175" modelid="17">
    <pci busid="0000:15:00.0" class="0x060400" vendor="0x15b3" device="0x1979"
         link_speed="32.0 GT/s PCIe" link_width="16" something_new="1">
      <pci busid="0000:17:00.0" class="0x030200" link_speed="32.0 GT/s PCIe" link_width="16">
        <gpu dev="3" sm="90" rank="3" gdr="1">
          <nvlink target="0000:c0:00.0" count="18" tclass="0x068000"/>
        </gpu>
      </pci>
      <pci busid="0000:18:00.0" class="0x020700" link_speed="32.0 GT/s PCIe" link_width="16">
        <nic><net name="mlx5_0" dev="0" speed="400000" port="1" gdr="1"/></nic>
      </pci>
      <pci busid="0000:19:00.0" class="0x010802" link_speed="32.0 GT/s PCIe" link_width="4"/>
    </pci>
    <pci busid="1b:00.0" class="0x030200" link_speed="Unknown" link_width="255"/>
    <nic><net name="eth0" speed="25000"/></nic>
    <element_of_tomorrow/>
  </cpu>
</system>)";

TEST(HostXml, SwitchInsideANic) {
  const auto host = read_host_xml(kConnectX7, "cx7.xml");
  ASSERT_TRUE(host.has_value()) << host.error().to_string();
  const node::HostModel model = node::HostModel::build(*host);
  const uint32_t gpu = id(model, "gpu3");
  const uint32_t nic = id(model, "nic0");
  EXPECT_EQ(model.vertex(model.vertex(gpu).parent).kind, HostPart::kNicSwitch);
  EXPECT_EQ(model.vertex(gpu).parent, model.vertex(nic).parent);
  const auto answer = node::find_paths(model, gpu, nic);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->choices.front().legs.front().kind, node::RouteKind::kSwitch);
  EXPECT_EQ(model.device(nic).wire_rate, base::Rate::gbps(400));
  EXPECT_EQ(model.device(nic).about, "mlx5_0");
  EXPECT_EQ(count(*host, HostPart::kSsd), 1);
  EXPECT_EQ(host->gpu_fabric.kind, node::GpuFabric::kSwitched);
  EXPECT_EQ(host->gpu_fabric.rate, base::Rate::bits_per_second(2'966'400'000'000)) << "18 x 20.6";
  EXPECT_EQ(model.device(id(model, "nic1")).wire_rate, base::Rate::gbps(25));
  // AMD: whole TLPs, 16 GB/s across sockets.
  EXPECT_EQ(host->policy.root_payload, host->payload_max);
  EXPECT_EQ(host->socket_link.peer_rate, base::Rate::gbps(128));
  // A bus id without its domain; a link of which nothing is known.
  EXPECT_EQ(model.device(id(model, "gpu0")).bus_id, "0000:1b:00.0");
  EXPECT_EQ(model.device(id(model, "gpu0")).lanes, 16);
}

TEST(HostXml, LoadsAzureNdv5) {
  const std::string file = real_file("ndv5-topo.xml");
  if (!fs::exists(file)) GTEST_SKIP() << file << " is not here: set WT_SHARED_DATA";
  const auto host = load_host_xml(file);
  ASSERT_TRUE(host.has_value()) << host.error().to_string();
  EXPECT_EQ(count(*host, HostPart::kSocket), 2);
  EXPECT_EQ(count(*host, HostPart::kSwitch), 8);
  EXPECT_EQ(count(*host, HostPart::kGpu), 8);
  EXPECT_EQ(count(*host, HostPart::kNic), 8);
  EXPECT_EQ(host->socket_link.peer_rate, base::Rate::gbps(22 * 8)) << "Sapphire Rapids";
  const node::HostModel model = node::HostModel::build(*host);
  const auto beside = node::find_paths(model, id(model, "gpu0"), id(model, "nic0"));
  ASSERT_TRUE(beside.has_value());
  EXPECT_EQ(beside->choices.front().legs.front().kind, node::RouteKind::kSwitch);
  const auto across = node::find_paths(model, id(model, "gpu0"), id(model, "nic7"));
  ASSERT_TRUE(across.has_value());
  EXPECT_TRUE(across->choices.front().staged) << "22 GB/s for peers, more through memory";
}

TEST(HostXml, LoadsAwsP5WithoutClassesAndGpus) {
  const std::string file = real_file("p5.48xl-topo.xml");
  if (!fs::exists(file)) GTEST_SKIP() << file << " is not here: set WT_SHARED_DATA";
  const auto host = load_host_xml(file);
  ASSERT_TRUE(host.has_value()) << host.error().to_string();
  EXPECT_EQ(count(*host, HostPart::kSwitch), 8);
  EXPECT_EQ(count(*host, HostPart::kOther), 32);
  EXPECT_EQ(host->devices[1].generation, 5) << "a bridge without a speed takes that below it";
}

TEST(HostXml, LoadsDgx2OfHwloc) {
  const std::string file = real_file("nvidiaDGX2.xml");
  if (!fs::exists(file)) GTEST_SKIP() << file << " is not here: set WT_SHARED_DATA";
  const auto host = load_host_xml(file);
  ASSERT_TRUE(host.has_value()) << host.error().to_string();
  EXPECT_EQ(count(*host, HostPart::kSocket), 2);
  EXPECT_EQ(count(*host, HostPart::kGpu), 16);
  EXPECT_EQ(count(*host, HostPart::kOther), 12) << "NVSwitches on the bus";
  EXPECT_EQ(host->gpu_fabric.kind, node::GpuFabric::kSwitched);
  EXPECT_EQ(host->gpu_fabric.rate, base::Rate::gbps(150 * 8)) << "six links of 25 GB/s";
  EXPECT_EQ(host->socket_link.peer_rate, base::Rate::gbps(10 * 8)) << "Skylake";
  const node::HostModel model = node::HostModel::build(*host);
  const node::HostDevice& gpu = model.device(id(model, "gpu0"));
  EXPECT_EQ(gpu.generation, 3);
  EXPECT_EQ(gpu.lanes, 16);
  EXPECT_THAT(gpu.about, HasSubstr("Tesla V100"));
  // Two levels of switches: gpu0 and gpu1 share the lower one, gpu0 and gpu2 the upper one.
  const auto parent = [&](const char* name) { return model.vertex(id(model, name)).parent; };
  EXPECT_EQ(parent("gpu0"), parent("gpu1"));
  EXPECT_NE(parent("gpu0"), parent("gpu2"));
  EXPECT_EQ(model.vertex(parent("gpu0")).parent, model.vertex(parent("gpu2")).parent);
}

TEST(HostXml, NvLinksBetweenGpusCountOnce) {
  const auto host = read_host_xml(R"(<system version="1"><cpu numaid="0">
    <pci busid="0000:01:00.0" class="0x030200"><gpu dev="0" sm="80">
      <nvlink target="0000:02:00.0" count="12" tclass="0x030200"/></gpu></pci>
    <pci busid="0000:02:00.0" class="0x030200"><gpu dev="1" sm="80">
      <nvlink target="0000:01:00.0" count="12" tclass="0x030200"/></gpu></pci>
  </cpu></system>)",
                                  "a.xml");
  ASSERT_TRUE(host.has_value()) << host.error().to_string();
  ASSERT_EQ(host->gpu_links.size(), 1U);
  EXPECT_EQ(host->gpu_links[0].rate, base::Rate::gbps(240 * 8));
}

TEST(HostXml, MistakesHavePlaceExpectationAndNearestName) {
  EXPECT_THAT(error_of(""), HasSubstr("x.xml:1:1: found no element"));
  EXPECT_THAT(error_of("<system><cpu"), HasSubstr("x.xml:1:"));
  EXPECT_THAT(error_of("<system>\n <cpu numaid=\"0\">\n </system>"), HasSubstr("x.xml:3:"));
  EXPECT_THAT(error_of(std::string("<system>\0</system>", 18)), HasSubstr("x.xml:1:9"));
  EXPECT_THAT(error_of("\x7f\x45\x4c\x46\x01\x02"), HasSubstr("x.xml:1:"));
  EXPECT_THAT(error_of("<sytem/>"), HasSubstr("did you mean `system`?"));
  EXPECT_THAT(error_of("<html><body/></html>"),
              HasSubstr("expected <system> (NCCL) or <topology>"));
  EXPECT_THAT(error_of("<system/>"), HasSubstr("without <cpu>"));
  EXPECT_THAT(error_of("<topology/>"), HasSubstr("without <object>"));
  EXPECT_THAT(error_of("<system version=\"2\"/>"), HasSubstr("version: found `2`, expected 1"));
  EXPECT_THAT(error_of("<system><cpu numaid=\"zero\"/></system>"),
              HasSubstr("x.xml:1:10: numaid: found"));
}

std::string in_cpu(const std::string& inner) {
  return "<system version=\"1\">\n<cpu numaid=\"0\">\n" + inner + "\n</cpu></system>";
}

TEST(HostXml, MistakesOfDevices) {
  EXPECT_THAT(error_of(in_cpu("<pic busid=\"0000:01:00.0\"/>")),
              HasSubstr("x.xml:3:2: found element"));
  EXPECT_THAT(error_of(in_cpu("<pic busid=\"0000:01:00.0\"/>")), HasSubstr("did you mean `pci`?"));
  EXPECT_THAT(error_of(in_cpu("<pci/>")), HasSubstr("without busid"));
  EXPECT_THAT(error_of(in_cpu("<pci busid=\"hello\"/>")), HasSubstr("0000:1b:00.0"));
  EXPECT_THAT(
      error_of(in_cpu("<pci busid=\"0000:01:00.0\"/>\n<pci busid=\"01:00.0\"/>")),
      HasSubstr("x.xml:4:2: found bus id 0000:01:00.0 a second time, the first is at line 3"));
  EXPECT_THAT(error_of(in_cpu("<pci busid=\"0000:01:00.0\" link_width=\"1000000\"/>")),
              HasSubstr("link_width: found 1000000, expected one of 1, 2, 4"));
  EXPECT_THAT(error_of(in_cpu("<pci busid=\"0000:01:00.0\" link_width=\"-3\"/>")),
              HasSubstr("link_width: found -3"));
  EXPECT_THAT(error_of(in_cpu("<pci busid=\"0000:01:00.0\" link_speed=\"7 GT/s PCIe\"/>")),
              HasSubstr("expected 2.5, 5, 8, 16, 32 or 64"));
  EXPECT_THAT(error_of(in_cpu("<pci busid=\"0000:01:00.0\" class=\"banana\"/>")),
              HasSubstr("expected a number such as 0x060400"));
}

TEST(HostXml, MistakesOfHwloc) {
  const auto in_machine = [](const std::string& inner) {
    return "<topology version=\"2.0\"><object type=\"Machine\">\n" + inner + "</object></topology>";
  };
  EXPECT_THAT(error_of(in_machine("<object/>")), HasSubstr("without type"));
  EXPECT_THAT(error_of(in_machine("<obect type=\"PCIDev\"/>")),
              HasSubstr("did you mean `object`?"));
  EXPECT_THAT(error_of(in_machine("<object type=\"PCIDev\"/>")), HasSubstr("without pci_busid"));
  EXPECT_THAT(
      error_of(in_machine("<object type=\"PCIDev\" pci_busid=\"0000:01:00.0\" pci_type=\"xy\"/>")),
      HasSubstr("pci_type: found"));
  EXPECT_THAT(error_of(in_machine("<object type=\"PCIDev\" pci_busid=\"0000:01:00.0\" "
                                  "pci_link_speed=\"1000\"/>")),
              HasSubstr("expected that of a PCI Express link"));
  EXPECT_THAT(error_of(in_machine("<object type=\"PCIDev\" pci_busid=\"0000:01:00.0\" "
                                  "pci_link_speed=\"nan\"/>")),
              HasSubstr("pci_link_speed"));
  EXPECT_THAT(error_of(in_machine("<object type=\"Bridge\" bridge_type=\"7-7\"/>")),
              HasSubstr("expected 0-1 or 1-1"));
}

// Entities are never expanded, and a file that declares some is refused.
TEST(HostXml, EntityBombsAreRefused) {
  EXPECT_THAT(error_of("<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;\">]>\n"
                       "<system><cpu numaid=\"&lol2;\"/></system>"),
              HasSubstr("declarations of its own"));
  EXPECT_THAT(error_of("<!DOCTYPE system SYSTEM \"file:///etc/passwd\"><system><cpu/></system>"),
              HasSubstr("no error"));
}

TEST(HostXml, DeepAndHugeFilesEndInOneError) {
  std::string deep = "<system version=\"1\"><cpu numaid=\"0\">";
  for (int i = 0; i < 100; ++i) deep += fmt::format("<pci busid=\"0000:{:02x}:00.0\">", i);
  for (int i = 0; i < 100; ++i) deep += "</pci>";
  EXPECT_THAT(error_of(deep + "</cpu></system>"), HasSubstr("deep, expected at most"));
  std::string abyss;
  for (int i = 0; i < 200'000; ++i) abyss += "<a>";
  EXPECT_THAT(error_of(abyss), HasSubstr("x.xml:1:"));
  for (int i = 0; i < 200'000; ++i) abyss += "</a>";
  EXPECT_THAT(error_of(abyss), HasSubstr("deep, expected at most 300"));
  std::string wide = "<system version=\"1\"><cpu numaid=\"0\">";
  for (int i = 0; i < 5000; ++i)
    wide += fmt::format("<pci busid=\"{:04x}:{:02x}:00.0\"/>", i / 256, i % 256);
  EXPECT_THAT(error_of(wide + "</cpu></system>"), HasSubstr("more than 4096 devices"));
  EXPECT_THAT(error_of(std::string(kHostXmlBytesMax + 1, ' ')), HasSubstr("expected at most"));
  std::string many = "<system>";
  for (int i = 0; i < 600'000; ++i) many += "<a/>";
  EXPECT_THAT(error_of(many + "</system>"), HasSubstr("more than 500000 elements"));
}

// Every prefix of a good file is one clear error.
TEST(HostXml, TruncationAnywhere) {
  const std::string whole = kConnectX7;
  for (size_t size = 0; size + 1 < whole.size(); ++size) {
    const auto host = read_host_xml(whole.substr(0, size), "cut.xml");
    ASSERT_FALSE(host.has_value()) << size;
    EXPECT_GT(host.error().mark.line, 0) << size;
    EXPECT_FALSE(host.error().message.empty());
  }
}

}  // namespace
}  // namespace windtunnel::study
