#include "braid/config.h"

#include <fmt/core.h>

#include <bit>
#include <string>
#include <string_view>
#include <vector>

#include "braid/codec.h"

namespace windtunnel::braid {

namespace {

// Largest sizes whose products stay inside 64 bits with room to spare.
constexpr int64_t kRateMax = 100'000'000'000'000;    // 100 Tbit/s
constexpr int64_t kDurationMax = 1'000'000'000'000;  // 1 s in ps
constexpr int64_t kWindowMax = int64_t{1} << 30;
constexpr int64_t kMtuMax = 65'535;
constexpr int64_t kPayloadMin = 64;

class Rules {
 public:
  void range(std::string_view field, int64_t found, int64_t low, int64_t high) {
    if (found >= low && found <= high) return;
    fail(fmt::format("{} is {}, expected {} to {}", field, found, low, high));
  }
  void power_of_two(std::string_view field, uint32_t found) {
    if (!std::has_single_bit(found)) {
      fail(fmt::format("{} is {}, expected a power of two", field, found));
    }
  }
  void require(bool holds, std::string_view message) {
    if (!holds) fail(message);
  }
  base::Status status() const {
    if (errors_.empty()) return {};
    return base::fail(errors_);
  }

 private:
  void fail(std::string_view message) {
    if (!errors_.empty()) errors_ += "; ";
    errors_ += message;
  }
  std::string errors_;
};

int64_t largest_header(const WireProfile& wire) {
  constexpr int64_t kTrueHeader = kHeaderBytesMax;
  return wire.kind == WireProfile::Kind::kFlat ? wire.data_header
                                               : wire.encapsulation + kTrueHeader;
}

void check_rates(const EndpointConfig& c, Rules& rules) {
  rules.range("line_rate", c.line_rate.bits_per_second(), 1'000'000, kRateMax);
  rules.range("mtu", c.mtu.count(), largest_header(c.wire) + kPayloadMin, kMtuMax);
  rules.range("base_rtt in ps", c.base_rtt.ps(), 1'000, kDurationMax);
  rules.range("network_rtt in ps", c.network_rtt.ps(), 0, kDurationMax);
  rules.range("target_delay in ps", c.target_delay.ps(), 0, kDurationMax);
  rules.range("rto_min in ps", c.rto_min.ps(), 1'000'000, kDurationMax);
  rules.range("freeze in ps", c.freeze.ps(), 0, kDurationMax);
  rules.range("initial_window", c.initial_window.count(), 0, kWindowMax);
  rules.range("maximum_window", c.maximum_window.count(), 0, kWindowMax);
  rules.require(c.initial_window.count() == 0 || c.initial_window.count() >= c.mtu.count(),
                fmt::format("initial_window is {}, expected zero or at least the mtu",
                            c.initial_window.count()));
  rules.range("ack_threshold", c.ack_threshold.count(), 1, kWindowMax);
  rules.require(c.credit_rate.part > 0 && c.credit_rate.part <= c.credit_rate.whole,
                "credit_rate must be above 0 and at most 1");
  rules.require(c.oversubscription.whole > 0 &&
                    c.oversubscription.part >= c.oversubscription.whole &&
                    c.oversubscription.part / c.oversubscription.whole <= 100,
                "oversubscription must be 1 to 100");
}

void check_paths(const EndpointConfig& c, Rules& rules) {
  rules.range("planes", c.planes, 1, 8);
  rules.power_of_two("planes", c.planes);
  rules.range("paths", c.paths, 1, 256);
  rules.range("paths and backup_paths", int64_t{c.paths} + c.backup_paths, 1, 256);
  const bool walks = c.path_selection == PathSelection::kOblivious ||
                     c.path_selection == PathSelection::kBitmap ||
                     c.path_selection == PathSelection::kMixed;
  if (walks) rules.power_of_two("paths", c.paths);
  rules.require(c.backup_paths == 0 || c.path_selection == PathSelection::kBraid,
                "backup_paths needs path_selection kBraid");
  const bool whole = c.planes != 0 && c.paths % c.planes == 0 && c.backup_paths % c.planes == 0;
  rules.require(whole, fmt::format("paths is {} and backup_paths {}, expected multiples of the {} "
                                   "planes",
                                   c.paths, c.backup_paths, c.planes));
  rules.range("probe_successes", c.probe_successes, 1, 15);
}

void check_limits(const EndpointConfig& c, Rules& rules) {
  rules.range("quick_adapt_gate", c.quick_adapt_gate, 0, 15);
  rules.range("retry_limit", c.retry_limit, 1, kRetryLimitMax);
  rules.range("initial_psn", c.initial_psn.value_or(0), 0, kPsnMask);
  rules.range("psn_range", c.psn_range, 128, kPsnRangeMax);
  rules.power_of_two("psn_range", c.psn_range);
  rules.range("write_imm_limit", c.write_imm_limit, 1, kWriteImmLimitMax);
  rules.range("read_limit", c.read_limit, 0, kReadLimitMax);
  rules.range("max_qps", c.max_qps, 1, kQpsMax);
  rules.range("max_active_qps", c.max_active_qps, 0, c.max_qps);
  rules.range("work_requests", c.work_requests, 0, 1 << 24);
  rules.range("control_queue", c.control_queue, 1, c.control_queue_max);
  rules.range("control_queue_max", c.control_queue_max, 1, 1 << 20);
  rules.power_of_two("control_queue", c.control_queue);
  rules.power_of_two("control_queue_max", c.control_queue_max);
}

}  // namespace

base::Status EndpointConfig::validate() const {
  Rules rules;
  check_rates(*this, rules);
  check_paths(*this, rules);
  check_limits(*this, rules);
  return rules.status();
}

}  // namespace windtunnel::braid
