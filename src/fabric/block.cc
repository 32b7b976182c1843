#include "fabric/block.h"

#include <algorithm>
#include <limits>

namespace windtunnel::fabric {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

}  // namespace

void apply_fault(Link& link, const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::kDown:
      link.up = false;
      break;
    case FaultKind::kUp:
      link.up = true;
      break;
    case FaultKind::kRate:
      link.set_rate(base::Rate::bits_per_second(
          std::max<int64_t>(1, static_cast<int64_t>(base::Int128{link.nominal_bits_per_second} *
                                                    fault.share.part / fault.share.whole))));
      break;
    case FaultKind::kLoss: {
      const base::Int128 scaled = (base::Int128{fault.share.part} << 32) / fault.share.whole;
      link.loss_per_2_32 = static_cast<uint32_t>(std::min<base::Int128>(scaled, 0xffffffff));
      break;
    }
  }
}

void Block::note_left(const WorkerScratch& scratch, const Emitter& out, const des::Window& window) {
  if (window.end.ps() - out.begin_ps() == out.lookahead_ps()) [[likely]]
    return;
  for (uint32_t receiver = 0; receiver < scratch.cursors.size(); ++receiver) {
    const std::span<const Arrival> all = scratch.arrivals.of(receiver);
    const uint32_t cursor = scratch.cursors[receiver];
    if (cursor < all.size()) note_next(out.begin_ps() + all[cursor].offset_ps());
  }
}

SwitchBlock::SwitchBlock(const Topology& topology, uint32_t first, uint32_t last,
                         const QueueSettings& queue, DropSink& drops)
    : topology_(topology),
      queue_(queue),
      drops_(drops),
      first_(first),
      last_(last),
      port_base_(topology.switch_at(first).port_base) {
  const SwitchModel& end = topology.switch_at(last - 1);
  ports_.resize(end.port_base + end.down + end.up - port_base_);
  if (queue.discipline == Discipline::kPfc) ingress_.resize(ports_.size());
}

void SwitchBlock::classify(std::span<Chunk* const> lists, ArrivalSorter& arrivals) const {
  arrivals.begin(static_cast<uint32_t>(ports_.size()));
  for (const Chunk* list : lists) {
    arrivals.add(list, [this](const Parcel& parcel) {
      const SwitchModel& s = topology_.switch_at(topology_.switch_of_unit(parcel.at.unit()));
      const uint32_t out = parcel.parcel_class() == ParcelClass::kPause
                               ? parcel.at.port()
                               : s.route(parcel.dst(), parcel.flow, parcel.entropy);
      return s.port_base - port_base_ + out;
    });
  }
  arrivals.sort();
}

void SwitchBlock::run(std::span<Chunk* const> lists, const des::Window& window, Emitter& out,
                      WorkerScratch& scratch) {
  classify(lists, scratch.arrivals);
  scratch.cursors.assign(ports_.size(), 0);
  next_ps_ = kNever;
  PortContext context{slots_, out, drops_};
  run_between_faults(
      window, [&](int64_t until_ps) { run_ports(until_ps, context, scratch); },
      [&](const LocalFault& fault) { apply(fault, context); });
  for (const Port& port : ports_) {
    if (port.serving != Serving::kNothing) note_next(port.link.busy_until_ps);
  }
  note_left(scratch, out, window);
}

void SwitchBlock::run_ports(int64_t until_ps, PortContext& context, WorkerScratch& scratch) {
  if (queue_.discipline == Discipline::kPfc) {
    for (uint32_t sw = first_; sw < last_; ++sw) run_coupled(sw, until_ps, context, scratch);
    return;
  }
  for (uint32_t p = 0; p < ports_.size(); ++p) {
    const std::span<const Arrival> all = scratch.arrivals.of(p);
    const Arrival* first = all.data() + scratch.cursors[p];
    const Arrival* last = all.data() + all.size();
    if (first == last && ports_[p].serving == Serving::kNothing) continue;
    const Arrival* stop = port_run(ports_[p], first, last, until_ps, context);
    scratch.cursors[p] = static_cast<uint32_t>(stop - all.data());
  }
}

// With PFC the ports of a switch share state, so they advance together, always the earliest first;
// of ports with the same time the lowest.
void SwitchBlock::run_coupled(uint32_t sw, int64_t until_ps, PortContext& context,
                              WorkerScratch& scratch) {
  const SwitchModel& model = topology_.switch_at(sw);
  const uint32_t base = model.port_base - port_base_;
  const uint32_t count = model.down + model.up;
  const auto next_of = [&](uint32_t p) {
    const std::span<const Arrival> all = scratch.arrivals.of(p);
    const uint32_t cursor = scratch.cursors[p];
    const int64_t arrival =
        cursor < all.size() ? context.out.begin_ps() + all[cursor].offset_ps() : kNever;
    const Port& port = ports_[p];
    return port.serving == Serving::kNothing ? arrival : std::min(arrival, port.link.busy_until_ps);
  };
  scratch.ports.reset(count, [&](uint32_t i) { return next_of(base + i); });
  for (;;) {
    const int64_t now_ps = scratch.ports.time();
    if (now_ps >= until_ps) return;
    const uint32_t i = scratch.ports.index();
    Port& port = ports_[base + i];
    if (port.serving != Serving::kNothing && port.link.busy_until_ps == now_ps) {
      const Departed departed = port_depart(port, context);
      account_pfc(sw, departed.from, -int64_t{departed.data_bytes}, now_ps, context);
    } else {
      const Parcel& parcel = *scratch.arrivals.of(base + i)[scratch.cursors[base + i]++].parcel;
      if (input_holds(sw, parcel)) [[likely]] {
        const uint32_t before = port.data.bytes;
        port_arrive(port, parcel, now_ps, context);
        account_pfc(sw, parcel.at, int64_t{port.data.bytes} - before, now_ps, context);
      } else {
        port_refuse(port, parcel, context);
      }
    }
    scratch.ports.set(i, next_of(base + i));
  }
}

bool SwitchBlock::input_holds(uint32_t sw, const Parcel& parcel) const {
  if (parcel.parcel_class() != ParcelClass::kData) return true;
  const uint32_t p = topology_.switch_at(sw).port_base - port_base_ + parcel.at.port();
  return ingress_[p].bytes + parcel.bytes <= queue_.capacity.count();
}

void SwitchBlock::account_pfc(uint32_t sw, Inlet from, int64_t bytes, int64_t now_ps,
                              PortContext& context) {
  if (bytes == 0) return;
  const uint32_t p = topology_.switch_at(sw).port_base - port_base_ + from.port();
  ingress_[p].bytes += bytes;
  judge_input(p, now_ps, context);
}

// A pause frame takes no queue and no time on the wire: it arrives one flight after the parcel that
// caused it. Frames of one instant are numbered, so that they take effect in the order they were
// sent; what a port hears last must be true. A cable that is down in either direction carries none:
// the frame or the silence it asks for could not cross.
void SwitchBlock::judge_input(uint32_t p, int64_t now_ps, PortContext& context) {
  const Link& link = ports_[p].link;
  if (!link.up || !link.peer_up) return;
  Ingress& ingress = ingress_[p];
  const bool pause = ingress.paused ? ingress.bytes > queue_.pfc_xon.count()
                                    : ingress.bytes > queue_.pfc_xoff.count();
  if (pause == ingress.paused) return;
  ingress.paused = pause;
  const PauseFrame frame{pause, ++ingress.frames, link.outages};
  context.out.send(link, frame.parcel(), now_ps);
}

void SwitchBlock::apply(const LocalFault& local, PortContext& context) {
  const Fault& fault = local.fault;
  Port& port = ports_[local.index];
  if (!local.of_peer) apply_fault(port.link, fault);
  if (fault.kind == FaultKind::kRate) set_queue(port, queue_, fault.share);
  if (queue_.discipline == Discipline::kPfc) apply_to_pauses(local, context);
}

// An outage ends what either end asked of the other. When the cable is whole again, an input that
// still holds too much says so at once.
void SwitchBlock::apply_to_pauses(const LocalFault& local, PortContext& context) {
  const int64_t now_ps = local.fault.at.ps();
  Port& port = ports_[local.index];
  if (local.of_peer) port.link.peer_up = local.fault.kind == FaultKind::kUp;
  if (local.fault.kind == FaultKind::kDown) {
    ++port.link.outages;
    ingress_[local.index].paused = false;
    link_pause(port.link, false, now_ps, port.counters);
    port_kick(port, now_ps, context);
  } else if (local.fault.kind == FaultKind::kUp) {
    judge_input(local.index, now_ps, context);
  }
}

HostBlock::HostBlock(uint32_t first, uint32_t last, uint32_t planes, Discipline discipline,
                     HostSide& hosts)
    : first_(first),
      count_(last - first),
      planes_(planes),
      pauses_(discipline == Discipline::kPfc),
      hosts_(hosts),
      links_(size_t{count_} * planes),
      host_next_ps_(count_, 0) {}

void HostBlock::run(std::span<Chunk* const> lists, const des::Window& window, Emitter& out,
                    WorkerScratch& scratch) {
  scratch.arrivals.begin(count_);
  if (pauses_ && has_faults()) {
    add_with_pauses(lists, window, scratch.arrivals);
  } else {
    for (const Chunk* list : lists) {
      scratch.arrivals.add(list, [this](const Parcel& p) { return p.at.unit() - first_; });
    }
  }
  scratch.arrivals.sort();
  scratch.cursors.assign(count_, 0);
  next_ps_ = kNever;
  const auto run_hosts = [&](int64_t until_ps) {
    for (uint32_t h = 0; h < count_; ++h) {
      const std::span<const Arrival> all = scratch.arrivals.of(h);
      uint32_t stop = static_cast<uint32_t>(all.size());
      if (until_ps < out.begin_ps() + out.lookahead_ps()) {
        stop = scratch.cursors[h];
        while (stop < all.size() && out.begin_ps() + all[stop].offset_ps() < until_ps) ++stop;
      }
      if (stop == scratch.cursors[h] && host_next_ps_[h] >= until_ps) continue;
      host_next_ps_[h] =
          hosts_.run_host(first_ + h, all.subspan(scratch.cursors[h], stop - scratch.cursors[h]),
                          until_ps, std::span(links_).subspan(size_t{h} * planes_, planes_), out);
      scratch.cursors[h] = stop;
    }
  };
  run_between_faults(window, run_hosts, [this](const LocalFault& fault) { apply(fault); });
  for (const int64_t ps : host_next_ps_) note_next(ps);
  note_left(scratch, out, window);
}

// How often the cable of a link has been down by `at`, faults of that instant included.
uint32_t HostBlock::outages_by(uint32_t index, base::Time at, const des::Window& window) const {
  uint32_t outages = links_[index].link.outages;
  for (const LocalFault& local : faults_in(window)) {
    if (local.index == index && local.fault.kind == FaultKind::kDown && local.fault.at <= at) {
      ++outages;
    }
  }
  return outages;
}

// Hosts know nothing of outages: frames from before one are kept from them, and an outage that may
// end a pause reaches them as the frame that would have ended it.
void HostBlock::add_with_pauses(std::span<Chunk* const> lists, const des::Window& window,
                                ArrivalSorter& arrivals) {
  for (const Chunk* chunk : lists) {
    for (; chunk != nullptr; chunk = chunk->next) {
      for (uint32_t i = 0; i < chunk->count; ++i) {
        const Parcel& p = chunk->parcels[i];
        const uint32_t host = p.at.unit() - first_;
        if (p.parcel_class() == ParcelClass::kPause) {
          const base::Time at = window.begin + base::Duration::ps(p.offset_ps);
          const uint32_t outages = outages_by(host * planes_ + p.at.port(), at, window);
          if (PauseFrame::of(p).outages != outages) continue;
        }
        arrivals.add_one(p, host);
      }
    }
  }
  const std::span<const LocalFault> faults = faults_in(window);
  ends_of_pauses_.clear();
  ends_of_pauses_.reserve(faults.size());  // arrivals point at them
  for (const LocalFault& local : faults) {
    if (local.fault.kind != FaultKind::kDown) continue;
    const uint32_t host = local.index / planes_;
    Parcel frame = PauseFrame{}.parcel();
    frame.at = Inlet(first_ + host, local.index % planes_);
    frame.offset_ps = static_cast<uint32_t>((local.fault.at - window.begin).ps());
    arrivals.add_one(ends_of_pauses_.emplace_back(frame), host);
  }
}

void HostBlock::apply(const LocalFault& local) {
  const Fault& fault = local.fault;
  Link& link = links_[local.index].link;
  if (pauses_ && fault.kind == FaultKind::kDown) ++link.outages;
  if (local.of_peer) return;
  apply_fault(link, fault);
  int64_t& next_ps = host_next_ps_[local.index / planes_];
  next_ps = std::min(next_ps, fault.at.ps());
}

}  // namespace windtunnel::fabric
