// An output port of a switch: a data queue and a control queue in front of a link.
//
// Control (acknowledgements, credits, trimmed headers) goes strictly first, without cutting into a
// parcel already on the wire. Data is marked when it leaves, on the bytes it leaves behind; when
// the queue is full, a fair coin decides whether the arriving or the last queued parcel is trimmed
// (discipline kTrimming) or the arriving one is dropped (kTailDrop). With kPfc a switch counts its
// parcels by the input they came in by, pauses the sender behind an input that holds too many, and
// drops only what an input cannot hold (block.h).
//
// A queued parcel lives in a slot of the block's pool and is chained through its offset field. The
// parcel being sent stays at the head of its list until its last bit has left.
#pragma once

#include <cstdint>
#include <vector>

#include "base/units.h"
#include "fabric/link.h"
#include "fabric/parcel.h"

namespace windtunnel::fabric {

enum class Discipline : uint8_t { kTrimming, kTailDrop, kPfc };

// Settings of the queues in front of every link; sizes in bytes on the wire.
struct QueueSettings {
  Discipline discipline = Discipline::kTrimming;
  // Of a data queue, the parcel being sent included. With kPfc: of an input, wherever its parcels
  // wait; nothing is dropped if it exceeds pfc_xoff by what can still arrive after the pause, that
  // is two flights of the link at full rate and two parcels: pfc_capacity_min() in pfc.h.
  base::Bytes capacity;
  base::Bytes control_capacity;  // control queue
  base::Bytes ecn_low;           // never marked at or below
  base::Bytes ecn_high;          // always marked above; linear in between
  bool ecn = true;               // whether ports mark at all
  bool ecn_last_hop = true;      // whether ports that face hosts mark
  base::Bytes trim_size{64};     // what is left of a trimmed parcel
  base::Bytes pfc_xoff;          // pause the upstream link above this many bytes of its parcels
  base::Bytes pfc_xon;           // let it go on at or below
};

// Parcels waiting in the ports of one block.
class SlotPool {
 public:
  static constexpr uint32_t kNone = 0xffffffff;
  uint32_t take(const Parcel& parcel) {
    if (free_ == kNone) grow();
    const uint32_t slot = free_;
    free_ = slots_[slot].offset_ps;
    slots_[slot] = parcel;
    slots_[slot].offset_ps = kNone;
    return slot;
  }
  void give(uint32_t slot) {
    slots_[slot].offset_ps = free_;
    free_ = slot;
  }
  Parcel& operator[](uint32_t slot) { return slots_[slot]; }
  size_t allocated() const { return slots_.size(); }

 private:
  void grow();
  uint32_t free_ = kNone;
  std::vector<Parcel> slots_;
};

struct Fifo {
  uint32_t head = SlotPool::kNone;
  uint32_t tail = SlotPool::kNone;
  uint32_t bytes = 0;
  bool empty() const { return head == SlotPool::kNone; }
};

enum class Serving : uint8_t { kNothing, kData, kControl };

struct Port {
  Link link;
  Fifo data;
  Fifo control;
  uint32_t capacity = 0;
  uint32_t control_capacity = 0;
  uint32_t ecn_low = 0xffffffff;
  uint32_t ecn_high = 0xffffffff;
  Serving serving = Serving::kNothing;
  Discipline discipline = Discipline::kTrimming;
  bool faces_host = false;
  uint16_t trim_size = 64;
  LinkCounters counters;
};

// What a port needs of its surroundings while it runs.
class DropSink {
 public:
  virtual ~DropSink() = default;
  // A parcel with heavy cargo was swallowed by the network. Rare.
  virtual void dropped(const Parcel& parcel, uint32_t worker) = 0;
};

struct PortContext {
  SlotPool& slots;
  Emitter& out;
  DropSink& drops;
};

// HOT. A parcel reaches the queue at now_ps.
void port_arrive(Port& port, const Parcel& parcel, int64_t now_ps, PortContext& context);
// A parcel for this port finds no room in the switch and is dropped.
void port_refuse(Port& port, const Parcel& parcel, PortContext& context);
// HOT. The parcel being sent is out (now = link.busy_until_ps); starts the next. Returns the inlet
// it came in by and its data bytes, for PFC; bytes are 0 for control.
struct Departed {
  Inlet from;
  uint32_t data_bytes = 0;
};
Departed port_depart(Port& port, PortContext& context);
// Begins sending if something waits and nothing is being sent.
void port_kick(Port& port, int64_t now_ps, PortContext& context);

// HOT. Runs one port over its sorted arrivals up to (not including) until_ps. Departures come
// before arrivals of the same instant. Returns the first arrival not yet taken.
const Arrival* port_run(Port& port, const Arrival* first, const Arrival* last, int64_t until_ps,
                        PortContext& context);

// PFC from the other end: data stops after the parcel being sent, or goes on.
void link_pause(Link& link, bool pause, int64_t now_ps, LinkCounters& counters);

// The run ends at now_ps: a pause counts until then, a parcel on the wire as far as it was sent.
void link_settle(Link& link, bool serving, int64_t now_ps, LinkCounters& counters);

void set_queue(Port& port, const QueueSettings& settings, base::Ratio scale);

}  // namespace windtunnel::fabric
