// All-reduce up and down two trees, and broadcast down two trees, a binomial tree or a chain.
//
// The buffer is cut into channels and trees (a lane each), and a lane into chunks that follow one
// another. All-reduce: a chunk goes up when it has come from every child, and down from the root as
// soon as the root has it. Up and down overlap.
//
// State: a few counters a rank and lane, whatever the number of chunks.
#pragma once

#include <memory>

#include "cluster/group_program.h"
#include "cluster/two_trees.h"

namespace windtunnel::cluster {

// shape.goal.operation: all-reduce with kTwoTrees, else broadcast or send from goal.root. Lanes
// (channels times trees) are at most Tag::kLaneEnd, chunks of a lane below kTreeChunksEnd.
std::unique_ptr<Collective> make_tree(const Shape& shape, TreeKind kind);

constexpr int64_t kTreeChunksEnd = static_cast<int64_t>(Tag::kIndexEnd / 4);
int64_t tree_chunks(const Shape& shape, TreeKind kind, uint32_t group);

}  // namespace windtunnel::cluster
