// Messages between ranks, held against what arithmetic says they take on an empty network.
#include "node/message_nics.h"

#include <numeric>

#include "fabric/network.h"
#include "fabric/topology_fixture.h"

namespace windtunnel::node {
namespace {

using fabric::Network;
using fabric::Topology;

constexpr int64_t kLinkPs = 1'000'000;
constexpr int64_t kPsPerByte = 20;  // 400 Gb/s
constexpr int64_t kPayload = 4032;

// Rank r sends to r + 1 as often as there are ranks; each message but the first answers the arrival
// of one.
class Ring final : public RankProgram {
 public:
  Ring(uint32_t ranks, uint32_t steps, int64_t bytes)
      : steps_(steps), bytes_(bytes), state_(ranks) {}

  uint32_t ranks() const override { return static_cast<uint32_t>(state_.size()); }
  void start(uint32_t rank, RankMachine& machine) override { next(rank, machine); }
  void sent(const RankMessage& m, RankMachine&) override {
    EXPECT_EQ(m.tag, uint64_t{state_[m.from].confirmed} << 40 | m.from);
    ++state_[m.from].confirmed;
  }
  void arrived(const RankMessage& m, RankMachine& machine) override {
    State& state = state_[m.to];
    EXPECT_EQ(m.from, (m.to + ranks() - 1) % ranks());
    EXPECT_EQ(m.tag, uint64_t{state.arrived} << 40 | m.from);
    EXPECT_EQ(m.bytes, bytes_);
    state.last_ps = machine.now_ps();
    if (++state.arrived < steps_) next(m.to, machine);
  }
  void computed(uint32_t, uint64_t, RankMachine&) override { FAIL(); }
  void failed(const RankMessage&, RankMachine&) override { ++failures_; }
  bool done(uint32_t rank) const override {
    return state_[rank].arrived == steps_ && state_[rank].confirmed == steps_;
  }
  bool gave_up(uint32_t) const override { return false; }
  int64_t last_ps(uint32_t rank) const { return state_[rank].last_ps; }
  int failures() const { return failures_; }

 private:
  struct State {
    uint32_t posted = 0;
    uint32_t confirmed = 0;
    uint32_t arrived = 0;
    int64_t last_ps = 0;
  };
  void next(uint32_t rank, RankMachine& machine) {
    RankMessage m;
    m.from = rank;
    m.to = (rank + 1) % ranks();
    m.bytes = bytes_;
    m.tag = uint64_t{state_[rank].posted++} << 40 | rank;
    machine.send(m);
  }
  uint32_t steps_;
  int64_t bytes_;
  std::vector<State> state_;
  int failures_ = 0;
};

// Everybody sends to everybody at once, and keeps busy for a while with each message that arrives.
class Storm final : public RankProgram {
 public:
  Storm(uint32_t ranks, int64_t bytes, uint16_t channels)
      : bytes_(bytes), channels_(channels), state_(ranks) {}
  uint32_t ranks() const override { return static_cast<uint32_t>(state_.size()); }
  void start(uint32_t rank, RankMachine& machine) override {
    for (uint16_t c = 0; c < channels_; ++c) {
      for (uint32_t step = 1; step < ranks(); ++step) {
        RankMessage m;
        m.from = rank;
        m.to = (rank + step) % ranks();
        m.bytes = bytes_ + step;
        m.channel = c;
        machine.send(m);
      }
    }
  }
  void sent(const RankMessage& m, RankMachine&) override { ++state_[m.from].confirmed; }
  void arrived(const RankMessage& m, RankMachine& machine) override {
    EXPECT_EQ(m.bytes, bytes_ + (m.to + ranks() - m.from) % ranks());
    machine.compute(m.to, 1000, ++state_[m.to].arrived);
  }
  void computed(uint32_t rank, uint64_t tag, RankMachine& machine) override {
    EXPECT_EQ(tag, ++state_[rank].computed);
    state_[rank].last_ps = machine.now_ps();
  }
  void failed(const RankMessage&, RankMachine&) override { FAIL(); }
  bool done(uint32_t rank) const override {
    const uint32_t all = channels_ * (ranks() - 1);
    return state_[rank].computed == all && state_[rank].confirmed == all;
  }
  bool gave_up(uint32_t) const override { return false; }
  int64_t last_ps(uint32_t rank) const { return state_[rank].last_ps; }

 private:
  struct State {
    uint32_t confirmed = 0;
    uint32_t arrived = 0;
    uint32_t computed = 0;
    int64_t last_ps = 0;
  };
  int64_t bytes_;
  uint16_t channels_;
  std::vector<State> state_;
};

struct World {
  World(uint32_t hosts, MessageNicOptions options, std::vector<RankProgram*> programs,
        uint32_t threads = 1, std::vector<fabric::Fault> faults = {})
      : topology(*Topology::build(
            fabric::leaf_spine(hosts, 4, 1, base::Rate::gbps(400), base::Duration::ps(kLinkPs)),
            1)) {
    options.workers = threads;
    nics = std::make_unique<MessageNics>(topology, options, std::move(programs));
    fabric::NetworkOptions network_options;
    network_options.threads = threads;
    network_options.faults = std::move(faults);
    network_options.queue.capacity = base::Bytes(1'000'000);
    network_options.queue.control_capacity = base::Bytes(1'000'000);
    network_options.queue.ecn = false;
    network = std::make_unique<Network>(topology, network_options, *nics);
    std::vector<uint32_t> partitions;
    for (uint32_t h = 0; h < hosts; ++h) partitions.push_back(network->partition_of_unit(h));
    nics->set_partitions(partitions);
    des::WindowedOptions windows;
    windows.threads = threads;
    windows.on_window = [&](base::Time) {
      nics->balance();
      return !nics->finished();
    };
    des::run_windowed(*network, windows);
  }
  Topology topology;
  std::unique_ptr<MessageNics> nics;
  std::unique_ptr<Network> network;
};

MessageNicOptions options_of(uint32_t ranks, uint32_t gpus, uint32_t nics) {
  MessageNicOptions options;
  options.shape = {gpus, nics};
  options.gpu_of_rank.resize(ranks);
  std::iota(options.gpu_of_rank.begin(), options.gpu_of_rank.end(), 0u);
  return options;
}

// From the first bit of the first packet to the last bit of the last, by `links` stores and
// forwards.
int64_t way_ps(int64_t bytes, int64_t links) {
  const int64_t packets = std::max<int64_t>(1, (bytes + kPayload - 1) / kPayload);
  const int64_t last = bytes - (packets - 1) * kPayload + 64;
  return links * kLinkPs + ((packets - 1) * 4096 + links * last) * kPsPerByte;
}

TEST(MessageNics, AMessageToTheNextRackTakesWhatItsPacketsTake) {
  Ring ring(16, 1, 100'000);
  World world(16, options_of(16, 1, 1), {&ring});
  EXPECT_TRUE(world.nics->finished());
  // Rank 0 to 1 shares a leaf, 3 to 4 crosses the spine. The last packet is short and never waits
  // for a full one, so a full packet decides at the second link.
  EXPECT_EQ(ring.last_ps(1), way_ps(100'000, 2) + (4096 - (100'000 % kPayload + 64)) * kPsPerByte);
  EXPECT_GT(ring.last_ps(4), ring.last_ps(1) + 2 * kLinkPs);
  EXPECT_EQ(world.nics->moved().messages, 16);
  EXPECT_EQ(world.nics->moved().bytes, 1'600'000);
  EXPECT_EQ(world.nics->moved().inside_messages, 0);
}

MessageNicOptions roce_of(MessageNicOptions options) {
  options.roce = RoceNicOptions{};
  return options;
}

TEST(MessageNics, RoceCarriesTheSameMessages) {
  Ring ring(16, 40, 9'000);
  World world(16, roce_of(options_of(16, 2, 2)), {&ring});
  EXPECT_TRUE(world.nics->finished());
  EXPECT_EQ(world.nics->moved().messages, 8 * 40);
  EXPECT_EQ(world.nics->moved().inside_messages, 8 * 40);
  EXPECT_EQ(world.nics->totals().retransmitted, 0);
  Ring once(16, 1, 100'000);
  World empty(16, roce_of(options_of(16, 1, 1)), {&once});
  EXPECT_EQ(once.last_ps(1), way_ps(100'000, 2) + (4096 - (100'000 % kPayload + 64)) * kPsPerByte);
}

TEST(MessageNics, RoceReusesChannelsAndShowsNoThreads) {
  std::vector<int64_t> ends[2];
  for (int i = 0; i < 2; ++i) {
    MessageNicOptions options = roce_of(options_of(32, 8, 4));
    options.channels_max = 3;
    options.dma.read_rate = base::Rate::gbps(300);
    Storm storm(32, 20'000, 2);
    Ring ring(32, 10, 0);
    std::vector<fabric::Fault> faults;
    for (uint32_t h = 0; h < 16; ++h) {
      faults.push_back({base::Time::zero(), {h, 0}, fabric::FaultKind::kLoss, {1, 500}});
    }
    World world(16, options, {&storm, &ring}, i == 0 ? 1u : 2u, faults);
    EXPECT_TRUE(world.nics->finished());
    EXPECT_EQ(world.nics->channels_open_max(), 3u);
    EXPECT_GT(world.nics->totals().retransmitted, 0);
    for (uint32_t r = 0; r < 32; ++r) ends[i].push_back(storm.last_ps(r));
    for (const RoundTimes& round : world.nics->rounds()) ends[i].push_back(round.end_ps);
  }
  EXPECT_EQ(ends[0], ends[1]);
}

TEST(MessageNics, RoceFailsTheMessagesOfADeadCable) {
  MessageNicOptions options = roce_of(options_of(16, 1, 1));
  options.roce->retry_limit = 2;
  Ring ring(16, 4, 50'000);
  World world(16, options, {&ring}, 1,
              {{base::Time::zero(), {5, 0}, fabric::FaultKind::kDown, {0, 1}}});
  EXPECT_FALSE(world.nics->finished());
  EXPECT_GT(ring.failures(), 0);
}

TEST(MessageNics, ARingKeepsItsOrderAndOneChannelANic) {
  Ring ring(16, 40, 9'000);
  World world(16, options_of(16, 1, 1), {&ring});
  EXPECT_TRUE(world.nics->finished());
  EXPECT_EQ(world.nics->channels_open_max(), 1u);
  EXPECT_EQ(world.nics->moved().messages, 16 * 40);
  EXPECT_EQ(world.nics->totals().retransmitted, 0);
}

// Rank 0 sends a line of messages to one other, the last of them urgent.
class Overtaker final : public RankProgram {
 public:
  static constexpr uint64_t kMessages = 12;
  explicit Overtaker(uint32_t to) : to_(to) {}
  uint32_t ranks() const override { return 4; }
  void start(uint32_t rank, RankMachine& machine) override {
    for (uint64_t tag = 0; rank == 0 && tag < kMessages; ++tag) {
      RankMessage m{0, to_, 100'000, tag};
      m.priority = tag + 1 == kMessages ? 0 : 1;
      machine.send(m);
    }
  }
  void sent(const RankMessage&, RankMachine&) override { ++confirmed_; }
  void arrived(const RankMessage& m, RankMachine&) override { order_.push_back(m.tag); }
  void computed(uint32_t, uint64_t, RankMachine&) override { FAIL(); }
  void failed(const RankMessage&, RankMachine&) override { FAIL(); }
  bool done(uint32_t rank) const override {
    if (rank == 0) return confirmed_ == kMessages;
    return rank != to_ || order_.size() == kMessages;
  }
  bool gave_up(uint32_t) const override { return false; }
  const std::vector<uint64_t>& order() const { return order_; }

 private:
  uint32_t to_;
  uint64_t confirmed_ = 0;
  std::vector<uint64_t> order_;
};

TEST(MessageNics, WhatIsUrgentOvertakesWhatStillWaits) {
  for (const uint32_t to : {1u, 2u}) {
    Overtaker program(to);
    MessageNicOptions options = options_of(4, 2, 2);
    options.posted_max = base::Bytes(250'000);
    World world(4, options, {&program});
    ASSERT_TRUE(world.nics->finished());
    // Within the server one is on its way already; across, what the transport has taken.
    const size_t place = to == 1 ? 1 : 3;
    std::vector<uint64_t> order;
    for (uint64_t tag = 0; tag + 1 < Overtaker::kMessages; ++tag) order.push_back(tag);
    order.insert(order.begin() + static_cast<ptrdiff_t>(place), Overtaker::kMessages - 1);
    EXPECT_EQ(program.order(), order) << "to rank " << to;
  }
}

TEST(MessageNics, ZeroBytesAreAMessageToo) {
  Ring ring(16, 3, 0);
  World world(16, options_of(16, 2, 2), {&ring});
  EXPECT_TRUE(world.nics->finished());
  EXPECT_EQ(world.nics->moved().messages + world.nics->moved().inside_messages, 48);
}

TEST(MessageNics, DoorbellsPlacementAndSlowBusesAddUp) {
  Ring plain(16, 1, 1'000'000);
  World without(16, options_of(16, 1, 1), {&plain});
  MessageNicOptions options = options_of(16, 1, 1);
  options.dma.send_latency = base::Duration::ns(700);
  options.dma.receive_latency = base::Duration::ns(300);
  Ring late(16, 1, 1'000'000);
  World with(16, options, {&late});
  EXPECT_EQ(late.last_ps(1), plain.last_ps(1) + 1'000'000);
  options.dma.read_rate = base::Rate::gbps(200);
  options.dma.write_rate = base::Rate::gbps(1'000);
  Ring slow(16, 1, 1'000'000);
  World read_bound(16, options, {&slow});
  // Every payload byte takes 40 ps at the bus; the rest is the latency of one packet.
  EXPECT_NEAR(static_cast<double>(slow.last_ps(1)), 1'000'000 * 40.0 + 3'100'000, 200'000);
  EXPECT_EQ(read_bound.nics->dma_read().most_ps, 1'000'000 * 40);
  EXPECT_EQ(read_bound.nics->dma_write().most_ps / 1000, 1'000'000 * 8 / 1000);
  options.dma.read_rate = base::Rate::bits_per_second(0);
  options.dma.write_rate = base::Rate::gbps(200);
  Ring placed(16, 1, 1'000'000);
  World write_bound(16, options, {&placed});
  EXPECT_NEAR(static_cast<double>(placed.last_ps(1)), 1'000'000 * 40.0 + 3'200'000, 200'000);
}

TEST(MessageNics, WithinAServerNothingTouchesTheNetwork) {
  MessageNicOptions options = options_of(8, 8, 8);
  options.server.rate = base::Rate::gbps(4'000);  // 2 ps a byte
  options.server.latency = base::Duration::ns(1'500);
  Ring ring(8, 5, 1'000'000);
  World world(8, options, {&ring});
  EXPECT_TRUE(world.nics->finished());
  for (uint32_t r = 0; r < 8; ++r) EXPECT_EQ(ring.last_ps(r), 5 * (1'500'000 + 2'000'000));
  EXPECT_EQ(world.network->totals().packet_hops, 0);
  // The last confirmation takes the latency once more.
  EXPECT_EQ(world.nics->rounds()[0].end_ps, 5 * 3'500'000 + 1'500'000);
  EXPECT_EQ(world.nics->server_out().most_ps, 10'000'000);
}

TEST(MessageNics, PortsOfAServerServeOneAfterTheOther) {
  MessageNicOptions options = options_of(8, 8, 4);  // two ranks a NIC
  options.server.rate = base::Rate::gbps(4'000);
  Storm storm(8, 500'000, 1);
  World world(4, options, {&storm});
  EXPECT_TRUE(world.nics->finished());
  // Each port takes seven messages of 1 us and has the last after its latency and their times.
  for (uint32_t r = 0; r < 8; ++r) {
    EXPECT_NEAR(static_cast<double>(storm.last_ps(r)), 8'001'000, 100) << r;
  }
}

TEST(MessageNics, FewChannelsCarryManyPeers) {
  for (const uint32_t limit : {1u, 3u, 64u}) {
    MessageNicOptions options = options_of(16, 1, 1);
    options.channels_max = limit;
    Storm storm(16, 30'000, 2);
    World world(16, options, {&storm});
    EXPECT_TRUE(world.nics->finished()) << limit;
    EXPECT_EQ(world.nics->channels_open_max(), std::min(limit, 30u));
    EXPECT_EQ(world.nics->moved().messages, 16 * 15 * 2);
  }
}

TEST(MessageNics, RoundsFollowOneAnother) {
  Ring first(16, 2, 50'000);
  Storm second(16, 20'000, 1);
  Ring third(16, 3, 10'000);
  World world(16, options_of(16, 4, 4), {&first, &second, &third});
  EXPECT_TRUE(world.nics->finished());
  const auto rounds = world.nics->rounds();
  ASSERT_EQ(rounds.size(), 3u);
  EXPECT_EQ(rounds[0].start_ps, 0);
  for (size_t k = 0; k < 2; ++k) {
    EXPECT_EQ(rounds[k + 1].start_ps, rounds[k].end_ps + 2 * kLinkPs);
    EXPECT_GT(rounds[k + 1].end_ps, rounds[k + 1].start_ps);
  }
}

TEST(MessageNics, ThreadsCannotBeSeen) {
  std::vector<int64_t> ends[2];
  int64_t hops[2];
  for (int i = 0; i < 2; ++i) {
    MessageNicOptions options = options_of(32, 8, 4);
    options.channels_max = 5;
    options.dma.send_latency = base::Duration::ns(500);
    options.dma.read_rate = base::Rate::gbps(300);
    Storm storm(32, 20'000, 2);
    Ring ring(32, 10, 7'000);
    std::vector<fabric::Fault> faults;
    for (uint32_t h = 0; h < 16; ++h) {
      faults.push_back({base::Time::zero(), {h, 0}, fabric::FaultKind::kLoss, {1, 200}});
    }
    World world(16, options, {&storm, &ring}, i == 0 ? 1u : 2u, faults);
    EXPECT_TRUE(world.nics->finished());
    for (uint32_t r = 0; r < 32; ++r) ends[i].push_back(storm.last_ps(r));
    for (uint32_t r = 0; r < 32; ++r) ends[i].push_back(ring.last_ps(r));
    for (const RoundTimes& round : world.nics->rounds()) ends[i].push_back(round.end_ps);
    hops[i] = world.network->totals().packet_hops;
    EXPECT_GT(world.nics->totals().retransmitted, 0);
  }
  EXPECT_EQ(ends[0], ends[1]);
  EXPECT_EQ(hops[0], hops[1]);
}

TEST(MessageNics, ADeadCableFailsTheMessagesOfItsRank) {
  MessageNicOptions options = options_of(16, 1, 1);
  options.endpoint.retry_limit = 3;
  Ring ring(16, 4, 50'000);
  World world(16, options, {&ring}, 1,
              {{base::Time::zero(), {5, 0}, fabric::FaultKind::kDown, {0, 1}}});
  EXPECT_FALSE(world.nics->finished());
  EXPECT_GT(ring.failures(), 0);
  EXPECT_EQ(world.nics->moved().failed, ring.failures());
}

}  // namespace
}  // namespace windtunnel::node
