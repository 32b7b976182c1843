// Flows over Braid: queue pairs exist while flows are open, and leave nothing behind.
#include "node/braid_nic.h"

#include "fabric/network.h"
#include "fabric/topology_fixture.h"

namespace windtunnel::node {
namespace {

using fabric::Network;
using fabric::Topology;

struct Outcome {
  std::vector<FlowProgress> progress;
  NicTotals totals;
  uint32_t open = 0;
  uint32_t room_max = 0;
};

Topology sixteen_hosts() {
  const auto description =
      fabric::leaf_spine(16, 4, 1, base::Rate::gbps(400), base::Duration::us(1));
  return *Topology::build(description, 1);
}

Outcome run(const Workload& workload, uint32_t threads, base::Ratio loss = {0, 1}) {
  const Topology topology = sixteen_hosts();
  std::vector<uint32_t> positions;
  for (uint32_t h = 0; h < topology.hosts(); ++h) positions.push_back(topology.position(h));
  FlowBook book(workload, positions);
  BraidNicOptions options;
  options.workers = threads;
  BraidNics nics(topology, book, options);
  fabric::NetworkOptions network_options;
  network_options.threads = threads;
  network_options.queue.capacity = base::Bytes(400'000);
  network_options.queue.control_capacity = base::Bytes(400'000);
  network_options.queue.ecn = false;
  if (loss.part > 0) {
    for (uint32_t h = 0; h < topology.hosts(); ++h) {
      network_options.faults.push_back(
          {base::Time::zero(), {h, 0}, fabric::FaultKind::kLoss, loss});
    }
  }
  Network network(topology, network_options, nics);
  std::vector<uint32_t> partitions;
  for (uint32_t h = 0; h < topology.hosts(); ++h) {
    partitions.push_back(network.partition_of_unit(h));
  }
  book.set_partitions(partitions);
  des::WindowedOptions windows;
  windows.threads = threads;
  windows.on_window = [&](base::Time) {
    nics.balance();
    return true;
  };
  EXPECT_TRUE(des::run_windowed(network, windows).exhausted);
  Outcome outcome;
  outcome.progress.assign(book.progress().begin(), book.progress().end());
  outcome.totals = nics.totals();
  for (uint32_t h = 0; h < topology.hosts(); ++h) {
    outcome.open += nics.channels().open_channels(h);
    outcome.room_max = std::max(outcome.room_max, nics.channels().endpoint(h).room());
  }
  return outcome;
}

void expect_all_finished(const Outcome& outcome) {
  for (size_t f = 0; f < outcome.progress.size(); ++f) {
    EXPECT_GE(outcome.progress[f].finished_ps, 0) << "flow " << f;
    EXPECT_FALSE(outcome.progress[f].failed) << "flow " << f;
  }
}

TEST(BraidNics, RoomFollowsTheFlowsOpenAtOnceAndNothingStaysOpen) {
  const Outcome outcome = run(all_to_all(16, 60'000, 1, base::Time::zero()), 1);
  ASSERT_EQ(outcome.progress.size(), 240u);
  expect_all_finished(outcome);
  EXPECT_EQ(outcome.open, 0u);
  EXPECT_LE(outcome.room_max, 8u);  // one flow out, and few in: 30 over the run
}

TEST(BraidNics, AnIncastMakesRoomAtItsReceiver) {
  IncastOptions incast_options;
  incast_options.hosts = 16;
  for (uint32_t s = 1; s < 16; ++s) incast_options.sources.push_back(s);
  incast_options.bytes = 100'000;
  const Outcome outcome = run(incast(incast_options), 1);
  expect_all_finished(outcome);
  EXPECT_EQ(outcome.room_max, 16u);
  EXPECT_EQ(outcome.open, 0u);
}

TEST(BraidNics, ThreadsCannotBeSeen) {
  const Workload workload = all_to_all(16, 60'000, 3, base::Time::zero());
  const Outcome one = run(workload, 1);
  const Outcome three = run(workload, 3);
  for (size_t f = 0; f < one.progress.size(); ++f) {
    EXPECT_EQ(one.progress[f].started_ps, three.progress[f].started_ps) << f;
    EXPECT_EQ(one.progress[f].finished_ps, three.progress[f].finished_ps) << f;
  }
  EXPECT_EQ(one.totals.packets_sent, three.totals.packets_sent);
  EXPECT_EQ(one.totals.control_sent, three.totals.control_sent);
  EXPECT_EQ(one.totals.stale, three.totals.stale);
}

TEST(BraidNics, WhatArrivesAfterTheEndIsDroppedAndOpensNothing) {
  const Outcome outcome = run(all_to_all(16, 200'000, 4, base::Time::zero()), 1, {1, 50});
  expect_all_finished(outcome);
  EXPECT_GT(outcome.totals.retransmitted, 0);
  EXPECT_GT(outcome.totals.stale, 0);
  EXPECT_EQ(outcome.open, 0u);
}

}  // namespace
}  // namespace windtunnel::node
