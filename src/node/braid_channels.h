// Braid between the hosts of a network: endpoints, the channels between them, and packets as
// parcels. What is sent over the channels (flows, messages) is a driver's business.
//
// A channel is one queue pair at each end, made when a sender opens it and destroyed when it closes
// it. Both are posts (host_posts.h), which arrive before the first packet can and after the sender
// knows that everything has arrived; what is still on its way then (duplicates, answers) finds no
// channel and is dropped and counted. Nothing else is shared between the ends, so the memory of a
// host follows what is open at once.
//
// Data headers are rebuilt from the parcel's 12 bytes of cargo and what the channel holds constant
// (header compression: nothing is lost, see expand); all other headers travel in a side store.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "braid/endpoint.h"
#include "fabric/block.h"
#include "fabric/topology.h"
#include "node/host_posts.h"
#include "node/label_map.h"
#include "node/nic_totals.h"
#include "node/side_store.h"

namespace windtunnel::node {

// What one call of run_host works on.
struct NicRun {
  uint32_t host = 0;
  std::span<fabric::HostLink> links;
  fabric::Emitter& out;
};

// One end of a channel.
struct Channel {
  uint32_t label = 0;  // flow label, the same at both ends; below 2^31
  uint32_t peer = 0;   // position of the other end
  uint32_t first_psn = 0;
  uint32_t owner = 0;  // the driver's own number
};

// What a driver of messages needs of either transport.
class Channels {
 public:
  virtual ~Channels() = default;
  // Opens a channel from run.host; returns its queue pair. No two channels that are open at once
  // have the same label at a host.
  virtual uint32_t open(NicRun& run, uint32_t label, uint32_t peer, uint32_t owner,
                        int64_t now_ps) = 0;
  // The sender's end goes at once, the receiver's one lookahead later.
  virtual void close(NicRun& run, uint32_t qp, int64_t now_ps) = 0;
  virtual bool is_open(uint32_t host, uint32_t label) const = 0;
  // Queues a write of `bytes`; with an immediate, the receiver's driver is told when it has
  // arrived.
  virtual void write(NicRun& run, uint32_t qp, uint64_t work_id, int64_t bytes,
                     std::optional<uint32_t> immediate, int64_t now_ps) = 0;
  virtual void balance() = 0;
  virtual NicTotals totals() const = 0;
  virtual base::Bytes footprint() const = 0;
};

struct BraidChannelOptions {
  braid::EndpointConfig endpoint;  // sizes of pools are where they start
  uint64_t seed = 1;
  uint32_t workers = 1;
};

class BraidChannels final : public Channels {
 public:
  // `posts` outlives it.
  BraidChannels(const fabric::Topology& topology, const HostPosts& posts,
                const BraidChannelOptions& options);

  uint32_t open(NicRun& run, uint32_t label, uint32_t peer, uint32_t owner,
                int64_t now_ps) override;
  void close(NicRun& run, uint32_t qp, int64_t now_ps) override;
  void write(NicRun& run, uint32_t qp, uint64_t work_id, int64_t bytes,
             std::optional<uint32_t> immediate, int64_t now_ps) override;

  bool is_open(uint32_t host, uint32_t label) const override {
    return hosts_[host].qp_of.find(label) != LabelMap::kNone;
  }

  // Runs one host over its arrivals and its own events up to until_ps. `driver` has
  //   kTakesImmediates                       whether peers send writes with immediate
  //   int64_t next_ps()                      when it wants work() to be called
  //   void work(now_ps)                      everything of its own that is due
  //   void post(parcel, now_ps)              a post that is not about channels
  //   void placed(channel, bytes, now_ps)    distinct payload of a packet has arrived
  //   void completed(completion, now_ps)     of a write here, or (kReceiveImm) of a peer's
  //   int64_t data_ready_ps()                before this no new data packet may leave
  //   void data_left(bytes, now_ps)          payload of a data packet that leaves
  template <class Driver>
  int64_t run_host(NicRun& run, std::span<const fabric::Arrival> arrivals, int64_t until_ps,
                   Driver& driver);
  void dropped(const fabric::Parcel& parcel, uint32_t worker);
  // Between windows.
  void balance() override { controls_.balance(); }

  const Channel& channel(uint32_t host, uint32_t qp) const { return hosts_[host].channels[qp]; }
  const braid::Endpoint& endpoint(uint32_t host) const { return hosts_[host].endpoint; }
  uint32_t open_channels(uint32_t host) const { return hosts_[host].qp_of.size(); }
  NicTotals totals() const override;
  base::Bytes footprint() const override;

 private:
  struct Host {
    braid::Endpoint endpoint;
    braid::PdId domain;
    uint32_t key = 0;
    LabelMap qp_of;                 // by label
    std::vector<Channel> channels;  // by queue pair
    int64_t stale = 0;
    bool quiet = false;  // transmit() had nothing and nothing has happened since
    bool gated = false;  // ... because data was not ready
  };

  uint32_t create(Host& self, const Channel& channel);
  void connect(Host& self, uint32_t qp, const Channel& channel, bool sends);
  void destroy(Host& self, uint32_t qp);
  void on_open(Host& self, const fabric::Parcel& parcel);
  void on_close(Host& self, const fabric::Parcel& parcel);
  void finish_links(NicRun& run, int64_t now_ps);
  // Turns a parcel into the packet it stands for; false when it means no open channel.
  bool unpack(NicRun& run, Host& self, const fabric::Parcel& parcel, braid::Packet& packet);
  fabric::Parcel pack(NicRun& run, Host& self, const braid::Packet& packet);
  braid::Packet expand(const Host& self, uint32_t qp, const fabric::Parcel& parcel) const;

  template <class Driver>
  void arrive(NicRun& run, Host& self, const fabric::Parcel& parcel, int64_t now_ps,
              Driver& driver);
  template <class Driver>
  void take_posts(Host& self, std::vector<fabric::Parcel>& posts, int64_t now_ps, Driver& driver);
  template <class Driver>
  void reap(Host& self, int64_t now_ps, Driver& driver);
  template <class Driver>
  void offer(NicRun& run, Host& self, int64_t now_ps, Driver& driver);

  static base::Time at(int64_t ps) { return base::Time::at(base::Duration::ps(ps)); }

  const HostPosts& posts_;
  std::vector<Host> hosts_;
  std::vector<uint32_t> keys_;  // of each host's memory
  SideStore<braid::Packet> controls_;
  std::vector<std::vector<fabric::Parcel>> waiting_posts_;  // by worker, of one instant
  uint32_t payload_ = 0;
  uint32_t header_ = 0;
  braid::WireProfile wire_;
};

template <class Driver>
int64_t BraidChannels::run_host(NicRun& run, std::span<const fabric::Arrival> arrivals,
                                int64_t until_ps, Driver& driver) {
  Host& self = hosts_[run.host];
  fabric::Emitter& out = run.out;
  std::vector<fabric::Parcel>& posts = waiting_posts_[out.worker()];
  // Headers lie all over the store; fetching them at once overlaps the misses.
  for (const fabric::Arrival& arrival : arrivals) {
    if (arrival.parcel->has(fabric::ParcelFlags::kHeavyCargo)) {
      __builtin_prefetch(&controls_[arrival.parcel->cargo[0]]);
    }
  }
  for (;;) {
    const int64_t arrival_ps =
        arrivals.empty() ? kNever : out.begin_ps() + arrivals.front().offset_ps();
    int64_t done_ps = kNever;
    for (const fabric::HostLink& link : run.links) {
      if (link.serving) done_ps = std::min(done_ps, link.link.busy_until_ps);
    }
    const int64_t timeout_ps = self.endpoint.next_timeout().ps();
    const int64_t gate_ps = self.gated ? driver.data_ready_ps() : kNever;
    const int64_t own_ps = std::min({done_ps, timeout_ps, driver.next_ps(), gate_ps});
    const int64_t now_ps = std::min(own_ps, arrival_ps);
    if (now_ps >= until_ps) return own_ps;
    // Everything of one instant happens before the ports are offered work again.
    if (done_ps == now_ps) finish_links(run, now_ps);
    for (; !arrivals.empty() && out.begin_ps() + arrivals.front().offset_ps() == now_ps;
         arrivals = arrivals.subspan(1)) {
      const fabric::Parcel& parcel = *arrivals.front().parcel;
      if (HostPosts::is_post(parcel)) {
        ++out.counters().events;
        posts.push_back(parcel);
      } else {
        arrive(run, self, parcel, now_ps, driver);
      }
    }
    if (!posts.empty()) take_posts(self, posts, now_ps, driver);
    if (driver.next_ps() <= now_ps) driver.work(now_ps);
    if (timeout_ps <= now_ps) {
      self.endpoint.expire(at(now_ps));
      self.quiet = false;
      reap(self, now_ps, driver);
    }
    if (gate_ps <= now_ps) self.gated = self.quiet = false;
    offer(run, self, now_ps, driver);
  }
}

template <class Driver>
void BraidChannels::take_posts(Host& self, std::vector<fabric::Parcel>& posts, int64_t now_ps,
                               Driver& driver) {
  std::sort(posts.begin(), posts.end(), HostPosts::before);
  self.quiet = false;
  for (const fabric::Parcel& parcel : posts) {
    switch (HostPosts::kind(parcel)) {
      case PostKind::kOpen:
        on_open(self, parcel);
        break;
      case PostKind::kClose:
        on_close(self, parcel);
        break;
      default:
        driver.post(parcel, now_ps);
    }
  }
  posts.clear();
}

template <class Driver>
void BraidChannels::arrive(NicRun& run, Host& self, const fabric::Parcel& parcel, int64_t now_ps,
                           Driver& driver) {
  ++run.out.counters().events;
  self.quiet = false;
  if (parcel.parcel_class() == fabric::ParcelClass::kPause) {
    fabric::HostLink& link = run.links[parcel.at.port()];
    fabric::link_pause(link.link, parcel.cargo[0] != 0, now_ps, link.counters);
    return;
  }
  braid::Packet packet;
  if (!unpack(run, self, parcel, packet)) return;
  braid::Arrival how;
  how.ecn = parcel.has(fabric::ParcelFlags::kMarked);
  how.trimmed = parcel.has(fabric::ParcelFlags::kTrimmed);
  how.last_hop_trim = parcel.has(fabric::ParcelFlags::kLastHopTrim);
  const braid::Received received = self.endpoint.receive(at(now_ps), packet, how);
  if (received.place()) driver.placed(self.channels[packet.dest_qp], received.length, now_ps);
  // A plain write may end a wait for an earlier one with an immediate, but completes nothing
  // itself.
  if (Driver::kTakesImmediates || packet.opcode != braid::Opcode::kWrite) {
    reap(self, now_ps, driver);
  }
}

template <class Driver>
void BraidChannels::reap(Host& self, int64_t now_ps, Driver& driver) {
  std::array<braid::Completion, 16> completions;
  for (;;) {
    const size_t count = self.endpoint.poll(completions);
    for (size_t i = 0; i < count; ++i) driver.completed(completions[i], now_ps);
    if (count < completions.size()) return;
  }
}

template <class Driver>
void BraidChannels::offer(NicRun& run, Host& self, int64_t now_ps, Driver& driver) {
  if (self.quiet) return;
  bool all_idle_refused = true;
  for (uint32_t port = 0; port < run.links.size(); ++port) {
    fabric::HostLink& link = run.links[port];
    if (link.serving) {
      all_idle_refused = false;
      continue;
    }
    const bool gate = driver.data_ready_ps() > now_ps;
    if (gate) self.gated = true;
    braid::Packet packet;
    const bool any = link.link.paused || gate
                         ? self.endpoint.transmit_control(at(now_ps), packet, port)
                         : self.endpoint.transmit(at(now_ps), packet, port);
    if (!any) continue;
    if (braid::has_payload(packet.opcode)) driver.data_left(packet.data.length, now_ps);
    link.start(pack(run, self, packet), now_ps);
    all_idle_refused = false;
  }
  self.quiet = all_idle_refused;
}

}  // namespace windtunnel::node
