// Everything a queue pair keeps for life. What it needs only while packets are under way is in a
// Block; its work requests are in the endpoint's pool.
#pragma once

#include <cstdint>
#include <limits>

#include "braid/blocks.h"
#include "braid/congestion.h"
#include "braid/credit.h"
#include "braid/endpoint_types.h"
#include "braid/path.h"
#include "braid/receiver.h"
#include "braid/recovery.h"
#include "braid/sender.h"
#include "braid/timers.h"

namespace windtunnel::braid {

struct alignas(64) QueuePair {
  SenderState sender;
  CongestionState congestion;
  PathState path;
  ReceiverState receiver;
  CreditSender credit;
  CreditReceiver granting;
  RecoveryState recovery;
  SenderLimits limits;
  int64_t timer = kNever;  // copy of its deadline in the TimerHeap
  uint32_t peer_qp = 0;
  uint32_t domain = 0;
  uint32_t block = kNoBlock;
  uint32_t ready_next = 0;
  uint32_t block_next = 0;  // in the list of those who wait for a block
  uint32_t deficit = 0;     // of the round robin, bytes
  QpState state = QpState::kInit;
  bool ready = false;           // in the ready list
  bool wants_block = false;     // in the list of those who wait for a block
  uint8_t peer_ports_down = 0;  // bit per port
  uint8_t responses_held = 0;   // work elements that serve reads of the peer
  uint8_t life = 1;             // 1 to 255: how many queue pairs have had this index

  bool sender_idle() const {
    return sender.una == sender.next && sender.next_size == 0 && sender.backlog == 0;
  }
  bool needs_block() const {
    return !sender_idle() || receiver.out_of_order > 0 || receiver.stash != kNoWork;
  }
};
static_assert(sizeof(QueuePair) <= 512, "resident state of a queue pair");

// Counters are as narrow as what validate() allows.
template <class Counter>
inline constexpr uint32_t kMost = std::numeric_limits<Counter>::max();
static_assert(kMost<decltype(SenderState::waiting_count)> >= kPsnRangeMax);
static_assert(kMost<decltype(SenderState::imm_in_flight)> >= kWriteImmLimitMax);
static_assert(kMost<decltype(SenderState::reads_in_flight)> >= kReadLimitMax);
static_assert(kMost<decltype(SenderLimits::imm)> >= kWriteImmLimitMax);
static_assert(kMost<decltype(SenderLimits::reads)> >= kReadLimitMax);
static_assert(kMost<decltype(QueuePair::responses_held)> >= kReadLimitMax);
static_assert(kMost<decltype(RecoveryState::timeouts_in_row)> > kRetryLimitMax);

}  // namespace windtunnel::braid
