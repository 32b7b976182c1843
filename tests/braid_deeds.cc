#include "tests/braid_deeds.h"

#include "tests/braid_forger.h"

namespace windtunnel::braid_hostile {

namespace {

void set_port(Stage& stage, const Action& action, bool begin) {
  Side& side = stage.side(action.side);
  const uint32_t port = action.index % stage.profile->config.planes;
  const uint32_t bit = 1u << port;
  side.ports_down = begin ? side.ports_down | bit : side.ports_down & ~bit;
  if (stage.sabotage != Sabotage::kDownPortUsed) side.tap.engine().port_status(port, !begin);
  stage.channel->set_port(action.side, port, begin);
  if (begin) stage.coverage.add(Rare::kPortDown);
  if (side.ports_down + 1 == 1u << stage.profile->config.planes) {
    stage.coverage.add(Rare::kAllPortsDown);
  }
}

void deny(Stage& stage, const Action& action, bool begin) {
  const uint32_t path = action.value % stage.profile->total_paths;
  QueuePair& pair = stage.side(action.side).qps[action.index % stage.around.queue_pairs];
  if (pair.number == kNobody) return;
  const base::Status done = stage.side(action.side).tap.engine().deny_path(pair.id, path, begin);
  const bool can = stage.profile->config.path_selection == braid::PathSelection::kBraid;
  if (done.has_value() != can) stage.fail(Invariant::kContract, "deny_path");
  if (!begin) return;
  pair.clean[path] = false;
  pair.stained[path] = true;
  if (can) stage.coverage.add(Rare::kDenied);
}

void invalidate(Stage& stage, const Action& action) {
  Side& side = stage.side(action.side);
  Region& region = side.image[side.targets[action.index % stage.around.queue_pairs]];
  const base::Status done = side.tap.engine().invalidate(region.keys.id);
  if (done.has_value() != region.valid) {
    stage.fail(Invariant::kContract, "invalidate: a region can be invalidated once");
  }
  region.valid = false;
  stage.coverage.add(Rare::kInvalidated);
}

constexpr int kForgeriesAtOnce = 8;

// Straight into the engine: at this very moment the forged packet is what it is meant to be.
void hand_over(Stage& stage, Driver& driver, const Action& action, Origin origin,
               const braid::Packet& packet) {
  Delivery delivery;
  delivery.packet = packet;
  delivery.origin = origin;
  delivery.to = action.side;
  const bool plausible = packet.data.length <= stage.profile->mtu;
  if (has_payload(packet.opcode) && plausible) delivery.payload.assign(packet.data.length, 0xbd);
  driver.take_in(delivery);
}

void forge_randomly(Stage& stage, Driver& driver, const Action& action,
                    base::RandomStream& random) {
  const uint32_t q = action.index % stage.around.queue_pairs;
  for (int i = 0; i < kForgeriesAtOnce; ++i) {
    stage.coverage.add(Rare::kForgedRandom);
    hand_over(stage, driver, action, Origin::kForgedRandom,
              forge_random(stage, action.side, q, random));
  }
}

void forge_inertly(Stage& stage, Driver& driver, const Action& action, base::RandomStream& random) {
  const uint32_t q = action.index % stage.around.queue_pairs;
  hand_over(stage, driver, action, Origin::kForgedInert,
            forge_inert(stage, action.side, q, action.value, random));
}

void set_penalty(Stage& stage, const Action& action, bool begin) {
  stage.coverage.add(Rare::kPenalty);
  const auto penalty = static_cast<uint8_t>(begin ? action.value : 0);
  stage.side(action.side).tap.engine().set_receiver_penalty(penalty);
}

// One end goes first; until the other follows, that talks to nobody.
void renew(Stage& stage, const Action& action, bool begin) {
  const uint32_t q = action.index % stage.around.queue_pairs;
  QueuePair& pair = stage.side(action.side).qps[q];
  if (begin) {
    stage.destroy(action.side, q);
  } else if (pair.number == kNobody) {  // else another deed has renewed it
    stage.coverage.add(Rare::kRenewed);
    stage.renew(q);
  }
}

}  // namespace

void do_deed(Stage& stage, Driver& driver, const Action& action, bool begin, uint32_t number) {
  base::RandomStream random(stage.episode.seed, "forger", number);
  switch (action.deed) {
    case Deed::kPortDown:
      set_port(stage, action, begin);
      break;
    case Deed::kDenyPath:
      deny(stage, action, begin);
      break;
    case Deed::kInvalidate:
      if (begin) invalidate(stage, action);
      break;
    case Deed::kPenalty:
      set_penalty(stage, action, begin);
      break;
    case Deed::kStallSend:
      driver.stall_send(action.side, begin);
      stage.coverage.add(Rare::kStalled);
      break;
    case Deed::kStallPoll:
      driver.stall_poll(action.side, begin);
      stage.coverage.add(Rare::kStalled);
      break;
    case Deed::kIdleExpire:
      if (begin) driver.idle_expire(action.side);
      break;
    case Deed::kForgeInert:
      if (begin) forge_inertly(stage, driver, action, random);
      break;
    case Deed::kForgeRandom:
      if (begin) forge_randomly(stage, driver, action, random);
      break;
    case Deed::kRenew:
      renew(stage, action, begin);
      break;
  }
  driver.refresh(0);
  driver.refresh(1);
}

}  // namespace windtunnel::braid_hostile
