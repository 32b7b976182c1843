// Programs of ranks on a packet network: messages between servers go by NIC and channel, messages
// within a server by its own fabric, and either end is told.
//
// Rank r sits on a GPU, the GPU belongs to a NIC (message_types.h), and whoever runs that NIC's
// host runs the rank. A message to another server waits for the doorbell and the descriptor, then
// for its channel (message_peers.h), and is a write with immediate; the receiver's program hears of
// it when the last byte is in the GPU's memory. Within a server it takes its turn at the sender's
// and at the receiver's port of the fabric inside, cut through: at the sender's the most urgent
// priority first, at the receiver's first come first served by first bytes.
//
// A message under way costs one record (32 bytes) in a store shared by all hosts and one slot at
// its sender; nothing is kept for messages that are not under way.
//
// Rounds: program k + 1 starts everywhere, at one instant, when all ranks are done with program k.
// The ranks tell the home of rank 0 by posts, which takes a lookahead each way and is not part of a
// round's time.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/random.h"
#include "fabric/block.h"
#include "fabric/topology.h"
#include "node/braid_channels.h"
#include "node/message_agenda.h"
#include "node/message_peers.h"
#include "node/message_types.h"
#include "node/roce_channels.h"

namespace windtunnel::node {

struct MessageNicOptions {
  braid::EndpointConfig endpoint;      // of Braid
  std::optional<RoceNicOptions> roce;  // RoCEv2 instead
  ServerShape shape;
  ServerFabric server;  // latency: at least the network's lookahead (checked)
  DmaPath dma;
  Background background;
  std::vector<uint32_t> gpu_of_rank;  // distinct
  uint32_t channels_max = 64;         // open at once from one NIC
  // Most bytes of a channel that the transport has at once when it is offered a message of another
  // priority than 0; it takes two in any case. Zero: no limit.
  base::Bytes posted_max;
  base::Duration series_interval;  // zero: no series
  std::vector<bool> watched;       // positions with a series of their own; may be empty
  uint64_t seed = 1;
  uint32_t workers = 1;
};

// Messages of one channel that the transport has at once: enough that small ones fill a path, few
// enough that lines wait at the sender, where a slot is small and what is urgent overtakes.
inline constexpr uint16_t kMessagesPerChannel = 64;

struct RoundTimes {
  int64_t start_ps = -1;
  int64_t end_ps = -1;  // when the last rank was done; -1: not yet
};

// How long each kind of resource was busy, the most of any one, and of all together.
struct BusyTime {
  int64_t most_ps = 0;
  uint32_t who = 0;  // rank or host with the most; the first of them
  int64_t sum_ps = 0;
};

enum class Arrived : uint8_t {
  kAll,             // from other servers and from within
  kBetweenServers,  // from other servers
  kWatched,         // of those, what arrived at ranks of watched positions
};

class MessageNics final : public fabric::HostSide {
 public:
  // `topology` and the programs outlive it; all programs have as many ranks as there are GPUs
  // given.
  MessageNics(const fabric::Topology& topology, const MessageNicOptions& options,
              std::vector<RankProgram*> rounds);

  // Network partitions by position; once, before the run.
  void set_partitions(std::vector<uint32_t> partitions) {
    posts_.set_partitions(std::move(partitions));
  }

  int64_t run_host(uint32_t host, std::span<const fabric::Arrival> arrivals, int64_t until_ps,
                   std::span<fabric::HostLink> links, fabric::Emitter& out) override;
  void dropped(const fabric::Parcel& parcel, uint32_t worker) override;

  // Between windows, as all that follows.
  void balance();
  bool finished() const { return finished_; }
  bool gave_up() const { return gave_up_.load(std::memory_order_relaxed); }
  std::span<const RoundTimes> rounds() const { return round_times_; }
  // Ranks that are done with the round they are in.
  int64_t ranks_done() const;
  NicTotals totals() const { return channels_->totals(); }
  base::Bytes footprint() const;

  struct Moved {
    int64_t messages = 0;  // arrived, from other servers
    int64_t bytes = 0;
    int64_t inside_messages = 0;  // arrived, from the same server
    int64_t inside_bytes = 0;
    int64_t background_messages = 0;  // arrived; not among those above
    int64_t background_bytes = 0;
    int64_t failed = 0;
  };
  Moved moved() const;
  // Bytes that arrived in each series_interval.
  std::vector<int64_t> arrived_series(Arrived which) const;
  int64_t ranks_watched() const;

  BusyTime server_out() const;  // by rank
  BusyTime server_in() const;
  BusyTime compute() const;
  BusyTime dma_read() const;  // by position
  BusyTime dma_write() const;
  uint32_t host_of_rank(uint32_t rank) const { return ranks_[rank].host; }
  uint32_t channels_open_max() const;

 private:
  struct Driver;

  enum Due : uint32_t {
    kStart,
    kSubmit,
    kDeliver,
    kServerLeave,
    kServerArrive,
    kServerSay,
    kComputed,
    kBackground,
    kServerFree,
  };
  // In place of the sender's rank; `to` is then a position.
  static constexpr uint32_t kNobody = 0xffffffff;

  // A message that waits for its sender's port of the server's fabric.
  struct Waiting {
    uint8_t priority;
    uint32_t order;
    uint32_t record;
    // Of a heap whose top goes first.
    bool operator<(const Waiting& other) const {
      return priority != other.priority ? priority > other.priority
                                        : static_cast<int32_t>(order - other.order) > 0;
    }
  };
  struct Rank {
    uint32_t host = 0;
    uint32_t local = 0;  // among the ranks of its host
    uint32_t server = 0;
    bool done = false;
    uint32_t posts = 0;            // within its server, so that those of one instant have an order
    uint32_t order = 0;            // of messages that waited for its port
    std::vector<Waiting> waiting;  // for its port of the server's fabric; a heap
    int64_t out_free_ps = 0;       // fabric of the server
    int64_t in_free_ps = 0;
    int64_t compute_free_ps = 0;
    int64_t out_busy_ps = 0;
    int64_t in_busy_ps = 0;
    int64_t compute_busy_ps = 0;
  };
  struct Host {
    Agenda agenda;
    MessagePeers peers;
    uint32_t first = 0;  // its ranks are members_[first, first + ranks)
    uint32_t ranks = 0;
    uint32_t done = 0;
    int64_t done_ps = 0;  // the last of them
    uint32_t round = 0;
    uint32_t serial = 0;  // of labels
    uint32_t server = 0;
    base::RandomStream stream;  // of background traffic
    uint32_t open_max = 0;
    int64_t read_free_ps = 0;
    int64_t write_free_ps = 0;
    int64_t read_busy_ps = 0;
    int64_t write_busy_ps = 0;
  };
  struct alignas(64) Worker {
    Moved moved;
    std::vector<std::array<int64_t, 3>> series;  // by interval and Arrived
  };

  void make_channels(const fabric::Topology& topology);
  void place(const fabric::Topology& topology);
  void plan_background();
  void count_arrival(Driver& driver, const RankMessage& message, bool inside);
  bool is_watched(const Rank& rank) const;
  void check_done(Driver& driver, uint32_t rank);

  void perform(Driver& driver, const Agenda::Entry& entry);
  void submit(Driver& driver, uint32_t slot);
  bool bind(Driver& driver, uint32_t peer);
  void open(Driver& driver, uint32_t peer);
  void shut(Driver& driver, uint32_t peer);
  bool takes_more(MessagePeers& peers, uint32_t number) const;
  void pump(Driver& driver, uint32_t peer);
  void rest(Driver& driver, uint32_t peer);
  void send_background(Driver& driver);
  void finish_send(Driver& driver, const braid::Completion& completion);
  void deliver(Driver& driver, uint32_t record);

  void send_inside(Driver& driver, const RankMessage& message);
  void occupy_port(Driver& driver, uint32_t record);
  void port_free(Driver& driver, uint32_t rank);
  void leave_inside(Driver& driver, uint32_t record);
  void enter_inside(Driver& driver, uint32_t record);
  void arrive_inside(Driver& driver, uint32_t record);
  void confirm_inside(Driver& driver, uint32_t record);
  void post_inside(Driver& driver, PostKind kind, uint32_t record, uint32_t from, uint32_t to);
  void at_or_now(Driver& driver, int64_t at_ps, Due due, uint32_t record);

  void rank_done_post(const fabric::Parcel& parcel, Driver& driver);
  void begin_round(Driver& driver, uint32_t round, int64_t start_ps);

  HostPosts posts_;
  MessageNicOptions options_;
  std::vector<RankProgram*> programs_;
  std::unique_ptr<BraidChannels> braid_;  // one of the two
  std::unique_ptr<RoceChannels> roce_;
  Channels* channels_ = nullptr;
  std::vector<Host> hosts_;
  std::vector<Rank> ranks_;
  std::vector<uint32_t> members_;  // ranks by host
  SideStore<RankMessage> records_;
  std::vector<Worker> workers_;
  uint32_t serial_bits_ = 0;
  uint32_t hosts_used_ = 0;
  std::vector<uint32_t> used_;  // positions with ranks; only with background traffic
  // By the home of rank 0.
  std::vector<RoundTimes> round_times_;
  uint32_t hosts_done_ = 0;
  int64_t hosts_done_ps_ = 0;
  bool finished_ = false;
  std::atomic<bool> gave_up_ = false;
};

}  // namespace windtunnel::node
