#include "scenario/text_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace windtunnel::scenario {
namespace {

using testing::HasSubstr;

std::string error_of(const std::string& path, size_t bytes_max) {
  const auto text = read_text_file(path, bytes_max);
  return text ? "no error" : text.error().to_string();
}

TEST(ReadTextFile, ReadsUpToTheLimit) {
  const std::string path = testing::TempDir() + "wt_text_file_test-" + std::to_string(::getpid());
  std::ofstream(path) << std::string(100, 'x');
  EXPECT_EQ(read_text_file(path, 100).value().size(), 100u);
  EXPECT_THAT(error_of(path, 99), HasSubstr("is larger than 99 bytes"));
  std::filesystem::remove(path);
}

TEST(ReadTextFile, SaysWhyItCannot) {
  EXPECT_THAT(error_of("/no/such/file", 10), HasSubstr("/no/such/file: cannot be read: No such"));
  EXPECT_THAT(error_of(testing::TempDir(), 10), HasSubstr("cannot be read: Is a directory"));
  EXPECT_THAT(error_of(std::string("a\0b", 3), 10), HasSubstr("cannot be read"));
}

TEST(ReadTextFile, EndlessFilesEnd) {
  if (!std::filesystem::exists("/dev/zero")) GTEST_SKIP() << "no /dev/zero here";
  EXPECT_THAT(error_of("/dev/zero", 1 << 20), HasSubstr("is larger than"));
}

TEST(FolderOf, KeepsTheSlash) {
  EXPECT_EQ(folder_of("a/b/c.yaml"), "a/b/");
  EXPECT_EQ(folder_of("c.yaml"), "");
  EXPECT_EQ(folder_of("/c.yaml"), "/");
}

}  // namespace
}  // namespace windtunnel::scenario
