#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <string>

#include "des/queueing_fixture.h"
#include "tests/support/reference_values.h"

namespace windtunnel::des::queueing {

bool references_present() { return !testing::reference_values().empty(); }

std::optional<double> find_reference(const std::string& row, const std::string& field) {
  return testing::find_reference(row, field);
}

namespace {

TEST(QueueingReferences, AreRead) {
  if (!references_present()) {
    GTEST_SKIP() << testing::reference_file()
                 << " is absent; closed forms alone judge the queueing tests";
  }
  EXPECT_EQ(find_reference("MM1_lam0.5", "W"), 2.0);
  EXPECT_EQ(find_reference("MM1_lam0.5", "nothing"), std::nullopt);
  EXPECT_EQ(find_reference("lotsize_D40_t1min_setup60min", "W_Q60"),
            std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace windtunnel::des::queueing
