// A collective operation as a program: what every algorithm of this room has in common.
//
// Each rank of a group has a buffer. Offsets are bytes within it:
//   all-reduce      `bytes` a rank; every rank ends with the sum over the group
//   reduce-scatter  `bytes` a rank; rank at position p ends with block p of the sum
//   all-gather      `bytes` a rank; rank at position p brings block p, all end with all blocks
//   all-to-all      input of `bytes` a rank; block q of the input of p goes to the rank at q, whose
//                   output holds one block of that size per sender, in order of position
//   broadcast       `bytes`; all end with what the root has
//   send            `bytes` from position 0 to position 1 of a group of two
// Block b of n is [b * bytes / n, (b + 1) * bytes / n), rounded down, so any size divides.
//
// What moves is only counted: describe() says for a message which bytes it carries and what becomes
// of them, and a checker can follow every contribution (ledger_fixture.h does).
#pragma once

#include <cstdint>
#include <vector>

#include "cluster/machine.h"
#include "cluster/partition.h"

namespace windtunnel::cluster {

enum class Operation : uint8_t {
  kAllReduce,
  kReduceScatter,
  kAllGather,
  kAllToAll,
  kBroadcast,
  kSend,
};

// Bytes [offset, offset + bytes) of a buffer.
struct Extent {
  base::Bytes offset;
  base::Bytes bytes;
  bool operator==(const Extent&) const = default;
};

// Block `index` of `count` equal parts of an extent; sizes differ by at most one byte.
constexpr Extent part_of(const Extent& whole, int64_t index, int64_t count) {
  const int64_t bytes = whole.bytes.count();
  const int64_t begin = bytes * index / count;
  return {base::Bytes(whole.offset.count() + begin),
          base::Bytes(bytes * (index + 1) / count - begin)};
}

// The memories of a rank. All operations but all-to-all work in place, in kData.
enum class Memory : uint8_t {
  kData,
  kInput,   // all-to-all: blocks by receiver
  kOutput,  // all-to-all: blocks by sender
  kStage,   // what a rank keeps for others on their way
};

// Part of what a message carries: bytes read from the sender's memory at the moment of send() and
// written to the receiver's, or added to what is there.
struct Piece {
  Memory source = Memory::kData;
  base::Bytes source_offset;
  Memory target = Memory::kData;
  base::Bytes target_offset;
  base::Bytes bytes;
  bool reduce = false;
};

// What a collective is meant to achieve, for checkers and for reports.
struct Goal {
  Operation operation = Operation::kAllReduce;
  base::Bytes bytes;
  uint32_t root = 0;  // broadcast: a position
};

class Collective : public Program {
 public:
  virtual const Goal& goal() const = 0;
  virtual const Partition& groups() const = 0;
  // Whether `rank` has the result it came for, though its last messages may not be acknowledged.
  // What comes next may start. done() is ready() with the buffers free as well.
  virtual bool ready(Rank rank) const = 0;
  // Messages that `rank` sends in all.
  virtual int64_t messages(Rank rank) const = 0;
  // What `message` of this collective carries. Allocates: for checkers, not for runs.
  virtual std::vector<Piece> describe(const Message& message) const = 0;
};

// A collective may use priorities 0 to kPriorityEnd - 1, constant for messages that need an order.
constexpr uint32_t kPriorityEnd = 16;

// The 64 bits of a tag, lowest first: index 24, lane 10, stage 10, item 20. An algorithm uses index
// and lane; stages of one collective and items of a schedule put their number on top.
struct Tag {
  static constexpr int kIndexBits = 24;
  static constexpr int kLaneBits = 10;
  static constexpr int kStageBits = 10;
  static constexpr int kItemBits = 20;
  static constexpr int kStageShift = kIndexBits + kLaneBits;
  static constexpr int kItemShift = kStageShift + kStageBits;
  static constexpr uint64_t kIndexEnd = uint64_t{1} << kIndexBits;
  static constexpr uint32_t kLaneEnd = 1u << kLaneBits;
  static constexpr uint32_t kStageEnd = 1u << kStageBits;
  static constexpr uint32_t kItemEnd = 1u << kItemBits;

  static constexpr uint64_t make(uint32_t lane, uint32_t index) {
    return uint64_t{lane} << kIndexBits | index;
  }
  static constexpr uint32_t index(uint64_t tag) {
    return static_cast<uint32_t>(tag & (kIndexEnd - 1));
  }
  static constexpr uint32_t lane(uint64_t tag) {
    return static_cast<uint32_t>(tag >> kIndexBits) & (kLaneEnd - 1);
  }
  static constexpr uint32_t stage(uint64_t tag) {
    return static_cast<uint32_t>(tag >> kStageShift) & (kStageEnd - 1);
  }
  static constexpr uint32_t item(uint64_t tag) { return static_cast<uint32_t>(tag >> kItemShift); }
};
static_assert(Tag::kItemShift + Tag::kItemBits == 64);

}  // namespace windtunnel::cluster
