// The rows of `windtunnel validate factory` on planning: those that need nothing hold, and so do
// those on published instances where these are at hand.
#include "study/validation_planning.h"
#include "tests/support/shared_data.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace windtunnel::study {
namespace {

class Silent final : public Observer {
 public:
  void progress(const Progress& /*progress*/) override {}
  bool stop_requested() const override { return false; }
};

void expect_holds(const ValidationCase& c, const base::Result<std::vector<Comparison>>& result) {
  ASSERT_TRUE(result.has_value()) << c.name << ": " << result.error().to_string();
  EXPECT_FALSE(result->empty()) << c.name;
  for (const Comparison& comparison : *result)
    EXPECT_TRUE(comparison.holds) << c.name << ", " << comparison.what << ": ours "
                                  << comparison.ours << ", theirs " << comparison.theirs;
}

TEST(PlanningValidation, RowsThatNeedNoFilesHold) {
  Silent observer;
  for (const ValidationCase& c : factory_planning_cases()) {
    EXPECT_EQ(c.name.rfind("factory-", 0), 0u) << c.name;
    EXPECT_NE(static_cast<bool>(c.run), static_cast<bool>(c.run_on_data)) << c.name;
    if (c.run) expect_holds(c, c.run(observer));
  }
}

TEST(PlanningValidation, RowsOnPublishedInstancesHold) {
  const std::filesystem::path data = shared_data();
  if (!std::filesystem::exists(data / "factory")) GTEST_SKIP() << data << " is absent";
  Silent observer;
  for (const ValidationCase& c : factory_planning_cases())
    if (c.run_on_data) expect_holds(c, c.run_on_data(data.string(), observer));
}

TEST(PlanningValidation, RowsOnInstancesNameTheFileThatIsAbsent) {
  Silent observer;
  for (const ValidationCase& c : factory_planning_cases()) {
    if (!c.run_on_data) continue;
    const auto result = c.run_on_data("/no/such/folder", observer);
    ASSERT_FALSE(result.has_value()) << c.name;
    EXPECT_NE(result.error().to_string().find("/no/such/folder/factory/"), std::string::npos);
  }
}

}  // namespace
}  // namespace windtunnel::study
