#include "cluster/ring_collective.h"

#include <algorithm>

#include "cluster/ring_order.h"
#include "cluster/sequence.h"

namespace windtunnel::cluster {
namespace {

// The run of a ring on one group.
struct RingPlan {
  RingOrder order;
  Extent extent;
  uint32_t channels = 1;
  uint32_t slices = 1;      // messages of a step and channel
  uint32_t first_step = 0;  // all-gather begins at n - 1
  uint32_t steps = 0;

  uint32_t size() const { return order.size; }
  uint32_t total() const { return steps * slices; }
  bool reduces(uint32_t step) const { return first_step + step < order.size - 1; }

  // The bytes that ring index `index` sends as message `message` of a channel.
  Extent sends(uint32_t channel, uint32_t index, uint32_t message) const {
    const uint32_t n = order.size;
    const uint32_t step = first_step + message / slices;
    const uint32_t block = (index + 2 * n - 1 - step % n) % n;
    const Extent whole = part_of(extent, order.position(channel, block), n);
    return part_of(whole, int64_t{channel} * slices + message % slices, int64_t{channels} * slices);
  }
};

int64_t slices_of(const Extent& extent, const Shape& shape, uint32_t size) {
  if (shape.chunk.count() <= 0) return 1;
  const int64_t block = (extent.bytes.count() + size - 1) / size;
  const int64_t part = (block + shape.channels - 1) / shape.channels;
  return std::max<int64_t>(1, (part + shape.chunk.count() - 1) / shape.chunk.count());
}

int64_t steps_of(Operation operation, uint32_t size) {
  const int64_t half = int64_t{size} - 1;
  return operation == Operation::kAllReduce ? 2 * half : half;
}

RingPlan plan_for(const Shape& shape, uint32_t group) {
  const uint32_t size = shape.partition->size(group);
  RingPlan plan;
  plan.order = {size, size % shape.per_server == 0 ? shape.per_server : 1};
  plan.extent = shape.extent(group);
  plan.channels = shape.channels;
  plan.slices = static_cast<uint32_t>(slices_of(plan.extent, shape, size));
  plan.steps = static_cast<uint32_t>(steps_of(shape.goal.operation, size));
  plan.first_step = shape.goal.operation == Operation::kAllGather ? size - 1 : 0;
  return plan;
}

class Ring {
 public:
  explicit Ring(const Shape& shape)
      : partition_(shape.partition),
        channels_(shape.channels),
        window_(shape.window > 0 ? shape.window : UINT32_MAX),
        lanes_(size_t{shape.partition->ranks()} * shape.channels) {
    for (uint32_t group = 0; group < partition_->groups(); ++group) {
      WT_CHECK(ring_messages(shape, group) < static_cast<int64_t>(Tag::kIndexEnd),
               "too many messages for a ring");
      plans_.push_back(plan_for(shape, group));
    }
  }

  Expected expected(const Place& place) const {
    const int64_t messages = int64_t{plans_[place.group].total()} * channels_;
    return {messages, messages};
  }
  void start(const Place& place, Outbox& out) {
    for (uint32_t channel = 0; channel < channels_; ++channel) advance(place, channel, out);
  }
  void arrived(const Place& place, bool started, uint64_t tag, Outbox& out) {
    const uint32_t channel = Tag::lane(tag);
    Lane& lane = lane_of(place, channel);
    lane.received.arrived(Tag::index(tag));
    if (started) advance(place, channel, out);
  }
  void sent(const Place& place, uint64_t tag, Outbox& out) {
    ++lane_of(place, Tag::lane(tag)).acknowledged;
    advance(place, Tag::lane(tag), out);
  }
  std::vector<Piece> describe(const Place& sender, uint64_t tag) const {
    const RingPlan& plan = plans_[sender.group];
    const uint32_t channel = Tag::lane(tag);
    const uint32_t index = plan.order.index(channel, sender.position);
    const Extent part = plan.sends(channel, index, Tag::index(tag));
    Piece piece;
    piece.source_offset = part.offset;
    piece.target_offset = part.offset;
    piece.bytes = part.bytes;
    piece.reduce = plan.reduces(Tag::index(tag) / plan.slices);
    return {piece};
  }

 private:
  struct Lane {
    uint32_t next = 0;  // message to send
    Sequence received;
    uint32_t acknowledged = 0;
  };

  Lane& lane_of(const Place& place, uint32_t channel) {
    const Rank rank = partition_->rank(place.group, place.position);
    return lanes_[size_t{rank} * channels_ + channel];
  }

  // HOT: once per message received or acknowledged; two divisions by `slices` and two by n per
  // message sent, about 50 cycles.
  void advance(const Place& place, uint32_t channel, Outbox& out) {
    const RingPlan& plan = plans_[place.group];
    Lane& lane = lane_of(place, channel);
    const uint32_t can = std::min(plan.total(), lane.received.count() + plan.slices);
    if (lane.next >= can) return;
    const uint32_t index = plan.order.index(channel, place.position);
    const uint32_t to = plan.order.next(channel, place.position);
    while (lane.next < can && lane.next - lane.acknowledged < window_) {
      const Extent part = plan.sends(channel, index, lane.next);
      out.send(to, part.bytes, Tag::make(channel, lane.next), channel);
      ++lane.next;
    }
  }

  PartitionRef partition_;
  uint32_t channels_;
  uint32_t window_;
  std::vector<RingPlan> plans_;  // by group
  std::vector<Lane> lanes_;      // by rank, then channel
};

}  // namespace

int64_t ring_messages(const Shape& shape, uint32_t group) {
  const uint32_t size = shape.partition->size(group);
  return steps_of(shape.goal.operation, size) * slices_of(shape.extent(group), shape, size);
}

std::unique_ptr<Collective> make_ring(const Shape& shape) {
  return std::make_unique<GroupProgram<Ring>>(shape);
}

}  // namespace windtunnel::cluster
