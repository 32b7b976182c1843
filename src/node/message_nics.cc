#include "node/message_nics.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/check.h"
#include "node/message_driver.h"

namespace windtunnel::node {
namespace {

constexpr int64_t kBytesMax = int64_t{1} << 40;

BusyTime busiest(auto&& items, auto&& busy_of) {
  BusyTime busy;
  uint32_t who = 0;
  for (const auto& item : items) {
    const int64_t ps = busy_of(item);
    busy.sum_ps += ps;
    if (ps > busy.most_ps) busy.most_ps = ps, busy.who = who;
    ++who;
  }
  return busy;
}

}  // namespace

MessageNics::MessageNics(const fabric::Topology& topology, const MessageNicOptions& options,
                         std::vector<RankProgram*> rounds)
    : options_(options),
      programs_(std::move(rounds)),
      hosts_(topology.hosts()),
      ranks_(options.gpu_of_rank.size()),
      records_(options.workers),
      workers_(options.workers),
      round_times_(programs_.size()) {
  WT_CHECK(!programs_.empty() && !ranks_.empty(), "a run needs a program and ranks");
  serial_bits_ = 31 - static_cast<uint32_t>(std::bit_width(topology.hosts() - 1));
  make_channels(topology);
  place(topology);
}

void MessageNics::make_channels(const fabric::Topology& topology) {
  if (options_.roce) {
    roce_ = std::make_unique<RoceChannels>(topology, posts_, *options_.roce, options_.workers);
    channels_ = roce_.get();
    return;
  }
  BraidChannelOptions channels;
  channels.endpoint = options_.endpoint;
  // Small messages must not wait for the limits of a queue pair. Work requests are 64 B each and
  // shared by a NIC's channels; there are more when these are used up.
  channels.endpoint.write_imm_limit = kMessagesPerChannel;
  channels.endpoint.work_requests = kMessagesPerChannel / 2;
  channels.seed = options_.seed;
  channels.workers = options_.workers;
  braid_ = std::make_unique<BraidChannels>(topology, posts_, channels);
  channels_ = braid_.get();
}

void MessageNics::place(const fabric::Topology& topology) {
  const ServerShape& shape = options_.shape;
  WT_CHECK(shape.gpus_per_server % shape.nics_per_server == 0, "NICs do not divide the GPUs");
  for (uint32_t r = 0; r < ranks_.size(); ++r) {
    const uint32_t gpu = options_.gpu_of_rank[r];
    WT_CHECK(shape.nic(gpu) < topology.hosts(), "a rank sits on a GPU without a NIC");
    ranks_[r].host = topology.position(shape.nic(gpu));
    ranks_[r].server = shape.server(gpu);
    ranks_[r].local = hosts_[ranks_[r].host].ranks++;
  }
  uint32_t first = 0;
  for (Host& host : hosts_) {
    host.first = first;
    first += host.ranks;
    if (host.ranks > 0) ++hosts_used_;
  }
  members_.resize(ranks_.size());
  for (uint32_t r = 0; r < ranks_.size(); ++r) {
    Host& host = hosts_[ranks_[r].host];
    members_[host.first + ranks_[r].local] = r;
    host.agenda.push(0, kStart, r);
  }
  round_times_[0].start_ps = 0;
  if (options_.background.bytes > 0) plan_background();
}

void MessageNics::plan_background() {
  WT_CHECK(options_.background.interval.ps() > 0, "background traffic without a pause");
  for (uint32_t h = 0; h < hosts_.size(); ++h) {
    Host& host = hosts_[h];
    if (host.ranks == 0) continue;
    used_.push_back(h);
    host.server = ranks_[members_[host.first]].server;
    host.stream = base::RandomStream(options_.seed, "background", h);
    const auto interval_ps = static_cast<uint64_t>(options_.background.interval.ps());
    host.agenda.push(static_cast<int64_t>(host.stream.below(interval_ps)), kBackground, 0);
  }
  WT_CHECK(
      hosts_[used_.front()].server != hosts_[used_.back()].server ||
          std::any_of(used_.begin(), used_.end(),
                      [&](uint32_t h) { return hosts_[h].server != hosts_[used_.front()].server; }),
      "background traffic needs two servers");
}

int64_t MessageNics::run_host(uint32_t host, std::span<const fabric::Arrival> arrivals,
                              int64_t until_ps, std::span<fabric::HostLink> links,
                              fabric::Emitter& out) {
  NicRun run{host, links, out};
  Driver driver(*this, run, hosts_[host]);
  return roce_ ? roce_->run_host(run, arrivals, until_ps, driver)
               : braid_->run_host(run, arrivals, until_ps, driver);
}

void MessageNics::dropped(const fabric::Parcel& parcel, uint32_t worker) {
  if (braid_) braid_->dropped(parcel, worker);
}

void MessageNics::balance() {
  channels_->balance();
  records_.balance();
}

void MessageNics::perform(Driver& driver, const Agenda::Entry& entry) {
  switch (static_cast<Due>(uint32_t{entry.kind})) {
    case kStart:
      driver.program().start(entry.index, driver);
      check_done(driver, entry.index);
      break;
    case kSubmit:
      submit(driver, entry.index);
      break;
    case kDeliver:
      deliver(driver, entry.index);
      break;
    case kServerLeave:
      leave_inside(driver, entry.index);
      break;
    case kServerArrive:
      arrive_inside(driver, entry.index);
      break;
    case kServerSay:
      confirm_inside(driver, entry.index);
      break;
    case kBackground:
      send_background(driver);
      break;
    case kServerFree:
      port_free(driver, entry.index);
      break;
    case kComputed: {
      const RankMessage work = driver.host.peers.outgoing(entry.index).message;
      driver.host.peers.forget(entry.index);
      driver.program().computed(work.from, work.tag, driver);
      check_done(driver, work.from);
      break;
    }
  }
}

void MessageNics::Driver::send(const RankMessage& message) {
  const Rank& from = nics.ranks_[message.from];
  WT_CHECK(from.host == run.host && message.to != message.from, "a message of another's rank");
  WT_CHECK(message.bytes >= 0 && message.bytes < kBytesMax, "a message of an impossible size");
  if (from.server == nics.ranks_[message.to].server) {
    nics.send_inside(*this, message);
    return;
  }
  const uint32_t slot = host.peers.keep(message);
  const int64_t latency_ps = nics.options_.dma.send_latency.ps();
  if (latency_ps == 0) {
    nics.submit(*this, slot);
  } else {
    host.agenda.push(now + latency_ps, kSubmit, slot);
  }
}

void MessageNics::Driver::compute(uint32_t rank, int64_t time_ps, uint64_t tag) {
  Rank& self = nics.ranks_[rank];
  self.compute_free_ps = std::max(now, self.compute_free_ps) + time_ps;
  self.compute_busy_ps += time_ps;
  RankMessage work;
  work.from = rank;
  work.tag = tag;
  host.agenda.push(self.compute_free_ps, kComputed, host.peers.keep(work));
}

void MessageNics::Driver::post(const fabric::Parcel& parcel, int64_t now_ps) {
  now = now_ps;
  switch (HostPosts::kind(parcel)) {
    case PostKind::kServerHead:
      nics.enter_inside(*this, parcel.cargo[1]);
      break;
    case PostKind::kServerDone: {
      const RankMessage message = nics.records_[parcel.cargo[1]];
      nics.records_.give(run.out.worker(), parcel.cargo[1]);
      program().sent(message, *this);
      nics.check_done(*this, message.from);
      break;
    }
    case PostKind::kRankDone:
      nics.rank_done_post(parcel, *this);
      break;
    case PostKind::kRound:
      nics.begin_round(*this, parcel.flow, now);
      break;
    default:
      WT_CHECK(false, "a post that means nothing to messages");
  }
}

void MessageNics::check_done(Driver& driver, uint32_t rank) {
  Rank& self = ranks_[rank];
  if (self.done || !driver.program().done(rank)) return;
  self.done = true;
  Host& host = driver.host;
  host.done_ps = driver.now;
  if (++host.done < host.ranks) return;
  fabric::Parcel parcel;
  parcel.flow = driver.run.host;
  parcel.cargo[1] = static_cast<uint32_t>(host.done_ps >> 32);
  parcel.cargo[2] = static_cast<uint32_t>(host.done_ps);
  posts_.post(PostKind::kRankDone, ranks_[0].host, parcel, driver.now, driver.run.out);
}

// At the home of rank 0.
void MessageNics::rank_done_post(const fabric::Parcel& parcel, Driver& driver) {
  const uint32_t round = driver.host.round;
  const auto done_ps = static_cast<int64_t>(uint64_t{parcel.cargo[1]} << 32 | parcel.cargo[2]);
  int64_t& end_ps = round_times_[round].end_ps;
  // Kept apart until all are done, so that a round that never ends has no end.
  hosts_done_ps_ = std::max(hosts_done_ps_, done_ps);
  if (++hosts_done_ < hosts_used_) return;
  end_ps = hosts_done_ps_;
  hosts_done_ = 0;
  if (round + 1 == programs_.size()) {
    finished_ = true;
    return;
  }
  round_times_[round + 1].start_ps = driver.now + driver.run.out.lookahead_ps();
  for (uint32_t h = 0; h < hosts_.size(); ++h) {
    if (hosts_[h].ranks == 0) continue;
    fabric::Parcel next;
    next.flow = round + 1;
    posts_.post(PostKind::kRound, h, next, driver.now, driver.run.out);
  }
}

void MessageNics::begin_round(Driver& driver, uint32_t round, int64_t start_ps) {
  Host& host = driver.host;
  host.round = round;
  host.done = 0;
  for (uint32_t i = 0; i < host.ranks; ++i) {
    const uint32_t rank = members_[host.first + i];
    ranks_[rank].done = false;
    host.agenda.push(start_ps, kStart, rank);
  }
}

void MessageNics::count_arrival(Driver& driver, const RankMessage& message, bool inside) {
  Worker& worker = workers_[driver.run.out.worker()];
  if (message.from == kNobody) {
    ++worker.moved.background_messages;
    worker.moved.background_bytes += message.bytes;
    return;
  }
  ++(inside ? worker.moved.inside_messages : worker.moved.messages);
  (inside ? worker.moved.inside_bytes : worker.moved.bytes) += message.bytes;
  if (options_.series_interval.ps() == 0) return;
  const auto at = static_cast<size_t>(driver.now / options_.series_interval.ps());
  if (at >= worker.series.size()) worker.series.resize(at + 1);
  auto& bytes = worker.series[at];
  bytes[static_cast<size_t>(Arrived::kAll)] += message.bytes;
  if (inside) return;
  bytes[static_cast<size_t>(Arrived::kBetweenServers)] += message.bytes;
  if (is_watched(ranks_[message.to])) {
    bytes[static_cast<size_t>(Arrived::kWatched)] += message.bytes;
  }
}

bool MessageNics::is_watched(const Rank& rank) const {
  return rank.host < options_.watched.size() && options_.watched[rank.host];
}

int64_t MessageNics::ranks_watched() const {
  return std::count_if(ranks_.begin(), ranks_.end(), [&](const Rank& r) { return is_watched(r); });
}

int64_t MessageNics::ranks_done() const {
  int64_t done = 0;
  for (const Host& host : hosts_) done += host.done;
  return done;
}

MessageNics::Moved MessageNics::moved() const {
  Moved sum;
  for (const Worker& worker : workers_) {
    sum.messages += worker.moved.messages;
    sum.bytes += worker.moved.bytes;
    sum.inside_messages += worker.moved.inside_messages;
    sum.inside_bytes += worker.moved.inside_bytes;
    sum.background_messages += worker.moved.background_messages;
    sum.background_bytes += worker.moved.background_bytes;
    sum.failed += worker.moved.failed;
  }
  return sum;
}

std::vector<int64_t> MessageNics::arrived_series(Arrived which) const {
  std::vector<int64_t> sum;
  for (const Worker& worker : workers_) {
    if (worker.series.size() > sum.size()) sum.resize(worker.series.size());
    for (size_t i = 0; i < worker.series.size(); ++i) {
      sum[i] += worker.series[i][static_cast<size_t>(which)];
    }
  }
  return sum;
}

BusyTime MessageNics::server_out() const {
  return busiest(ranks_, [](const Rank& r) { return r.out_busy_ps; });
}
BusyTime MessageNics::server_in() const {
  return busiest(ranks_, [](const Rank& r) { return r.in_busy_ps; });
}
BusyTime MessageNics::compute() const {
  return busiest(ranks_, [](const Rank& r) { return r.compute_busy_ps; });
}
BusyTime MessageNics::dma_read() const {
  return busiest(hosts_, [](const Host& h) { return h.read_busy_ps; });
}
BusyTime MessageNics::dma_write() const {
  return busiest(hosts_, [](const Host& h) { return h.write_busy_ps; });
}

uint32_t MessageNics::channels_open_max() const {
  uint32_t most = 0;
  for (const Host& host : hosts_) most = std::max(most, host.open_max);
  return most;
}

base::Bytes MessageNics::footprint() const {
  size_t bytes = ranks_.size() * (sizeof(Rank) + sizeof(uint32_t)) +
                 static_cast<size_t>(records_.allocated()) * sizeof(RankMessage);
  for (const Rank& rank : ranks_) bytes += rank.waiting.capacity() * sizeof(Waiting);
  for (const Host& host : hosts_) {
    bytes += sizeof(Host) + host.agenda.bytes() + host.peers.bytes();
  }
  return channels_->footprint() + base::Bytes(static_cast<int64_t>(bytes));
}

}  // namespace windtunnel::node
