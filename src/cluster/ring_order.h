// The order in which a ring visits the positions of a group, by channel.
//
// Where ranks of a server follow one another, a ring in that order enters every server at its first
// rank and leaves it at its last, so one network card a server carries everything. Channel c
// therefore enters at rank c of the server, as NCCL's rings do; every second server is walked
// backwards, so that the hop between servers stays on one rail (with an odd number of servers one
// hop changes the rail).
#pragma once

#include <cstdint>

namespace windtunnel::cluster {

struct RingOrder {
  uint32_t size = 1;
  uint32_t per_server = 1;  // divides size, or 1 for the order of the group

  uint32_t position(uint32_t channel, uint32_t index) const {
    if (per_server == 1) return index;
    const uint32_t step = index % per_server;
    return index - step + turn(index / per_server, channel, step);
  }
  // The inverse of position().
  uint32_t index(uint32_t channel, uint32_t position) const {
    if (per_server == 1) return position;
    const uint32_t local = position % per_server;
    const uint32_t enter = channel % per_server;
    const bool backwards = position / per_server % 2 == 1;
    const uint32_t step = backwards ? enter + per_server - 1 - local : local + per_server - enter;
    return position - local + step % per_server;
  }
  uint32_t next(uint32_t channel, uint32_t position_now) const {
    const uint32_t i = index(channel, position_now) + 1;
    return position(channel, i == size ? 0 : i);
  }

 private:
  uint32_t turn(uint32_t server, uint32_t channel, uint32_t step) const {
    const uint32_t enter = channel % per_server;
    if (server % 2 == 0) return (enter + step) % per_server;
    return (enter + 2 * per_server - 1 - step) % per_server;
  }
};

}  // namespace windtunnel::cluster
