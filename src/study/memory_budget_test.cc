#include "study/memory_budget.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace windtunnel::study {
namespace {

namespace fs = std::filesystem;
using base::Bytes;
using testing::HasSubstr;

// Folders that look like /proc and /sys/fs/cgroup.
class MemoryRoomTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / fmt::format("wt_memory_room-{}", ::getpid());
    write("proc/meminfo", "MemTotal:       2000 kB\nMemAvailable:   1000 kB\nBuffers: 1 kB\n");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  int64_t room() const {
    const auto found = memory_room((folder_ / "proc").string(), (folder_ / "cgroup").string());
    return found ? found->bytes.count() : -1;
  }
  std::string whose() const {
    const auto found = memory_room((folder_ / "proc").string(), (folder_ / "cgroup").string());
    return found ? found->of : "";
  }
  fs::path folder_;
};

TEST_F(MemoryRoomTest, IsWhatTheMachineHasAvailable) {
  EXPECT_EQ(room(), 1000 * 1024);
  EXPECT_EQ(whose(), "this machine has");
}

TEST_F(MemoryRoomTest, IsUnknownWhereNothingSaysIt) {
  fs::remove_all(folder_);
  EXPECT_EQ(room(), -1);
}

TEST_F(MemoryRoomTest, HeedsTheTightestGroupOfVersion2) {
  write("proc/self/cgroup", "0::/outer/inner\n");
  write("cgroup/outer/memory.max", "500000\n");
  write("cgroup/outer/memory.current", "300000\n");
  write("cgroup/outer/memory.stat", "anon 1\ninactive_file 100000\nactive_file 7\n");
  EXPECT_EQ(room(), 300'000);  // 500,000 less what is used and cannot be given back
  write("cgroup/outer/inner/memory.max", "max\n");
  EXPECT_EQ(room(), 300'000);
  write("cgroup/outer/inner/memory.high", "40000\n");
  write("cgroup/outer/inner/memory.current", "50000\n");
  EXPECT_EQ(room(), 0);
  EXPECT_THAT(whose(), HasSubstr("cgroup"));
}

// In a container the process's own group is mounted as the root.
TEST_F(MemoryRoomTest, HeedsTheRootOfACgroupNamespace) {
  write("proc/self/cgroup", "0::/\n");
  write("cgroup/memory.max", "700000\n");
  EXPECT_EQ(room(), 700'000);
}

TEST_F(MemoryRoomTest, HeedsVersion1) {
  write("proc/self/cgroup", "5:cpu,cpuacct:/a\n4:memory:/a\n");
  write("cgroup/memory/a/memory.limit_in_bytes", "600000\n");
  write("cgroup/memory/a/memory.usage_in_bytes", "200000\n");
  write("cgroup/memory/a/memory.stat", "cache 9\ntotal_inactive_file 50000\n");
  EXPECT_EQ(room(), 450'000);
  write("cgroup/memory/a/memory.limit_in_bytes", "9223372036854771712\n");  // no limit
  EXPECT_EQ(room(), 1000 * 1024);
}

TEST_F(MemoryRoomTest, IgnoresFilesThatSayNothing) {
  write("proc/self/cgroup", "garbage\n::\n0::/x\n");
  write("cgroup/x/memory.max", "lots\n");
  EXPECT_EQ(room(), 1000 * 1024);
}

const std::optional<MemoryRoom> kRoom = MemoryRoom{Bytes::mib(100), "this machine has"};

TEST(CheckMemory, RefusesWhatDoesNotFitUnlessForced) {
  EXPECT_TRUE(check_memory({Bytes::mib(100), {}, 1, false}, kRoom));
  const auto refused = check_memory({Bytes::mib(101), {}, 1, false}, kRoom);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().to_string(),
            "this run needs about 106 MB of memory, this machine has 105 MB left "
            "(--force runs it nevertheless)");
  EXPECT_TRUE(check_memory({Bytes::mib(101), {}, 1, true}, kRoom));
  EXPECT_TRUE(check_memory({Bytes::mib(101), {}, 1, false}, {}));
}

TEST(CheckMemory, CountsRunsAtATime) {
  EXPECT_TRUE(check_memory({Bytes::mib(50), {}, 2, false}, kRoom));
  const auto refused = check_memory({Bytes::mib(50), {}, 3, false}, kRoom);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("3 runs at a time"));
  EXPECT_THAT(refused.error().to_string(), HasSubstr("lower --jobs"));
}

TEST(CheckMemory, TheScenariosOwnLimitHoldsEvenWhenForced) {
  const auto refused = check_memory({Bytes::mib(50), Bytes::mib(49), 1, true}, kRoom);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("limits.memory is 51.4 MB"));
  EXPECT_THAT(refused.error().to_string(), HasSubstr("(raise limits.memory"));
}

}  // namespace
}  // namespace windtunnel::study
