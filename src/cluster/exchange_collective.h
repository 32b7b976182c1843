// Every rank to every other, directly: all-to-all, and reduce-scatter and all-gather where the
// fabric is as good between any two (within a server).
//
// The rank at position p serves p + 1, p + 2, ... modulo n, so that at any time the ranks aim at
// different receivers; `window` chunks are under way at once. A rank is at most as far ahead with
// sending as with receiving, as pairs of send and receive in MPI and NCCL keep it: ranks that run
// ahead would send to those that already hear from others. Blocks are cut into channels and those
// into messages of at most `chunk`.
//
// Where the ranks of servers are known, blocks within the server go beside those across, each with
// a window of their own and both by distance: blocks within take less time, and in one line with
// the others they would set the ranks of a server apart from one another.
#pragma once

#include <memory>

#include "cluster/group_program.h"

namespace windtunnel::cluster {

// Messages of a channel, (n - 1) * exchange_parts(), must be below 2^24.
std::unique_ptr<Collective> make_exchange(const Shape& shape);

int64_t exchange_parts(const Shape& shape, uint32_t group);

// Messages of a lane that may be under way: `window`, or as many more as blocks are smaller than a
// chunk, since what fills a path is bytes.
uint32_t exchange_window(const Shape& shape, uint32_t group);

}  // namespace windtunnel::cluster
