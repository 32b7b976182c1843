#include "tests/braid_episode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <string_view>

#include "base/check.h"

namespace windtunnel::braid_hostile {

namespace {

using braid::EndpointConfig;

constexpr size_t kFields = static_cast<size_t>(Field::kCount);
constexpr int64_t kUnset = -1;

// The value of every field, or kUnset.
std::array<int64_t, kFields> values_of(const Episode& episode) {
  std::array<int64_t, kFields> values{};
  values.fill(kUnset);
  for (const Item& item : episode.items) {
    if (const auto* setting = std::get_if<Setting>(&item)) {
      values[static_cast<size_t>(setting->field)] = setting->value;
    }
  }
  return values;
}

class Values {
 public:
  explicit Values(const Episode& episode) : values_(values_of(episode)) {}
  int64_t get(Field field, int64_t otherwise) const {
    const int64_t value = values_[static_cast<size_t>(field)];
    return value == kUnset ? otherwise : value;
  }
  uint32_t count(Field field, uint32_t otherwise) const {
    return static_cast<uint32_t>(get(field, otherwise));
  }
  Duration time(Field field, Duration otherwise) const {
    return Duration::ps(get(field, otherwise.ps()));
  }
  Bytes bytes(Field field, int64_t otherwise) const { return Bytes(get(field, otherwise)); }
  bool flag(Field field, bool otherwise) const { return get(field, otherwise ? 1 : 0) != 0; }

 private:
  std::array<int64_t, kFields> values_;
};

void set_rates(const Values& v, EndpointConfig& c) {
  c.line_rate = base::Rate::bits_per_second(v.get(Field::kLineRate, 100'000'000'000));
  if (v.flag(Field::kTrueWire, false)) c.wire = braid::WireProfile::true_sizes();
  c.mtu = v.bytes(Field::kMtu, 1088);
  c.base_rtt = v.time(Field::kBaseRtt, Duration::us(5));
  c.network_rtt = v.time(Field::kNetworkRtt, Duration::zero());
  c.target_delay = v.time(Field::kTargetDelay, Duration::zero());
  c.trimming = v.flag(Field::kTrimming, true);
  c.congestion = static_cast<braid::CongestionControl>(v.get(Field::kCongestion, 0));
  c.maximum_window = v.bytes(Field::kMaximumWindow, 0);
  if (c.maximum_window.count() > 0) c.maximum_window = std::max(c.maximum_window, c.mtu);
  c.initial_window = v.bytes(Field::kInitialWindow, 0);
  if (c.initial_window.count() > 0) c.initial_window = std::max(c.initial_window, c.mtu);
  c.quick_adapt = v.flag(Field::kQuickAdapt, true);
  c.quick_adapt_gate = v.count(Field::kQuickAdaptGate, 3);
  c.ecn = v.flag(Field::kEcn, true);
  c.credit_rate = {.part = v.get(Field::kCreditRate, 99), .whole = 100};
  c.oversubscription = {.part = v.get(Field::kOversubscription, 1), .whole = 1};
}

// Planes and paths must be powers of two that fit each other, backups only with kBraid.
void set_paths(const Values& v, EndpointConfig& c) {
  c.path_selection = static_cast<braid::PathSelection>(
      v.get(Field::kPathSelection, static_cast<int64_t>(braid::PathSelection::kBraid)));
  c.planes = v.count(Field::kPlanes, 1);
  c.paths = std::max(v.count(Field::kPaths, 16), c.planes);
  c.paths = std::bit_floor(c.paths);
  c.backup_paths = 0;
  if (c.path_selection == braid::PathSelection::kBraid) {
    const uint32_t wanted = std::min(v.count(Field::kBackupPaths, 0), 256 - c.paths);
    c.backup_paths = wanted / c.planes * c.planes;
  }
  c.freeze = v.time(Field::kFreeze, Duration::zero());
  c.probe_successes = v.count(Field::kProbeSuccesses, 3);
}

void set_limits(const Values& v, EndpointConfig& c, int side) {
  c.ack_threshold = v.bytes(Field::kAckThreshold, 4096);
  c.rto_min = v.time(Field::kRtoMin, Duration::us(50));
  c.retry_limit = v.count(Field::kRetryLimit, 16);
  c.loss_recovery = static_cast<braid::LossRecovery>(v.get(Field::kLossRecovery, 1));
  c.psn_range = v.count(side == 0 ? Field::kPsnRange : Field::kPsnRangePeer, 512);
  c.write_imm_limit = v.count(side == 0 ? Field::kWriteImmLimit : Field::kWriteImmLimitPeer, 8);
  c.read_limit = v.count(side == 0 ? Field::kReadLimit : Field::kReadLimitPeer, 8);
  const uint32_t near = v.count(Field::kNearWrap, 0);
  if (near > 0) c.initial_psn = braid::kPsnMask + 1 - near * (side == 0 ? 1 : 2);
  c.max_qps = v.count(Field::kQueuePairs, 1) + 1;  // one is created and never connected
  c.max_active_qps = std::min(v.count(Field::kMaxActiveQps, 0), c.max_qps);
  c.work_requests = v.count(Field::kWorkRequests, 0);
  c.control_queue_max = v.count(Field::kControlQueueMax, 4096);
  c.control_queue = std::min(c.control_queue, c.control_queue_max);
}

Duration end_of(const Impairment& harm) { return harm.until; }
Duration end_of(const Action& action) { return action.until; }
Duration end_of(const WorkItem& work) { return work.at; }
Duration end_of(const Setting&) { return Duration::zero(); }

constexpr std::array<std::string_view, kFields> kFieldNames{"line rate",
                                                            "planes",
                                                            "mtu",
                                                            "true wire sizes",
                                                            "base rtt",
                                                            "network rtt",
                                                            "target delay",
                                                            "trimming",
                                                            "congestion control",
                                                            "initial window",
                                                            "maximum window",
                                                            "quick adapt",
                                                            "quick adapt gate",
                                                            "ecn",
                                                            "path selection",
                                                            "paths",
                                                            "backup paths",
                                                            "freeze",
                                                            "probe successes",
                                                            "ack threshold",
                                                            "rto min",
                                                            "retry limit",
                                                            "loss recovery",
                                                            "psn range of side 0",
                                                            "psn range of side 1",
                                                            "write imm limit of side 0",
                                                            "write imm limit of side 1",
                                                            "read limit of side 0",
                                                            "read limit of side 1",
                                                            "max active qps",
                                                            "work requests",
                                                            "control queue max",
                                                            "credit rate",
                                                            "oversubscription",
                                                            "known rtt",
                                                            "queue pairs",
                                                            "start",
                                                            "near wrap",
                                                            "one port call",
                                                            "through codec",
                                                            "path delay",
                                                            "path spread"};

constexpr std::array<std::string_view, 9> kHarmNames{"loss",    "duplicate",     "delay",
                                                     "trim",    "last-hop trim", "ecn",
                                                     "corrupt", "replay",        "bottleneck"};
constexpr std::array<std::string_view, 10> kDeedNames{
    "port down",  "deny path",   "invalidate",  "penalty",      "stall send",
    "stall poll", "idle expire", "forge inert", "forge random", "renew queue pair"};
constexpr std::array<std::string_view, 3> kVerbNames{"write", "write with immediate", "read"};
constexpr std::array<std::string_view, 5> kFaultNames{"", ", stale key", ", foreign domain",
                                                      ", out of bounds", ", no right"};

template <size_t N, class Enum>
std::string_view name_of(const std::array<std::string_view, N>& names, Enum value) {
  return names[static_cast<size_t>(value)];
}

std::string span_text(Duration from, Duration until) {
  if (until == Duration::max()) return fmt::format("from {} ns on", from.ns());
  return fmt::format("from {} to {} ns", from.ns(), until.ns());
}

std::string text(const Setting& setting) {
  return fmt::format("set {} = {}", name_of(kFieldNames, setting.field), setting.value);
}

std::string text(const WorkItem& work) {
  return fmt::format("side {} qp {}: {} of {} bytes at {} ns{}", work.side, work.qp,
                     name_of(kVerbNames, work.verb), work.length, work.at.ns(),
                     name_of(kFaultNames, work.fault));
}

std::string text(const Impairment& harm) {
  return fmt::format(
      "{} of {} ppm, {} from side{}, paths & {:#x} == {:#x}, delay {} ns, value {}, {}",
      name_of(kHarmNames, harm.harm), harm.ppm,
      harm.data ? (harm.control ? "all packets" : "data") : "control",
      harm.directions == 3 ? "s 0 and 1" : (harm.directions == 1 ? " 0" : " 1"), harm.path_mask,
      harm.path_value, harm.delay.ns(), harm.value, span_text(harm.from, harm.until));
}

std::string text(const Action& action) {
  return fmt::format("side {}: {} index {} value {} {}", action.side,
                     name_of(kDeedNames, action.deed), action.index, action.value,
                     span_text(action.from, action.until));
}

}  // namespace

Duration Episode::peace() const {
  Duration latest = Duration::zero();
  for (const Item& item : items) {
    const Duration end = std::visit([](const auto& x) { return end_of(x); }, item);
    if (end != Duration::max()) latest = std::max(latest, end);
  }
  return latest;
}

bool Episode::has(Deed deed) const {
  return std::any_of(items.begin(), items.end(), [deed](const Item& item) {
    const auto* action = std::get_if<Action>(&item);
    return action != nullptr && action->deed == deed;
  });
}

bool Episode::untrusted() const { return has(Deed::kForgeRandom); }

Episode without(const Episode& episode, const std::vector<uint32_t>& dropped) {
  Episode rest;
  rest.seed = episode.seed;
  for (size_t i = 0; i < episode.items.size(); ++i) {
    const uint32_t number = episode.numbers[i];
    if (std::find(dropped.begin(), dropped.end(), number) != dropped.end()) continue;
    rest.items.push_back(episode.items[i]);
    rest.numbers.push_back(number);
  }
  return rest;
}

Surroundings surroundings(const Episode& episode) {
  const Values v(episode);
  Surroundings s;
  s.queue_pairs = v.count(Field::kQueuePairs, 1);
  s.start = Time::at(v.time(Field::kStart, Duration::zero()));
  s.one_port_call = v.flag(Field::kOnePortCall, false);
  s.through_codec = v.flag(Field::kThroughCodec, false);
  s.known_rtt = v.time(Field::kKnownRtt, Duration::zero());
  s.path_delay = v.time(Field::kPathDelay, s.path_delay);
  s.path_spread = v.time(Field::kPathSpread, s.path_spread);
  return s;
}

EndpointConfig endpoint_config(const Episode& episode, int side) {
  const Values values(episode);
  EndpointConfig config;
  set_rates(values, config);
  set_paths(values, config);
  set_limits(values, config, side);
  const base::Status valid = config.validate();
  WT_CHECK(valid.has_value(), valid ? "" : valid.error().to_string());
  return config;
}

std::string describe(const Item& item) {
  return std::visit([](const auto& x) { return text(x); }, item);
}

std::string describe(const Episode& episode) {
  std::string all = fmt::format("episode {:#018x}, {} items\n", episode.seed, episode.items.size());
  for (size_t i = 0; i < episode.items.size(); ++i) {
    all += fmt::format("  {:3}  {}\n", episode.numbers[i], describe(episode.items[i]));
  }
  return all;
}

}  // namespace windtunnel::braid_hostile
