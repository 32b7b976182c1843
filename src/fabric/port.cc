#include "fabric/port.h"

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace windtunnel::fabric {
namespace {

void append(Fifo& fifo, uint32_t slot, uint32_t bytes, SlotPool& slots) {
  if (fifo.empty()) {
    fifo.head = slot;
  } else {
    slots[fifo.tail].offset_ps = slot;
  }
  fifo.tail = slot;
  fifo.bytes += bytes;
}

void swallow(const Parcel& parcel, PortContext& context) {
  if (parcel.has(ParcelFlags::kHeavyCargo)) context.drops.dropped(parcel, context.out.worker());
}

void queue_control(Port& port, const Parcel& parcel, PortContext& context) {
  if (port.control.bytes + parcel.bytes > port.control_capacity) {
    ++port.counters.dropped;
    swallow(parcel, context);
    return;
  }
  append(port.control, context.slots.take(parcel), parcel.bytes, context.slots);
}

Parcel trimmed(const Port& port, Parcel parcel) {
  parcel.set_class(ParcelClass::kControl);
  parcel.set(ParcelFlags::kTrimmed);
  if (port.faces_host) parcel.set(ParcelFlags::kLastHopTrim);
  parcel.bytes = std::min(parcel.bytes, port.trim_size);
  return parcel;
}

// The data queue is full. A fair coin picks the victim, so that a burst cannot lock out the others.
void overflow(Port& port, const Parcel& parcel, PortContext& context) {
  if (port.discipline != Discipline::kTrimming) {
    ++port.counters.dropped;
    swallow(parcel, context);
    return;
  }
  ++port.counters.trimmed;
  // The last queued parcel can give way unless it is on the wire, or too short for the arriving one
  // to fit in its place.
  const bool tail_is_leaving = port.data.head == port.data.tail && port.serving == Serving::kData;
  const bool tail_can_go =
      !port.data.empty() && !tail_is_leaving &&
      port.data.bytes - context.slots[port.data.tail].bytes + parcel.bytes <= port.capacity;
  if (!tail_can_go || (port.link.random.bits() & 1) == 0) {
    queue_control(port, trimmed(port, parcel), context);
    return;
  }
  Parcel& tail = context.slots[port.data.tail];
  const Parcel victim = tail;
  tail = parcel;
  tail.offset_ps = SlotPool::kNone;
  port.data.bytes += parcel.bytes;
  port.data.bytes -= victim.bytes;
  port.counters.queue_bytes_max = std::max<int64_t>(port.counters.queue_bytes_max, port.data.bytes);
  queue_control(port, trimmed(port, victim), context);
}

bool marks(Port& port) {
  const uint32_t bytes = port.data.bytes;
  if (bytes <= port.ecn_low) return false;
  if (bytes > port.ecn_high) return true;
  return port.link.random.below_fast(port.ecn_high - port.ecn_low) < bytes - port.ecn_low;
}

}  // namespace

void link_pause(Link& link, bool pause, int64_t now_ps, LinkCounters& counters) {
  if (pause && !link.paused) link.paused_since_ps = now_ps;
  if (!pause && link.paused) counters.paused_ps += now_ps - link.paused_since_ps;
  link.paused = pause;
}

void link_settle(Link& link, bool serving, int64_t now_ps, LinkCounters& counters) {
  if (link.paused) {
    counters.paused_ps += now_ps - link.paused_since_ps;
    link.paused_since_ps = now_ps;
  }
  if (serving && link.busy_until_ps > now_ps) counters.busy_ps -= link.busy_until_ps - now_ps;
}

void SlotPool::grow() {
  const size_t old = slots_.size();
  const size_t grown = std::max<size_t>(64, old + old / 4);
  WT_CHECK(grown < kNone, "too many parcels wait in one block");
  slots_.reserve(grown);
  slots_.resize(grown);
  for (size_t i = grown; i-- > old;) give(static_cast<uint32_t>(i));
}

void port_kick(Port& port, int64_t now_ps, PortContext& context) {
  if (port.serving != Serving::kNothing) return;
  uint32_t head = port.control.head;
  if (head != SlotPool::kNone) {
    port.serving = Serving::kControl;
  } else if (!port.data.empty() && !port.link.paused) {
    port.serving = Serving::kData;
    head = port.data.head;
  } else {
    return;
  }
  const int64_t length_ps = port.link.serialisation_ps(context.slots[head].bytes);
  port.link.busy_until_ps = now_ps + length_ps;
  port.counters.busy_ps += length_ps;
}

void port_arrive(Port& port, const Parcel& parcel, int64_t now_ps, PortContext& context) {
  ++context.out.counters().events;
  if (parcel.parcel_class() == ParcelClass::kData) [[likely]] {
    // A queue that a slow link made smaller than a packet still takes one.
    if (port.data.bytes + parcel.bytes <= port.capacity || port.data.empty()) [[likely]] {
      append(port.data, context.slots.take(parcel), parcel.bytes, context.slots);
      port.counters.queue_bytes_max =
          std::max<int64_t>(port.counters.queue_bytes_max, port.data.bytes);
    } else {
      overflow(port, parcel, context);
    }
  } else if (parcel.parcel_class() == ParcelClass::kControl) {
    queue_control(port, parcel, context);
  } else {
    const PauseFrame heard = PauseFrame::of(parcel);
    if (heard.outages == port.link.outages) {
      link_pause(port.link, heard.pause, now_ps, port.counters);
    }
  }
  port_kick(port, now_ps, context);
}

void port_refuse(Port& port, const Parcel& parcel, PortContext& context) {
  ++context.out.counters().events;
  ++port.counters.dropped;
  swallow(parcel, context);
}

Departed port_depart(Port& port, PortContext& context) {
  ++context.out.counters().events;
  const int64_t now_ps = port.link.busy_until_ps;
  const bool is_data = port.serving == Serving::kData;
  Fifo& fifo = is_data ? port.data : port.control;
  const uint32_t slot = fifo.head;
  Parcel& parcel = context.slots[slot];
  fifo.head = parcel.offset_ps;
  fifo.bytes -= parcel.bytes;
  const Departed departed{parcel.at, is_data ? parcel.bytes : 0u};
  if (is_data && marks(port) && !parcel.has(ParcelFlags::kNoEcn)) {
    parcel.set(ParcelFlags::kMarked);
    ++port.counters.marked;
  }
  if (!link_finish(port.link, port.counters, parcel, now_ps, context.out)) [[unlikely]] {
    swallow(parcel, context);
  }
  context.slots.give(slot);
  port.serving = Serving::kNothing;
  port_kick(port, now_ps, context);
  return departed;
}

const Arrival* port_run(Port& port, const Arrival* first, const Arrival* last, int64_t until_ps,
                        PortContext& context) {
  for (;;) {
    const int64_t arrival_ps = first != last ? context.out.begin_ps() + first->offset_ps()
                                             : std::numeric_limits<int64_t>::max();
    if (port.serving != Serving::kNothing && port.link.busy_until_ps <= arrival_ps) {
      if (port.link.busy_until_ps >= until_ps) return first;
      port_depart(port, context);
    } else if (arrival_ps < until_ps) {
      port_arrive(port, *first->parcel, arrival_ps, context);
      ++first;
    } else {
      return first;
    }
  }
}

void set_queue(Port& port, const QueueSettings& settings, base::Ratio scale) {
  // Bytes are counted in 32 bits; the limit leaves room for one more parcel.
  const auto scaled = [scale](base::Bytes bytes) {
    constexpr base::Int128 kMost = 0xffff0000;
    const base::Int128 share = base::Int128{bytes.count()} * scale.part / scale.whole;
    return static_cast<uint32_t>(std::min(share, kMost));
  };
  port.discipline = settings.discipline;
  const bool bounded = settings.discipline != Discipline::kPfc;  // else inputs are, see block.cc
  port.capacity = bounded ? scaled(settings.capacity) : 0xffff0000;
  port.control_capacity = scaled(settings.control_capacity);
  const bool marks_here = settings.ecn && (!port.faces_host || settings.ecn_last_hop);
  port.ecn_low = marks_here ? scaled(settings.ecn_low) : 0xffffffff;
  port.ecn_high = marks_here ? scaled(settings.ecn_high) : 0xffffffff;
  port.trim_size = static_cast<uint16_t>(settings.trim_size.count());
}

}  // namespace windtunnel::fabric
