// A collective made of others: slices of the buffer go through the same stages one behind another,
// as in a hierarchical all-reduce, where slice s is reduced across servers while slice s + 1 is
// reduced within them.
//
// A rank starts a stage of a slice when it is ready with the stage before; and the first stage of a
// slice when it is ready with the first stage of the slice before. So no two slices fight over the
// links of the first stage, and the later stages overlap as they can. Messages of earlier slices
// have priority: where slices shared a link evenly, all would be ready late instead of one after
// another.
//
// Each stage of each slice is a collective of its own, and its state is a few words a rank.
#pragma once

#include <memory>
#include <vector>

#include "cluster/collective.h"

namespace windtunnel::cluster {

struct StagedPlan {
  Goal goal;
  PartitionRef partition;
  uint32_t stages = 0;  // of a slice
  // Slice by slice, `stages` of each; at most Tag::kStageEnd in all, and at most 255 of a slice.
  std::vector<std::unique_ptr<Collective>> parts;
};

std::unique_ptr<Collective> make_staged(StagedPlan plan);

}  // namespace windtunnel::cluster
