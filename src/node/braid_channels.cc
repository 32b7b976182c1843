#include "node/braid_channels.h"

#include <algorithm>

#include "base/check.h"

namespace windtunnel::node {
namespace {

using braid::Packet;
using braid::PacketFlag;
using fabric::Parcel;
using fabric::ParcelClass;
using fabric::ParcelFlags;

// Simulated memory: the packet with the n-th PSN of queue pair q lies at q << 40 plus n payloads
// (below 2^16 bytes, 24 bits of n), so an address names its channel and its place in it.
constexpr uint32_t kQpShift = 40;
constexpr uint64_t kMemory = uint64_t{1} << 62;

// The flags a numbered packet can carry, in the top byte of cargo[0].
constexpr uint32_t kFlagShift = 24;
constexpr uint16_t kPlainFlags =
    PacketFlag::kAckRequest | PacketFlag::kRetransmission | PacketFlag::kLastOfMessage;
constexpr uint32_t kSpeculativeBit = 8;

// Acknowledgements have a label of their own, or they would share the fate of the data's hash.
constexpr uint32_t kReverse = 0x80000000;

constexpr uint32_t kQpsAtFirst = 2;

braid::EndpointConfig endpoint_config(braid::EndpointConfig config) {
  config.max_qps = kQpsAtFirst;
  config.max_active_qps = kQpsAtFirst;
  config.read_limit = 0;  // channels only write
  if (config.work_requests == 0) config.work_requests = 2 * kQpsAtFirst;
  return config;
}

}  // namespace

BraidChannels::BraidChannels(const fabric::Topology& topology, const HostPosts& posts,
                             const BraidChannelOptions& options)
    : posts_(posts),
      controls_(options.workers),
      waiting_posts_(options.workers),
      wire_(options.endpoint.wire) {
  WT_CHECK(wire_.kind == braid::WireProfile::Kind::kFlat, "parcels rebuild headers of flat size");
  header_ = wire_.data_header;
  payload_ = static_cast<uint32_t>(options.endpoint.mtu.count()) - header_;
  const auto profile = braid::make_profile(endpoint_config(options.endpoint));
  const base::RandomStream stream(options.seed, "nic");
  hosts_.reserve(topology.hosts());
  for (uint32_t h = 0; h < topology.hosts(); ++h) {
    hosts_.push_back(Host{braid::Endpoint(profile, stream.child(h)), {}, 0, {}, {}});
    Host& host = hosts_.back();
    host.domain = host.endpoint.create_pd();
    const auto region = host.endpoint.register_memory(
        host.domain, 0, kMemory, braid::Access::kLocalWrite | braid::Access::kRemoteWrite);
    WT_CHECK(region.has_value(), "a fresh NIC refuses its memory");
    host.key = region->rkey;
    keys_.push_back(host.key);
  }
}

uint32_t BraidChannels::create(Host& self, const Channel& channel) {
  auto qp = self.endpoint.create_qp(self.domain);
  if (!qp) {
    self.endpoint.make_room(2 * self.endpoint.room());
    qp = self.endpoint.create_qp(self.domain);
  }
  WT_CHECK(qp.has_value(), "there is room for a queue pair and it is refused");
  const uint32_t number = qp->index();
  if (number >= self.channels.size()) self.channels.resize(number + 1);
  self.channels[number] = channel;
  self.qp_of.insert(channel.label, number);
  return number;
}

// Both ends are configured alike, so each knows the other's attributes but for its queue pair,
// which the receiving NIC finds by the label, and its PSN, which the post brings.
void BraidChannels::connect(Host& self, uint32_t qp, const Channel& channel, bool sends) {
  braid::PeerAttributes peer = self.endpoint.attributes(braid::QpId(qp));
  peer.qp = 0;
  peer.initial_psn = sends ? 0 : channel.first_psn;
  const base::Status connected = self.endpoint.connect(braid::QpId(qp), peer);
  WT_CHECK(connected.has_value(), "two fresh queue pairs do not connect");
}

uint32_t BraidChannels::open(NicRun& run, uint32_t label, uint32_t peer, uint32_t owner,
                             int64_t now_ps) {
  Host& self = hosts_[run.host];
  const uint32_t qp = create(self, {label, peer, 0, owner});
  Channel& channel = self.channels[qp];
  channel.first_psn = self.endpoint.attributes(braid::QpId(qp)).initial_psn;
  connect(self, qp, channel, true);
  Parcel parcel;
  parcel.flow = label;
  parcel.cargo[1] = run.host;
  parcel.cargo[2] = channel.first_psn;
  posts_.post(PostKind::kOpen, peer, parcel, now_ps, run.out);
  return qp;
}

void BraidChannels::close(NicRun& run, uint32_t qp, int64_t now_ps) {
  Host& self = hosts_[run.host];
  Parcel parcel;
  parcel.flow = self.channels[qp].label;
  posts_.post(PostKind::kClose, self.channels[qp].peer, parcel, now_ps, run.out);
  destroy(self, qp);
}

void BraidChannels::destroy(Host& self, uint32_t qp) {
  self.qp_of.erase(self.channels[qp].label);
  const base::Status gone = self.endpoint.destroy_qp(braid::QpId(qp));
  WT_CHECK(gone.has_value(), "an open channel has no queue pair");
}

void BraidChannels::on_open(Host& self, const Parcel& parcel) {
  const Channel channel{parcel.flow, parcel.cargo[1], parcel.cargo[2], 0};
  connect(self, create(self, channel), channel, false);
}

void BraidChannels::on_close(Host& self, const Parcel& parcel) {
  const uint32_t qp = self.qp_of.find(parcel.flow);
  WT_CHECK(qp != LabelMap::kNone, "a channel is closed that was never opened");
  destroy(self, qp);
}

void BraidChannels::write(NicRun& run, uint32_t qp, uint64_t work_id, int64_t bytes,
                          std::optional<uint32_t> immediate, int64_t /*now_ps*/) {
  Host& self = hosts_[run.host];
  braid::WriteWork work;
  work.work_id = work_id;
  work.local = work.remote = uint64_t{qp} << kQpShift;
  work.rkey = keys_[self.channels[qp].peer];
  work.length = static_cast<uint64_t>(bytes);
  work.immediate = immediate;
  base::Status posted = self.endpoint.post_write(braid::QpId(qp), work);
  if (!posted) {
    self.endpoint.make_room(2 * self.endpoint.room());
    posted = self.endpoint.post_write(braid::QpId(qp), work);
  }
  WT_CHECK(posted.has_value(), "an open channel takes no work");
  self.quiet = false;
}

void BraidChannels::finish_links(NicRun& run, int64_t now_ps) {
  for (fabric::HostLink& link : run.links) {
    if (!link.serving || link.link.busy_until_ps != now_ps) continue;
    ++run.out.counters().events;
    if (!link.finish(run.out)) dropped(link.sending, run.out.worker());
  }
}

bool BraidChannels::unpack(NicRun& run, Host& self, const Parcel& parcel, Packet& packet) {
  const uint32_t qp = self.qp_of.find(parcel.flow & ~kReverse);
  if (parcel.has(ParcelFlags::kHeavyCargo)) {
    packet = controls_[parcel.cargo[0]];
    controls_.give(run.out.worker(), parcel.cargo[0]);
    packet.dest_qp = qp;
  } else if (qp != LabelMap::kNone) {
    packet = expand(self, qp, parcel);
  }
  if (qp == LabelMap::kNone) ++self.stale;
  return qp != LabelMap::kNone;
}

Parcel BraidChannels::pack(NicRun& run, Host& self, const Packet& packet) {
  const Channel& channel = self.channels[packet.source_qp];
  Parcel parcel;
  parcel.dst_and_flags = channel.peer;
  parcel.entropy = packet.entropy;
  if (packet.opcode == braid::Opcode::kWrite) [[likely]] {
    parcel.flow = channel.label;
    parcel.bytes = static_cast<uint16_t>(packet.data.length + header_);
    uint32_t flags = packet.flags & kPlainFlags;
    if (packet.has(PacketFlag::kSpeculative)) flags |= kSpeculativeBit;
    parcel.cargo[0] = packet.psn | flags << kFlagShift;
    parcel.cargo[1] = packet.timestamp;
    parcel.cargo[2] = packet.credit;
    return parcel;
  }
  parcel.bytes = static_cast<uint16_t>(braid::wire_size(packet, wire_).count());
  parcel.flow = channel.label;
  if (braid::is_control(packet.opcode)) {
    // A question goes the way of the data it asks about, so that a probe meets what its path meets.
    const bool asks =
        packet.opcode == braid::Opcode::kProbe || packet.opcode == braid::Opcode::kCreditRequest;
    if (!asks) parcel.flow |= kReverse;
    parcel.set_class(ParcelClass::kControl);
  }
  parcel.set(ParcelFlags::kHeavyCargo);
  parcel.cargo[0] = controls_.take(run.out.worker());
  controls_[parcel.cargo[0]] = packet;
  return parcel;
}

// The inverse of pack: the PSN says where in the channel's memory these bytes go. A trimmed parcel
// has lost its length with its payload; the engine asks only whether there was any.
Packet BraidChannels::expand(const Host& self, uint32_t qp, const Parcel& parcel) const {
  Packet packet;
  packet.opcode = braid::Opcode::kWrite;
  const uint32_t flags = parcel.cargo[0] >> kFlagShift;
  packet.flags = static_cast<uint16_t>(flags & kPlainFlags);
  if ((flags & kSpeculativeBit) != 0) packet.flags |= PacketFlag::kSpeculative;
  packet.entropy = parcel.entropy;
  packet.dest_qp = qp;
  packet.psn = parcel.cargo[0] & braid::kPsnMask;
  packet.timestamp = parcel.cargo[1];
  packet.credit = parcel.cargo[2];
  const uint32_t index = (packet.psn - self.channels[qp].first_psn) & braid::kPsnMask;
  packet.data.address = (uint64_t{qp} << kQpShift) + uint64_t{index} * payload_;
  packet.data.rkey = self.key;
  packet.data.length =
      parcel.has(ParcelFlags::kTrimmed) ? payload_ : uint32_t{parcel.bytes} - header_;
  packet.data.index = static_cast<uint16_t>(index);
  return packet;
}

void BraidChannels::dropped(const Parcel& parcel, uint32_t worker) {
  if (parcel.has(ParcelFlags::kHeavyCargo)) controls_.give(worker, parcel.cargo[0]);
}

NicTotals BraidChannels::totals() const {
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
    totals.stale += host.stale;
  }
  return totals;
}

base::Bytes BraidChannels::footprint() const {
  size_t bytes =
      keys_.size() * sizeof(uint32_t) + static_cast<size_t>(controls_.allocated()) * sizeof(Packet);
  for (const Host& host : hosts_) {
    const braid::Endpoint::Footprint f = host.endpoint.footprint();
    bytes += sizeof(Host) - sizeof(braid::Endpoint) + f.endpoint + f.work_requests +
             host.endpoint.room() * (f.per_qp + f.per_active_qp) + host.qp_of.bytes() +
             host.channels.capacity() * sizeof(Channel);
  }
  return base::Bytes(static_cast<int64_t>(bytes));
}

}  // namespace windtunnel::node
