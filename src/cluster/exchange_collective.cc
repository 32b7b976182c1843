#include "cluster/exchange_collective.h"

#include <algorithm>

namespace windtunnel::cluster {
namespace {

// A lane is a channel to other servers, or one within the server.
constexpr uint32_t kWays = 2;
enum Way : uint32_t { kAcross, kWithin };

class Exchange {
 public:
  explicit Exchange(const Shape& shape)
      : shape_(shape), lanes_(size_t{shape.partition->ranks()} * shape.channels * kWays) {
    for (uint32_t group = 0; group < shape_.partition->groups(); ++group) {
      const int64_t parts = exchange_parts(shape, group);
      const uint32_t size = shape_.partition->size(group);
      WT_CHECK(parts * size < static_cast<int64_t>(Tag::kIndexEnd),
               "too many messages for an exchange");
      WT_CHECK(size % shape_.per_server == 0, "servers of a group are whole");
      parts_.push_back(static_cast<uint32_t>(parts));
      windows_.push_back(exchange_window(shape, group));
    }
  }

  Expected expected(const Place& place) const {
    const int64_t messages =
        (int64_t{total(place, kAcross)} + total(place, kWithin)) * shape_.channels;
    return {messages, messages};
  }
  void start(const Place& place, Outbox& out) {
    for (uint32_t lane = 0; lane < shape_.channels * kWays; ++lane) advance(place, lane, out);
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
    const uint32_t to = receiver(sender, Tag::lane(tag), Tag::index(tag));
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

  uint32_t total(const Place& place, uint32_t way) const {
    const uint32_t within = shape_.per_server;
    return (way == kWithin ? within - 1 : place.size - within) * parts_[place.group];
  }
  Lane& lane_of(const Place& place, uint32_t lane) {
    const Rank rank = shape_.partition->rank(place.group, place.position);
    return lanes_[size_t{rank} * shape_.channels * kWays + lane];
  }
  // The same step of all ranks is a permutation: so many servers on, so many ranks on.
  uint32_t receiver(const Place& sender, uint32_t lane, uint32_t message) const {
    const uint32_t within = shape_.per_server;
    const uint32_t step = message / parts_[sender.group] + (lane % kWays == kWithin ? 1 : within);
    const uint32_t server = sender.position / within + step / within;
    const uint32_t rank = (sender.position + step) % within;
    return server * within % sender.size + rank;
  }
  Extent carries(const Place& sender, uint32_t lane, uint32_t message) const {
    const bool own = shape_.goal.operation == Operation::kAllGather;
    const uint32_t block = own ? sender.position : receiver(sender, lane, message);
    const uint32_t parts = parts_[sender.group];
    return part_of(part_of(shape_.extent(sender.group), block, sender.size),
                   int64_t{lane / kWays} * parts + message % parts,
                   int64_t{shape_.channels} * parts);
  }
  void advance(const Place& place, uint32_t index, Outbox& out) {
    Lane& lane = lane_of(place, index);
    const uint32_t end = total(place, index % kWays);
    while (lane.next < end && lane.next - lane.settled() < windows_[place.group]) {
      out.send(receiver(place, index, lane.next), carries(place, index, lane.next).bytes,
               Tag::make(index, lane.next), index / kWays);
      ++lane.next;
    }
  }

  Shape shape_;
  std::vector<uint32_t> parts_;    // by group: messages to one receiver on a channel
  std::vector<uint32_t> windows_;  // by group
  std::vector<Lane> lanes_;        // by rank, channel and way
};

}  // namespace

int64_t exchange_parts(const Shape& shape, uint32_t group) {
  if (shape.chunk.count() <= 0) return 1;
  const int64_t size = shape.partition->size(group);
  const int64_t block = (shape.extent(group).bytes.count() + size - 1) / size;
  const int64_t part = (block + shape.channels - 1) / shape.channels;
  return std::max<int64_t>(1, (part + shape.chunk.count() - 1) / shape.chunk.count());
}

uint32_t exchange_window(const Shape& shape, uint32_t group) {
  if (shape.window == 0) return UINT32_MAX;
  const int64_t cuts = exchange_parts(shape, group) * shape.channels;
  const int64_t size = shape.partition->size(group);
  const int64_t message = std::max<int64_t>(1, shape.extent(group).bytes.count() / size / cuts);
  const int64_t smaller = std::max<int64_t>(1, shape.chunk.count() / message);
  return static_cast<uint32_t>(std::min<int64_t>(UINT32_MAX, smaller * shape.window));
}

std::unique_ptr<Collective> make_exchange(const Shape& shape) {
  return std::make_unique<GroupProgram<Exchange>>(shape);
}

}  // namespace windtunnel::cluster
