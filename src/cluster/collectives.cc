#include "cluster/collectives.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "cluster/exchange_collective.h"
#include "cluster/grid.h"
#include "cluster/halving_collective.h"
#include "cluster/rail_exchange.h"
#include "cluster/ring_collective.h"
#include "cluster/staged_collective.h"
#include "cluster/tree_collective.h"

namespace windtunnel::cluster {
namespace {

using Built = base::Result<std::unique_ptr<Collective>>;

constexpr std::array<std::string_view, 6> kOperationNames = {
    "all-reduce", "reduce-scatter", "all-gather", "all-to-all", "broadcast", "send"};
constexpr std::array<std::string_view, 8> kAlgorithmNames = {
    "ring",         "tree",   "halving-doubling", "hierarchical",
    "rail-aligned", "direct", "binomial",         "chain"};

constexpr std::array kForAllReduce = {Algorithm::kRing, Algorithm::kTree,
                                      Algorithm::kHalvingDoubling, Algorithm::kHierarchical,
                                      Algorithm::kRailAligned};
constexpr std::array kForBlocks = {Algorithm::kRing, Algorithm::kHalvingDoubling,
                                   Algorithm::kDirect};
constexpr std::array kForAllToAll = {Algorithm::kDirect, Algorithm::kRailAligned};
constexpr std::array kForBroadcast = {Algorithm::kTree, Algorithm::kBinomial, Algorithm::kChain};
constexpr std::array kForSend = {Algorithm::kDirect};
constexpr std::array kAcross = {Algorithm::kRing, Algorithm::kTree, Algorithm::kHalvingDoubling};
constexpr std::array kWithin = {Algorithm::kDirect, Algorithm::kRing};

// Bytes times ranks times parts must fit 63 bits.
constexpr int64_t kBytesEnd = int64_t{1} << 40;
constexpr size_t kRanksEnd = size_t{1} << 20;
constexpr uint32_t kChannelsEnd = Tag::kLaneEnd / 2;  // two trees each

template <size_t N>
base::Result<size_t> index_of(std::string_view name, const std::array<std::string_view, N>& names,
                              std::string_view what) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<size_t>(found - names.begin());
  std::string all;
  for (const std::string_view n : names) all += fmt::format("{}{}", all.empty() ? "" : ", ", n);
  return base::fail(fmt::format("found {} `{}`, expected one of: {}", what, name, all));
}

std::string list_of(std::span<const Algorithm> algorithms) {
  std::string out;
  for (const Algorithm a : algorithms)
    out += fmt::format("{}{}", out.empty() ? "" : ", ", name_of(a));
  return out;
}

base::Status check_choice(Algorithm found, std::span<const Algorithm> allowed,
                          std::string_view where) {
  if (std::find(allowed.begin(), allowed.end(), found) != allowed.end()) return {};
  return base::fail(fmt::format("{} has no algorithm `{}`", where, name_of(found)),
                    fmt::format("it has: {}", list_of(allowed)));
}

base::Status check_range(int64_t found, int64_t least, int64_t most, std::string_view what) {
  if (found >= least && found <= most) return {};
  return base::fail(fmt::format("{} is {}, expected {} to {}", what, found, least, most));
}

base::Status check_group(const std::vector<Rank>& group) {
  const auto size = static_cast<int64_t>(group.size());
  if (auto ok = check_range(size, 1, kRanksEnd, "ranks"); !ok) return ok;
  for (const Rank rank : group) {
    if (auto ok = check_range(rank, 0, kRanksEnd - 1, "rank"); !ok) return ok;
  }
  return {};
}

base::Status check_sizes(const CollectiveSpec& spec) {
  if (auto ok = check_range(spec.bytes.count(), 0, kBytesEnd, "bytes"); !ok) return ok;
  if (auto ok = check_range(spec.chunk.count(), 0, kBytesEnd, "chunk"); !ok) return ok;
  if (auto ok = check_range(spec.channels, 1, kChannelsEnd, "channels"); !ok) return ok;
  return check_range(spec.slices, 1, Tag::kStageEnd / 3, "slices");
}

bool has_inner(const CollectiveSpec& spec) {
  return spec.operation == Operation::kAllReduce &&
         (spec.algorithm == Algorithm::kHierarchical || spec.algorithm == Algorithm::kRailAligned);
}

base::Status check_algorithm(const CollectiveSpec& spec) {
  const auto allowed = algorithms_of(spec.operation);
  if (auto ok = check_choice(spec.algorithm, allowed, name_of(spec.operation)); !ok) return ok;
  if (has_inner(spec)) {
    if (auto ok = check_choice(spec.inner, kAcross, "all-reduce across servers"); !ok) return ok;
    if (auto ok = check_choice(spec.within, kWithin, "all-reduce within a server"); !ok) return ok;
  }
  if (spec.algorithm == Algorithm::kHalvingDoubling && spec.operation != Operation::kAllReduce &&
      spec.channels != 1) {
    return base::fail(fmt::format("{} by halving-doubling takes 1 channel, found {}",
                                  name_of(spec.operation), spec.channels));
  }
  return {};
}

base::Status check_fit(const CollectiveSpec& spec, const std::vector<Rank>& group) {
  if (auto ok = check_group(group); !ok) return ok;
  const auto size = static_cast<int64_t>(group.size());
  if (spec.operation == Operation::kBroadcast) {
    return check_range(spec.root, 0, size - 1, "root, a position in the group,");
  }
  if (spec.operation == Operation::kSend && size != 2) {
    return base::fail(fmt::format("send takes a group of 2 ranks, found {}", size));
  }
  return {};
}

Shape shape_for(const CollectiveSpec& spec, PartitionRef partition) {
  Shape shape;
  shape.partition = std::move(partition);
  shape.extents = {{base::Bytes(0), spec.bytes}};
  shape.goal = {spec.operation, spec.bytes, spec.root};
  shape.chunk = spec.chunk;
  shape.channels = spec.channels;
  shape.window = spec.window;
  return shape;
}

// Positions of a server that follow one another in a group listed server by server; else 1.
uint32_t ranks_in_order(const CollectiveSpec& spec) {
  const auto grid = Grid::make(spec.group, spec.placement);
  return grid.has_value() && grid->in_order() ? grid->rails() : 1;
}

// An algorithm that works on any group, once it is known to fit.
Built make_flat(const Shape& shape, Algorithm algorithm) {
  int64_t messages = 0;
  for (uint32_t group = 0; group < shape.partition->groups(); ++group) {
    if (algorithm == Algorithm::kRing) messages = std::max(messages, ring_messages(shape, group));
    if (algorithm == Algorithm::kDirect) {
      messages = std::max(messages, exchange_parts(shape, group) * shape.partition->size(group));
    }
    if (algorithm == Algorithm::kTree || algorithm == Algorithm::kChain) {
      messages = std::max(messages, 4 * tree_chunks(shape, TreeKind::kChain, group));
    }
    if (algorithm == Algorithm::kBinomial) {
      messages = std::max(messages, 4 * tree_chunks(shape, TreeKind::kBinomial, group));
    }
  }
  if (messages >= static_cast<int64_t>(Tag::kIndexEnd)) {
    return base::fail(fmt::format("{} sends {} messages a rank and channel, expected fewer than {}",
                                  name_of(algorithm), messages, Tag::kIndexEnd),
                      "a larger chunk sends fewer");
  }
  switch (algorithm) {
    case Algorithm::kRing:
      return make_ring(shape);
    case Algorithm::kHalvingDoubling:
      return make_halving(shape);
    case Algorithm::kDirect:
      if (shape.goal.operation == Operation::kSend) return make_tree(shape, TreeKind::kChain);
      return make_exchange(shape);
    case Algorithm::kBinomial:
      return make_tree(shape, TreeKind::kBinomial);
    case Algorithm::kChain:
      return make_tree(shape, TreeKind::kChain);
    default:
      return make_tree(shape, shape.goal.operation == Operation::kAllReduce
                                  ? TreeKind::kTwoTrees
                                  : TreeKind::kTwoFromRoot);
  }
}

Built make_hierarchical(const CollectiveSpec& spec, const Grid& grid) {
  const auto whole = Partition::make({spec.group});
  if (!whole) return tl::unexpected(whole.error());
  const PartitionRef servers = *Partition::make(grid.by_server(spec.group));
  const PartitionRef rails = *Partition::make(grid.by_rail(spec.group));
  StagedPlan plan;
  plan.goal = {spec.operation, spec.bytes, 0};
  plan.partition = *whole;
  plan.stages = 3;
  for (uint32_t s = 0; s < spec.slices; ++s) {
    const Extent slice = part_of({base::Bytes(0), spec.bytes}, s, spec.slices);
    Shape within = shape_for(spec, servers);
    within.extents = {slice};
    within.goal.operation = Operation::kReduceScatter;
    within.chunk = base::Bytes(0);  // slices are the pipeline; more messages would only cost time
    Shape across = shape_for(spec, rails);
    across.extents.clear();
    for (uint32_t rail = 0; rail < grid.rails(); ++rail) {
      across.extents.push_back(part_of(slice, rail, grid.rails()));
    }
    Shape back = within;
    back.goal.operation = Operation::kAllGather;
    Built stages[] = {make_flat(within, spec.within), make_flat(across, spec.inner),
                      make_flat(back, spec.within)};
    for (Built& stage : stages) {
      if (!stage) return tl::unexpected(stage.error());
      plan.parts.push_back(std::move(*stage));
    }
  }
  return make_staged(std::move(plan));
}

Built make_on_grid(const CollectiveSpec& spec) {
  const auto grid = Grid::make(spec.group, spec.placement);
  if (!grid) {
    return base::fail(fmt::format("{} by {}: {}", name_of(spec.operation), name_of(spec.algorithm),
                                  grid.error().message));
  }
  if (spec.algorithm == Algorithm::kHierarchical) return make_hierarchical(spec, *grid);
  if (spec.operation == Operation::kAllReduce) {
    const auto rails = Partition::make(grid->by_rail(spec.group));
    if (!rails) return tl::unexpected(rails.error());
    return make_flat(shape_for(spec, *rails), spec.inner);
  }
  const auto whole = Partition::make({spec.group});
  if (!whole) return tl::unexpected(whole.error());
  const Shape shape = shape_for(spec, *whole);
  const RailExchangeMessages messages = rail_exchange_messages(shape, *grid);
  if (std::max(messages.within, messages.across) >= static_cast<int64_t>(Tag::kIndexEnd)) {
    return base::fail("rail-aligned sends too many messages a rank", "a larger chunk sends fewer");
  }
  return make_rail_exchange(shape, *grid);
}

}  // namespace

std::span<const std::string_view> operation_names() { return kOperationNames; }
std::span<const std::string_view> algorithm_names() { return kAlgorithmNames; }
std::string_view name_of(Operation operation) {
  return kOperationNames[static_cast<size_t>(operation)];
}
std::string_view name_of(Algorithm algorithm) {
  return kAlgorithmNames[static_cast<size_t>(algorithm)];
}

base::Result<Operation> operation_from(std::string_view name) {
  const auto index = index_of(name, kOperationNames, "operation");
  if (!index) return tl::unexpected(index.error());
  return static_cast<Operation>(*index);
}
base::Result<Algorithm> algorithm_from(std::string_view name) {
  const auto index = index_of(name, kAlgorithmNames, "algorithm");
  if (!index) return tl::unexpected(index.error());
  return static_cast<Algorithm>(*index);
}

std::span<const Algorithm> algorithms_of(Operation operation) {
  switch (operation) {
    case Operation::kAllReduce:
      return kForAllReduce;
    case Operation::kReduceScatter:
    case Operation::kAllGather:
      return kForBlocks;
    case Operation::kAllToAll:
      return kForAllToAll;
    case Operation::kBroadcast:
      return kForBroadcast;
    default:
      return kForSend;
  }
}

base::Result<std::unique_ptr<Collective>> make_collective(const CollectiveSpec& spec) {
  if (auto ok = check_sizes(spec); !ok) return tl::unexpected(ok.error());
  if (auto ok = check_algorithm(spec); !ok) return tl::unexpected(ok.error());
  if (auto ok = check_fit(spec, spec.group); !ok) return tl::unexpected(ok.error());
  if (spec.algorithm == Algorithm::kHierarchical || spec.algorithm == Algorithm::kRailAligned) {
    return make_on_grid(spec);
  }
  const auto whole = Partition::make({spec.group});
  if (!whole) return tl::unexpected(whole.error());
  Shape shape = shape_for(spec, *whole);
  shape.per_server = ranks_in_order(spec);  // for rings and direct exchanges
  return make_flat(shape, spec.algorithm);
}

base::Result<std::unique_ptr<Collective>> make_collective_on(
    const CollectiveSpec& spec, const std::vector<std::vector<Rank>>& groups) {
  if (auto ok = check_sizes(spec); !ok) return tl::unexpected(ok.error());
  if (auto ok = check_algorithm(spec); !ok) return tl::unexpected(ok.error());
  if (spec.algorithm == Algorithm::kHierarchical || spec.algorithm == Algorithm::kRailAligned) {
    return base::fail(fmt::format("{} works on one group, found several", name_of(spec.algorithm)));
  }
  for (const std::vector<Rank>& group : groups) {
    if (auto ok = check_fit(spec, group); !ok) return tl::unexpected(ok.error());
  }
  const auto partition = Partition::make(groups);
  if (!partition) return tl::unexpected(partition.error());
  return make_flat(shape_for(spec, *partition), spec.algorithm);
}

}  // namespace windtunnel::cluster
