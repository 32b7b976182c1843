#include "node/label_map.h"

#include <map>

#include "base/random.h"

namespace windtunnel::node {
namespace {

TEST(LabelMap, FindsNothingAtFirstAndForgetsWhatWasErased) {
  LabelMap map;
  EXPECT_EQ(map.find(7), LabelMap::kNone);
  map.erase(7);
  map.insert(7, 1);
  EXPECT_EQ(map.find(7), 1u);
  map.erase(7);
  EXPECT_EQ(map.find(7), LabelMap::kNone);
  EXPECT_EQ(map.size(), 0u);
}

TEST(LabelMap, AgreesWithAnOrderedMapThroughManyInsertionsAndErasures) {
  constexpr uint64_t kSeed = 20261123;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed << ": --gtest_filter=LabelMap.*");
  base::RandomStream stream(kSeed, "labels");
  for (const uint32_t keys : {4u, 50u, 3000u}) {
    OpenMap<uint64_t> map;
    std::map<uint64_t, uint32_t> truth;
    for (int step = 0; step < 40'000; ++step) {
      const uint64_t key = stream.below(keys) * 0x100000001ULL;
      const auto known = truth.find(key);
      if (known == truth.end()) {
        const auto value = static_cast<uint32_t>(stream.below(1000));
        map.insert(key, value);
        truth[key] = value;
      } else {
        ASSERT_EQ(map.find(key), known->second);
        map.erase(key);
        truth.erase(known);
      }
      ASSERT_EQ(map.size(), truth.size());
    }
    for (uint64_t key = 0; key < keys; ++key) {
      const auto known = truth.find(key * 0x100000001ULL);
      ASSERT_EQ(map.find(key * 0x100000001ULL),
                known == truth.end() ? LabelMap::kNone : known->second);
    }
  }
}

}  // namespace
}  // namespace windtunnel::node
