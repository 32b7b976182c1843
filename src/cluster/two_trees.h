// Trees over the positions of a group, computed from numbers alone.
//
// The basic tree puts positions in order: odd numbers are leaves, and a number ending in k zeros
// stands k levels above them. Two of them, the second renumbered so that nobody but a root is an
// inner node in both, use every port in both directions (Sanders, Speck, Traeff 2009, "Two-tree
// algorithms for full bandwidth broadcast, reduction and scan"; NCCL builds its double binary tree
// in the same way, nccl/src/graph/trees.cc).
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace windtunnel::cluster {

constexpr uint32_t kNoPosition = 0xffffffff;

struct TreeChildren {
  std::array<uint32_t, 32> positions{};
  uint32_t count = 0;
  void add(uint32_t position) { positions[count++] = position; }
};

// Number 0 is the root and has one child, the highest power of two below `size`.
constexpr uint32_t in_order_parent(uint32_t v, uint32_t size) {
  if (v == 0) return kNoPosition;
  const uint32_t bit = v & (~v + 1);
  const uint32_t above = (v ^ bit) | (bit << 1);
  return above < size ? above : v ^ bit;
}
constexpr TreeChildren in_order_children(uint32_t v, uint32_t size) {
  TreeChildren out;
  if (v == 0) {
    if (size > 1) out.add(std::bit_floor(size - 1));
    return out;
  }
  uint32_t half = (v & (~v + 1)) >> 1;
  if (half == 0) return out;
  out.add(v - half);
  while (half > 0 && v + half >= size) half >>= 1;
  if (half > 0) out.add(v + half);
  return out;
}

enum class TreeKind : uint8_t {
  kTwoTrees,     // two, with roots of their own: all-reduce
  kTwoFromRoot,  // two over the other positions, both fed by the root: broadcast
  kBinomial,     // one: position v feeds v + 2^k for all 2^k below its lowest bit, largest first
  kChain,        // one
};

// Tree number `tree` (0 or 1) over `size` positions; `root` matters for all but kTwoTrees.
struct TreeShape {
  TreeKind kind = TreeKind::kTwoTrees;
  uint32_t size = 1;
  uint32_t tree = 0;
  uint32_t root = 0;

  static constexpr uint32_t trees(TreeKind kind) {
    return kind == TreeKind::kTwoTrees || kind == TreeKind::kTwoFromRoot ? 2 : 1;
  }
  constexpr uint32_t parent(uint32_t position) const {
    const uint32_t v = number(position);
    if (v == 0) return kNoPosition;
    if (kind == TreeKind::kChain) return position_of(v - 1);
    if (kind == TreeKind::kBinomial) return position_of(v & (v - 1));
    return position_of(in_order_parent(v, size));
  }
  constexpr TreeChildren children(uint32_t position) const {
    TreeChildren out = numbered_children(number(position));
    for (uint32_t i = 0; i < out.count; ++i) out.positions[i] = position_of(out.positions[i]);
    return out;
  }
  // Which child of its parent a position is, for trees with at most two.
  constexpr uint32_t slot(uint32_t position) const {
    const uint32_t v = number(position);
    const uint32_t above = in_order_parent(v, size);
    return above != 0 && v > above ? 1 : 0;
  }

  // The number a position has in this tree; 0 is the root.
  constexpr uint32_t number(uint32_t position) const {
    if (kind == TreeKind::kTwoTrees) {
      if (tree == 0) return position;
      return size % 2 == 0 ? size - 1 - position : (position + size - 1) % size;
    }
    const uint32_t v = (position + size - root) % size;
    if (kind != TreeKind::kTwoFromRoot || tree == 0 || v == 0) return v;
    if (size % 2 == 1) return size - v;
    return v == 1 ? size - 1 : v - 1;
  }
  constexpr uint32_t position_of(uint32_t v) const {
    if (kind == TreeKind::kTwoTrees) {
      if (tree == 0) return v;
      return size % 2 == 0 ? size - 1 - v : (v + 1) % size;
    }
    if (kind == TreeKind::kTwoFromRoot && tree == 1 && v != 0) {
      v = size % 2 == 1 ? size - v : (v == size - 1 ? 1 : v + 1);
    }
    return (v + root) % size;
  }

 private:
  constexpr TreeChildren numbered_children(uint32_t v) const {
    if (kind != TreeKind::kBinomial && kind != TreeKind::kChain) return in_order_children(v, size);
    TreeChildren out;
    if (kind == TreeKind::kChain) {
      if (v + 1 < size) out.add(v + 1);
      return out;
    }
    uint32_t bit = v == 0 ? std::bit_ceil(size) : v & (~v + 1);
    for (bit >>= 1; bit > 0; bit >>= 1) {
      if (v + bit < size) out.add(v + bit);
    }
    return out;
  }
};

}  // namespace windtunnel::cluster
