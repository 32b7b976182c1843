#include "node/braid_nic.h"

#include <algorithm>
#include <array>
#include <bit>
#include <map>

#include "base/check.h"

namespace windtunnel::node {
namespace {

using braid::Packet;
using braid::PacketFlag;
using fabric::Parcel;
using fabric::ParcelClass;
using fabric::ParcelFlags;

// Simulated memory: the payload of flow f lies at f << 40 at both ends, so an address names its
// flow and its place in it. 2^22 flows of up to 1 TiB keep below 2^62.
constexpr uint32_t kFlowShift = 40;
constexpr uint64_t kOffsetMask = (uint64_t{1} << kFlowShift) - 1;

// The flags a numbered packet can carry, in the top byte of cargo[0].
constexpr uint32_t kFlagShift = 24;
constexpr uint16_t kPlainFlags =
    PacketFlag::kAckRequest | PacketFlag::kRetransmission | PacketFlag::kLastOfMessage;
constexpr uint32_t kSpeculativeBit = 8;

base::Time at(int64_t ps) { return base::Time::at(base::Duration::ps(ps)); }

}  // namespace

BraidNics::BraidNics(const fabric::Topology& topology, FlowBook& book,
                     const BraidNicOptions& options)
    : topology_(topology),
      book_(book),
      flows_(book.workload().flows.size()),
      controls_(options.workers),
      wire_(options.endpoint.wire) {
  WT_CHECK(flows_.size() < (uint64_t{1} << (62 - kFlowShift)),
           "too many flows for one address space");
  WT_CHECK(wire_.kind == braid::WireProfile::Kind::kFlat, "parcels rebuild headers of flat size");
  header_ = wire_.data_header;
  payload_ = static_cast<uint32_t>(options.endpoint.mtu.count()) - header_;
  create_endpoints(options);
  connect_flows();
}

BraidNics::~BraidNics() = default;

void BraidNics::create_endpoints(const BraidNicOptions& options) {
  std::vector<uint32_t> qps(topology_.hosts(), 0);
  for (uint32_t f = 0; f < flows_.size(); ++f) {
    ++qps[book_.source(f)];
    ++qps[book_.destination(f)];
  }
  // One profile per power of two of queue pairs: pools fit, and few copies stay in the cache.
  std::map<uint32_t, std::shared_ptr<const braid::Profile>> profiles;
  const base::RandomStream stream(options.seed, "nic");
  hosts_.reserve(topology_.hosts());
  for (uint32_t h = 0; h < topology_.hosts(); ++h) {
    const uint32_t size = std::bit_ceil(std::max(qps[h], 1u));
    auto& profile = profiles[size];
    if (profile == nullptr) {
      braid::EndpointConfig config = options.endpoint;
      config.max_qps = size;
      config.max_active_qps = size;
      config.work_requests = std::max(size, 4u);
      profile = braid::make_profile(config);
    }
    hosts_.push_back(Host{braid::Endpoint(profile, stream.child(h)), {}});
    hosts_.back().flow_of_qp.reserve(qps[h]);
  }
}

void BraidNics::connect_flows() {
  std::vector<braid::PdId> pds;
  std::vector<uint32_t> keys;
  for (Host& host : hosts_) {
    pds.push_back(host.endpoint.create_pd());
    const auto region = host.endpoint.register_memory(
        pds.back(), 0, uint64_t{1} << 62, braid::Access::kLocalWrite | braid::Access::kRemoteWrite);
    WT_CHECK(region.has_value(), "a fresh NIC refuses its memory");
    keys.push_back(region->rkey);
  }
  const auto create = [&](uint32_t host, uint32_t flow) {
    const auto qp = hosts_[host].endpoint.create_qp(pds[host]);
    WT_CHECK(qp.has_value(), "queue pairs were counted wrongly");
    hosts_[host].flow_of_qp.push_back(flow);
    return *qp;
  };
  for (uint32_t f = 0; f < flows_.size(); ++f) {
    const uint32_t src = book_.source(f);
    const uint32_t dst = book_.destination(f);
    const braid::QpId a = create(src, f);
    const braid::QpId b = create(dst, f);
    const braid::PeerAttributes of_a = hosts_[src].endpoint.attributes(a);
    const braid::PeerAttributes of_b = hosts_[dst].endpoint.attributes(b);
    const bool connected = hosts_[src].endpoint.connect(a, of_b).has_value() &&
                           hosts_[dst].endpoint.connect(b, of_a).has_value();
    WT_CHECK(connected, "two fresh queue pairs do not connect");
    flows_[f] = {a.index(), b.index(), of_a.initial_psn, keys[dst]};
  }
}

int64_t BraidNics::run_host(uint32_t host, std::span<const fabric::Arrival> arrivals,
                            int64_t until_ps, std::span<fabric::HostLink> links,
                            fabric::Emitter& out) {
  Run run{host, hosts_[host], links, out};
  for (;;) {
    const int64_t arrival_ps =
        arrivals.empty() ? kNever : out.begin_ps() + arrivals.front().offset_ps();
    int64_t done_ps = kNever;
    for (const fabric::HostLink& link : links) {
      if (link.serving) done_ps = std::min(done_ps, link.link.busy_until_ps);
    }
    const int64_t timeout_ps = run.self.endpoint.next_timeout().ps();
    const int64_t due_ps = book_.next_due_ps(host);
    const int64_t own_ps = std::min({done_ps, timeout_ps, due_ps});
    const int64_t now_ps = std::min(own_ps, arrival_ps);
    if (now_ps >= until_ps) return own_ps;
    // Everything of one instant happens before the ports are offered work again.
    if (done_ps == now_ps) finish_links(run, now_ps);
    for (; !arrivals.empty() && out.begin_ps() + arrivals.front().offset_ps() == now_ps;
         arrivals = arrivals.subspan(1)) {
      arrive(run, *arrivals.front().parcel, now_ps);
    }
    if (book_.next_due_ps(host) <= now_ps) begin_due(run, now_ps);
    if (timeout_ps <= now_ps) {
      run.self.endpoint.expire(at(now_ps));
      run.self.quiet = false;
      reap(run, now_ps);
    }
    offer(run, now_ps);
  }
}

void BraidNics::begin_due(Run& run, int64_t now_ps) {
  while (book_.next_due_ps(run.host) <= now_ps) {
    const uint32_t flow = *book_.take_due(run.host, now_ps);
    braid::WriteWork work;
    work.work_id = flow;
    work.local = uint64_t{flow} << kFlowShift;
    work.remote = work.local;
    work.rkey = flows_[flow].rkey;
    work.length = static_cast<uint64_t>(book_.bytes(flow));
    const base::Status posted =
        run.self.endpoint.post_write(braid::QpId(flows_[flow].source_qp), work);
    WT_CHECK(posted.has_value(), "a flow's queue pair takes no work");
    run.self.quiet = false;
  }
}

void BraidNics::finish_links(Run& run, int64_t now_ps) {
  for (fabric::HostLink& link : run.links) {
    if (!link.serving || link.link.busy_until_ps != now_ps) continue;
    ++run.out.counters().events;
    if (!link.finish(run.out)) dropped(link.sending, run.out.worker());
  }
}

void BraidNics::arrive(Run& run, const Parcel& parcel, int64_t now_ps) {
  ++run.out.counters().events;
  run.self.quiet = false;
  if (parcel.has(FlowBook::kMessage)) {
    book_.message(run.host, parcel, now_ps, run.out);
    return;
  }
  if (parcel.parcel_class() == ParcelClass::kPause) {
    fabric::HostLink& link = run.links[parcel.at.port()];
    fabric::link_pause(link.link, parcel.cargo[0] != 0, now_ps, link.counters);
    return;
  }
  braid::Arrival how;
  how.ecn = parcel.has(ParcelFlags::kMarked);
  how.trimmed = parcel.has(ParcelFlags::kTrimmed);
  how.last_hop_trim = parcel.has(ParcelFlags::kLastHopTrim);
  if (parcel.has(ParcelFlags::kHeavyCargo)) {
    const Packet packet = controls_[parcel.cargo[0]];
    controls_.give(run.out.worker(), parcel.cargo[0]);
    run.self.endpoint.receive(at(now_ps), packet, how);
    reap(run, now_ps);
    return;
  }
  const braid::Received received = run.self.endpoint.receive(at(now_ps), expand_data(parcel), how);
  if (received.disposition == braid::Disposition::kPlaced) {
    book_.received(parcel.flow, received.length, now_ps, run.out);
  }
}

void BraidNics::offer(Run& run, int64_t now_ps) {
  if (run.self.quiet) return;
  braid::Endpoint& endpoint = run.self.endpoint;
  bool all_idle_refused = true;
  for (uint32_t port = 0; port < run.links.size(); ++port) {
    fabric::HostLink& link = run.links[port];
    if (link.serving) {
      all_idle_refused = false;
      continue;
    }
    Packet packet;
    const bool any = link.link.paused ? endpoint.transmit_control(at(now_ps), packet, port)
                                      : endpoint.transmit(at(now_ps), packet, port);
    if (!any) continue;
    link.start(pack(run, packet), now_ps);
    all_idle_refused = false;
  }
  run.self.quiet = all_idle_refused;
}

void BraidNics::reap(Run& run, int64_t now_ps) {
  std::array<braid::Completion, 16> completions;
  for (;;) {
    const size_t count = run.self.endpoint.poll(completions);
    for (size_t i = 0; i < count; ++i) {
      const auto flow = static_cast<uint32_t>(completions[i].work_id);
      if (completions[i].status == braid::CompletionStatus::kSuccess) {
        book_.sent(flow, now_ps, run.out);
      } else {
        book_.failed(flow, now_ps);
      }
    }
    if (count < completions.size()) return;
  }
}

Parcel BraidNics::pack(Run& run, const Packet& packet) {
  return packet.opcode == braid::Opcode::kWrite ? pack_data(packet) : pack_control(run, packet);
}

Parcel BraidNics::pack_data(const Packet& packet) const {
  Parcel parcel;
  parcel.flow = static_cast<uint32_t>(packet.data.local >> kFlowShift);
  parcel.dst_and_flags = book_.destination(parcel.flow);
  parcel.entropy = packet.entropy;
  parcel.bytes = static_cast<uint16_t>(packet.data.length + header_);
  uint32_t flags = packet.flags & kPlainFlags;
  if (packet.has(PacketFlag::kSpeculative)) flags |= kSpeculativeBit;
  parcel.cargo[0] = packet.psn | flags << kFlagShift;
  parcel.cargo[1] = packet.timestamp;
  parcel.cargo[2] = packet.credit;
  return parcel;
}

// The inverse of pack_data: a flow is one message whose first packet has the queue pair's first
// PSN, so the PSN says which bytes these are (messages of up to 2^24 packets; the scenario reader
// keeps flows below that).
Packet BraidNics::expand_data(const Parcel& parcel) const {
  const FlowQps& flow = flows_[parcel.flow];
  Packet packet;
  packet.opcode = braid::Opcode::kWrite;
  const uint32_t flags = parcel.cargo[0] >> kFlagShift;
  packet.flags = static_cast<uint16_t>(flags & kPlainFlags);
  if ((flags & kSpeculativeBit) != 0) packet.flags |= PacketFlag::kSpeculative;
  packet.entropy = parcel.entropy;
  packet.dest_qp = flow.destination_qp;
  packet.psn = parcel.cargo[0] & braid::kPsnMask;
  packet.timestamp = parcel.cargo[1];
  packet.credit = parcel.cargo[2];
  const uint32_t index = (packet.psn - flow.first_psn) & braid::kPsnMask;
  const uint64_t offset = uint64_t{index} * payload_;
  packet.data.address = (uint64_t{parcel.flow} << kFlowShift) + offset;
  packet.data.local = packet.data.address;
  packet.data.rkey = flow.rkey;
  packet.data.length = static_cast<uint32_t>(
      std::min<uint64_t>(payload_, static_cast<uint64_t>(book_.bytes(parcel.flow)) - offset));
  packet.data.index = static_cast<uint16_t>(index);
  return packet;
}

Parcel BraidNics::pack_control(Run& run, const Packet& packet) {
  const uint32_t flow = run.self.flow_of_qp[packet.source_qp];
  Parcel parcel;
  const bool from_source = book_.source(flow) == run.host;
  parcel.dst_and_flags = from_source ? book_.destination(flow) : book_.source(flow);
  // Its own label, or acknowledgements would share the fate of the data's hash.
  parcel.flow = flow | 0x80000000u;
  parcel.entropy = packet.entropy;
  parcel.bytes = static_cast<uint16_t>(braid::wire_size(packet, wire_).count());
  parcel.set_class(ParcelClass::kControl);
  parcel.set(ParcelFlags::kHeavyCargo);
  parcel.cargo[0] = controls_.take(run.out.worker());
  controls_[parcel.cargo[0]] = packet;
  return parcel;
}

void BraidNics::dropped(const Parcel& parcel, uint32_t worker) {
  if (parcel.has(ParcelFlags::kHeavyCargo)) controls_.give(worker, parcel.cargo[0]);
}

NicTotals BraidNics::totals() const {
  NicTotals totals;
  for (const Host& host : hosts_) {
    const braid::EndpointCounters& c = host.endpoint.counters();
    totals.packets_sent += static_cast<int64_t>(c.packets_sent);
    totals.packets_delivered += static_cast<int64_t>(c.packets_delivered);
    totals.retransmitted += static_cast<int64_t>(c.retransmissions);
    totals.duplicates += static_cast<int64_t>(c.duplicates);
    totals.control_sent += static_cast<int64_t>(c.sacks_sent + c.nacks_sent + c.credits_sent +
                                                c.credit_requests_sent + c.probes_sent);
    totals.timeouts += static_cast<int64_t>(c.timeouts);
    totals.refused += static_cast<int64_t>(c.refused);
  }
  return totals;
}

base::Bytes BraidNics::footprint() const {
  size_t bytes =
      flows_.size() * sizeof(FlowQps) + static_cast<size_t>(controls_.allocated()) * sizeof(Packet);
  for (const Host& host : hosts_) {
    const braid::Endpoint::Footprint f = host.endpoint.footprint();
    bytes += sizeof(Host) + f.endpoint + f.work_requests +
             host.flow_of_qp.size() * (f.per_qp + f.per_active_qp + sizeof(uint32_t));
  }
  return base::Bytes(static_cast<int64_t>(bytes));
}

}  // namespace windtunnel::node
