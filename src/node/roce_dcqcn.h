// DCQCN, the congestion control of RoCEv2 NICs: Zhu et al., "Congestion Control for Large-Scale
// RDMA Deployments", SIGCOMM 2015 ("the paper" below), sections 3.1 and 5.
//
// Three parts play together. Switches mark packets when their queue is long (fabric/port.h). The
// receiver (NotificationPoint) answers marks with congestion notification packets, CNPs, at most
// one per queue pair and interval. The sender (RateControl) cuts its rate by a CNP and wins it back
// by timer and by bytes sent: first halfway to where it was (fast recovery), then beyond it in
// additive and in growing (hyper) steps.
//
// The state is integers: rates in bit/s, alpha in units of 2^-30. Nothing here owns a timer: the
// rate is brought up to date when it is asked for, which gives the same rates as timers would,
// since a rate matters only at the moment a packet is sent.
#pragma once

#include <cstdint>

#include "base/units.h"

namespace windtunnel::node {

struct DcqcnOptions {
  base::Rate line_rate;
  base::Rate rate_min;
  base::Rate additive_step;      // R_AI
  base::Rate hyper_step;         // R_HAI
  base::Duration alpha_period;   // K: alpha decays once per period without a CNP
  base::Duration rate_period;    // one increase by timer each
  base::Bytes rate_bytes;        // B: one increase by byte counter each
  uint32_t gain_shift = 8;       // g = 2^-gain_shift
  uint32_t recovery_stages = 5;  // F
  base::Duration cnp_interval;   // N: least time between two CNPs of one queue pair
};

// The paper's figures (its figure 14 and section 5): K = 55 us, timer 55 us, B = 10 MB, g = 1/256,
// F = 5, N = 50 us. It ran on 40 Gb/s with R_AI = 40 Mb/s; steps scale with the link here, as
// vendors and public simulators do, so R_AI is 1/1000 of the line rate. R_HAI is ten times R_AI and
// the least rate 1/1000 of the line rate, as in IEEE 802.1Qau (rpgAiRate 5, rpgHaiRate 50,
// rpgMinRate 10 Mb/s for 10 Gb/s), from which DCQCN has its increase.
DcqcnOptions dcqcn_defaults(base::Rate line_rate);

// The same machine by bits instead of by the clock: periods and the CNP interval shrink as the link
// grows beyond the paper's 40 Gb/s (5.5 us and 5 us at 400 Gb/s), so that as much is sent between
// two decisions as there. What a NIC tuned for its link can do: with 55 us at 400 Gb/s, flows that
// were cut need tens of milliseconds to share a link evenly, with 5.5 us they need a few.
DcqcnOptions dcqcn_scaled(base::Rate line_rate);

// Reaction point: one queue pair's rate at the sender.
class RateControl {
 public:
  static constexpr uint32_t kAlphaOne = uint32_t{1} << 30;

  explicit RateControl(const DcqcnOptions& options)
      : rate_(options.line_rate.bits_per_second()), target_(rate_) {}

  // Rate in bit/s at which the next packet may be sent. HOT
  int64_t rate(int64_t now_ps, const DcqcnOptions& options) {
    if (limited_ && increase_at_ps_ <= now_ps) [[unlikely]]
      increase_by_timer(now_ps, options);
    return rate_;
  }
  // `bytes` on the wire began to leave at now_ps. HOT
  void sent(int64_t bytes, int64_t now_ps, const DcqcnOptions& options) {
    if (limited_) [[unlikely]]
      count(bytes, now_ps, options);
  }
  // A CNP arrived.
  void cut(int64_t now_ps, const DcqcnOptions& options);

  // Estimate of how congested the path is, in units of 2^-30, brought up to date.
  uint32_t alpha(int64_t now_ps, const DcqcnOptions& options);
  int64_t target() const { return target_; }
  // Below the line rate, with timer and byte counter running.
  bool limited() const { return limited_; }

 private:
  void increase_by_timer(int64_t now_ps, const DcqcnOptions& options);
  void count(int64_t bytes, int64_t now_ps, const DcqcnOptions& options);
  void increase(const DcqcnOptions& options);

  int64_t rate_;    // R_C
  int64_t target_;  // R_T
  int64_t increase_at_ps_ = 0;
  int64_t alpha_at_ps_ = -1;  // when alpha was last updated; -1 before the first CNP
  int64_t bytes_ = 0;         // since the last increase by bytes
  uint32_t alpha_ = kAlphaOne;
  uint32_t timer_stage_ = 0;  // increases by timer since the last cut
  uint32_t byte_stage_ = 0;   // increases by bytes since the last cut
  bool limited_ = false;
};

// Notification point: when the receiver of one queue pair may send a CNP.
class NotificationPoint {
 public:
  // A marked packet arrived. True: send a CNP now.
  bool marked(int64_t now_ps, const DcqcnOptions& options) {
    if (now_ps < next_ps_) {
      waiting_ = true;
      return false;
    }
    next_ps_ = now_ps + options.cnp_interval.ps();
    return true;
  }
  // A mark waits for the interval to end, at next_ps().
  bool waiting() const { return waiting_; }
  int64_t next_ps() const { return next_ps_; }
  // The interval is over (now_ps = next_ps()) and a mark came in it: send its CNP.
  void release(int64_t now_ps, const DcqcnOptions& options) {
    waiting_ = false;
    next_ps_ = now_ps + options.cnp_interval.ps();
  }

 private:
  int64_t next_ps_ = 0;
  bool waiting_ = false;
};

}  // namespace windtunnel::node
