#include "cli/data_folder.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

namespace windtunnel::cli {
namespace {

namespace fs = std::filesystem;

class DataFolder : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "windtunnel-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
  }
  void TearDown() override { fs::remove_all(root_); }
  std::string make(const std::string& name) const {
    fs::create_directories(root_ / name / "catalog");
    fs::create_directories(root_ / name / "claims");
    return (root_ / name).string();
  }
  std::string program(const std::string& name) const { return (root_ / name).string(); }
  fs::path root_;
};

TEST_F(DataFolder, IsBesideAnInstalledProgram) {
  const std::string data = make("usr/share/windtunnel");
  EXPECT_EQ(data_folder(program("usr/bin/windtunnel"), nullptr), data);
}

TEST_F(DataFolder, IsTheSourceTreeOfABuild) {
  const std::string data = make("source");
  EXPECT_EQ(data_folder(program("source/build/release/bin/windtunnel"), nullptr), data);
}

TEST_F(DataFolder, IsWhatTheEnvironmentSays) {
  make("source");
  EXPECT_EQ(data_folder(program("source/bin/windtunnel"), "/elsewhere"), "/elsewhere");
  EXPECT_EQ(data_folder(program("source/bin/windtunnel"), ""), (root_ / "source").string());
}

TEST_F(DataFolder, IsTheWorkingDirectoryWhereNothingIsFound) {
  EXPECT_EQ(data_folder(program("a/b/windtunnel"), nullptr), ".");
  EXPECT_EQ(data_folder("", nullptr), ".");
}

}  // namespace
}  // namespace windtunnel::cli
