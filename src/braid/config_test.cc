#include "braid/config.h"

#include <functional>

#include "braid/endpoint.h"
#include "braid/profile.h"

namespace windtunnel::braid {
namespace {

TEST(EndpointConfig, DefaultsAreValid) { EXPECT_TRUE(EndpointConfig{}.validate().has_value()); }

TEST(EndpointConfig, EveryRuleNamesItsField) {
  struct Case {
    const char* field;
    std::function<void(EndpointConfig&)> break_it;
  };
  const Case cases[] = {
      {"line_rate", [](auto& c) { c.line_rate = base::Rate::bits_per_second(0); }},
      {"mtu", [](auto& c) { c.mtu = base::Bytes(100); }},
      {"mtu", [](auto& c) { c.mtu = base::Bytes(70'000); }},
      {"base_rtt", [](auto& c) { c.base_rtt = base::Duration::zero(); }},
      {"network_rtt", [](auto& c) { c.network_rtt = base::Duration::ps(-1); }},
      {"target_delay", [](auto& c) { c.target_delay = base::Duration::s(2); }},
      {"rto_min", [](auto& c) { c.rto_min = base::Duration::ps(1); }},
      {"freeze", [](auto& c) { c.freeze = base::Duration::s(2); }},
      {"initial_window", [](auto& c) { c.initial_window = base::Bytes(10); }},
      {"maximum_window", [](auto& c) { c.maximum_window = base::Bytes(-1); }},
      {"ack_threshold", [](auto& c) { c.ack_threshold = base::Bytes(0); }},
      {"credit_rate",
       [](auto& c) {
         c.credit_rate = {3, 2};
       }},
      {"oversubscription",
       [](auto& c) {
         c.oversubscription = {1, 2};
       }},
      {"planes", [](auto& c) { c.planes = 3; }},
      {"planes", [](auto& c) { c.planes = 16; }},
      {"paths", [](auto& c) { c.paths = 0; }},
      {"paths", [](auto& c) { c.path_selection = PathSelection::kBitmap, c.paths = 100; }},
      {"paths", [](auto& c) { c.planes = 8, c.paths = 12; }},
      {"backup_paths", [](auto& c) { c.backup_paths = 1; }},
      {"backup_paths",
       [](auto& c) { c.path_selection = PathSelection::kReps, c.paths = 64, c.backup_paths = 8; }},
      {"probe_successes", [](auto& c) { c.probe_successes = 0; }},
      {"quick_adapt_gate", [](auto& c) { c.quick_adapt_gate = 16; }},
      {"retry_limit", [](auto& c) { c.retry_limit = 0; }},
      {"initial_psn", [](auto& c) { c.initial_psn = 1u << 24; }},
      {"psn_range", [](auto& c) { c.psn_range = 64; }},
      {"psn_range", [](auto& c) { c.psn_range = 500; }},
      {"write_imm_limit", [](auto& c) { c.write_imm_limit = 0; }},
      {"read_limit", [](auto& c) { c.read_limit = 65; }},
      {"max_qps", [](auto& c) { c.max_qps = 0; }},
      {"max_active_qps", [](auto& c) { c.max_active_qps = 17; }},
      {"work_requests", [](auto& c) { c.work_requests = (1 << 24) + 1; }},
      {"control_queue", [](auto& c) { c.control_queue = 3; }},
      {"control_queue_max", [](auto& c) { c.control_queue_max = 1000; }},
  };
  for (const Case& one : cases) {
    EndpointConfig config;
    one.break_it(config);
    const base::Status status = config.validate();
    ASSERT_FALSE(status.has_value()) << one.field;
    EXPECT_NE(status.error().message.find(one.field), std::string::npos) << status.error().message;
  }
}

// The reference simulator at 400 Gbit/s and 12.4992 us resolves to these figures.
TEST(Profile, ResolvesToTheReferencesConstants) {
  EndpointConfig config;
  config.base_rtt = base::Duration::ps(12'499'200);
  const auto p = make_profile(config);
  EXPECT_EQ(p->payload, 4032u);
  EXPECT_EQ(p->bdp(12'499'200), 624'960);
  EXPECT_EQ(p->window_maximum(12'499'200), 937'440);
  EXPECT_EQ(p->nscc.target_delay, 9'374'400);
  EXPECT_EQ(p->nscc.quick_threshold, 37'497'600);
  EXPECT_NEAR(static_cast<double>(p->nscc.proportional_q48) / 0x1p48, 0.00559964, 1e-7);
  EXPECT_NEAR(static_cast<double>(p->nscc.fair_q16) / 0x1p16, 83'994.6, 0.1);
  EXPECT_NEAR(static_cast<double>(p->nscc.fast_q16) / 0x1p16, 1.0416, 1e-4);
  EXPECT_EQ(p->nscc.eta, 2519);
  EXPECT_EQ(p->nscc.adjust_bytes, 32'768);
  EXPECT_EQ(p->credit_quanta_per_pull, 64u);
  EXPECT_EQ(p->credit_ps_per_quantum, 5171);
}

TEST(Profile, PathBitsHoldPathAndPlane) {
  EndpointConfig config;
  config.planes = 4;
  config.paths = 12;
  const auto p = make_profile(config);
  EXPECT_EQ(p->entropy_mask, 15u);
  EXPECT_EQ(path_of(0xab07, *p), 7u);
  EXPECT_EQ(port_of(0xab07, *p), 3u);
}

TEST(Profile, TrueWireSizesLeaveRoomForEveryHeader) {
  EndpointConfig config;
  config.wire = WireProfile::true_sizes();
  config.mtu = base::Bytes(4222);
  const auto p = make_profile(config);
  EXPECT_EQ(p->payload, 4222u - 66 - 60);
  Packet packet;
  packet.opcode = Opcode::kWriteImm;
  packet.credit = 1;
  packet.data.length = p->payload;
  EXPECT_LE(wire_size(packet, config.wire).count(), 4222);
}

}  // namespace
}  // namespace windtunnel::braid
