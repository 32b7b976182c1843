// The driver of channels on behalf of programs (message_nics.h): one per call of run_host.
#pragma once

#include <algorithm>

#include "node/message_nics.h"

namespace windtunnel::node {

struct MessageNics::Driver final : RankMachine {
  static constexpr bool kTakesImmediates = true;

  Driver(MessageNics& the_nics, NicRun& the_run, Host& the_host)
      : nics(the_nics), run(the_run), host(the_host) {}

  // What the channels ask of a driver.
  int64_t next_ps() const { return host.agenda.next_ps(); }
  void work(int64_t now_ps) {
    now = now_ps;
    while (host.agenda.next_ps() <= now_ps) nics.perform(*this, host.agenda.pop());
  }
  void post(const fabric::Parcel& parcel, int64_t now_ps);
  void placed(const Channel&, uint32_t bytes, int64_t now_ps) {
    if (nics.options_.dma.write_rate.bits_per_second() == 0) return;
    const int64_t time_ps =
        base::transfer_time(base::Bytes(bytes), nics.options_.dma.write_rate).ps();
    host.write_free_ps = std::max(host.write_free_ps, now_ps) + time_ps;
    host.write_busy_ps += time_ps;
  }
  void completed(const braid::Completion& completion, int64_t now_ps) {
    now = now_ps;
    if (completion.kind != braid::CompletionKind::kReceiveImm) {
      nics.finish_send(*this, completion);
      return;
    }
    const int64_t placed_ps = std::max(host.write_free_ps, now_ps);
    const int64_t known_ps = placed_ps + nics.options_.dma.receive_latency.ps();
    if (known_ps <= now_ps) {
      nics.deliver(*this, completion.immediate);
    } else {
      host.agenda.push(known_ps, kDeliver, completion.immediate);
    }
  }
  int64_t data_ready_ps() const { return host.read_free_ps; }
  void data_left(uint32_t bytes, int64_t now_ps) {
    if (nics.options_.dma.read_rate.bits_per_second() == 0) return;
    const int64_t time_ps =
        base::transfer_time(base::Bytes(bytes), nics.options_.dma.read_rate).ps();
    host.read_free_ps = std::max(host.read_free_ps, now_ps) + time_ps;
    host.read_busy_ps += time_ps;
  }

  // What programs ask of a machine.
  int64_t now_ps() const override { return now; }
  void send(const RankMessage& message) override;
  void compute(uint32_t rank, int64_t time_ps, uint64_t tag) override;

  RankProgram& program() const { return *nics.programs_[host.round]; }

  MessageNics& nics;
  NicRun& run;
  Host& host;
  int64_t now = 0;
};

}  // namespace windtunnel::node
