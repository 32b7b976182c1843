// `windtunnel claims` and `windtunnel catalog` over the project's own data, from options to text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "study/commands.h"
#include "tests/support/source_dir.h"

namespace windtunnel {
namespace {

using study::ExitCode;
using testing::HasSubstr;

class Nobody final : public study::Observer {
 public:
  void progress(const study::Progress&) override {}
  bool stop_requested() const override { return false; }
};

TEST(ClaimsCommand, UnknownNamesGetTheNearestAndNothingRuns) {
  Nobody nobody;
  study::ClaimsOptions options;
  options.data = source_dir().string();
  options.names = {"panmai-930"};
  const study::Outcome sheet = study::claims(options, nobody);
  EXPECT_EQ(sheet.exit, ExitCode::kBadInput);
  EXPECT_THAT(sheet.err, HasSubstr("did you mean `panmai-920`?"));
  options.names = {"panmai-920"};
  options.settings = {{"nic_prize", "1 USD"}};
  const study::Outcome input = study::claims(options, nobody);
  EXPECT_EQ(input.exit, ExitCode::kBadInput);
  EXPECT_THAT(input.err, HasSubstr("did you mean `nic_price`?"));
  EXPECT_EQ(input.out, "");
}

TEST(ClaimsCommand, AnInputTakesNothingOfAnotherKindOrBelowZero) {
  Nobody nobody;
  study::ClaimsOptions options;
  options.data = source_dir().string();
  options.names = {"panmai-920"};
  for (const char* text : {"-1 USD", "3 GB/s", "cheap"}) {
    options.settings = {{"nic_price", text}};
    const study::Outcome outcome = study::claims(options, nobody);
    EXPECT_EQ(outcome.exit, ExitCode::kBadInput) << text;
    EXPECT_THAT(outcome.err, HasSubstr(std::string("--set nic_price=") + text));
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
}

TEST(CatalogCommand, ShowsAPartWithItsSources) {
  study::CatalogOptions options;
  options.data = source_dir().string();
  options.part = "pex89144";
  const study::Outcome part = study::catalog(options);
  EXPECT_EQ(part.exit, ExitCode::kDone) << part.err;
  for (const char* word : {"425 USD", "estimate", "2024-11", "probsee.com"}) {
    EXPECT_THAT(part.out, HasSubstr(word));
  }
  options.part = "pex89145";
  EXPECT_EQ(study::catalog(options).exit, ExitCode::kBadInput);
}

}  // namespace
}  // namespace windtunnel
