// One direction of a cable: serialisation at the sender, flight, and its faults.
#pragma once

#include <cstdint>

#include "base/check.h"
#include "base/random.h"
#include "base/units.h"
#include "des/windowed_run.h"
#include "fabric/mailbox.h"
#include "fabric/parcel.h"
#include "fabric/trace.h"

namespace windtunnel::fabric {

// What one link did since the start of the run. "lost" are parcels the link itself swallowed
// (down, or random loss); trims and drops happen in the queue in front of it.
struct LinkCounters {
  int64_t bytes = 0;
  int64_t parcels = 0;
  int64_t marked = 0;
  int64_t trimmed = 0;
  int64_t dropped = 0;
  int64_t lost = 0;
  int64_t busy_ps = 0;  // sending, lost parcels included
  int64_t paused_ps = 0;
  int64_t queue_bytes_max = 0;
};

struct Link {
  int64_t busy_until_ps = 0;
  // 8e12 / rate when that is a whole number (400, 200, 100, 25 Gb/s...), else 0 and the slow path
  // rounds each parcel up.
  uint32_t ps_per_byte = 0;
  uint32_t latency_windows = 0;  // flight = latency_windows * lookahead + latency_rest_ps
  uint32_t latency_rest_ps = 0;
  Inlet peer;
  uint32_t peer_partition = 0;
  bool up = true;
  bool paused = false;          // PFC: the peer asked for silence on the data class
  bool peer_up = true;          // PFC: the other direction of the cable
  uint32_t loss_per_2_32 = 0;   // random loss, in 2^-32
  uint32_t outages = 0;         // PFC: of either direction; a pause frame from before one is stale
  int64_t bits_per_second = 0;  // now
  int64_t nominal_bits_per_second = 0;  // without faults
  int64_t paused_since_ps = 0;
  base::RandomStream random;  // loss, marking and trimming coins of this link

  void set_rate(base::Rate rate) {
    bits_per_second = rate.bits_per_second();
    const int64_t ps_of_8e12 = 8 * base::Picoseconds::kPerSecond;
    const int64_t whole_ps = ps_of_8e12 / bits_per_second;
    const bool exact = whole_ps * bits_per_second == ps_of_8e12 && whole_ps <= 0xffffffff;
    ps_per_byte = exact ? static_cast<uint32_t>(whole_ps) : 0;
  }
  void set_latency(base::Duration flight, base::Duration lookahead) {
    latency_windows = static_cast<uint32_t>(flight / lookahead);
    latency_rest_ps = static_cast<uint32_t>(flight.ps() % lookahead.ps());
  }
  // HOT. Rounded up to a whole picosecond.
  int64_t serialisation_ps(uint32_t bytes) const {
    if (ps_per_byte != 0) [[likely]]
      return int64_t{bytes} * ps_per_byte;
    return (int64_t{bytes} * 8 * base::Picoseconds::kPerSecond + bits_per_second - 1) /
           bits_per_second;
  }
};

// One thing that arrives in the window being run. key = offset in the window << 32 | inlet: unique
// per receiving unit, so sorting by it is the stable order of the kernel.
struct Arrival {
  uint64_t key = 0;
  const Parcel* parcel = nullptr;
  int64_t offset_ps() const { return static_cast<int64_t>(key >> 32); }
};

struct WorkerCounters {
  int64_t packet_hops = 0;
  int64_t events = 0;
};

// Puts parcels on links: the worker's outbox and the window being run.
class Emitter {
 public:
  Emitter(Outbox& outbox, const des::Window& window, base::Duration lookahead,
          WorkerCounters& counters, uint32_t worker, TraceLog* trace = nullptr)
      : outbox_(outbox),
        counters_(counters),
        window_index_(window.index),
        begin_ps_(window.begin.ps()),
        lookahead_ps_(lookahead.ps()),
        worker_(worker),
        trace_(trace) {}

  // The last bit of `parcel` left at done_ps, inside the window. HOT
  void send(const Link& link, Parcel parcel, int64_t done_ps) {
    int64_t rest = done_ps - begin_ps_ + link.latency_rest_ps;
    int64_t window = window_index_ + link.latency_windows;
    if (rest >= lookahead_ps_) {  // at most once: both terms are below the lookahead
      rest -= lookahead_ps_;
      ++window;
    }
    parcel.offset_ps = static_cast<uint32_t>(rest);
    parcel.at = link.peer;
    if (trace_ != nullptr) [[unlikely]]
      trace_->note(parcel, done_ps);
    outbox_.push(window, link.peer_partition, parcel);
  }
  // Straight to a unit, past every link: what hosts tell each other outside the network (triggers).
  // It must not arrive before the window ends, or the receiver may already have run.
  void send_direct(Inlet to, uint32_t partition, Parcel parcel, int64_t arrive_ps) {
    const int64_t rest = arrive_ps - begin_ps_;
    WT_CHECK(rest >= lookahead_ps_, "a message would arrive before the lookahead");
    WT_CHECK(rest / lookahead_ps_ < outbox_.slots(), "a message would arrive too far ahead");
    parcel.offset_ps = static_cast<uint32_t>(rest % lookahead_ps_);
    parcel.at = to;
    outbox_.push(window_index_ + rest / lookahead_ps_, partition, parcel);
  }
  WorkerCounters& counters() { return counters_; }
  int64_t begin_ps() const { return begin_ps_; }
  int64_t lookahead_ps() const { return lookahead_ps_; }
  uint32_t worker() const { return worker_; }

 private:
  Outbox& outbox_;
  WorkerCounters& counters_;
  int64_t window_index_;
  int64_t begin_ps_;
  int64_t lookahead_ps_;
  uint32_t worker_;
  TraceLog* trace_;
};

// Whether the link swallows what is sent into it now.
inline bool link_loses(Link& link) {
  if (link.up && link.loss_per_2_32 == 0) [[likely]]
    return false;
  return !link.up || static_cast<uint32_t>(link.random.bits() >> 32) < link.loss_per_2_32;
}

// The last bit of `parcel` has left at now_ps: counts it and lets it fly. False when the link lost
// it. HOT
inline bool link_finish(Link& link, LinkCounters& counters, const Parcel& parcel, int64_t now_ps,
                        Emitter& out) {
  if (link_loses(link)) [[unlikely]] {
    ++counters.lost;
    return false;
  }
  counters.bytes += parcel.bytes;
  ++counters.parcels;
  ++out.counters().packet_hops;
  out.send(link, parcel, now_ps);
  return true;
}

// The sending side of a host's port: one parcel at a time, handed over when the link is idle.
struct HostLink {
  Link link;
  LinkCounters counters;
  Parcel sending;
  bool serving = false;

  void start(const Parcel& parcel, int64_t now_ps) {
    sending = parcel;
    serving = true;
    const int64_t length_ps = link.serialisation_ps(parcel.bytes);
    link.busy_until_ps = now_ps + length_ps;
    counters.busy_ps += length_ps;
  }
  // now = link.busy_until_ps. False when the link lost the parcel, which is still in `sending`.
  bool finish(Emitter& out) {
    serving = false;
    return link_finish(link, counters, sending, link.busy_until_ps, out);
  }
};

}  // namespace windtunnel::fabric
