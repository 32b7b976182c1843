#include "node/roce_dcqcn.h"

#include <algorithm>

#include "base/check.h"

namespace windtunnel::node {

DcqcnOptions dcqcn_defaults(base::Rate line_rate) {
  const int64_t bps = line_rate.bits_per_second();
  WT_CHECK(bps >= 1000, "DCQCN's steps are thousandths of the line rate");
  DcqcnOptions options;
  options.line_rate = line_rate;
  options.rate_min = base::Rate::bits_per_second(bps / 1000);
  options.additive_step = base::Rate::bits_per_second(bps / 1000);
  options.hyper_step = base::Rate::bits_per_second(bps / 100);
  options.alpha_period = base::Duration::us(55);
  options.rate_period = base::Duration::us(55);
  options.rate_bytes = base::Bytes(10'000'000);
  options.cnp_interval = base::Duration::us(50);
  return options;
}

DcqcnOptions dcqcn_scaled(base::Rate line_rate) {
  DcqcnOptions options = dcqcn_defaults(line_rate);
  const auto scaled = [line_rate](base::Duration at_40g) {
    const base::Int128 ps = base::Int128{at_40g.ps()} * base::Rate::gbps(40).bits_per_second();
    return base::Duration::ps(static_cast<int64_t>(ps / line_rate.bits_per_second()));
  };
  options.alpha_period = scaled(options.alpha_period);
  options.rate_period = scaled(options.rate_period);
  options.cnp_interval = scaled(options.cnp_interval);
  return options;
}

// The paper, equations 1 and 2: alpha falls by g of itself per period without a CNP. Below 2^g it
// has nothing left to lose in integers, which is 2^-22 of one.
uint32_t RateControl::alpha(int64_t now_ps, const DcqcnOptions& options) {
  if (alpha_at_ps_ < 0) return alpha_;
  const int64_t period_ps = options.alpha_period.ps();
  int64_t periods = (now_ps - alpha_at_ps_) / period_ps;
  alpha_at_ps_ += periods * period_ps;
  for (; periods > 0 && (alpha_ >> options.gain_shift) != 0; --periods) {
    alpha_ -= alpha_ >> options.gain_shift;
  }
  return alpha_;
}

// The paper, equation 1: the cut uses the alpha of before this CNP.
void RateControl::cut(int64_t now_ps, const DcqcnOptions& options) {
  const uint32_t alpha_before = alpha(now_ps, options);
  target_ = rate(now_ps, options);
  const auto loss = static_cast<int64_t>(base::Int128{target_} * alpha_before / (2 * kAlphaOne));
  rate_ = std::max(target_ - loss, options.rate_min.bits_per_second());
  alpha_ += (kAlphaOne - alpha_before) >> options.gain_shift;
  alpha_at_ps_ = now_ps;
  increase_at_ps_ = now_ps + options.rate_period.ps();
  bytes_ = 0;
  timer_stage_ = 0;
  byte_stage_ = 0;
  limited_ = rate_ < options.line_rate.bits_per_second();
}

void RateControl::increase_by_timer(int64_t now_ps, const DcqcnOptions& options) {
  for (; limited_ && increase_at_ps_ <= now_ps; increase_at_ps_ += options.rate_period.ps()) {
    ++timer_stage_;
    increase(options);
  }
}

void RateControl::count(int64_t bytes, int64_t now_ps, const DcqcnOptions& options) {
  if (increase_at_ps_ <= now_ps) increase_by_timer(now_ps, options);
  bytes_ += bytes;
  for (; limited_ && bytes_ >= options.rate_bytes.count(); bytes_ -= options.rate_bytes.count()) {
    ++byte_stage_;
    increase(options);
  }
}

// The paper, section 3.1 and figure 7. Rounded up, so that the rate arrives at its target.
void RateControl::increase(const DcqcnOptions& options) {
  const uint32_t most = std::max(timer_stage_, byte_stage_);
  const uint32_t least = std::min(timer_stage_, byte_stage_);
  const int64_t line = options.line_rate.bits_per_second();
  if (least > options.recovery_stages) {
    const int64_t steps = least - options.recovery_stages;
    target_ += std::min(line, steps * options.hyper_step.bits_per_second());
  } else if (most > options.recovery_stages) {
    target_ += options.additive_step.bits_per_second();
  }
  target_ = std::min(target_, line);
  rate_ = (rate_ + target_ + 1) / 2;
  limited_ = rate_ < line;
}

}  // namespace windtunnel::node
