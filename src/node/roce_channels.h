// RoCEv2 between the hosts of a network, channel by channel, for drivers that send messages: the
// baseline under the same programs as Braid (braid_channels.h has what a driver is and what opening
// and closing mean).
//
// A channel is one reliable connection: go-back-N (roce_qp.h), DCQCN (roce_dcqcn.h), one path, one
// port. Writes follow one another on it; the last packet of each asks for an acknowledgement and,
// where it has an immediate, carries it. Every header fits a parcel's cargo.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "node/braid_channels.h"
#include "node/roce_dcqcn.h"
#include "node/roce_nic.h"
#include "node/roce_qp.h"
#include "node/roce_turns.h"

namespace windtunnel::node {

class RoceChannels final : public Channels {
 public:
  // `posts` outlives it. qps_per_flow of the options is not looked at.
  RoceChannels(const fabric::Topology& topology, const HostPosts& posts,
               const RoceNicOptions& options, uint32_t workers);

  uint32_t open(NicRun& run, uint32_t label, uint32_t peer, uint32_t owner,
                int64_t now_ps) override;
  void close(NicRun& run, uint32_t qp, int64_t now_ps) override;
  bool is_open(uint32_t host, uint32_t label) const override {
    return hosts_[host].sender_of.find(label) != LabelMap::kNone;
  }
  void write(NicRun& run, uint32_t qp, uint64_t work_id, int64_t bytes,
             std::optional<uint32_t> immediate, int64_t now_ps) override;
  void balance() override {}
  NicTotals totals() const override;
  base::Bytes footprint() const override;

  template <class Driver>
  int64_t run_host(NicRun& run, std::span<const fabric::Arrival> arrivals, int64_t until_ps,
                   Driver& driver);

 private:
  // A write on its way: packets [begin, end) of the connection.
  struct Write {
    int64_t begin = 0;
    int64_t end = 0;
    int64_t bytes = 0;
    uint64_t work_id = 0;
    uint32_t immediate = 0;
    bool has_immediate = false;
  };
  struct Sender : RoceSender {
    std::vector<Write> writes = {};  // from `first` on; those before are done
    size_t first = 0;
    size_t cursor = 0;  // of the packet sent last
    Channel channel = {};
    uint8_t port = 0;
    bool open = true;  // closed ones stay until nothing names them any more
  };
  struct Receiver : RoceReceiver {
    Channel channel = {};
    uint8_t port = 0;
    bool open = true;
  };
  struct Host {
    std::vector<Sender> senders;
    std::vector<Receiver> receivers;
    std::vector<uint32_t> free_senders;
    std::vector<uint32_t> free_receivers;
    LabelMap sender_of;
    LabelMap receiver_of;
    RoceTurns turns;
    NicTotals totals;
    // What became of writes, not yet told to the driver.
    std::vector<braid::Completion> completions;
    bool gated = false;
  };
  // What came of a data packet.
  struct Taken {
    int64_t payload = 0;
    bool accepted = false;
  };

  class Handler;  // of RoceTurns::run

  void on_post(Host& self, const fabric::Parcel& parcel);
  void finish_links(NicRun& run, int64_t now_ps);
  void run_timers(Host& self, int64_t now_ps);
  Taken arrive_data(Host& self, uint32_t qp, const fabric::Parcel& parcel, int64_t now_ps);
  void arrive_control(Host& self, uint32_t qp, const fabric::Parcel& parcel, int64_t now_ps);
  void progressed(Host& self, uint32_t qp, int64_t now_ps);
  void complete(Host& self, uint32_t qp, braid::CompletionStatus status);
  void ready(Host& self, uint32_t qp, int64_t now_ps);
  void talk(Host& self, uint32_t qp);
  bool send_control(Host& self, uint32_t port, fabric::HostLink& link, int64_t now_ps);
  // Payload of the packet that left, or -1.
  int64_t send_data(Host& self, uint32_t port, fabric::HostLink& link, int64_t now_ps);
  int64_t transmit(Host& self, uint32_t qp, fabric::HostLink& link, int64_t now_ps);
  const Write& write_of(Sender& sender, int64_t index) const;
  void free_sender(Host& self, uint32_t qp);
  void free_receiver(Host& self, uint32_t qp);

  template <class Driver>
  void arrive(NicRun& run, Host& self, const fabric::Parcel& parcel, int64_t now_ps,
              Driver& driver);
  template <class Driver>
  void tell(Host& self, int64_t now_ps, Driver& driver);
  template <class Driver>
  void offer(NicRun& run, Host& self, int64_t now_ps, Driver& driver);

  const HostPosts& posts_;
  RoceNicOptions options_;
  DcqcnOptions dcqcn_;
  RoceQpOptions protocol_;
  uint32_t planes_;
  int64_t header_;
  int64_t payload_;
  base::RandomStream stream_;
  std::vector<Host> hosts_;
  std::vector<std::vector<fabric::Parcel>> waiting_posts_;  // by worker, of one instant
};

template <class Driver>
int64_t RoceChannels::run_host(NicRun& run, std::span<const fabric::Arrival> arrivals,
                               int64_t until_ps, Driver& driver) {
  Host& self = hosts_[run.host];
  fabric::Emitter& out = run.out;
  std::vector<fabric::Parcel>& posts = waiting_posts_[out.worker()];
  for (;;) {
    const int64_t arrival_ps =
        arrivals.empty() ? kNever : out.begin_ps() + arrivals.front().offset_ps();
    int64_t done_ps = kNever;
    for (const fabric::HostLink& link : run.links) {
      if (link.serving) done_ps = std::min(done_ps, link.link.busy_until_ps);
    }
    const int64_t gate_ps = self.gated ? driver.data_ready_ps() : kNever;
    const int64_t timer_ps =
        self.turns.next_ps(self.senders, [&](uint32_t qp) { free_sender(self, qp); });
    const int64_t own_ps = std::min({done_ps, timer_ps, driver.next_ps(), gate_ps});
    const int64_t now_ps = std::min(own_ps, arrival_ps);
    if (now_ps >= until_ps) return own_ps;
    if (done_ps == now_ps) finish_links(run, now_ps);
    for (; !arrivals.empty() && out.begin_ps() + arrivals.front().offset_ps() == now_ps;
         arrivals = arrivals.subspan(1)) {
      const fabric::Parcel& parcel = *arrivals.front().parcel;
      ++out.counters().events;
      HostPosts::is_post(parcel) ? posts.push_back(parcel)
                                 : arrive(run, self, parcel, now_ps, driver);
    }
    std::sort(posts.begin(), posts.end(), HostPosts::before);
    for (const fabric::Parcel& parcel : posts) {
      const PostKind kind = HostPosts::kind(parcel);
      const bool ours = kind == PostKind::kOpen || kind == PostKind::kClose;
      ours ? on_post(self, parcel) : driver.post(parcel, now_ps);
    }
    posts.clear();
    if (driver.next_ps() <= now_ps) driver.work(now_ps);
    run_timers(self, now_ps);
    tell(self, now_ps, driver);
    if (gate_ps <= now_ps) self.gated = false;
    offer(run, self, now_ps, driver);
  }
}

template <class Driver>
void RoceChannels::arrive(NicRun& run, Host& self, const fabric::Parcel& parcel, int64_t now_ps,
                          Driver& driver) {
  if (parcel.parcel_class() == fabric::ParcelClass::kPause) {
    fabric::HostLink& link = run.links[parcel.at.port()];
    fabric::link_pause(link.link, parcel.cargo[0] != 0, now_ps, link.counters);
    return;
  }
  const bool reverse = (parcel.flow & roce_wire::kReverse) != 0;
  const uint32_t qp =
      (reverse ? self.sender_of : self.receiver_of).find(parcel.flow & ~roce_wire::kReverse);
  if (qp == LabelMap::kNone) {
    ++self.totals.stale;
  } else if (reverse) {
    arrive_control(self, qp, parcel, now_ps);
    tell(self, now_ps, driver);
  } else if (!parcel.has(fabric::ParcelFlags::kTrimmed)) {
    const Taken taken = arrive_data(self, qp, parcel, now_ps);
    if (taken.payload > 0) {
      driver.placed(self.receivers[qp].channel, static_cast<uint32_t>(taken.payload), now_ps);
    }
    tell(self, now_ps, driver);
  }
}

// The driver may write, close and open while it is told.
template <class Driver>
void RoceChannels::tell(Host& self, int64_t now_ps, Driver& driver) {
  for (size_t i = 0; i < self.completions.size(); ++i) {
    const braid::Completion completion = self.completions[i];
    driver.completed(completion, now_ps);
  }
  self.completions.clear();
}

template <class Driver>
void RoceChannels::offer(NicRun& run, Host& self, int64_t now_ps, Driver& driver) {
  for (uint32_t port = 0; port < planes_; ++port) {
    fabric::HostLink& link = run.links[port];
    if (link.serving || send_control(self, port, link, now_ps) || link.link.paused) continue;
    if (!self.turns.any_ready(port)) continue;
    if (driver.data_ready_ps() > now_ps) {
      self.gated = true;
      continue;
    }
    const int64_t payload = send_data(self, port, link, now_ps);
    if (payload > 0) driver.data_left(static_cast<uint32_t>(payload), now_ps);
  }
}

}  // namespace windtunnel::node
