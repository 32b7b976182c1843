#include "cluster/two_trees.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace windtunnel::cluster {
namespace {

// Parent and children agree, the tree reaches everybody, and its height is what bounds.h says.
void check_tree(const TreeShape& tree) {
  uint32_t roots = 0;
  uint32_t edges = 0;
  for (uint32_t p = 0; p < tree.size; ++p) {
    ASSERT_EQ(tree.position_of(tree.number(p)), p);
    const TreeChildren children = tree.children(p);
    edges += children.count;
    for (uint32_t i = 0; i < children.count; ++i) {
      ASSERT_EQ(tree.parent(children.positions[i]), p) << tree.size << " " << p;
    }
    uint32_t height = 0;
    uint32_t above = p;
    while (tree.parent(above) != kNoPosition && height <= tree.size) {
      above = tree.parent(above);
      ++height;
    }
    ASSERT_LE(height, tree.kind == TreeKind::kChain ? tree.size - 1 : 32u);
    roots += tree.parent(p) == kNoPosition ? 1u : 0u;
  }
  ASSERT_EQ(roots, 1u);
  ASSERT_EQ(edges, tree.size - 1);
}

TEST(TwoTrees, AreTreesOfEverySize) {
  for (const TreeKind kind :
       {TreeKind::kTwoTrees, TreeKind::kTwoFromRoot, TreeKind::kBinomial, TreeKind::kChain}) {
    for (uint32_t size = 1; size <= 70; ++size) {
      for (uint32_t tree = 0; tree < TreeShape::trees(kind); ++tree) {
        check_tree({kind, size, tree, size / 3});
      }
    }
  }
}

TEST(TwoTrees, ChildrenOfOneParentHaveSlotsOfTheirOwn) {
  for (uint32_t size = 2; size <= 300; ++size) {
    for (uint32_t t = 0; t < 2; ++t) {
      const TreeShape tree{TreeKind::kTwoTrees, size, t, 0};
      for (uint32_t p = 0; p < size; ++p) {
        const TreeChildren children = tree.children(p);
        ASSERT_LE(children.count, 2u);
        for (uint32_t i = 0; i < children.count; ++i) {
          ASSERT_EQ(tree.slot(children.positions[i]), i) << size << " " << p;
        }
      }
    }
  }
}

// The heart of it: with that, every port works for both halves of the data. In a tree of an odd
// number the root of one tree is an inner node of the other.
TEST(TwoTrees, NobodyIsInsideBothTrees) {
  for (const TreeKind kind : {TreeKind::kTwoTrees, TreeKind::kTwoFromRoot}) {
    for (uint32_t size = 2; size <= 300; ++size) {
      for (uint32_t p = 0; p < size; ++p) {
        const TreeShape first{kind, size, 0, 0};
        const TreeShape second{kind, size, 1, 0};
        const bool root = first.parent(p) == kNoPosition || second.parent(p) == kNoPosition;
        const uint32_t inner =
            (first.children(p).count > 0 ? 1u : 0u) + (second.children(p).count > 0 ? 1u : 0u);
        ASSERT_LE(inner, root ? 2u : 1u) << size << " " << p;
        ASSERT_LE(first.children(p).count + second.children(p).count, 3u);
      }
    }
  }
}

// The two drawings in nccl/src/graph/trees.cc: 12 ranks mirrored, 13 shifted.
TEST(TwoTrees, AreThoseOfNccl) {
  const auto children = [](uint32_t size, uint32_t tree, uint32_t position) {
    const TreeChildren c = TreeShape{TreeKind::kTwoTrees, size, tree, 0}.children(position);
    return std::set<uint32_t>(c.positions.begin(), c.positions.begin() + c.count);
  };
  using Set = std::set<uint32_t>;
  EXPECT_EQ(children(12, 0, 0), (Set{8}));
  EXPECT_EQ(children(12, 0, 8), (Set{4, 10}));
  EXPECT_EQ(children(12, 0, 10), (Set{9, 11}));
  EXPECT_EQ(children(12, 1, 11), (Set{3}));
  EXPECT_EQ(children(12, 1, 3), (Set{1, 7}));
  EXPECT_EQ(children(12, 1, 7), (Set{5, 9}));
  EXPECT_EQ(children(13, 0, 12), (Set{10}));
  EXPECT_EQ(children(13, 1, 1), (Set{9}));
  EXPECT_EQ(children(13, 1, 9), (Set{5, 0}));
  EXPECT_EQ(children(13, 1, 0), (Set{11}));
  EXPECT_EQ(children(14, 0, 12), (Set{10, 13}));
}

}  // namespace
}  // namespace windtunnel::cluster
