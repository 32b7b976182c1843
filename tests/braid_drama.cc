#include "tests/braid_drama.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/check.h"
#include "braid/codec.h"
#include "tests/braid_forger.h"
#include "tests/braid_judges.h"

namespace windtunnel::braid_hostile {

namespace {

using braid::Packet;

constexpr uint64_t kCallsMax = 3'000'000;
constexpr uint32_t kPortsMax = 8;

struct Cue {
  Time at;
  size_t action = 0;  // index into the episode's items
  bool begin = true;
};

class Drama {
 public:
  Drama(const Episode& episode, const Direction& direction);
  Outcome play();

 private:
  // One side's driver: when its ports are free and whether it has been told to hold still.
  struct Driver {
    std::array<Time, kPortsMax> port_free;
    std::array<bool, kPortsMax> eager{};  // the last call had a packet, there may be more
    int send_stalls = 0;
    int poll_stalls = 0;
    std::vector<braid::Completion> completions;
  };

  Time next_moment() const;
  bool over() const;
  bool work_done() const;
  void act();
  void cue(const Cue& cue);
  void deed(const Action& action, bool begin, uint32_t number);
  void set_port(const Action& action, bool begin);
  void deny(const Action& action, bool begin);
  void invalidate(const Action& action);
  void idle_expire(uint8_t side);
  bool post(uint8_t side);  // whether something was
  bool post_one(uint8_t side, uint32_t qp, Job& job);
  void expire(uint8_t side);
  void deliver();
  void take_in(const Delivery& delivery);
  void place(uint8_t side, const Delivery& delivery, const braid::Received& received);
  void pump(uint8_t side);
  bool send(uint8_t side, uint32_t port);
  void note_window(const Side& side);
  bool poll(uint8_t side);  // whether something had completed
  void refresh(uint8_t side);
  void note(uint64_t value) { stage_.trace = base::hash_combine(stage_.trace, value); }
  void note(const Packet& packet);
  void tell(const char* what, uint8_t side, const Packet& packet);
  void rest();
  void count_up(Outcome& outcome);
  void check_calm();

  Direction direction_;
  Stage stage_;
  std::array<Driver, 2> drivers_;
  std::vector<Cue> cues_;
  size_t next_cue_ = 0;
  Time horizon_;
  uint64_t calls_ = 0;
  std::vector<uint8_t> payload_;
};

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

// Long enough for every queue pair to run through its retries several times over after peace.
Time last_moment(const Stage& stage) {
  const braid::EndpointConfig& config = stage.profile->config;
  Duration retries = Duration::zero();
  for (uint32_t i = 1; i <= config.retry_limit + 2; ++i) {
    retries += config.rto_min * (i <= 7 ? i : int64_t{8} << std::min(i - 7, 12u));
  }
  return stage.around.start + stage.episode.peace() + retries * 8 + Duration::ms(200);
}

Drama::Drama(const Episode& episode, const Direction& direction)
    : direction_(direction), stage_(episode, direction.sabotage) {
  for (size_t i = 0; i < episode.items.size(); ++i) {
    const auto* action = std::get_if<Action>(&episode.items[i]);
    if (action == nullptr) continue;
    cues_.push_back({stage_.around.start + action->from, i, true});
    cues_.push_back({stage_.around.start + action->until, i, false});
  }
  std::stable_sort(cues_.begin(), cues_.end(),
                   [](const Cue& a, const Cue& b) { return a.at < b.at; });
  for (Driver& driver : drivers_) driver.port_free.fill(stage_.now);
  horizon_ = last_moment(stage_);
  if (direction.sabotage == Sabotage::kDice) note(direction.dice);
  if (direction.sabotage == Sabotage::kCodecSlip) stage_.channel->slip();
}

Time Drama::next_moment() const {
  Time next = stage_.channel->next_arrival();
  if (next_cue_ < cues_.size()) next = std::min(next, cues_[next_cue_].at);
  for (size_t s = 0; s < 2; ++s) {
    const Side& side = *stage_.sides[s];
    next = std::min(next, side.tap.next_timeout());
    for (const QueuePair& pair : side.qps) {
      if (pair.posted == pair.waiting.size()) continue;
      const Time due = stage_.around.start + stage_.jobs[pair.waiting[pair.posted]].item.at;
      if (due > stage_.now) next = std::min(next, due);
    }
    if (drivers_[s].send_stalls > 0) continue;
    for (uint32_t port = 0; port < kPortsMax; ++port) {
      if (drivers_[s].eager[port]) next = std::min(next, drivers_[s].port_free[port]);
    }
  }
  return next == Time::max() ? next : std::max(next, stage_.now);
}

bool Drama::work_done() const {
  return std::all_of(stage_.jobs.begin(), stage_.jobs.end(),
                     [](const Job& job) { return job.status.has_value(); });
}

bool Drama::over() const {
  if (next_cue_ < cues_.size() || !stage_.channel->empty() || !work_done()) return false;
  bool failed = !stage_.trusted;
  bool busy = false;
  for (size_t s = 0; s < 2; ++s) {
    const Side& side = *stage_.sides[s];
    for (const QueuePair& pair : side.qps) failed |= pair.view.state == braid::QpState::kError;
    busy |= side.tap.blocks_in_use() > 0 || side.tap.engine().has_control();
  }
  return failed || !busy;
}

Outcome Drama::play() {
  act();
  while (!stage_.failed() && !over()) {
    const Time next = next_moment();
    if (next == Time::max() || next > horizon_ || calls_ > kCallsMax) {
      if (stage_.trusted && !work_done()) {
        stage_.fail(Invariant::kLiveness, next == Time::max()
                                              ? "work is left and nothing will ever happen"
                                              : "work is left long after the last harm");
      }
      break;
    }
    stage_.now = next;
    act();
  }
  rest();
  Outcome outcome;
  count_up(outcome);
  return outcome;
}

// One event at most, then whatever it made possible.
void Drama::act() {
  if (next_cue_ < cues_.size() && cues_[next_cue_].at <= stage_.now) {
    cue(cues_[next_cue_++]);
  } else if (stage_.channel->next_arrival() <= stage_.now) {
    deliver();
  }
  for (uint8_t s = 0; s < 2; ++s) {
    expire(s);
    poll(s);
    // What is posted to a failed queue pair completes at once and makes room for more.
    while (post(s) && poll(s)) continue;
    pump(s);
  }
}

void Drama::cue(const Cue& cue) {
  const auto& action = std::get<Action>(stage_.episode.items[cue.action]);
  deed(action, cue.begin, stage_.episode.numbers[cue.action]);
  refresh(0);
  refresh(1);
}

void Drama::deed(const Action& action, bool begin, uint32_t number) {
  const uint8_t s = action.side;
  Driver& driver = drivers_[s];
  base::RandomStream random(stage_.episode.seed, "forger", number);
  const uint32_t q = action.index % stage_.around.queue_pairs;
  switch (action.deed) {
    case Deed::kPortDown:
      set_port(action, begin);
      return;
    case Deed::kDenyPath:
      deny(action, begin);
      return;
    case Deed::kInvalidate:
      if (begin) invalidate(action);
      return;
    case Deed::kPenalty:
      stage_.coverage.add(Rare::kPenalty);
      stage_.side(s).tap.engine().set_receiver_penalty(
          static_cast<uint8_t>(begin ? action.value : 0));
      return;
    case Deed::kStallSend:
      driver.send_stalls += begin ? 1 : -1;
      stage_.coverage.add(Rare::kStalled);
      return;
    case Deed::kStallPoll:
      driver.poll_stalls += begin ? 1 : -1;
      stage_.coverage.add(Rare::kStalled);
      return;
    case Deed::kIdleExpire:
      if (begin) idle_expire(s);
      return;
    case Deed::kForgeInert:
      if (!begin) return;
      stage_.channel->inject(stage_.now, s, Origin::kForgedInert,
                             forge_inert(stage_, s, q, action.value, random));
      return;
    case Deed::kForgeRandom:
      for (int i = 0; i < 8 && begin; ++i) {
        stage_.coverage.add(Rare::kForgedRandom);
        stage_.channel->inject(stage_.now, s, Origin::kForgedRandom,
                               forge_random(stage_, s, q, random));
      }
      return;
  }
}

void Drama::set_port(const Action& action, bool begin) {
  Side& side = stage_.side(action.side);
  const uint32_t port = action.index % stage_.profile->config.planes;
  const uint32_t bit = 1u << port;
  side.ports_down = begin ? side.ports_down | bit : side.ports_down & ~bit;
  side.tap.engine().port_status(port, !begin);
  stage_.channel->set_port(action.side, port, begin);
  if (begin) stage_.coverage.add(Rare::kPortDown);
  if (side.ports_down + 1 == 1u << stage_.profile->config.planes) {
    stage_.coverage.add(Rare::kAllPortsDown);
  }
}

void Drama::deny(const Action& action, bool begin) {
  const uint32_t path = action.value % stage_.profile->total_paths;
  QueuePair& pair = stage_.side(action.side).qps[action.index % stage_.around.queue_pairs];
  const base::Status done = stage_.side(action.side).tap.engine().deny_path(pair.id, path, begin);
  const bool can = stage_.profile->config.path_selection == braid::PathSelection::kBraid;
  if (done.has_value() != can) stage_.fail(Invariant::kContract, "deny_path");
  if (!begin) return;
  pair.clean[path] = false;
  pair.stained[path] = true;
  if (can) stage_.coverage.add(Rare::kDenied);
}

void Drama::invalidate(const Action& action) {
  Side& side = stage_.side(action.side);
  Region& region = side.image[side.targets[action.index % stage_.around.queue_pairs]];
  const base::Status done = side.tap.engine().invalidate(region.keys.id);
  if (done.has_value() != region.valid) {
    stage_.fail(Invariant::kContract, "invalidate: a region can be invalidated once");
  }
  region.valid = false;
  stage_.coverage.add(Rare::kInvalidated);
}

void Drama::idle_expire(uint8_t side) {
  Tap& tap = stage_.side(side).tap;
  if (tap.engine().next_timeout() <= stage_.now) return;
  stage_.coverage.add(Rare::kIdleExpire);
  tap.engine().expire(stage_.now);
  judge_expire(stage_, side, false);
}

void Drama::refresh(uint8_t side) {
  for (QueuePair& pair : stage_.side(side).qps) pair.view = stage_.side(side).tap.view(pair.id);
}

bool Drama::post_one(uint8_t side, uint32_t qp, Job& job) {
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

bool Drama::post(uint8_t side) {
  bool any = false;
  for (uint32_t q = 0; q < stage_.around.queue_pairs; ++q) {
    QueuePair& pair = stage_.side(side).qps[q];
    while (pair.posted < pair.waiting.size()) {
      Job& job = stage_.jobs[pair.waiting[pair.posted]];
      if (stage_.around.start + job.item.at > stage_.now) break;
      ++calls_;
      if (!post_one(side, q, job)) {
        judge_refusal(stage_, side, q);
        break;
      }
      job.posted = true;
      ++pair.posted;
      const bool alive = pair.view.state == braid::QpState::kReady;
      if (alive && is_quiet(pair.view)) pair.progress = stage_.now;
      pair.view = stage_.side(side).tap.view(pair.id);
      any = true;
    }
  }
  return any;
}

void Drama::expire(uint8_t side) {
  Tap& tap = stage_.side(side).tap;
  // An engine whose timer does not move on would hold the clock still.
  for (int i = 0; tap.next_timeout() <= stage_.now && !stage_.failed(); ++i) {
    ++calls_;
    tap.engine().expire(stage_.now);
    judge_expire(stage_, side, true);
    if (i == 1000) stage_.fail(Invariant::kLiveness, "a timer that is due for ever");
  }
}

void Drama::deliver() {
  const Delivery* const delivery = stage_.channel->take();
  if (delivery != nullptr) take_in(*delivery);
}

void Drama::take_in(const Delivery& delivery) {
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
void Drama::place(uint8_t side, const Delivery& delivery, const braid::Received& received) {
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

void Drama::pump(uint8_t side) {
  if (drivers_[side].send_stalls > 0) return;
  const uint32_t ports = stage_.around.one_port_call ? 1 : stage_.profile->config.planes;
  for (uint32_t port = 0; port < ports; ++port) {
    while (drivers_[side].port_free[port] <= stage_.now && !stage_.failed()) {
      drivers_[side].eager[port] = send(side, port);
      if (!drivers_[side].eager[port]) break;
    }
  }
}

void Drama::note_window(const Side& side) {
  for (const QueuePair& pair : side.qps) {
    if (pair.view.backlog.count() == 0 || !stage_.profile->sender_window) continue;
    const Bytes room = pair.view.window - pair.view.in_flight;
    if (room.count() < stage_.profile->overhead) stage_.coverage.add(Rare::kWindowLimited);
  }
}

bool Drama::send(uint8_t s, uint32_t port) {
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
  drivers_[s].port_free[port] = stage_.now + base::transfer_time(size, rate);
  return true;
}

bool Drama::poll(uint8_t s) {
  bool any = false;
  if (drivers_[s].poll_stalls > 0) return any;
  std::vector<braid::Completion>& batch = drivers_[s].completions;
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

void Drama::note(const Packet& packet) {
  std::array<std::byte, braid::kHeaderBytesMax> bytes{};
  const auto size = braid::encode(packet, bytes);
  note(static_cast<uint64_t>(stage_.now.ps()));
  for (size_t i = 0; size && i < *size; i += 4) {
    uint64_t four = 0;
    for (size_t b = i; b < i + 4; ++b) four = four << 8 | static_cast<uint64_t>(bytes[b]);
    note(four);
  }
}

void Drama::tell(const char* what, uint8_t side, const Packet& p) {
  if (!direction_.narrate) return;
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

// The last completions, then the last judgement.
void Drama::rest() {
  if (stage_.failed()) return;
  for (uint8_t s = 0; s < 2; ++s) {
    drivers_[s].poll_stalls = 0;
    poll(s);
  }
  if (stage_.trusted || work_done()) judge_end(stage_);
  check_calm();
}

// 13 at its sharpest: where nothing is lost, cut or late, nothing is sent twice.
void Drama::check_calm() {
  const braid::EndpointConfig& config = stage_.profile->config;
  for (const Item& item : stage_.episode.items) {
    const auto* harm = std::get_if<Impairment>(&item);
    if (harm != nullptr && harm->harm != Harm::kEcn) return;
    const auto* action = std::get_if<Action>(&item);
    if (action != nullptr && action->deed != Deed::kIdleExpire &&
        action->deed != Deed::kForgeInert && action->deed != Deed::kPenalty) {
      return;
    }
    const auto* work = std::get_if<WorkItem>(&item);
    if (work != nullptr && work->fault != WorkFault::kNone) return;
    const auto* setting = std::get_if<Setting>(&item);
    if (setting != nullptr &&
        (setting->field == Field::kMaxActiveQps || setting->field == Field::kWorkRequests ||
         setting->field == Field::kControlQueueMax || setting->field == Field::kPathSpread)) {
      return;
    }
  }
  if (config.rto_min < Duration::us(100) || config.line_rate < base::Rate::gbps(100)) return;
  stage_.coverage.add(Rare::kCleanNetwork);
  const uint64_t again = stage_.side(0).retransmissions + stage_.side(1).retransmissions;
  if (again > 0) {
    stage_.fail(Invariant::kRetransmissions,
                fmt::format("{} retransmissions on a network without harm", again));
  }
}

void Drama::count_up(Outcome& outcome) {
  Coverage& coverage = stage_.coverage;
  for (int s = 0; s < 2; ++s) {
    const braid::EndpointCounters& c = stage_.side(s).tap.engine().counters();
    coverage.add(Rare::kTimeout, c.timeouts);
    coverage.add(Rare::kPathBad, c.paths_suspected);
    coverage.add(Rare::kPathRestored, c.paths_restored);
    coverage.add(Rare::kCreditGranted, c.credits_sent);
    coverage.add(Rare::kCreditRequested, c.credit_requests_sent);
    coverage.add(Rare::kControlDropped, c.control_dropped);
    outcome.packets += c.packets_sent;
    outcome.retransmissions += c.retransmissions;
  }
  const Channel::Tally& tally = stage_.channel->tally();
  coverage.add(Rare::kCorrupted, tally.corrupted);
  if (stage_.around.through_codec) coverage.add(Rare::kThroughCodec, outcome.packets);
  const auto turn = [](Time t) { return t.ps() >> 40; };
  if (turn(stage_.now) != turn(stage_.around.start)) coverage.add(Rare::kTimestampWrap);
  outcome.violation = stage_.violation;
  outcome.coverage = coverage;
  outcome.trace = stage_.trace;
}

}  // namespace

Outcome play(const Episode& episode, const Direction& direction) {
  return Drama(episode, direction).play();
}

std::string describe(const Violation& violation) {
  return fmt::format("invariant {} ({}) at {} ns: {}", static_cast<int>(violation.invariant),
                     name_of(violation.invariant), violation.at_ns, violation.text);
}

}  // namespace windtunnel::braid_hostile
