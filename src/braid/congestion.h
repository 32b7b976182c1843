// Congestion control of one sender: how many bytes may be under way. One state struct and two
// inputs (an acknowledgement, a refused packet); the algorithm is chosen by a switch on the
// profile, never by a virtual call.
//
// NSCC follows UET 1.0.3 as the reference simulator runs it, in integers: increases are collected
// in units of bytes * window and paid out per 8 MTU or per round trip; ECN with a long delay cuts
// at most once per round trip; QuickAdapt falls back to what arrived in the last period.
// All times in ps, all sizes in wire bytes. Invariant: MTU <= window <= maximum after each input
// that NSCC or DCTCP acts upon; QuickAdapt never raises the window.
#pragma once

#include <cstdint>

#include "braid/profile.h"

namespace windtunnel::braid {

struct CongestionState {
  int64_t base_rtt = 0;
  int64_t average_delay = 0;
  int64_t increase = 0;   // collected, in bytes * bytes of window
  int64_t quick_end = 0;  // end of the QuickAdapt period; 0: none has begun
  int64_t last_adjust = 0;
  int64_t last_decrease = 0;
  uint32_t window = 0;
  uint32_t maximum = 0;
  uint32_t achieved = 0;      // received in this QuickAdapt period
  uint32_t since_adjust = 0;  // received since increases were paid out
  uint32_t fast_count = 0;    // received without queueing, for the fast increase
  uint32_t ignore = 0;        // after QuickAdapt: marks on this many bytes say nothing new
  uint32_t ignored = 0;
  bool fast = false;           // in fast increase
  bool quick_trigger = false;  // a trim asks for QuickAdapt
};

struct AckSample {
  int64_t now = 0;
  int64_t delay = 0;   // queueing delay of the sample, or the average when there was none
  uint32_t newly = 0;  // bytes received since the last acknowledgement
  bool marked = false;
  uint32_t in_flight = 0;  // after this acknowledgement
};

void congestion_init(CongestionState& state, const Profile& profile, int64_t base_rtt);

// First thing per acknowledgement, before a delay is measured: counts arrivals and applies the
// receiver's penalty (0 to 255).
void congestion_count(CongestionState& state, const Profile& profile, uint32_t newly,
                      uint8_t penalty);

// A measured round trip: lowers the base RTT and feeds the average. Returns the queueing delay.
int64_t congestion_measure(CongestionState& state, const Profile& profile, int64_t rtt,
                           bool marked);
// A round trip that may lower the base RTT and nothing else (trimmed packets).
void congestion_base_rtt(CongestionState& state, const Profile& profile, int64_t rtt);

void congestion_on_ack(CongestionState& state, const Profile& profile, const AckSample& sample);
// A packet of `bytes` was refused because of congestion.
void congestion_on_nack(CongestionState& state, const Profile& profile, int64_t now, uint32_t bytes,
                        bool last_hop, uint32_t in_flight);
// A packet of `bytes` was declared lost by a timer or by the out-of-order threshold.
void congestion_on_loss(CongestionState& state, const Profile& profile, uint32_t bytes);

}  // namespace windtunnel::braid
