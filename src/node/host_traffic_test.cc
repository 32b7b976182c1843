#include "node/host_traffic.h"

#include "node/host_fixture.h"
#include "node/host_path.h"

namespace windtunnel::node {
namespace {

using base::Time;

constexpr double kGib = 1024.0 * 1024 * 1024;

double bytes_per_second(Rate rate) { return static_cast<double>(rate.bits_per_second()) / 8; }

// Runs flows for 1 ms after 200 us of warm-up.
std::vector<HostFlowResult> run(const HostModel& model, const std::vector<HostFlowSpec>& specs,
                                Duration length = Duration::ms(1)) {
  HostMachine::Simulation sim;
  HostMachine machine(sim, model, {});
  HostWorkload workload(machine);
  for (const HostFlowSpec& spec : specs) {
    const base::Status added = workload.add(spec);
    EXPECT_TRUE(added.has_value()) << (added ? "" : added.error().message);
  }
  workload.start();
  const Time from = Time::at(Duration::us(200));
  sim.run_until(from);
  workload.measure();
  sim.run_until(from + length);
  return workload.results();
}

HostFlowSpec flow(const HostModel& m, TrafficKind kind, const std::string& from,
                  const std::string& to, const std::string& nic = "") {
  HostFlowSpec spec;
  spec.kind = kind;
  spec.name = from + "-" + to;
  spec.from = part(m, from);
  spec.to = part(m, to);
  if (!nic.empty()) spec.nic = part(m, nic);
  return spec;
}

// 64 B read of host memory by a device on Gen3 x8: 547 ns (measured, pcie-bench).
TEST(HostLatency, SmallReadOfHostMemory) {
  const HostModel m = HostModel::build(make_host({{"nic0", HostPart::kNic, "cpu0", 3, 8}}));
  const HostRoute way = route(m, "mem0", "nic0", RouteUse::kRead);
  EXPECT_NEAR(idle_latency(m, way, Bytes(64)).seconds(), 547e-9, 0.02 * 547e-9);
}

// The other socket adds about 100 ns (measured, pcie-bench).
TEST(HostLatency, OtherSocketAddsAboutHundredNanoseconds) {
  const HostModel m = HostModel::build(make_host({{"nic0", HostPart::kNic, "cpu0", 3, 8}}, 2));
  const Duration near = idle_latency(m, route(m, "mem0", "nic0", RouteUse::kRead), Bytes(64));
  const Duration far = idle_latency(m, route(m, "mem1", "nic0", RouteUse::kRead), Bytes(64));
  EXPECT_NEAR((far - near).seconds(), 200e-9, 10e-9) << "there and back";
}

TEST(HostPolicyTest, SwitchTurnsAroundUnlessRedirected) {
  HostDescription host = small_host();
  const HostModel plain = HostModel::build(host);
  const HostRoute direct = route(plain, "gpu0", "nic0", RouteUse::kWrite);
  EXPECT_EQ(direct.kind, RouteKind::kSwitch);
  EXPECT_EQ(direct.steps.size(), 2U);
  host.policy.acs_redirect = true;
  const HostModel redirected = HostModel::build(host);
  const HostRoute detour = route(redirected, "gpu0", "nic0", RouteUse::kWrite);
  EXPECT_EQ(detour.kind, RouteKind::kDetour);
  EXPECT_EQ(detour.steps.size(), 4U);
  EXPECT_GT(idle_latency(redirected, detour, Bytes(64)), idle_latency(plain, direct, Bytes(64)));
  host.policy.acs_redirect = false;
  host.policy.iommu = true;
  EXPECT_EQ(route(HostModel::build(host), "gpu0", "nic0", RouteUse::kWrite).kind,
            RouteKind::kDetour);
  host.policy.ats = true;
  EXPECT_EQ(route(HostModel::build(host), "gpu0", "nic0", RouteUse::kWrite).kind,
            RouteKind::kSwitch);
}

// Gen5 x16 in TLPs of 64 B: 45.8 GB/s, less than 400 Gb/s of RoCE.
TEST(HostPolicyTest, RootComplexCutsTlps) {
  const HostModel m = HostModel::build(small_host());
  const HostRoute way = route(m, "gpu0", "gpu1", RouteUse::kWrite);
  EXPECT_EQ(way.kind, RouteKind::kRoot);
  EXPECT_NEAR(gigabytes(idle_rate(m, way).rate), 45.8, 0.05);
  HostDescription whole = small_host();
  whole.policy.root_payload = Bytes(256);
  whole.policy.root_overhead = {6, 5};
  const HostModel nccl = HostModel::build(whole);
  EXPECT_NEAR(gigabytes(idle_rate(nccl, route(nccl, "gpu0", "gpu1", RouteUse::kWrite)).rate),
              57.6 * 5 / 6, 0.1);
}

TEST(HostPolicyTest, PeersAcrossSocketsAreSlow) {
  const HostModel m = HostModel::build(small_host());
  const HostRoute way = route(m, "gpu0", "gpu2", RouteUse::kWrite);
  EXPECT_EQ(way.kind, RouteKind::kSockets);
  EXPECT_NEAR(gigabytes(idle_rate(m, way).rate), 22.0, 0.01);
  const HostRoute memory = route(m, "gpu0", "mem1", RouteUse::kWrite);
  EXPECT_NEAR(gigabytes(idle_rate(m, memory).rate), 57.6, 0.05) << "no peer: the link's full rate";
}

TEST(HostPolicyTest, RefusalsSayWhy) {
  HostDescription host = small_host();
  host.policy.root = RootPeer::kWritesOnly;
  host.policy.cross_socket = false;
  const HostModel m = HostModel::build(host);
  EXPECT_TRUE(find_route(m, part(m, "gpu0"), part(m, "gpu1"), RouteUse::kWrite).has_value());
  const auto read = find_route(m, part(m, "gpu0"), part(m, "gpu1"), RouteUse::kRead);
  ASSERT_FALSE(read.has_value());
  EXPECT_THAT(read.error().message, testing::HasSubstr("writes only"));
  const auto far = find_route(m, part(m, "gpu0"), part(m, "gpu2"), RouteUse::kWrite);
  ASSERT_FALSE(far.has_value());
  EXPECT_THAT(far.error().message, testing::HasSubstr("across sockets"));
  EXPECT_FALSE(find_route(m, part(m, "gpu0"), part(m, "gpu0"), RouteUse::kWrite).has_value());
}

TEST(HostPath, StagesInMemoryWhereThePolicyLeavesNothingElse) {
  HostDescription host = small_host();
  host.policy.root = RootPeer::kForbidden;
  const HostModel m = HostModel::build(host);
  const auto answer = find_paths(m, part(m, "gpu0"), part(m, "gpu1"));
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(answer->choices.front().staged);
  EXPECT_EQ(answer->choices.size(), 1U);
  EXPECT_EQ(answer->refused.size(), 1U);
  const auto local = find_paths(m, part(m, "gpu0"), part(m, "nic0"));
  ASSERT_TRUE(local.has_value());
  EXPECT_FALSE(local->choices.front().staged);
  EXPECT_EQ(local->choices.front().legs.front().kind, RouteKind::kSwitch);
}

TEST(HostPath, GpuFabricGoesFirst) {
  HostDescription host = small_host();
  host.gpu_fabric.kind = GpuFabric::kSwitched;
  const HostModel m = HostModel::build(host);
  const HostRoute way = route(m, "gpu0", "gpu2", RouteUse::kWrite);
  EXPECT_EQ(way.kind, RouteKind::kFabric);
  EXPECT_NEAR(gigabytes(idle_rate(m, way).rate), 371, 0.01);
  host.gpu_fabric.kind = GpuFabric::kMesh;
  const HostModel mesh = HostModel::build(host);
  EXPECT_NEAR(gigabytes(idle_rate(mesh, route(mesh, "gpu0", "gpu2", RouteUse::kWrite)).rate),
              371.0 / 2, 0.01);
}

// An inner switch saves at most a hop's difference.
TEST(HostPath, NicSummaries) {
  const HostModel inside = HostModel::build(make_host({{"bridge", HostPart::kNicSwitch, "cpu0"},
                                                       {"gpu0", HostPart::kGpu, "bridge"},
                                                       {"nic0", HostPart::kNic, "bridge"}}));
  const HostModel chip = HostModel::build(small_host());
  const auto a = nic_path(inside, part(inside, "gpu0"), part(inside, "nic0"));
  const auto b = nic_path(chip, part(chip, "gpu0"), part(chip, "nic0"));
  ASSERT_TRUE(a.has_value() && b.has_value());
  EXPECT_EQ(b->send_latency - a->send_latency, Duration::ns(30)) << "115 - 100, there and back";
  EXPECT_EQ(b->receive_latency - a->receive_latency, Duration::ns(15));
  EXPECT_GT(gigabytes(a->send_rate), 50.0);
  EXPECT_GT(a->post, Duration::ns(500));
  EXPECT_GT(a->complete, Duration::ns(100));
}

// 49.0 GB/s: 400 Gb/s less the frames of RoCE at an MTU of 4 KiB.
TEST(HostTraffic, SendAndReceiveFillTheCable) {
  const HostModel m = HostModel::build(small_host());
  const auto results = run(m, {flow(m, TrafficKind::kSend, "gpu0", "network", "nic0"),
                               flow(m, TrafficKind::kReceive, "network", "gpu0", "nic0")});
  for (const HostFlowResult& result : results)
    EXPECT_NEAR(bytes_per_second(result.rate) / 1e9, 49.02, 0.01 * 49.02) << result.name;
}

// A rate is of data in place, so it is there before the first operation has ended.
TEST(HostTraffic, DataCountsBeforeItsOperationEnds) {
  const HostModel m = HostModel::build(small_host());
  HostFlowSpec spec = flow(m, TrafficKind::kReceive, "network", "gpu0", "nic0");
  spec.block = Bytes::mib(512);
  const HostFlowResult result = run(m, {spec})[0];
  EXPECT_EQ(result.operations, 0);
  EXPECT_NEAR(bytes_per_second(result.rate) / 1e9, 49.02, 0.5);
}

TEST(HostTraffic, FewTagsStarveTheCable) {
  HostDescription host = small_host();
  host.tags = 32;
  const HostModel m = HostModel::build(host);
  const auto results = run(m, {flow(m, TrafficKind::kSend, "gpu0", "network", "nic0")});
  const HostRoute way = route(m, "gpu0", "nic0", RouteUse::kRead);
  const double expected = 32.0 * 512 / idle_latency(m, way, Bytes(512)).seconds();
  EXPECT_NEAR(bytes_per_second(results[0].rate) / expected, 1, 0.02);
  EXPECT_LT(expected, 49e9);
  EXPECT_EQ(idle_rate(m, way).limit, "read tags");
}

TEST(HostTraffic, DriveReachesSequentialRateAndOperations) {
  const HostModel m = HostModel::build(small_host());
  HostFlowSpec large = flow(m, TrafficKind::kSsdRead, "ssd0", "gpu0");
  large.block = Bytes::kib(128);
  large.queue_depth = 32;
  EXPECT_NEAR(bytes_per_second(run(m, {large})[0].rate) / 1e9, 14.0, 0.14);
  HostFlowSpec small = large;
  small.block = Bytes(512);
  small.queue_depth = 512;
  const HostFlowResult result = run(m, {small})[0];
  EXPECT_NEAR(static_cast<double>(result.operations) / 1e-3 / 3.3e6, 1, 0.02);
  HostFlowSpec one = large;
  one.block = Bytes(4096);
  one.queue_depth = 1;
  EXPECT_NEAR(run(m, {one})[0].latency_mean, 62e-6, 1e-6);
  HostFlowSpec write = flow(m, TrafficKind::kSsdWrite, "gpu0", "ssd0");
  write.block = Bytes::kib(128);
  write.queue_depth = 32;
  EXPECT_NEAR(bytes_per_second(run(m, {write})[0].rate) / 1e9, 10.0, 0.1);
}

// Network and storage writing into one GPU share its link: together no more than the link, and the
// paced drive keeps its rate.
TEST(HostTraffic, NetworkAndStorageContend) {
  HostDescription host = small_host();
  for (HostDevice& device : host.devices) {
    if (device.name == "gpu0") device.lanes = 8;
  }
  const HostModel m = HostModel::build(host);
  HostFlowSpec storage = flow(m, TrafficKind::kSsdRead, "ssd0", "gpu0");
  storage.queue_depth = 32;
  storage.block = Bytes::kib(128);
  const auto results = run(m, {flow(m, TrafficKind::kReceive, "network", "gpu0", "nic0"), storage});
  const double link =
      gigabytes(pcie_write_rate(m.lane(m.vertex(part(m, "gpu0")).lane_up).pcie, {}));
  const double sum = (bytes_per_second(results[0].rate) + bytes_per_second(results[1].rate)) / 1e9;
  EXPECT_NEAR(sum / link, 1, 0.01);
  EXPECT_GT(bytes_per_second(results[1].rate) / 1e9, 2);
  EXPECT_LT(bytes_per_second(results[0].rate) / 1e9, link - 2);
}

TEST(HostTraffic, BounceCostsLatencyAndMemory) {
  const HostModel m = HostModel::build(small_host());
  HostFlowSpec direct = flow(m, TrafficKind::kReceive, "network", "gpu0", "nic0");
  direct.queue_depth = 1;
  HostFlowSpec bounced = direct;
  bounced.bounce = true;
  const double one = run(m, {direct})[0].latency_mean;
  const double two = run(m, {bounced})[0].latency_mean;
  EXPECT_GT(two, 1.8 * one);
}

TEST(HostTraffic, FiniteFlowsEnd) {
  const HostModel m = HostModel::build(small_host());
  HostMachine::Simulation sim;
  HostMachine machine(sim, m, {});
  HostWorkload workload(machine);
  HostFlowSpec spec = flow(m, TrafficKind::kCopyPush, "gpu0", "mem0");
  spec.operations = 10;
  spec.start = Duration::us(5);
  ASSERT_TRUE(workload.add(spec).has_value());
  workload.start();
  workload.measure();
  EXPECT_FALSE(workload.done());
  sim.run();
  EXPECT_TRUE(workload.done());
  EXPECT_EQ(workload.results()[0].operations, 10);
  EXPECT_NEAR(bytes_per_second(workload.results()[0].rate) / 1e9, 57.6, 0.6);
}

// Two servers, a network of 2 us: a remote drive's rate arrives, its latency adds up.
TEST(HostTraffic, RemoteDrive) {
  const HostDescription host = small_host();
  const HostModel m = HostModel::build_pair(host, host, {Duration::us(2)});
  HostFlowSpec spec;
  spec.kind = TrafficKind::kRemoteRead;
  spec.from = part(m, "remote.ssd0");
  spec.to = part(m, "gpu0");
  spec.nic = part(m, "nic0");
  spec.nic_remote = part(m, "remote.nic0");
  spec.block = Bytes::kib(128);
  spec.queue_depth = 32;
  spec.software_remote = Duration::us(5);
  EXPECT_NEAR(bytes_per_second(run(m, {spec})[0].rate) / 1e9, 14.0, 0.2);
  spec.queue_depth = 1;
  spec.block = Bytes(4096);
  const double direct = run(m, {spec})[0].latency_mean;
  EXPECT_GT(direct, 60e-6 + 5e-6 + 4e-6);
  EXPECT_LT(direct, 80e-6);
  spec.bounce_remote = true;
  const double staged_there = run(m, {spec})[0].latency_mean;
  spec.bounce = true;
  const double staged_twice = run(m, {spec})[0].latency_mean;
  EXPECT_GT(staged_there, direct);
  EXPECT_GT(staged_twice, staged_there);
}

// Nothing of the order of events depends on chance: equal runs have equal fingerprints.
TEST(HostTraffic, RunsRepeat) {
  const HostModel m = HostModel::build(small_host());
  uint64_t prints[2] = {};
  for (uint64_t& print : prints) {
    HostMachine::Simulation sim;
    HostMachine machine(sim, m, {});
    HostWorkload workload(machine);
    ASSERT_TRUE(workload.add(flow(m, TrafficKind::kSend, "gpu0", "network", "nic0")).has_value());
    ASSERT_TRUE(workload.add(flow(m, TrafficKind::kSsdRead, "ssd0", "gpu0")).has_value());
    workload.start();
    sim.run_until(Time::at(Duration::us(100)));
    print = sim.fingerprint().value();
  }
  EXPECT_EQ(prints[0], prints[1]);
}

// A process may die while its data is on the way, and the machine before the processes.
TEST(HostTraffic, DestructionInAnyOrder) {
  const HostModel m = HostModel::build(small_host());
  HostMachine::Simulation sim;
  auto machine = std::make_unique<HostMachine>(sim, m, HostMachineOptions{});
  const uint32_t way = machine->add_route(route(m, "gpu0", "nic0", RouteUse::kWrite));
  Time never;
  Time later;
  const des::ProcessId doomed = sim.spawn(move_data(*machine, way, Bytes::mib(1), never));
  sim.spawn(move_data(*machine, way, Bytes::mib(1), later));
  sim.run_until(Time::at(Duration::us(1)));
  EXPECT_TRUE(sim.kill(doomed));
  sim.run_until(Time::at(Duration::us(2)));
  machine.reset();
  EXPECT_EQ(never, Time::zero());
  EXPECT_EQ(later, Time::zero());
}

}  // namespace
}  // namespace windtunnel::node
