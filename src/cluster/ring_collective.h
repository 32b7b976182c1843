// Ring all-reduce, reduce-scatter and all-gather (Patarasuk and Yuan 2009; NCCL's ring).
//
// In step s the rank at ring index i sends block i - s - 1 to the next and receives block i - s - 2
// from the one before, counted modulo n. In the first n - 1 steps what arrives is added, so that
// index i ends with the whole sum of block i; in the n - 1 steps after it is copied round. A
// reduce-scatter is the first half alone, an all-gather the second.
//
// Every block is cut into channels, and each channel's part into slices of at most `chunk` bytes.
// The messages of a channel form one sequence, step by step and slice by slice within; message k
// needs the message received `slices` places before it, so the slices of a step are a pipeline.
//
// State: three counters a rank and channel, whatever the number of steps.
#pragma once

#include <memory>

#include "cluster/group_program.h"

namespace windtunnel::cluster {

// shape.goal.operation is one of the three. The number of messages a rank sends on a channel must
// be below 2^24: ring_messages().
std::unique_ptr<Collective> make_ring(const Shape& shape);

int64_t ring_messages(const Shape& shape, uint32_t group);

}  // namespace windtunnel::cluster
