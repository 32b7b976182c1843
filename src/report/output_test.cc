#include "report/output.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace windtunnel::report {
namespace {

namespace fs = std::filesystem;

class OutputFileTest : public testing::Test {
 protected:
  OutputFileTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() /
              ("windtunnel-output-" + std::string(info->name()) + std::to_string(::getpid()));
    fs::remove_all(folder_);
  }
  ~OutputFileTest() override { fs::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  static std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  size_t files() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  fs::path folder_;
};

TEST_F(OutputFileTest, CommitReplacesTheTargetAndLeavesNothingElse) {
  for (const std::string text : {"first", "second"}) {
    auto file = OutputFile::create(path("deep/results.json"));
    ASSERT_TRUE(file) << file.error().to_string();
    ASSERT_TRUE(file->write(text));
    ASSERT_TRUE(file->commit());
    EXPECT_EQ(content(path("deep/results.json")), text);
  }
  folder_ /= "deep";
  EXPECT_EQ(files(), 1U);
  folder_ = folder_.parent_path();
}

TEST_F(OutputFileTest, WithoutCommitThePreviousFileStays) {
  ASSERT_TRUE(write_files(folder_.string(), {{"results.json", "old"}}));
  {
    auto file = OutputFile::create(path("results.json"));
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write("half of the ne"));
    EXPECT_EQ(files(), 2U);
  }
  EXPECT_EQ(content(path("results.json")), "old");
  EXPECT_EQ(files(), 1U);
}

TEST_F(OutputFileTest, AFolderUnderAFileIsRefused) {
  ASSERT_TRUE(write_files(folder_.string(), {{"a", "text"}}));
  const auto file = OutputFile::create(path("a/results.json"));
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().to_string(), testing::HasSubstr("cannot create this folder"));
}

TEST_F(OutputFileTest, AFolderInPlaceOfTheFileIsRefused) {
  fs::create_directories(folder_ / "results.json");
  const auto file = OutputFile::create(path("results.json"));
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().to_string(), testing::HasSubstr("it is a folder"));
}

TEST_F(OutputFileTest, AnUnwritableFolderIsRefused) {
  if (::geteuid() == 0) GTEST_SKIP() << "the administrator may write everywhere";
  fs::create_directories(folder_);
  fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
  const auto file = OutputFile::create(path("results.json"));
  fs::permissions(folder_, fs::perms::owner_all);
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().to_string(), testing::HasSubstr("Permission denied"));
}

// A limit on file size stands in for a full disk: writes fail half way.
TEST_F(OutputFileTest, AFullDiskLeavesThePreviousFiles) {
  ASSERT_TRUE(write_files(folder_.string(), {{"a.csv", "old"}, {"b.csv", "old"}}));
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit small{4096, limit.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto written =
      write_files(folder_.string(), {{"a.csv", "new"}, {"b.csv", std::string(1 << 20, 'x')}});
  ::setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().to_string(), testing::HasSubstr("b.csv: cannot write this file"));
  EXPECT_EQ(content(path("a.csv")), "old");
  EXPECT_EQ(content(path("b.csv")), "old");
  EXPECT_EQ(files(), 2U);
}

}  // namespace
}  // namespace windtunnel::report
