#include "scenario/suggest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace windtunnel::scenario {
namespace {

TEST(EditDistance, CountsInsertDeleteReplaceSwap) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("nodes", "nodes"), 0u);
  EXPECT_EQ(edit_distance("nods", "nodes"), 1u);
  EXPECT_EQ(edit_distance("nodess", "nodes"), 1u);
  EXPECT_EQ(edit_distance("nedes", "nodes"), 1u);
  EXPECT_EQ(edit_distance("ndoes", "nodes"), 1u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(EditDistance, IgnoresCase) { EXPECT_EQ(edit_distance("Radix_Down", "radix_down"), 0u); }

TEST(EditDistance, GivesUpOnVeryLongTexts) {
  EXPECT_GT(edit_distance(std::string(1000, 'a'), std::string(1000, 'a')), 1000u);
}

TEST(EditDistance, IsSymmetricAndObeysTheLengthBound) {
  const std::vector<std::string> words = {"a", "ab", "ba", "capacity", "capactiy", "radix", ""};
  for (const std::string& a : words) {
    for (const std::string& b : words) {
      const size_t distance = edit_distance(a, b);
      EXPECT_EQ(distance, edit_distance(b, a)) << a << " " << b;
      EXPECT_LE(distance, std::max(a.size(), b.size()));
      EXPECT_EQ(distance == 0, a == b);
    }
  }
}

TEST(NearestName, OffersWhatIsCloseAndNothingElse) {
  const std::vector<std::string> names = {"nodes", "tiers", "link_rate", "link_latency"};
  EXPECT_EQ(nearest_name("node", names), "nodes");
  EXPECT_EQ(nearest_name("linkrate", names), "link_rate");
  EXPECT_EQ(nearest_name("link_lat", names), "link_latency");
  EXPECT_EQ(nearest_name("zebra", names), std::nullopt);
  EXPECT_EQ(suggestion("teirs", names), "did you mean `tiers`?");
  EXPECT_EQ(suggestion("zebra", names), "");
}

TEST(Quoted, ShowsNoControlCharactersAndCutsLongTexts) {
  EXPECT_EQ(quoted("a\x1b[31m\n"), "`a?[31m?`");
  EXPECT_LT(scenario::quoted(std::string(5000, 'x')).size(), 80u);
}

}  // namespace
}  // namespace windtunnel::scenario
