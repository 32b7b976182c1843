// The invariants, one small function each. The driver calls the judge of a kind of call after every
// such call; the judge compares what the engine said and did with the second bookkeeping and with
// the engine's own view before and after. The first broken invariant ends the episode.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/braid_stage.h"

namespace windtunnel::braid_hostile {

// Who was called, and what the queue pair concerned looked like before (it is judged against the
// view taken now).
struct Call {
  uint8_t side = 0;
  uint32_t qp = 0;
};

// transmit() returned `packet`; `said` is whether has_control() or has_data() had held.
void judge_transmit(Stage& stage, Call call, const braid::Packet& packet, bool said);
// receive() returned `received`; nothing has been placed yet. `qp` < 0: no queue pair of the
// episode.
void judge_receive(Stage& stage, uint8_t side, int qp, const Delivery& delivery,
                   const braid::Received& received);
// expire() was called at a time when something was due, or not.
void judge_expire(Stage& stage, uint8_t side, bool due);
void judge_completion(Stage& stage, uint8_t side, const braid::Completion& completion);
// A request could not be posted.
void judge_refusal(Stage& stage, uint8_t side, uint32_t qp);
// Everything has come to rest.
void judge_end(Stage& stage);

// --- parts, in the order of the invariants ----------------------------------------------------

void check_placement(Stage& stage, uint8_t side, QueuePair& pair, const Delivery& delivery,
                     const braid::Received& received);  // 1
void check_read_source(Stage& stage, uint8_t side, const QueuePair& pair,
                       const braid::Packet& packet);                                       // 1
void check_sender_view(Stage& stage, const QueuePair& pair, const braid::QpView& view);    // 3 4
void check_receiver_view(Stage& stage, const QueuePair& pair, const braid::QpView& view);  // 3
void check_window_bounds(Stage& stage, const braid::QpView& view);                         // 5
void check_new_data(Stage& stage, const QueuePair& pair, const braid::Packet& packet,
                    const braid::QpView& before);  // 5
void check_sack_told(Stage& stage, uint8_t side, const QueuePair& pair,
                     const braid::Packet& packet);  // 6
void check_feedback(Stage& stage, uint8_t side, QueuePair& pair, const Delivery& delivery,
                    const braid::QpView& before, const braid::QpView& after);  // 6 7
void check_path(Stage& stage, Call call, const braid::Packet& packet,
                const braid::QpView& after);                            // 8 10
void check_port(Stage& stage, Call call, const braid::Packet& packet);  // 9
void check_plane_balance(Stage& stage, Call call);                      // 9
void check_numbering(Stage& stage, uint8_t side, QueuePair& pair, const braid::Packet& packet,
                     const braid::QpView& before);                                         // 13
void check_immediate_packets(Stage& stage, QueuePair& pair, const braid::Packet& packet);  // 11
void check_immediates(Stage& stage, const QueuePair& pair, const braid::QpView& view);     // 11
void check_timer(Stage& stage, uint8_t side, const braid::QpView& view);                   // 12
void check_disposition(Stage& stage, uint8_t side, const QueuePair& pair, const Delivery& delivery,
                       const braid::Received& received);  // contract

// Whether nothing is to be sent, acknowledged or answered.
bool is_quiet(const QueuePair& pair, const braid::QpView& view);
// Whether two views differ in anything that a packet without effect must leave alone.
bool same_view(const braid::QpView& a, const braid::QpView& b);

}  // namespace windtunnel::braid_hostile
