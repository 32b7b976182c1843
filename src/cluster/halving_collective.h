// Recursive halving and doubling (Thakur, Rabenseifner, Gropp 2005, section 4): reduce-scatter
// halves what two ranks at a distance of n/2, n/4, ... 1 exchange, all-gather doubles it back, and
// all-reduce does one after the other.
//
// A count that is no power of two is folded (ibid., section 4.5): of the first 2r positions, r
// being the excess, every odd one hands its contribution to the one before it and is handed the
// result.
//
// Each channel does this for its part of the buffer, with one message under way per rank; several
// channels fill each other's waits. Reduce-scatter and all-gather take one channel, because a
// channel's part of consecutive blocks would not be consecutive. Messages are never cut.
#pragma once

#include <memory>

#include "cluster/group_program.h"

namespace windtunnel::cluster {

std::unique_ptr<Collective> make_halving(const Shape& shape);

}  // namespace windtunnel::cluster
