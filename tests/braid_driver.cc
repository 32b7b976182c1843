#include "tests/braid_driver.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "braid/codec.h"
#include "tests/braid_judges.h"

namespace windtunnel::braid_hostile {

namespace {

using braid::Packet;

const char* heard_text(const braid::Received& received) {
  switch (received.disposition) {
    case braid::Disposition::kPlaced:
      return "places";
    case braid::Disposition::kDuplicate:
      return "has had";
    case braid::Disposition::kTrimmed:
      return "misses payload of";
    case braid::Disposition::kRefused:
      return "refuses";
    case braid::Disposition::kControl:
      return "hears";
    case braid::Disposition::kIgnored:
      return "ignores";
  }
  return "";
}

}  // namespace

Driver::Driver(Stage& stage, bool narrate) : stage_(stage), narrate_(narrate) {
  for (Desk& desk : desks_) desk.port_free.fill(stage.now);
}

// Of the drivers: the next request due, or port that frees.
Time Driver::next_moment() const {
  Time next = Time::max();
  for (size_t s = 0; s < 2; ++s) {
    for (const QueuePair& pair : stage_.sides[s]->qps) {
      if (pair.posted == pair.waiting.size()) continue;
      const Time due = stage_.around.start + stage_.jobs[pair.waiting[pair.posted]].item.at;
      if (due > stage_.now) next = std::min(next, due);
    }
    if (desks_[s].send_stalls > 0) continue;
    for (uint32_t port = 0; port < kPortsMax; ++port) {
      if (desks_[s].eager[port]) next = std::min(next, desks_[s].port_free[port]);
    }
  }
  return next;
}

bool Driver::post_one(uint8_t side, uint32_t qp, Job& job) {
  braid::Endpoint& engine = stage_.side(side).tap.engine();
  const braid::QpId id = stage_.side(side).qps[qp].id;
  if (job.item.verb == WorkVerb::kRead) {
    return engine
        .post_read(id, {.work_id = job.id,
                        .local = job.sink,
                        .lkey = job.sink_key,
                        .remote = job.source,
                        .rkey = job.source_key,
                        .length = job.item.length})
        .has_value();
  }
  braid::WriteWork work{.work_id = job.id,
                        .local = job.source,
                        .remote = job.sink,
                        .rkey = job.sink_key,
                        .length = job.item.length,
                        .immediate = {}};
  if (job.item.verb == WorkVerb::kWriteImm) work.immediate = static_cast<uint32_t>(job.id);
  return engine.post_write(id, work).has_value();
}

bool Driver::post(uint8_t side) {
  bool any = false;
  for (uint32_t q = 0; q < stage_.around.queue_pairs; ++q) {
    QueuePair& pair = stage_.side(side).qps[q];
    while (pair.posted < pair.waiting.size() && pair.number != kNobody) {
      Job& job = stage_.jobs[pair.waiting[pair.posted]];
      if (stage_.around.start + job.item.at > stage_.now) break;
      ++calls_;
      if (!post_one(side, q, job)) {
        judge_refusal(stage_, side, q);
        break;
      }
      job.posted = true;
      job.life = pair.lives;
      const bool alive = pair.view.state == braid::QpState::kReady;
      if (alive && is_quiet(pair, pair.view)) pair.progress = stage_.now;
      ++pair.posted;
      pair.view = stage_.side(side).tap.view(pair.id);
      any = true;
    }
  }
  return any;
}

void Driver::expire(uint8_t side) {
  Tap& tap = stage_.side(side).tap;
  // An engine whose timer does not move on would hold the clock still.
  for (int i = 0; tap.next_timeout() <= stage_.now && !stage_.failed(); ++i) {
    ++calls_;
    tap.engine().expire(stage_.now);
    judge_expire(stage_, side, true);
    if (i == 1000) stage_.fail(Invariant::kLiveness, "a timer that is due for ever");
  }
}

void Driver::idle_expire(uint8_t side) {
  Tap& tap = stage_.side(side).tap;
  if (tap.engine().next_timeout() <= stage_.now) return;
  stage_.coverage.add(Rare::kIdleExpire);
  tap.engine().expire(stage_.now);
  judge_expire(stage_, side, false);
}

void Driver::deliver() {
  const Delivery* const delivery = stage_.channel->take();
  if (delivery != nullptr) take_in(*delivery);
}

void Driver::take_in(const Delivery& delivery) {
  const uint8_t s = delivery.to;
  Side& side = stage_.side(s);
  ++calls_;
  const QueuePair* const pair = stage_.by_number(s, delivery.packet.dest_qp);
  const int q = pair == nullptr ? -1 : static_cast<int>(pair - side.qps.data());
  side.tap.heard(delivery.origin == Origin::kReplay, delivery.origin == Origin::kForgedInert);
  const braid::Received received = side.tap.receive(stage_.now, delivery.packet, delivery.arrival);
  tell(heard_text(received), s, delivery.packet);
  note(static_cast<uint64_t>(received.disposition));
  place(s, delivery, received);
  judge_receive(stage_, s, q, delivery, received);
}

// The judges see the payload as it goes into memory.
void Driver::place(uint8_t side, const Delivery& delivery, const braid::Received& received) {
  if (!received.place()) return;
  payload_.assign(delivery.payload.begin(), delivery.payload.end());
  payload_.resize(received.length);
  if (stage_.sabotage == Sabotage::kPlaceGarbage) payload_.back() ^= 1;
  switch (stage_.side(side).image.place(received.address, payload_)) {
    case Image::Put::kDone:
      return;
    case Image::Put::kOutside:
      stage_.fail(Invariant::kPlacement,
                  fmt::format("{} bytes placed at {:#x}, outside of writable memory",
                              received.length, received.address));
      return;
    case Image::Put::kTwice:
      if (!stage_.trusted) return;
      stage_.fail(Invariant::kPlacement,
                  fmt::format("bytes at {:#x} are placed a second time", received.address));
      return;
  }
}

void Driver::pump(uint8_t side) {
  if (desks_[side].send_stalls > 0) return;
  const uint32_t ports = stage_.around.one_port_call ? 1 : stage_.profile->config.planes;
  for (uint32_t port = 0; port < ports; ++port) {
    while (desks_[side].port_free[port] <= stage_.now && !stage_.failed()) {
      desks_[side].eager[port] = send(side, port);
      if (!desks_[side].eager[port]) break;
    }
  }
}

void Driver::note_window(const Side& side) {
  for (const QueuePair& pair : side.qps) {
    if (pair.view.backlog.count() == 0 || !stage_.profile->sender_window) continue;
    const Bytes room = pair.view.window - pair.view.in_flight;
    if (room.count() < stage_.profile->overhead) stage_.coverage.add(Rare::kWindowLimited);
  }
}

bool Driver::send(uint8_t s, uint32_t port) {
  Side& side = stage_.side(s);
  Packet packet;
  const bool said = side.tap.engine().has_control() || side.tap.engine().has_data();
  ++calls_;
  const bool any = stage_.around.one_port_call;
  if (!side.tap.transmit(stage_.now, packet, any ? braid::kAnyPort : port)) {
    note_window(side);
    return false;
  }
  if (!any && packet.port != port) stage_.fail(Invariant::kPlanes, "a packet for another port");
  const int q = stage_.index_by_peer(s, packet.dest_qp);
  if (q < 0) {
    stage_.fail(Invariant::kContract, fmt::format("a packet to queue pair {}", packet.dest_qp));
    return false;
  }
  tell("sends", s, packet);
  note(packet);
  judge_transmit(stage_, {s, static_cast<uint32_t>(q)}, packet, said);
  payload_.clear();
  if (has_payload(packet.opcode)) {
    payload_.resize(packet.data.length);
    pattern(s, packet.data.local, payload_);
  }
  stage_.channel->send(stage_.now, s, packet, payload_);
  if (!stage_.channel->fault().empty()) stage_.fail(Invariant::kCodec, stage_.channel->fault());
  const base::Rate rate =
      base::Rate::bits_per_second(stage_.profile->rate / (any ? 1 : stage_.profile->config.planes));
  const Bytes size = wire_size(packet, stage_.profile->config.wire);
  desks_[s].port_free[port] = stage_.now + base::transfer_time(size, rate);
  return true;
}

bool Driver::poll(uint8_t s) {
  bool any = false;
  if (desks_[s].poll_stalls > 0) return any;
  std::vector<braid::Completion>& batch = desks_[s].completions;
  for (;;) {
    batch.clear();
    ++calls_;
    const size_t most = 1 + calls_ % 4;
    const size_t count = stage_.side(s).tap.poll(batch, most);
    for (const braid::Completion& completion : batch) {
      note(completion.work_id);
      note(static_cast<uint64_t>(completion.status));
      judge_completion(stage_, s, completion);
    }
    any |= count > 0;
    if (count < most || stage_.failed()) return any;
  }
}

void Driver::refresh(uint8_t side) {
  for (QueuePair& pair : stage_.side(side).qps) {
    if (pair.number != kNobody) pair.view = stage_.side(side).tap.view(pair.id);
  }
}

void Driver::note(const Packet& packet) {
  std::array<std::byte, braid::kHeaderBytesMax> bytes{};
  const auto size = braid::encode(packet, bytes);
  note(static_cast<uint64_t>(stage_.now.ps()));
  for (size_t i = 0; size && i < *size; i += 4) {
    uint64_t four = 0;
    for (size_t b = i; b < i + 4; ++b) four = four << 8 | static_cast<uint64_t>(bytes[b]);
    note(four);
  }
}

void Driver::tell(const char* what, uint8_t side, const Packet& p) {
  if (!narrate_) return;
  const int64_t at = (stage_.now - stage_.around.start).ns();
  std::string text = fmt::format("{:>9} ns  side {} {} op {} flags {:#x} qp {} psn {:#x} path {}",
                                 at, side, what, static_cast<int>(p.opcode), p.flags, p.dest_qp,
                                 p.psn, braid::path_of(p.entropy, *stage_.profile));
  if (p.opcode == braid::Opcode::kSack) {
    text +=
        fmt::format(" cumulative {:#x} base {:#x} map {:#x} bytes {} ooo {}", p.sack.cumulative_psn,
                    p.sack.base_psn, p.sack.bitmap, p.sack.received_bytes, p.sack.out_of_order);
  }
  std::fprintf(stderr, "%s\n", text.c_str());
}

}  // namespace windtunnel::braid_hostile
