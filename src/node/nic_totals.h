// What all NICs of a run did together, whichever transport they spoke.
#pragma once

#include <cstdint>

namespace windtunnel::node {

struct NicTotals {
  int64_t packets_sent = 0;       // data packets put on a link, retransmissions included
  int64_t packets_delivered = 0;  // data packets accepted for the first time
  int64_t retransmitted = 0;
  int64_t duplicates = 0;  // data packets that arrived again
  int64_t control_sent = 0;
  int64_t timeouts = 0;
  int64_t refused = 0;  // data packets behind a gap (RoCE), or without access or resources (Braid)
  int64_t stale = 0;    // packets of any kind for a channel that was closed

  NicTotals& operator+=(const NicTotals& other) {
    packets_sent += other.packets_sent;
    packets_delivered += other.packets_delivered;
    retransmitted += other.retransmitted;
    duplicates += other.duplicates;
    control_sent += other.control_sent;
    timeouts += other.timeouts;
    refused += other.refused;
    stale += other.stale;
    return *this;
  }
};

}  // namespace windtunnel::node
