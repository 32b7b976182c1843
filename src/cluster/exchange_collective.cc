#include "cluster/exchange_collective.h"

#include <algorithm>

namespace windtunnel::cluster {
namespace {

class Exchange {
 public:
  explicit Exchange(const Shape& shape)
      : shape_(shape), lanes_(size_t{shape.partition->ranks()} * shape.channels) {
    if (shape_.window == 0) shape_.window = UINT32_MAX;
    for (uint32_t group = 0; group < shape_.partition->groups(); ++group) {
      const int64_t parts = exchange_parts(shape, group);
      WT_CHECK(parts * shape_.partition->size(group) < static_cast<int64_t>(Tag::kIndexEnd),
               "too many messages for an exchange");
      parts_.push_back(static_cast<uint32_t>(parts));
    }
  }

  Expected expected(const Place& place) const {
    const int64_t messages = int64_t{total(place)} * shape_.channels;
    return {messages, messages};
  }
  void start(const Place& place, Outbox& out) {
    for (uint32_t channel = 0; channel < shape_.channels; ++channel) advance(place, channel, out);
  }
  void arrived(const Place& place, bool started, uint64_t tag, Outbox& out) {
    ++lane_of(place, Tag::lane(tag)).arrived;
    if (started) advance(place, Tag::lane(tag), out);
  }
  void sent(const Place& place, uint64_t tag, Outbox& out) {
    ++lane_of(place, Tag::lane(tag)).acknowledged;
    advance(place, Tag::lane(tag), out);
  }
  std::vector<Piece> describe(const Place& sender, uint64_t tag) const {
    const uint32_t to = receiver(sender, Tag::index(tag));
    const Extent part = carries(sender, Tag::lane(tag), Tag::index(tag));
    Piece piece;
    piece.source_offset = part.offset;
    piece.target_offset = part.offset;
    piece.bytes = part.bytes;
    piece.reduce = shape_.goal.operation == Operation::kReduceScatter;
    if (shape_.goal.operation == Operation::kAllToAll) {
      const Extent block = part_of(shape_.extent(sender.group), to, sender.size);
      piece.source = Memory::kInput;
      piece.target = Memory::kOutput;
      piece.target_offset = block.bytes * sender.position + (part.offset - block.offset);
    }
    return {piece};
  }

 private:
  struct Lane {
    uint32_t next = 0;
    uint32_t acknowledged = 0;
    uint32_t arrived = 0;
    uint32_t settled() const { return std::min(acknowledged, arrived); }
  };

  uint32_t total(const Place& place) const { return (place.size - 1) * parts_[place.group]; }
  Lane& lane_of(const Place& place, uint32_t channel) {
    const Rank rank = shape_.partition->rank(place.group, place.position);
    return lanes_[size_t{rank} * shape_.channels + channel];
  }
  uint32_t receiver(const Place& sender, uint32_t message) const {
    const uint32_t to = sender.position + 1 + message / parts_[sender.group];
    return to < sender.size ? to : to - sender.size;
  }
  Extent carries(const Place& sender, uint32_t channel, uint32_t message) const {
    const bool own = shape_.goal.operation == Operation::kAllGather;
    const uint32_t block = own ? sender.position : receiver(sender, message);
    const uint32_t parts = parts_[sender.group];
    return part_of(part_of(shape_.extent(sender.group), block, sender.size),
                   int64_t{channel} * parts + message % parts, int64_t{shape_.channels} * parts);
  }
  void advance(const Place& place, uint32_t channel, Outbox& out) {
    Lane& lane = lane_of(place, channel);
    while (lane.next < total(place) && lane.next - lane.settled() < shape_.window) {
      out.send(receiver(place, lane.next), carries(place, channel, lane.next).bytes,
               Tag::make(channel, lane.next), channel);
      ++lane.next;
    }
  }

  Shape shape_;
  std::vector<uint32_t> parts_;  // by group: messages to one receiver on a channel
  std::vector<Lane> lanes_;      // by rank, then channel
};

}  // namespace

int64_t exchange_parts(const Shape& shape, uint32_t group) {
  if (shape.chunk.count() <= 0) return 1;
  const int64_t size = shape.partition->size(group);
  const int64_t block = (shape.extent(group).bytes.count() + size - 1) / size;
  const int64_t part = (block + shape.channels - 1) / shape.channels;
  return std::max<int64_t>(1, (part + shape.chunk.count() - 1) / shape.chunk.count());
}

std::unique_ptr<Collective> make_exchange(const Shape& shape) {
  return std::make_unique<GroupProgram<Exchange>>(shape);
}

}  // namespace windtunnel::cluster
