#include "cluster/tree_collective.h"

#include <algorithm>

#include "cluster/sequence.h"

namespace windtunnel::cluster {
namespace {

// What a tree's index says: the chunk, its direction, and going up which child sends it.
struct TreeIndex {
  uint32_t chunk;
  bool down;
  uint32_t slot;
  static TreeIndex of(uint64_t tag) {
    const uint32_t index = Tag::index(tag);
    return {index >> 2, (index & 1) != 0, index >> 1 & 1};
  }
  uint64_t tag(uint32_t lane) const {
    return Tag::make(lane, chunk << 2 | slot << 1 | (down ? 1u : 0u));
  }
};

class Tree {
 public:
  Tree(const Shape& shape, TreeKind kind)
      : partition_(shape.partition),
        kind_(kind),
        root_(shape.goal.operation == Operation::kBroadcast ? shape.goal.root : 0),
        both_ways_(shape.goal.operation == Operation::kAllReduce),
        lanes_(shape.channels * TreeShape::trees(kind)),
        window_(shape.window > 0 ? shape.window : UINT32_MAX),
        states_(size_t{shape.partition->ranks()} * lanes_) {
    for (uint32_t group = 0; group < partition_->groups(); ++group) {
      const int64_t chunks = tree_chunks(shape, kind, group);
      WT_CHECK(chunks < kTreeChunksEnd, "too many chunks for a tree");
      plans_.push_back({shape.extent(group), static_cast<uint32_t>(chunks)});
    }
  }

  Expected expected(const Place& place) const {
    Expected out;
    for (uint32_t lane = 0; lane < lanes_; ++lane) {
      const TreeShape tree = tree_of(place, lane);
      const int64_t chunks = plans_[place.group].chunks;
      const int64_t children = tree.children(place.position).count;
      const int64_t parents = tree.parent(place.position) == kNoPosition ? 0 : 1;
      out.arrivals += chunks * (parents + (both_ways_ ? children : 0));
      out.sends += chunks * (children + (both_ways_ ? parents : 0));
    }
    return out;
  }
  void start(const Place& place, Outbox& out) {
    for (uint32_t lane = 0; lane < lanes_; ++lane) advance(place, lane, out);
  }
  void arrived(const Place& place, bool started, uint64_t tag, Outbox& out) {
    const TreeIndex index = TreeIndex::of(tag);
    Lane& lane = state(place, Tag::lane(tag));
    (index.down ? lane.from_parent : lane.from_child[index.slot]).arrived(index.chunk);
    if (started) advance(place, Tag::lane(tag), out);
  }
  void sent(const Place& place, uint64_t tag, Outbox& out) {
    const TreeIndex index = TreeIndex::of(tag);
    Lane& lane = state(place, Tag::lane(tag));
    ++(index.down ? lane.down[index.slot] : lane.up).acknowledged;
    advance(place, Tag::lane(tag), out);
  }
  std::vector<Piece> describe(const Place& sender, uint64_t tag) const {
    const TreeIndex index = TreeIndex::of(tag);
    const Extent part = chunk_of(plans_[sender.group], Tag::lane(tag), index.chunk);
    Piece piece;
    piece.source_offset = part.offset;
    piece.target_offset = part.offset;
    piece.bytes = part.bytes;
    piece.reduce = !index.down;
    return {piece};
  }

 private:
  struct Plan {
    Extent extent;
    uint32_t chunks = 1;
  };
  // Messages to the parent, or to a child. Each stream has a window of its own, so that one slow
  // receiver does not hold up the others.
  struct Stream {
    uint32_t sent = 0;
    uint32_t acknowledged = 0;
    uint32_t under_way() const { return sent - acknowledged; }
  };
  struct Lane {
    Stream up;
    Stream down[2];        // by child; a binomial tree sends to all its children in the first
    Sequence from_parent;  // chunks
    Sequence from_child[2];
  };

  TreeShape tree_of(const Place& place, uint32_t lane) const {
    return {kind_, place.size, lane % TreeShape::trees(kind_), root_};
  }
  Lane& state(const Place& place, uint32_t lane) {
    return states_[size_t{partition_->rank(place.group, place.position)} * lanes_ + lane];
  }
  Extent chunk_of(const Plan& plan, uint32_t lane, uint32_t chunk) const {
    return part_of(part_of(plan.extent, lane, lanes_), chunk, plan.chunks);
  }
  // Chunks that have the contributions of everybody below.
  static uint32_t gathered(const Plan& plan, const Lane& lane, uint32_t children) {
    uint32_t out = plan.chunks;
    for (uint32_t i = 0; i < std::min(children, 2u); ++i)
      out = std::min(out, lane.from_child[i].count());
    return out;
  }

  void advance(const Place& place, uint32_t lane_number, Outbox& out) {
    const Plan& plan = plans_[place.group];
    const TreeShape tree = tree_of(place, lane_number);
    const TreeChildren children = tree.children(place.position);
    const uint32_t parent = tree.parent(place.position);
    Lane& lane = state(place, lane_number);
    const uint32_t gathered_now = both_ways_ ? gathered(plan, lane, children.count) : plan.chunks;
    const uint32_t whole = parent == kNoPosition ? gathered_now : lane.from_parent.count();
    // Down first: it frees the pipeline.
    const uint32_t streams = kind_ == TreeKind::kBinomial ? 1 : children.count;
    for (uint32_t s = 0; s < streams; ++s) {
      const uint32_t fan = children.count / streams;
      Stream& down = lane.down[s];
      while (down.sent < whole * fan && down.under_way() / std::max(1u, fan) < window_) {
        const uint32_t child = children.positions[s + down.sent % fan];
        post(plan, lane_number, {down.sent / fan, true, s}, child, out);
        ++down.sent;
      }
    }
    if (!both_ways_ || parent == kNoPosition) return;
    while (lane.up.sent < gathered_now && lane.up.under_way() < window_) {
      post(plan, lane_number, {lane.up.sent, false, tree.slot(place.position)}, parent, out);
      ++lane.up.sent;
    }
  }
  void post(const Plan& plan, uint32_t lane, const TreeIndex& index, uint32_t to, Outbox& out) {
    const Extent part = chunk_of(plan, lane, index.chunk);
    out.send(to, part.bytes, index.tag(lane), lane);
  }

  PartitionRef partition_;
  TreeKind kind_;
  uint32_t root_;
  bool both_ways_;
  uint32_t lanes_;
  uint32_t window_;
  std::vector<Plan> plans_;   // by group
  std::vector<Lane> states_;  // by rank, then lane
};

}  // namespace

int64_t tree_chunks(const Shape& shape, TreeKind kind, uint32_t group) {
  if (shape.chunk.count() <= 0) return 1;
  const int64_t lanes = int64_t{shape.channels} * TreeShape::trees(kind);
  const int64_t part = (shape.extent(group).bytes.count() + lanes - 1) / lanes;
  return std::max<int64_t>(1, (part + shape.chunk.count() - 1) / shape.chunk.count());
}

std::unique_ptr<Collective> make_tree(const Shape& shape, TreeKind kind) {
  return std::make_unique<GroupProgram<Tree>>(shape, kind);
}

}  // namespace windtunnel::cluster
