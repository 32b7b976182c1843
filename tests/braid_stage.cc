#include "tests/braid_stage.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace windtunnel::braid_hostile {

namespace {

constexpr std::array<std::string_view, 18> kInvariantNames{"",
                                                           "placement",
                                                           "completions",
                                                           "PSN window",
                                                           "bytes in flight",
                                                           "window",
                                                           "SACK bits",
                                                           "stale news",
                                                           "bad paths",
                                                           "planes",
                                                           "frozen mode",
                                                           "immediates",
                                                           "liveness",
                                                           "retransmissions",
                                                           "codec",
                                                           "determinism",
                                                           "pool",
                                                           "contract"};

// Whether nothing in the story can reorder control packets of one direction.
bool keeps_order(const Episode& episode) {
  if (surroundings(episode).path_spread > Duration::zero()) return false;
  return std::none_of(episode.items.begin(), episode.items.end(), [](const Item& item) {
    const auto* harm = std::get_if<Impairment>(&item);
    if (harm == nullptr || !harm->control) return false;
    return harm->harm == Harm::kDelay || harm->harm == Harm::kReplay ||
           harm->harm == Harm::kDuplicate;
  });
}

}  // namespace

std::string_view name_of(Invariant invariant) {
  return kInvariantNames[static_cast<size_t>(invariant)];
}

Stage::Stage(const Episode& told, Sabotage wrong)
    : episode(told),
      around(surroundings(told)),
      trusted(!told.untrusted()),
      in_order(keeps_order(told)),
      sabotage(wrong),
      now(around.start) {
  open_engines();
  open_queue_pairs();
  allot_memory(*this);
  channel = std::make_unique<Channel>(episode, *profile);
}

void Stage::open_engines() {
  for (uint8_t s = 0; s < 2; ++s) {
    const auto own = braid::make_profile(endpoint_config(episode, s));
    if (s == 0) profile = own;
    const base::RandomStream stream(episode.seed, "engine", s);
    sides[s] = std::make_unique<Side>(own, stream, sabotage, s);
  }
}

// Side 1 creates its idle queue pair first, so that the numbers of a pair differ.
void Stage::open_queue_pairs() {
  for (int s = 0; s < 2; ++s) {
    braid::Endpoint& engine = side(s).tap.engine();
    side(s).pds = {engine.create_pd(), engine.create_pd()};
    if (s == 1) side(s).idle_qp = engine.create_qp(side(s).pds[0]).value();
    for (uint32_t q = 0; q < around.queue_pairs; ++q) {
      QueuePair pair;
      pair.pd = q % 2;
      pair.id = engine.create_qp(side(s).pds[pair.pd]).value();
      pair.progress = now;
      side(s).qps.push_back(std::move(pair));
    }
    if (s == 0) side(s).idle_qp = engine.create_qp(side(s).pds[0]).value();
  }
  for (uint32_t q = 0; q < around.queue_pairs; ++q) connect(q);
}

void Stage::connect(uint32_t qp) {
  std::array<braid::PeerAttributes, 2> offered;
  for (int s = 0; s < 2; ++s) {
    offered[static_cast<size_t>(s)] = side(s).tap.engine().attributes(side(s).qps[qp].id);
    offered[static_cast<size_t>(s)].base_rtt = around.known_rtt;
  }
  const uint32_t range = std::min(offered[0].psn_range, offered[1].psn_range);
  const uint32_t imm_limit = std::min(offered[0].write_imm_limit, offered[1].write_imm_limit);
  for (size_t s = 0; s < 2; ++s) {
    Tap& tap = sides[s]->tap;
    QueuePair& pair = sides[s]->qps[qp];
    const base::Status connected = tap.engine().connect(pair.id, offered[1 - s]);
    if (!connected) fail(Invariant::kContract, "connect failed: " + connected.error().to_string());
    pair.number = offered[s].qp;
    pair.peer_number = offered[1 - s].qp;
    pair.range = range;
    pair.write_imm_limit = imm_limit;
    pair.sender.start(offered[s].initial_psn, range);
    pair.receiver.start(offered[1 - s].initial_psn, range);
    pair.view = tap.engine().view(pair.id);
  }
}

void Stage::fail(Invariant invariant, std::string text) {
  if (violation) return;
  violation = Violation{invariant, std::move(text), (now - around.start).ns()};
}

QueuePair* Stage::by_number(int s, uint32_t number) {
  for (QueuePair& pair : side(s).qps) {
    if (pair.number == number && number != kNobody) return &pair;
  }
  return nullptr;
}

QueuePair* Stage::by_job(int s, uint64_t id) {
  for (const Job& job : jobs) {
    if (job.id == id) return &side(s).qps[job.item.qp];
  }
  return nullptr;
}

bool Stage::was_called(int s, uint32_t number) const {
  const std::vector<QueuePair>& qps = sides[static_cast<size_t>(s)]->qps;
  return std::any_of(qps.begin(), qps.end(), [number](const QueuePair& pair) {
    return std::find(pair.former.begin(), pair.former.end(), number) != pair.former.end();
  });
}

void Stage::destroy(int s, uint32_t qp) {
  QueuePair& pair = side(s).qps[qp];
  if (pair.number == kNobody) return;
  const base::Status gone = side(s).tap.engine().destroy_qp(pair.id);
  if (!gone) fail(Invariant::kContract, "destroy_qp: " + gone.error().to_string());
  pair.former.push_back(pair.number);
  pair.number = kNobody;
  pair.failure.reset();
  ++pair.lives;
  pair.view = side(s).tap.view(pair.id);
  if (pair.view.state != braid::QpState::kDestroyed || pair.view.holds_block) {
    fail(Invariant::kContract, "a destroyed queue pair is not destroyed or holds a block");
  }
}

void Stage::renew(uint32_t qp) {
  for (int s = 0; s < 2; ++s) {
    destroy(s, qp);
    QueuePair& pair = side(s).qps[qp];
    const auto id = side(s).tap.engine().create_qp(side(s).pds[pair.pd]);
    if (!id) {
      fail(Invariant::kContract, "create_qp: " + id.error().to_string());
      return;
    }
    pair.id = *id;
    pair.sender = SenderModel();
    pair.receiver = ReceiverModel();
    pair.immediates.clear();
    pair.clean.reset();
    pair.stained.reset();
    pair.cached.fill(0);
    pair.praises = 0;
    pair.peer_ports_down = 0;
    pair.progress = now;
  }
  connect(qp);
}

int Stage::index_by_peer(int s, uint32_t number) const {
  const std::vector<QueuePair>& qps = sides[static_cast<size_t>(s)]->qps;
  for (size_t q = 0; q < qps.size(); ++q) {
    if (qps[q].peer_number == number) return static_cast<int>(q);
  }
  return -1;
}

Job* Stage::job_at(int s, uint64_t address, uint64_t length) {
  const std::vector<uint32_t>& sinks = side(s).sinks;
  const auto after =
      std::upper_bound(sinks.begin(), sinks.end(), address,
                       [this](uint64_t at, uint32_t job) { return at < jobs[job].sink; });
  if (after == sinks.begin()) return nullptr;
  Job& job = jobs[*(after - 1)];
  return address - job.sink + length <= job.item.length ? &job : nullptr;
}

int64_t Stage::accounted(const braid::Packet& packet) const {
  return profile->overhead + (has_payload(packet.opcode) ? packet.data.length : 0);
}

braid::PathHealth Stage::health(int s, uint32_t qp, uint32_t path) const {
  const Side& one = *sides[static_cast<size_t>(s)];
  return one.tap.path_health(one.qps[qp].id, path);
}

}  // namespace windtunnel::braid_hostile
