#include "tests/braid_drama.h"

#include <fmt/format.h>

#include <algorithm>

#include "tests/braid_deeds.h"
#include "tests/braid_driver.h"
#include "tests/braid_judges.h"

namespace windtunnel::braid_hostile {

namespace {

// Far above what any ending takes: a peer that answers probes for a second while data is lost.
constexpr uint64_t kCallsMax = 30'000'000;

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
  Time next_moment() const;
  bool over() const;
  bool work_done() const;
  bool starved_by_the_dead() const;
  void act();
  void cue(const Cue& cue);
  void rest();
  void count_up(Outcome& outcome);
  void check_calm();

  Stage stage_;
  Driver driver_;
  std::vector<Cue> cues_;
  size_t next_cue_ = 0;
  Time horizon_;
};

// Long enough for every queue pair to run through its retries several times over after peace.
Time last_moment(const Stage& stage) {
  const braid::EndpointConfig& config = stage.profile->config;
  Duration retries = Duration::zero();
  for (uint32_t i = 1; i <= config.retry_limit + 2; ++i) {
    retries += config.rto_min * (i <= 7 ? i : int64_t{8} << std::min(i - 7, 12u));
  }
  return stage.around.start + stage.episode.peace() + retries * 8 + Duration::ms(200);
}

std::vector<Cue> cues_of(const Stage& stage) {
  std::vector<Cue> cues;
  for (size_t i = 0; i < stage.episode.items.size(); ++i) {
    const auto* action = std::get_if<Action>(&stage.episode.items[i]);
    if (action == nullptr) continue;
    cues.push_back({stage.around.start + action->from, i, true});
    cues.push_back({stage.around.start + action->until, i, false});
  }
  std::stable_sort(cues.begin(), cues.end(),
                   [](const Cue& a, const Cue& b) { return a.at < b.at; });
  return cues;
}

// Whether nothing in the story loses, cuts or delays a packet, or lacks room for one.
bool is_calm(const Item& item) {
  if (const auto* harm = std::get_if<Impairment>(&item)) return harm->harm == Harm::kEcn;
  if (const auto* work = std::get_if<WorkItem>(&item)) return work->fault == WorkFault::kNone;
  if (const auto* action = std::get_if<Action>(&item)) {
    return action->deed == Deed::kIdleExpire || action->deed == Deed::kForgeInert ||
           action->deed == Deed::kPenalty;
  }
  const Field field = std::get<Setting>(item).field;
  return field != Field::kMaxActiveQps && field != Field::kWorkRequests &&
         field != Field::kControlQueueMax && field != Field::kPathSpread &&
         field != Field::kReadLimit && field != Field::kReadLimitPeer;
}

bool is_calm(const Episode& episode) {
  const braid::EndpointConfig config = endpoint_config(episode, 0);
  if (config.rto_min < Duration::us(100) || config.line_rate < base::Rate::gbps(100)) return false;
  return std::all_of(episode.items.begin(), episode.items.end(),
                     [](const Item& item) { return is_calm(item); });
}

Drama::Drama(const Episode& episode, const Direction& direction)
    : stage_(episode, direction.sabotage),
      driver_(stage_, direction.narrate),
      cues_(cues_of(stage_)),
      horizon_(last_moment(stage_)) {
  if (direction.sabotage == Sabotage::kDice) driver_.note(direction.dice);
  if (direction.sabotage == Sabotage::kCodecSlip) stage_.channel->slip();
}

Time Drama::next_moment() const {
  Time next = std::min(stage_.channel->next_arrival(), driver_.next_moment());
  if (next_cue_ < cues_.size()) next = std::min(next, cues_[next_cue_].at);
  for (const auto& side : stage_.sides) next = std::min(next, side->tap.next_timeout());
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

// Packets that a dead peer left beyond a gap hold a block for ever. Where blocks are short, work
// that could never be posted for want of one is not the transport's fault.
bool Drama::starved_by_the_dead() const {
  bool held = false;
  for (size_t s = 0; s < 2; ++s) {
    const auto& qps = stage_.sides[s]->qps;
    for (size_t q = 0; q < qps.size(); ++q) {
      const bool peer_dead = stage_.sides[1 - s]->qps[q].view.state == braid::QpState::kError;
      held |= peer_dead && qps[q].view.holds_block;
    }
  }
  return held && std::all_of(stage_.jobs.begin(), stage_.jobs.end(),
                             [](const Job& job) { return job.status.has_value() || !job.posted; });
}

Outcome Drama::play() {
  act();
  while (!stage_.failed() && !over()) {
    const Time next = next_moment();
    if (next == Time::max() || next > horizon_ || driver_.calls() > kCallsMax) {
      if (stage_.trusted && !work_done() && !starved_by_the_dead()) {
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
    driver_.deliver();
  }
  for (uint8_t s = 0; s < 2; ++s) {
    driver_.expire(s);
    driver_.poll(s);
    // What is posted to a failed queue pair completes at once and makes room for more.
    while (driver_.post(s) && driver_.poll(s)) continue;
    driver_.pump(s);
  }
}

void Drama::cue(const Cue& cue) {
  const auto& action = std::get<Action>(stage_.episode.items[cue.action]);
  do_deed(stage_, driver_, action, cue.begin, stage_.episode.numbers[cue.action]);
}

// The last completions, then the last judgement.
void Drama::rest() {
  if (stage_.failed()) return;
  driver_.end_stalls();
  for (uint8_t s = 0; s < 2; ++s) driver_.poll(s);
  if (work_done()) judge_end(stage_);
  if (is_calm(stage_.episode)) check_calm();
}

// 13 at its sharpest: where nothing is lost, cut or late, nothing is sent twice.
void Drama::check_calm() {
  stage_.coverage.add(Rare::kCleanNetwork);
  const uint64_t again = stage_.side(0).retransmissions + stage_.side(1).retransmissions;
  if (again == 0) return;
  stage_.fail(Invariant::kRetransmissions,
              fmt::format("{} retransmissions on a network without harm", again));
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
