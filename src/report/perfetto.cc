#include "report/perfetto.h"

#include <fmt/format.h>

#include <iterator>

#include "base/check.h"
#include "report/json_writer.h"

namespace windtunnel::report {
namespace {

constexpr size_t kBufferBytes = 64 * 1024;
constexpr int64_t kPsPerUs = 1'000'000;

// Picoseconds as exact decimal microseconds.
std::string microseconds(int64_t ps) {
  WT_CHECK(ps >= 0, "a trace has no negative times");
  return fmt::format("{}.{:06}", ps / kPsPerUs, ps % kPsPerUs);
}

}  // namespace

base::Result<TraceWriter> TraceWriter::create(const std::string& path) {
  base::Result<OutputFile> file = OutputFile::create(path);
  if (!file) return tl::unexpected(file.error());
  return TraceWriter(std::move(*file));
}

TraceWriter::TraceWriter(OutputFile file) : file_(std::move(file)) {
  buffer_.reserve(kBufferBytes + 4096);
  buffer_ = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n";
}

TraceWriter::Group TraceWriter::add_group(std::string_view name) {
  const Group group{++groups_};
  name_event("process_name", group, {}, name);
  return group;
}

TraceWriter::Track TraceWriter::add_track(Group group, std::string_view name) {
  const Track track{group, ++tracks_};
  name_event("thread_name", group, track.index, name);
  return track;
}

void TraceWriter::slice(Track track, std::string_view name, base::Time start, base::Duration length,
                        std::initializer_list<Detail> details) {
  begin_event('X', track.group, track.index, start, name);
  fmt::format_to(std::back_inserter(buffer_), ",\"dur\":{}", microseconds(length.ps()));
  if (details.size() > 0) {
    buffer_ += ",\"args\":{";
    bool first = true;
    for (const auto& [key, value] : details) {
      fmt::format_to(std::back_inserter(buffer_), "{}\"{}\":{}", first ? "" : ",", json_escape(key),
                     value);
      first = false;
    }
    buffer_ += '}';
  }
  end_event();
}

void TraceWriter::instant(Track track, std::string_view name, base::Time at) {
  begin_event('i', track.group, track.index, at, name);
  buffer_ += ",\"s\":\"t\"";
  end_event();
}

void TraceWriter::counter(Group group, std::string_view name, base::Time at, double value) {
  begin_event('C', group, {}, at, name);
  fmt::format_to(std::back_inserter(buffer_), ",\"args\":{{\"value\":{}}}", json_number(value));
  end_event();
}

void TraceWriter::arrow_begin(Track track, std::string_view name, uint64_t id, base::Time at) {
  begin_event('s', track.group, track.index, at, name);
  fmt::format_to(std::back_inserter(buffer_), ",\"cat\":\"flow\",\"id\":{}", id);
  end_event();
}

void TraceWriter::arrow_end(Track track, std::string_view name, uint64_t id, base::Time at) {
  begin_event('f', track.group, track.index, at, name);
  // "bp": "e" binds the arrow to the slice around its end, not to the next one.
  fmt::format_to(std::back_inserter(buffer_), ",\"cat\":\"flow\",\"bp\":\"e\",\"id\":{}", id);
  end_event();
}

base::Status TraceWriter::finish() {
  base::Result<OutputFile> file = complete();
  if (!file) return tl::unexpected(file.error());
  return file->commit();
}

base::Result<OutputFile> TraceWriter::complete() {
  buffer_ += "\n]}\n";
  flush();
  if (!status_) return tl::unexpected(status_.error());
  if (base::Status status = file_.finish(); !status) return tl::unexpected(status.error());
  return std::move(file_);
}

void TraceWriter::begin_event(char phase, Group group, std::optional<uint32_t> track, base::Time at,
                              std::string_view name) {
  WT_CHECK(group.index >= 1 && group.index <= groups_, "a trace event outside of any group");
  fmt::format_to(std::back_inserter(buffer_), "{}{{\"ph\":\"{}\",\"pid\":{}", first_ ? "" : ",\n",
                 phase, group.index);
  if (track) fmt::format_to(std::back_inserter(buffer_), ",\"tid\":{}", *track);
  fmt::format_to(std::back_inserter(buffer_), ",\"ts\":{},\"name\":\"{}\"", microseconds(at.ps()),
                 json_escape(name));
  first_ = false;
}

void TraceWriter::end_event() {
  buffer_ += '}';
  if (buffer_.size() >= kBufferBytes) flush();
}

void TraceWriter::name_event(std::string_view kind, Group group, std::optional<uint32_t> track,
                             std::string_view name) {
  begin_event('M', group, track, base::Time::zero(), kind);
  fmt::format_to(std::back_inserter(buffer_), ",\"args\":{{\"name\":\"{}\"}}", json_escape(name));
  end_event();
}

void TraceWriter::flush() {
  if (status_) status_ = file_.write(buffer_);
  buffer_.clear();
}

}  // namespace windtunnel::report
