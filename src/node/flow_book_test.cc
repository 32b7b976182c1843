// The book of flows, kept by hosts that only pretend to move data: a flow's payload reaches its
// destination after a fixed time and the source knows after as much again. Messages between hosts
// run through a real network (1 us a link, so 1 us the message).
#include "node/flow_book.h"

#include <algorithm>
#include <vector>

#include "base/random.h"
#include "fabric/network.h"
#include "fabric/topology_fixture.h"

namespace windtunnel::node {
namespace {

using fabric::Inlet;
using fabric::Parcel;

constexpr uint64_t kSeed = 20261122;
constexpr int64_t kMessagePs = 1'000'000;

// One way, for flow number f: between 1 and 2 lookaheads, which is what direct messages can take.
int64_t way_ps(uint32_t flow) { return kMessagePs + flow % 8 * 100'000; }

class PretendNics final : public fabric::HostSide {
 public:
  PretendNics(const Workload& workload, FlowBook& book)
      : workload_(workload), book_(book), open_(book_hosts(workload)), open_max_(open_.size()) {}
  void attach(const fabric::Network& network) { network_ = &network; }

  int64_t run_host(uint32_t host, std::span<const fabric::Arrival> arrivals, int64_t until_ps,
                   std::span<fabric::HostLink> links, fabric::Emitter& out) override {
    (void)links;
    for (;;) {
      const int64_t arrival_ps =
          arrivals.empty() ? kNever : out.begin_ps() + arrivals.front().offset_ps();
      const int64_t due_ps = book_.next_due_ps(host);
      const int64_t now_ps = std::min(arrival_ps, due_ps);
      if (now_ps >= until_ps) return due_ps;
      if (arrival_ps == now_ps) {
        arrive(host, *arrivals.front().parcel, now_ps, out);
        arrivals = arrivals.subspan(1);
      }
      while (book_.next_due_ps(host) <= now_ps) begin(host, now_ps, out);
    }
  }
  void dropped(const Parcel& parcel, uint32_t worker) override {
    (void)parcel;
    (void)worker;
  }
  int32_t open_max(uint32_t host) const { return open_max_[host]; }
  bool fail_everything = false;

 private:
  enum Kind : uint32_t { kPayload = 100, kAcknowledgement };
  static size_t book_hosts(const Workload& w) { return w.hosts; }

  void begin(uint32_t host, int64_t now_ps, fabric::Emitter& out) {
    const uint32_t flow = *book_.take_due(host, now_ps);
    EXPECT_EQ(book_.source(flow), host);
    open_max_[host] = std::max(open_max_[host], ++open_[host]);
    if (fail_everything) {
      book_.failed(flow, now_ps);
    } else {
      tell(kPayload, flow, book_.destination(flow), now_ps, out);
    }
  }
  void arrive(uint32_t host, const Parcel& parcel, int64_t now_ps, fabric::Emitter& out) {
    const uint32_t flow = parcel.cargo[1];
    if (parcel.has(HostPosts::kFlag)) {
      book_.message(host, parcel, now_ps, out);
    } else if (parcel.cargo[0] == kPayload) {
      EXPECT_EQ(book_.destination(flow), host);
      book_.received(flow, workload_.flows[flow].bytes, now_ps, out);
      tell(kAcknowledgement, flow, book_.source(flow), now_ps, out);
    } else {
      --open_[host];
      book_.sent(flow, now_ps, out);
    }
  }
  void tell(Kind kind, uint32_t flow, uint32_t to, int64_t now_ps, fabric::Emitter& out) {
    Parcel parcel;
    parcel.flow = flow;
    parcel.cargo[0] = kind;
    parcel.cargo[1] = flow;
    out.send_direct(Inlet(to, 0), network_->partition_of_unit(to), parcel, now_ps + way_ps(flow));
  }

  const Workload& workload_;
  FlowBook& book_;
  const fabric::Network* network_ = nullptr;
  std::vector<int32_t> open_, open_max_;
};

struct Course {
  std::vector<FlowProgress> progress;
  std::vector<FlowReception> reception;
  std::vector<int32_t> open_max;
  int64_t ended = 0;
};

std::vector<uint32_t> in_order(uint32_t hosts) {
  std::vector<uint32_t> all;
  for (uint32_t h = 0; h < hosts; ++h) all.push_back(h);
  return all;
}

Course run(const Workload& workload, std::vector<uint32_t> positions, uint32_t threads = 1,
           bool fail = false) {
  const fabric::Topology topology =
      fabric::Topology::build(fabric::leaf_spine(workload.hosts, 2, 1, base::Rate::gbps(400),
                                                 base::Duration::ps(kMessagePs)),
                              kSeed)
          .value();
  FlowBook book(workload, std::move(positions));
  PretendNics nics(workload, book);
  nics.fail_everything = fail;
  fabric::NetworkOptions options;
  options.threads = threads;
  fabric::Network network(topology, options, nics);
  nics.attach(network);
  PartitionOf partitions;
  for (uint32_t h = 0; h < workload.hosts; ++h) partitions.push_back(network.partition_of_unit(h));
  book.set_partitions(partitions);
  des::WindowedOptions windows;
  windows.threads = threads;
  run_windowed(network, windows);
  Course result;
  result.progress.assign(book.progress().begin(), book.progress().end());
  result.reception.assign(book.reception().begin(), book.reception().end());
  for (uint32_t h = 0; h < workload.hosts; ++h) result.open_max.push_back(nics.open_max(h));
  result.ended = book.ended();
  return result;
}
Course run(const Workload& workload, uint32_t threads = 1) {
  return run(workload, in_order(workload.hosts), threads);
}

uint32_t add(Workload& w, uint32_t src, uint32_t dst, int64_t start_ps,
             uint32_t started_by = kNoTrigger) {
  FlowSpec f;
  f.src = src;
  f.dst = dst;
  f.bytes = 1000;
  f.start = base::Time::at(base::Duration::ps(start_ps));
  f.started_by = started_by;
  w.flows.push_back(f);
  const auto number = static_cast<uint32_t>(w.flows.size() - 1);
  if (started_by != kNoTrigger) w.triggers[started_by].flows.push_back(number);
  return number;
}
Workload of(uint32_t hosts, std::vector<TriggerSpec> triggers = {}) {
  Workload w;
  w.hosts = hosts;
  w.triggers = std::move(triggers);
  return w;
}
TriggerSpec trigger(TriggerKind kind, uint32_t count = 1) {
  TriggerSpec t;
  t.kind = kind;
  t.count = count;
  return t;
}

TEST(FlowBook, FlowsBeginWhenTheyAreDueAndEndTwoWaysLater) {
  Workload w = of(4);
  add(w, 0, 1, 5'000'000);
  add(w, 0, 2, 123);
  add(w, 3, 0, 0);
  const Course r = run(w);
  for (uint32_t f = 0; f < 3; ++f) {
    const int64_t start = w.flows[f].start.ps();
    EXPECT_EQ(r.progress[f].started_ps, start);
    EXPECT_EQ(r.reception[f].complete_ps, start + way_ps(f));
    EXPECT_EQ(r.reception[f].bytes, 1000);
    EXPECT_EQ(r.progress[f].finished_ps, start + 2 * way_ps(f));
    EXPECT_FALSE(r.progress[f].failed);
  }
  EXPECT_EQ(r.ended, 3);
}

TEST(FlowBook, FlowsOfOneInstantBeginInTheOrderOfTheList) {
  Workload w = of(2);
  add(w, 0, 1, 50);
  add(w, 0, 1, 20);
  add(w, 0, 1, 20);
  add(w, 1, 0, 20);
  FlowBook book(w, in_order(2));
  EXPECT_EQ(book.next_due_ps(0), 20);
  EXPECT_EQ(book.take_due(0, 19), std::nullopt);
  EXPECT_EQ(book.take_due(0, 30), 1u);
  EXPECT_EQ(book.take_due(0, 30), 2u);
  EXPECT_EQ(book.take_due(0, 30), std::nullopt);
  EXPECT_EQ(book.next_due_ps(0), 50);
  EXPECT_EQ(book.take_due(0, 51), 0u);
  EXPECT_EQ(book.progress()[0].started_ps, 51);
  EXPECT_EQ(book.next_due_ps(0), kNever);
  EXPECT_EQ(book.next_due_ps(1), 20);
}

TEST(FlowBook, TriggersOfOneHostTakeNoTime) {
  Workload w = of(4, {trigger(TriggerKind::kOneshot), trigger(TriggerKind::kOneshot)});
  const uint32_t first = add(w, 0, 1, 77);
  const uint32_t by_sender = add(w, 0, 2, 0, 0);
  const uint32_t by_receiver = add(w, 1, 3, 0, 1);
  w.flows[first].on_sent = 0;
  w.flows[first].on_received = 1;
  const Course r = run(w);
  EXPECT_EQ(r.progress[by_sender].started_ps, 77 + 2 * way_ps(first));
  EXPECT_EQ(r.progress[by_receiver].started_ps, 77 + way_ps(first));
  EXPECT_EQ(r.ended, 3);
}

// A trigger is at home with the source of its first flow. Fired elsewhere it takes one message to
// get there, and the flows it starts at other hosts one more.
TEST(FlowBook, TriggersBetweenHostsTakeAMessageEach) {
  Workload w = of(6, {trigger(TriggerKind::kOneshot)});
  const uint32_t first = add(w, 0, 1, 77);
  const uint32_t at_home = add(w, 2, 3, 0, 0);
  const uint32_t further = add(w, 4, 5, 0, 0);
  const uint32_t back = add(w, 0, 5, 0, 0);
  const uint32_t home_again = add(w, 2, 5, 0, 0);
  w.flows[first].on_sent = 0;
  const Course r = run(w);
  const int64_t fired = 77 + 2 * way_ps(first);
  EXPECT_EQ(r.progress[at_home].started_ps, fired + kMessagePs);
  EXPECT_EQ(r.progress[home_again].started_ps, fired + kMessagePs);
  EXPECT_EQ(r.progress[further].started_ps, fired + 2 * kMessagePs);
  EXPECT_EQ(r.progress[back].started_ps, fired + 2 * kMessagePs);
}

TEST(FlowBook, AOneshotGoesOffOnce) {
  Workload w = of(4, {trigger(TriggerKind::kOneshot)});
  for (const int64_t start : {10, 2'000'000, 5'000'000}) {
    w.flows[add(w, 0, 1, start)].on_sent = 0;
  }
  const uint32_t a = add(w, 0, 2, 0, 0);
  const uint32_t b = add(w, 0, 3, 0, 0);
  const Course r = run(w);
  EXPECT_EQ(r.progress[a].started_ps, 10 + 2 * way_ps(0));
  EXPECT_EQ(r.progress[b].started_ps, 10 + 2 * way_ps(0));
  EXPECT_EQ(r.ended, 5);
}

TEST(FlowBook, AMultishotStartsOneFlowAFiring) {
  Workload w = of(4, {trigger(TriggerKind::kMultishot)});
  for (int64_t n = 0; n < 5; ++n) w.flows[add(w, 0, 1, n * 5'000'000)].on_sent = 0;
  std::vector<uint32_t> started;
  for (uint32_t n = 0; n < 3; ++n) started.push_back(add(w, 0, 2, 0, 0));
  const Course r = run(w);
  for (uint32_t n = 0; n < 3; ++n) {
    EXPECT_EQ(r.progress[started[n]].started_ps, r.progress[n].finished_ps);
  }
  EXPECT_EQ(r.ended, 8) << "firings beyond the last flow start nothing";
}

TEST(FlowBook, ABarrierWaitsForItsCount) {
  for (const uint32_t count : {1u, 3u, 4u}) {
    Workload w = of(8, {trigger(TriggerKind::kBarrier, count)});
    // Fired by three hosts: from its home at once, from the others a message later.
    for (uint32_t host = 0; host < 3; ++host) {
      w.flows[add(w, host, 7, host * 3'000'000)].on_sent = 0;
    }
    const uint32_t a = add(w, 0, 5, 0, 0);
    const uint32_t b = add(w, 6, 5, 0, 0);
    const Course r = run(w);
    const int64_t firings[] = {2 * way_ps(0), 3'000'000 + 2 * way_ps(1) + kMessagePs,
                               6'000'000 + 2 * way_ps(2) + kMessagePs};
    EXPECT_EQ(r.progress[a].started_ps, count <= 3 ? firings[count - 1] : -1);
    EXPECT_EQ(r.progress[b].started_ps, count <= 3 ? firings[count - 1] + kMessagePs : -1);
    EXPECT_EQ(r.ended, count <= 3 ? 5 : 3);
  }
}

TEST(FlowBook, ManyFiringsOfOneInstantAllCount) {
  Workload w = of(8, {trigger(TriggerKind::kBarrier, 6)});
  // Six flows of the same number modulo 8 end at the same picosecond at different hosts.
  std::vector<uint32_t> firing;
  for (uint32_t n = 0; n < 41; ++n) {
    const uint32_t f = add(w, 1 + n / 8, 7, 0);
    if (n % 8 == 0) firing.push_back(f);
  }
  for (const uint32_t f : firing) w.flows[f].on_sent = 0;
  ASSERT_EQ(firing.size(), 6u);
  const uint32_t started = add(w, 0, 1, 0, 0);
  EXPECT_EQ(run(w).progress[started].started_ps, 2 * way_ps(0) + kMessagePs);
}

TEST(FlowBook, AFailedFlowEndsAndFiresNothing) {
  Workload w = of(4, {trigger(TriggerKind::kOneshot)});
  w.flows[add(w, 0, 1, 10)].on_sent = 0;
  add(w, 0, 2, 0, 0);
  const Course r = run(w, in_order(4), 1, true);
  EXPECT_TRUE(r.progress[0].failed);
  EXPECT_EQ(r.progress[0].finished_ps, -1);
  EXPECT_EQ(r.progress[1].started_ps, -1);
  EXPECT_EQ(r.ended, 1);
}

// It would be started twice, or by the wrong one.
TEST(FlowBookDeathTest, ATriggerStartsOnlyFlowsThatWaitForIt) {
  Workload w = of(4, {trigger(TriggerKind::kOneshot)});
  w.triggers[0].flows.push_back(add(w, 0, 1, 10));
  EXPECT_DEATH(FlowBook(w, in_order(4)), "waits for another");
}

TEST(FlowBook, PayloadInPiecesIsCompleteOnce) {
  Workload w = of(2, {trigger(TriggerKind::kMultishot)});
  w.flows[add(w, 0, 1, 0)].on_received = 0;
  for (int n = 0; n < 3; ++n) add(w, 1, 0, 0, 0);
  FlowBook book(w, in_order(2));
  book.set_partitions({0, 0});
  fabric::Outbox outbox(4, 1);
  fabric::WorkerCounters counters;
  fabric::Emitter out(outbox, {}, base::Duration::ps(kMessagePs), counters, 0);
  EXPECT_EQ(book.take_due(0, 0), 0u);
  book.received(0, 400, 10, out);
  EXPECT_EQ(book.reception()[0].complete_ps, -1);
  EXPECT_EQ(book.next_due_ps(1), kNever);
  book.received(0, 600, 20, out);
  EXPECT_EQ(book.reception()[0].complete_ps, 20);
  EXPECT_EQ(book.next_due_ps(1), 20);
  book.received(0, 1, 30, out);
  EXPECT_EQ(book.reception()[0].complete_ps, 20);
  EXPECT_EQ(book.take_due(1, 30), 1u);
  EXPECT_EQ(book.take_due(1, 30), std::nullopt) << "fired once";
}

TEST(FlowBook, MessagesAreParcelsToTheHostsOwnInlet) {
  Workload w = of(4, {trigger(TriggerKind::kOneshot)});
  w.flows[add(w, 0, 1, 0)].on_sent = 0;
  add(w, 2, 3, 0, 0);
  FlowBook book(w, {3, 2, 1, 0});
  book.set_partitions({5, 6, 7, 8});
  fabric::Outbox outbox(4, 9);
  fabric::WorkerCounters counters;
  fabric::Emitter out(outbox, {}, base::Duration::ps(kMessagePs), counters, 0);
  EXPECT_EQ(book.take_due(3, 0), 0u) << "host 0 sits at position 3";
  book.sent(0, 250, out);
  // To position 1, where host 2 sits, in partition 6.
  const fabric::Chunk* const list = outbox.peek(1, 6);
  ASSERT_NE(list, nullptr);
  ASSERT_EQ(list->count, 1u);
  const Parcel& p = list->parcels[0];
  EXPECT_EQ(p.at.unit(), 1u);
  EXPECT_EQ(p.at.port(), Inlet::kPortsMax - 1);
  EXPECT_EQ(p.offset_ps, 250u);
  EXPECT_TRUE(p.has(HostPosts::kFlag));
  EXPECT_EQ(p.parcel_class(), fabric::ParcelClass::kControl);
  EXPECT_EQ(book.next_due_ps(1), kNever);
  book.message(1, p, kMessagePs + 250, out);
  EXPECT_EQ(book.next_due_ps(1), kMessagePs + 250);
}

TEST(FlowBook, AllToAllNeverHasMoreOpenThanAskedFor) {
  for (const uint32_t parallel : {1u, 2u, 5u, 40u}) {
    const Workload w = all_to_all(16, 1000, parallel, base::Time::zero());
    const Course r = run(w);
    EXPECT_EQ(r.ended, 16 * 15);
    for (const int32_t most : r.open_max) {
      EXPECT_EQ(most, static_cast<int32_t>(std::min(parallel, 15u))) << "reached, never exceeded";
    }
    for (const FlowReception& reception : r.reception) EXPECT_GE(reception.complete_ps, 0);
  }
}

// Random workloads with every kind of trigger between random hosts, at random positions: the same
// to the picosecond with any number of threads.
TEST(FlowBook, ThreadsDoNotShow) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    base::RandomStream r(seed, "workload");
    const auto hosts = static_cast<uint32_t>(2 * (1 + r.below(16)));
    Workload w = of(hosts);
    for (uint64_t n = r.below(30); n-- > 0;) {
      w.triggers.push_back(
          trigger(static_cast<TriggerKind>(r.below(3)), static_cast<uint32_t>(1 + r.below(3))));
    }
    for (uint64_t n = 1 + r.below(200); n-- > 0;) {
      const auto any = [&] {
        return w.triggers.empty() || r.chance(1, 3)
                   ? kNoTrigger
                   : static_cast<uint32_t>(r.below(w.triggers.size()));
      };
      const auto src = static_cast<uint32_t>(r.below(hosts));
      const uint32_t f = add(w, src, static_cast<uint32_t>((src + 1 + r.below(hosts - 1)) % hosts),
                             static_cast<int64_t>(r.below(20) * 500'000), any());
      w.flows[f].on_sent = any();
      w.flows[f].on_received = any();
    }
    std::vector<uint32_t> positions = in_order(hosts);
    for (size_t i = hosts; i > 1; --i) std::swap(positions[i - 1], positions[r.below(i)]);
    const Course one = run(w, positions, 1);
    for (const uint32_t threads : {2u, 3u}) {
      const Course other = run(w, positions, threads);
      ASSERT_EQ(one.ended, other.ended) << "seed " << seed;
      for (uint32_t f = 0; f < w.flows.size(); ++f) {
        ASSERT_EQ(one.progress[f].started_ps, other.progress[f].started_ps) << "seed " << seed;
        ASSERT_EQ(one.progress[f].finished_ps, other.progress[f].finished_ps) << "seed " << seed;
        ASSERT_EQ(one.reception[f].complete_ps, other.reception[f].complete_ps) << "seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace windtunnel::node
