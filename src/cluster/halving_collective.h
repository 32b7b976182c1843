// Recursive halving and doubling (Thakur, Rabenseifner, Gropp 2005, section 4): reduce-scatter
// halves what two ranks at a distance of n/2, n/4, ... 1 exchange, all-gather doubles it back, and
// all-reduce does one after the other.
//
// A count that is no power of two is folded (ibid., section 4.5): of the first 2r positions, r
// being the excess, every odd one hands its contribution to the one before it and is handed the
// result.
//
// Each channel does this for its part of the buffer, one step after the other; several channels
// fill each other's waits. Reduce-scatter and all-gather take one channel, because a channel's part
// of consecutive blocks would not be consecutive.
//
// A rank that is done with a step early would send to a partner that is still receiving, two would
// share a port, and the ranks that wait for either fall behind in turn: on 1,024 ranks of a packet
// network all-reduce took 1.6 times as long. So a message of more than two chunks waits for a
// notice from its receiver, as a rendezvous of MPI does. The receiver gives it when two chunks of
// the step before are left, which is why such messages come in two: all but that, and that. The
// notice is then on its way while the rest arrives.
#pragma once

#include <memory>

#include "cluster/group_program.h"

namespace windtunnel::cluster {

std::unique_ptr<Collective> make_halving(const Shape& shape);

}  // namespace windtunnel::cluster
