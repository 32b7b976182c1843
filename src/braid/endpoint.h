// Braid's endpoint: the transport of one NIC as a state machine without clock, socket or thread.
//
// The driver (a simulated NIC or a UDP process) calls in, with a time that never runs backwards:
//
//     post_write, post_read   work arrives; then transmit
//     receive(now, packet)    a packet arrived; place its payload, then transmit
//     expire(now)             now has reached next_timeout(); then transmit
//     transmit(now, out)      a port is free: what leaves now? send it at once
//     poll(...)               completions, at any time
//
// After each of the first three, next_timeout() may have changed. transmit() stamps the packet
// with `now` and chooses its path, so a packet it returned must go out and not be queued again.
//
// Memory: the constructor and create_qp, create_pd, register_memory allocate; nothing else does,
// except that the queue of waiting control packets doubles when it reaches a new high-water mark
// (EndpointConfig::control_queue sets where it starts). A queue pair keeps 512 B for life; while it
// has unacknowledged packets, packets out of order or work, it also holds a block from a pool of
// max_active_qps blocks: 960 B for a PSN range of 512, 1.9 B for each PSN more.
//
// Giving up: a queue pair fails when the peer has answered nothing through retry_limit timeouts in
// a row, when nothing of its data has been acknowledged for as long as those timeouts last although
// the peer answers, or when the peer refuses access. There is no other end: as long as one path
// delivers with some probability, work completes. What arrives never waits for work requests that
// posting could use up; blocks are different: with max_active_qps below max_qps, a peer that died
// with packets out of order here holds its block for the retry time once others ask for it.
//
// Not thread-safe; endpoints share nothing but the constant Profile. Errors of the caller are
// Results; packets of peers, however malformed, are counted and ignored, never a failed check.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/id.h"
#include "base/random.h"
#include "base/result.h"
#include "base/units.h"
#include "braid/blocks.h"
#include "braid/config.h"
#include "braid/credit.h"
#include "braid/endpoint_types.h"
#include "braid/memory.h"
#include "braid/packet.h"
#include "braid/profile.h"
#include "braid/queue_pair.h"
#include "braid/scheduler.h"
#include "braid/timers.h"
#include "braid/work.h"

namespace windtunnel::braid {

inline constexpr uint32_t kAnyPort = 0xffffffff;

class Endpoint {
 public:
  // `config` must satisfy validate(): checked. `stream` feeds every random choice.
  Endpoint(const EndpointConfig& config, base::RandomStream stream);
  // The same with a profile from make_profile(), shared by all NICs of a run: it is constant, and
  // one copy stays in the cache where thousands would not.
  Endpoint(std::shared_ptr<const Profile> profile, base::RandomStream stream);

  // --- set-up; these may allocate -------------------------------------------------------------
  PdId create_pd();
  // Fails for an unknown domain, an empty or wrapping range, or no rights at all.
  base::Result<MemoryRegion> register_memory(PdId pd, uint64_t address, uint64_t length,
                                             uint8_t access);
  // From now on the key opens nothing: packets that name it are refused. Fails if unknown.
  base::Status invalidate(RegionId region);
  // Fails when max_qps exist or the domain is unknown. The indices of destroyed ones are used
  // again.
  base::Result<QpId> create_qp(PdId pd);
  // Lets `qps` queue pairs exist, with blocks and work requests for the new ones in proportion;
  // less than there is room for changes nothing, and more than 65,536 do not fit. For owners who
  // open queue pairs as they go.
  void make_room(uint32_t qps);
  uint32_t room() const { return qps_limit_; }
  // The queue pair forgets everything: its unfinished work completes as kFlushed, packets for it
  // are ignored, and the peer is not told. Fails for one that is destroyed already.
  base::Status destroy_qp(QpId qp);
  // What to hand to the peer's connect(). The initial PSN is random.
  PeerAttributes attributes(QpId qp) const;
  // kInit -> kReady. Fails in another state, or when the payload sizes or ranges do not fit.
  base::Status connect(QpId qp, const PeerAttributes& peer);
  // Operator's deny list for one path of a queue pair (kBraid; fails with other selections).
  base::Status deny_path(QpId qp, uint32_t path, bool denied);

  // --- work -----------------------------------------------------------------------------------
  // Both fail when the queue pair is kInit, the length is out of bounds, no work request is free
  // (poll() frees them) or no block is free (max_active_qps; try again later). post_read also fails
  // when the local key does not cover the range or a read_limit is zero. In kError both succeed and
  // the work completes as kFlushed.
  base::Status post_write(QpId qp, const WriteWork& work);
  base::Status post_read(QpId qp, const ReadWork& work);
  // Work requests that can still be posted before poll() must free some.
  uint32_t work_requests_free() const;
  // Moves up to completions.size() completions out; returns how many. Never allocates.
  size_t poll(std::span<Completion> completions);

  // --- packets and time -----------------------------------------------------------------------
  // The RETH range, key, domain and right are checked before kPlaced is answered.
  Received receive(base::Time now, const Packet& packet, Arrival arrival);
  // The next packet to leave by `port` (kAnyPort: by any that is up; out.port says which), or false
  // when nothing may be sent now by that port: answers and credits wait for the port of their
  // plane, and data may wait for a plane with good paths, so with several planes ask for each idle
  // port. Control goes before data, but while both wait every eleventh packet is data. Data: one
  // full packet per queue pair in turn (deficit round robin of one MTU).
  bool transmit(base::Time now, Packet& out, uint32_t port = kAnyPort);
  // The same, control packets only: for a port whose data class is paused (PFC).
  bool transmit_control(base::Time now, Packet& out, uint32_t port);
  // Whether control packets wait; has_data(): whether some queue pair may be ready (a hint:
  // transmit() may still return false, but never has a packet when both are false).
  bool has_control() const;
  bool has_data() const;
  // When expire() must be called at the latest; Time::max() when no timer runs. It may be earlier
  // than necessary (deadlines are corrected when they fire), never later.
  base::Time next_timeout() const;
  // Runs everything due at `now`. Harmless when nothing is.
  void expire(base::Time now);
  // Port up or down as the NIC sees it. Paths of a down port are not used from the next packet on,
  // and every connected peer is told.
  void port_status(uint32_t port, bool up);
  // Host back pressure: peers shrink their windows by newly received bytes * penalty / 255 at each
  // acknowledgement. Zero: none.
  void set_receiver_penalty(uint8_t penalty);

  // --- looking in -----------------------------------------------------------------------------
  QpState qp_state(QpId qp) const;
  base::Bytes in_flight(QpId qp) const;  // sent, neither received nor declared lost; never negative
  base::Bytes cwnd(QpId qp) const;
  QpView view(QpId qp) const;
  PathHealth path_health(QpId qp, uint32_t path) const;  // kGood for policies without health
  // Paths in use in one plane. kBraid: a bad path leaves only when an idle backup of its plane
  // takes its place, so the number is constant; other policies use all.
  uint32_t active_paths(QpId qp, uint32_t plane) const;
  const EndpointCounters& counters() const;
  uint32_t blocks_in_use() const;
  const Profile& profile() const { return *profile_; }
  // Bytes this endpoint holds, split as the budget is stated.
  struct Footprint {
    size_t endpoint = 0;       // without queue pairs
    size_t per_qp = 0;         // resident
    size_t per_active_qp = 0;  // block
    size_t work_requests = 0;
  };
  Footprint footprint() const;

 private:
  // Set-up and work (endpoint.cc)
  QueuePair& at(QpId qp);
  const QueuePair& at(QpId qp) const;
  base::Status can_post(QpId qp);
  void enqueue(uint32_t qp, uint32_t work);
  void restart_if_idle(QueuePair& q);
  void complete(uint32_t work, CompletionStatus status);
  void release_response(uint32_t work);
  void fail_qp(uint32_t qp, CompletionStatus first);

  // Arrivals (endpoint_receive.cc)
  Received on_numbered(uint32_t qp, const Packet& packet, Arrival arrival, int64_t now);
  Received on_trimmed(uint32_t qp, const Packet& packet, Arrival arrival, bool seen, int64_t now);
  Received on_duplicate(uint32_t qp, const Packet& packet, bool marked);
  Received refuse(uint32_t qp, const Packet& packet, NackReason reason, bool marked);
  bool admissible(const QueuePair& q, const Packet& packet) const;
  bool reserve_for(uint32_t qp, const Packet& packet, bool ahead, uint32_t& work);
  void drain_stash(uint32_t qp);
  uint32_t find_read(const QueuePair& q, uint16_t message) const;
  void note_sack(uint32_t qp, const Packet& packet, bool marked, bool at_reference,
                 uint16_t more_flags = 0);
  void note_target(uint32_t qp, uint32_t target, bool always, int64_t now);
  void count_for_oversubscription(const Packet& packet, Arrival arrival);

  // Acknowledgements (endpoint_acknowledge.cc)
  Received on_sack(uint32_t qp, const Packet& packet, int64_t now);
  Received on_nack(uint32_t qp, const Packet& packet, int64_t now);
  Received on_probe(uint32_t qp, const Packet& packet, Arrival arrival);
  Received on_credit(uint32_t qp, const Packet& packet, int64_t now);
  bool on_path_answer(QueuePair& q, const Packet& packet, int64_t now);
  void heard(QueuePair& q, int64_t now, bool progress);
  void lose(uint32_t qp, uint32_t psn, int64_t now);
  void lose_by_order(uint32_t qp, const Packet& packet, bool answer, int64_t now);
  void judge_planes(uint32_t qp, int64_t now);
  uint32_t silent_losses(const QueuePair& q, uint32_t plane, int64_t now) const;
  void after_progress(uint32_t qp);
  void speak_if_muted(uint32_t qp, int64_t now);
  Received ignored();

  // Departures (endpoint_transmit.cc)
  bool send_control(Packet& out, uint32_t planes, int64_t now);
  bool send_data(Packet& out, uint32_t planes, int64_t now);
  bool send_announcement(Packet& out, uint32_t planes);
  void form_control(const ControlNote& note, Packet& out, int64_t now);
  int control_entropy(QueuePair& q, const ControlNote& note, uint32_t planes);
  PacketSpan take_packet(QueuePair& q, uint32_t size, Packet& out);
  void spend_credit(QueuePair& q, uint32_t size, Packet& out);
  bool is_last_word(const QueuePair& q, uint32_t size, int64_t now) const;
  void record_transmission(uint32_t qp, uint32_t psn, uint8_t path, int64_t now);
  void form_data(uint32_t qp, const PlaneChoice& planes, uint8_t path, uint32_t size, Packet& out,
                 int64_t now);
  uint32_t sendable_size(uint32_t qp);
  PlaneChoice plane_choice(QueuePair& q, uint32_t planes) const;
  bool window_is_full(const QueuePair& q, uint32_t size) const;
  bool is_silent(const QueuePair& q, int64_t now) const;
  void wake(uint32_t qp);
  bool push_control(const ControlNote& note);
  void arm(uint32_t qp, int64_t deadline);

  // Time (endpoint_expire.cc)
  int64_t recover(uint32_t qp, int64_t now);
  int64_t watch_peer(uint32_t qp, int64_t now);
  void watch_block_holders();
  int64_t watch_silence(uint32_t qp, bool outstanding, int64_t now);
  int64_t probe_paths(uint32_t qp, int64_t now);
  void ask(uint32_t qp, int64_t now);
  void push_question(uint32_t qp, ControlKind kind);
  void run_pacer(int64_t now);

  void forget_waiter(uint32_t qp);
  bool take_block(QueuePair& q);
  void want_block(uint32_t qp);
  void serve_block_waiters();
  void release_block_if_idle(QueuePair& q);

  std::shared_ptr<const Profile> profile_;  // shared by all NICs of a run, constant
  base::RandomStream stream_;
  uint32_t qps_limit_;           // how many may exist
  uint32_t free_qp_ = kNoBlock;  // destroyed ones, through QueuePair::block_next
  std::vector<QueuePair> qps_;
  WorkPool work_;
  BlockPool blocks_;
  ProtectionTable memory_;
  ControlQueue control_;
  ReadyList ready_;
  TimerHeap timers_;
  CreditPacer pacer_;
  std::unique_ptr<OversubscriptionState> oversubscription_;  // only where it applies
  WorkList completions_;
  struct {
    uint32_t head = kNoBlock;
    uint32_t tail = kNoBlock;
  } block_waiters_;                      // through QueuePair::block_next
  uint32_t announce_next_ = 0xffffffff;  // next queue pair whose peer is told of ports
  ControlTurn turn_;
  uint8_t ports_up_ = 1;
  uint8_t penalty_ = 0;
  uint8_t credit_turn_ = 0;  // credits go round all paths
  int64_t now_ = 0;          // of the latest call that brought a time
  EndpointCounters counters_;
};

}  // namespace windtunnel::braid
