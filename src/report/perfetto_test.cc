#include "report/perfetto.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace windtunnel::report {
namespace {

namespace fs = std::filesystem;
using base::Duration;
using base::Time;

class TraceWriterTest : public testing::Test {
 protected:
  TraceWriterTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() /
              ("windtunnel-trace-" + std::string(info->name()) + std::to_string(::getpid()));
    fs::create_directories(folder_);
    path_ = (folder_ / "trace.json").string();
  }
  ~TraceWriterTest() override { fs::remove_all(folder_); }
  nlohmann::json read() const {
    std::ifstream file(path_);
    return nlohmann::json::parse(file)["traceEvents"];
  }
  static Time at(Duration since_start) { return Time::at(since_start); }
  fs::path folder_;
  std::string path_;
};

TEST_F(TraceWriterTest, WritesEveryKindOfEvent) {
  auto trace = TraceWriter::create(path_);
  ASSERT_TRUE(trace) << trace.error().to_string();
  const auto leaf = trace->add_group("leaf \"3\"");
  const auto port = trace->add_track(leaf, "port 9");
  const auto host = trace->add_track(leaf, "host");
  trace->slice(port, "packet", at(Duration::ns(1)), Duration::ps(81'920), {{"bytes", 4096}});
  trace->slice(host, "receive", at(Duration::us(1)), Duration::ns(2));
  trace->arrow_begin(port, "hop", 7, at(Duration::ns(2)));
  trace->arrow_end(host, "hop", 7, at(Duration::us(1)));
  trace->instant(port, "trimmed", at(Duration::us(2)));
  trace->counter(leaf, "queue bytes", at(Duration::us(3)), 12.5);
  ASSERT_TRUE(trace->finish());

  const nlohmann::json events = read();
  ASSERT_EQ(events.size(), 9U);
  EXPECT_EQ(events[0]["args"]["name"], "leaf \"3\"");
  EXPECT_EQ(events[1]["name"], "thread_name");
  const auto& slice = events[3];
  EXPECT_EQ(slice["ph"], "X");
  EXPECT_EQ(slice["ts"], 0.001);
  EXPECT_EQ(slice["dur"], 0.08192);
  EXPECT_EQ(slice["args"]["bytes"], 4096);
  EXPECT_EQ(slice["tid"], events[1]["tid"]);
  EXPECT_EQ(events[5]["id"], events[6]["id"]);
  EXPECT_EQ(events[6]["bp"], "e");
  EXPECT_EQ(events[7]["ph"], "i");
  EXPECT_EQ(events[8]["args"]["value"], 12.5);
  EXPECT_FALSE(events[8].contains("tid"));
}

TEST_F(TraceWriterTest, PicosecondsSurviveLongTimes) {
  auto trace = TraceWriter::create(path_);
  ASSERT_TRUE(trace);
  const auto track = trace->add_track(trace->add_group("g"), "t");
  // A day and one picosecond: more digits than a double holds.
  trace->instant(track, "late", at(Duration::s(86'400) + Duration::ps(1)));
  ASSERT_TRUE(trace->finish());
  std::ifstream file(path_);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_THAT(text, testing::HasSubstr("\"ts\":86400000000.000001,"));
}

TEST_F(TraceWriterTest, ALongTraceIsWrittenInPieces) {
  auto trace = TraceWriter::create(path_);
  ASSERT_TRUE(trace);
  const auto track = trace->add_track(trace->add_group("g"), "t");
  constexpr int kSlices = 20'000;
  for (int i = 0; i < kSlices; ++i) {
    trace->slice(track, "s", at(Duration::ns(10 * i)), Duration::ns(5));
  }
  ASSERT_TRUE(trace->finish());
  EXPECT_GT(fs::file_size(path_), 1'000'000U);
  EXPECT_EQ(read().size(), kSlices + 2U);
}

TEST_F(TraceWriterTest, AnUnfinishedTraceLeavesNothing) {
  {
    auto trace = TraceWriter::create(path_);
    ASSERT_TRUE(trace);
    trace->add_group("g");
  }
  EXPECT_TRUE(fs::is_empty(folder_));
}

// A limit on file size stands in for a full disk.
TEST_F(TraceWriterTest, AFullDiskIsReportedAtTheEnd) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit small{100'000, limit.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  auto trace = TraceWriter::create(path_);
  ASSERT_TRUE(trace);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto track = trace->add_track(trace->add_group("g"), "t");
  for (int i = 0; i < 20'000; ++i) trace->instant(track, "i", at(Duration::ns(i)));
  const base::Status status = trace->finish();
  ::setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().to_string(), testing::HasSubstr("cannot write this file"));
  EXPECT_FALSE(fs::exists(path_));
}

}  // namespace
}  // namespace windtunnel::report
