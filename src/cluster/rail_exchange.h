// All-to-all in two steps (as NCCL's PXN does): first, within a server, everything for rail m goes
// to the rank on rail m; then that rank sends the blocks of its whole server to the rank of its
// rail in each other server. Messages between servers are as large as a server, there are fewer of
// them by that factor, and none leaves its rail.
//
// Servers are served in the order of distance from one's own, in batches of at most `chunk` within
// the server, and the second step follows batch by batch. A block is never cut.
#pragma once

#include <memory>

#include "cluster/grid.h"
#include "cluster/group_program.h"

namespace windtunnel::cluster {

// One group, arranged as `grid`; channels are not used. Both steps have fewer than 2^24 messages a
// rank.
std::unique_ptr<Collective> make_rail_exchange(const Shape& shape, const Grid& grid);

// Messages of a rank: first step, second step.
struct RailExchangeMessages {
  int64_t within = 0;
  int64_t across = 0;
};
RailExchangeMessages rail_exchange_messages(const Shape& shape, const Grid& grid);

}  // namespace windtunnel::cluster
