#include "braid/memory.h"

#include "braid/endpoint_types.h"

namespace windtunnel::braid {
namespace {

class Memory : public ::testing::Test {
 protected:
  ProtectionTable::Grant add(uint64_t address, uint64_t length, uint8_t access) {
    return table.add(domain, address, length, access, stream).value();
  }
  base::RandomStream stream{1, "memory test"};
  ProtectionTable table;
  uint32_t domain = table.create_domain();
};

TEST_F(Memory, BoundsAreExact) {
  const auto g = add(1000, 100, Access::kRemoteWrite);
  const auto allows = [&](uint64_t at, uint64_t n) {
    return table.allows(domain, g.key, at, n, Access::kRemoteWrite);
  };
  EXPECT_TRUE(allows(1000, 100));
  EXPECT_TRUE(allows(1099, 1));
  EXPECT_TRUE(allows(1100, 0));
  EXPECT_FALSE(allows(1100, 1));
  EXPECT_FALSE(allows(999, 1));
  EXPECT_FALSE(allows(1000, 101));
  EXPECT_FALSE(allows(1001, 100));
  EXPECT_FALSE(allows(1000, ~uint64_t{0}));
  EXPECT_FALSE(allows(~uint64_t{0}, 2)) << "a range that wraps";
}

TEST_F(Memory, RightDomainAndRightRights) {
  const auto g = add(0, 10, Access::kRemoteWrite | Access::kLocalWrite);
  const uint32_t other = table.create_domain();
  EXPECT_TRUE(table.allows(domain, g.key, 0, 1, Access::kRemoteWrite));
  EXPECT_FALSE(table.allows(domain, g.key, 0, 1, Access::kRemoteRead));
  EXPECT_FALSE(table.allows(other, g.key, 0, 1, Access::kRemoteWrite));
  EXPECT_FALSE(table.allows(domain, g.key ^ (1u << 31), 0, 1, Access::kRemoteWrite));
  EXPECT_FALSE(table.allows(domain, g.key + 1, 0, 1, Access::kRemoteWrite));
}

TEST_F(Memory, InvalidatedKeysStayDead) {
  const auto first = add(0, 10, Access::kRemoteWrite);
  ASSERT_TRUE(table.invalidate(first.index).has_value());
  EXPECT_FALSE(table.invalidate(first.index).has_value());
  EXPECT_FALSE(table.allows(domain, first.key, 0, 1, Access::kRemoteWrite));
  EXPECT_FALSE(table.allows(domain, first.key, 0, 0, Access::kRemoteWrite));
  for (int i = 0; i < 100; ++i) {  // the slot lives again, under other keys
    const auto next = add(0, 10, Access::kRemoteWrite);
    EXPECT_EQ(next.index, first.index);
    EXPECT_NE(next.key, first.key) << "reuse " << i;
    EXPECT_FALSE(table.allows(domain, first.key, 0, 1, Access::kRemoteWrite));
    ASSERT_TRUE(table.invalidate(next.index).has_value());
  }
}

TEST_F(Memory, NonsenseIsRefused) {
  EXPECT_FALSE(table.add(domain + 1, 0, 1, Access::kRemoteRead, stream).has_value());
  EXPECT_FALSE(table.add(domain, 0, 0, Access::kRemoteRead, stream).has_value());
  EXPECT_FALSE(table.add(domain, ~uint64_t{0}, 2, Access::kRemoteRead, stream).has_value());
  EXPECT_FALSE(table.add(domain, 0, 1, 0, stream).has_value());
  EXPECT_FALSE(table.add(domain, 0, 1, 8, stream).has_value());
  EXPECT_FALSE(table.invalidate(3).has_value());
}

}  // namespace
}  // namespace windtunnel::braid
