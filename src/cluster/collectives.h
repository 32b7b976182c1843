// From a description to a collective that runs: which operations there are, which algorithms each
// can use, and one function that builds any of them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cluster/collective.h"
#include "cluster/placement.h"

namespace windtunnel::cluster {

enum class Algorithm : uint8_t {
  kRing,             // all-reduce, reduce-scatter, all-gather
  kTree,             // two trees at once: all-reduce, broadcast
  kHalvingDoubling,  // all-reduce, reduce-scatter, all-gather
  kHierarchical,     // all-reduce: within servers, across servers, within servers
  kRailAligned,      // all-reduce: every rail on its own; all-to-all: through the rail's rank
  kDirect,           // every rank to every other: reduce-scatter, all-gather, all-to-all, send
  kBinomial,         // broadcast
  kChain,            // broadcast
};

// Names as users write them, in the order of the enumerations: "all-reduce", "halving-doubling".
std::span<const std::string_view> operation_names();
std::span<const std::string_view> algorithm_names();
std::string_view name_of(Operation operation);
std::string_view name_of(Algorithm algorithm);
// Errors name what was found and what there is.
base::Result<Operation> operation_from(std::string_view name);
base::Result<Algorithm> algorithm_from(std::string_view name);
// The algorithms an operation can use; the first is the usual choice.
std::span<const Algorithm> algorithms_of(Operation operation);

struct CollectiveSpec {
  Operation operation = Operation::kAllReduce;
  Algorithm algorithm = Algorithm::kRing;
  // What hierarchical and rail-aligned all-reduce use across servers: ring, tree or
  // halving-doubling.
  Algorithm inner = Algorithm::kRing;
  // What hierarchical uses within a server: direct or ring.
  Algorithm within = Algorithm::kDirect;
  std::vector<Rank> group;  // in order
  base::Bytes bytes;        // of a rank's buffer, see collective.h; up to 1 TiB
  // Most bytes of a message; 0: no limit. Halving-doubling cuts off two chunks of a long message
  // and no more; hierarchical never cuts within a server. NCCL's simple protocol has 8 slots of 512
  // KiB a channel and halves them down to 128 KiB where a tree would otherwise have fewer than 8
  // chunks a level (nccl/src/enqueue.cc, NCCL_STEPS); those are the defaults here and of `window`.
  base::Bytes chunk = base::Bytes::kib(128);
  uint32_t channels = 1;  // independent parts of the buffer, each with its own connections
  // Most unacknowledged messages of a rank and lane, in trees to each neighbour, direct: chunks, so
  // more messages where blocks are smaller; 0: no limit. Trees need one: without, what was queued
  // first holds up what is urgent (measured: a quarter slower).
  uint32_t window = 8;
  uint32_t slices = 4;  // hierarchical: parts that follow one another through the three stages
  uint32_t root = 0;    // broadcast: position in the group
  // Hierarchical and rail-aligned algorithms need it; rings use it to enter every server by another
  // rank on every channel.
  Placement placement;
};

// Errors: an empty group, a rank listed twice, a size out of range, an algorithm that the operation
// does not have (with those it has), a group that an algorithm cannot work on (with why).
base::Result<std::unique_ptr<Collective>> make_collective(const CollectiveSpec& spec);

// The same on each of several disjoint groups at once, for algorithms that need no placement:
// spec.group is not looked at. Errors as above, and for hierarchical and rail-aligned.
base::Result<std::unique_ptr<Collective>> make_collective_on(
    const CollectiveSpec& spec, const std::vector<std::vector<Rank>>& groups);

}  // namespace windtunnel::cluster
