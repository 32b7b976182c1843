// A trace of simulated time for Perfetto (ui.perfetto.dev) and chrome://tracing.
//
// Format: the JSON of the Trace Event Format (Google, "Trace Event Format", 2016): metadata M,
// complete slices X, instants i, counters C, flow arrows s and f. Times are written in microseconds
// with six decimals, so every picosecond is in the file; Perfetto itself shows whole nanoseconds.
//
// Streaming: memory stays below a buffer of 64 KiB whatever the length of the trace, and a trace
// that is not finished leaves no file.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/units.h"
#include "report/output.h"

namespace windtunnel::report {

class TraceWriter {
 public:
  // A group of tracks ("leaf 3") and a track in it ("port 9"): indices of this writer.
  struct Group {
    uint32_t index = 0;
  };
  struct Track {
    Group group;
    uint32_t index = 0;
  };
  // A detail shown when a slice is selected: a name and a whole number.
  using Detail = std::pair<std::string_view, int64_t>;

  // Errors: those of OutputFile::create.
  static base::Result<TraceWriter> create(const std::string& path);
  TraceWriter(TraceWriter&&) noexcept = default;

  Group add_group(std::string_view name);
  Track add_track(Group group, std::string_view name);

  // Something that took time. Slices of one track are nested or apart.
  void slice(Track track, std::string_view name, base::Time start, base::Duration length,
             std::initializer_list<Detail> details = {});
  void instant(Track track, std::string_view name, base::Time at);
  // A level over time, drawn as a curve of its own in the group.
  void counter(Group group, std::string_view name, base::Time at, double value);
  // An arrow from one slice to another. The two ends share `id` and `name`, and each lies inside a
  // slice of its track.
  void arrow_begin(Track track, std::string_view name, uint64_t id, base::Time at);
  void arrow_end(Track track, std::string_view name, uint64_t id, base::Time at);

  // Completes the file and puts it in place; no event may follow. A disk that filled up on the way
  // is reported here.
  base::Status finish();
  // Completes the file under its temporary name; it is put in place with the others of a result.
  base::Result<OutputFile> complete();

 private:
  explicit TraceWriter(OutputFile file);
  // An event up to its fields: ph, pid, tid, ts, name.
  void begin_event(char phase, Group group, std::optional<uint32_t> track, base::Time at,
                   std::string_view name);
  void end_event();
  void name_event(std::string_view kind, Group group, std::optional<uint32_t> track,
                  std::string_view name);
  void flush();

  OutputFile file_;
  std::string buffer_;
  base::Status status_;  // the first failed write; later events are dropped
  uint32_t groups_ = 0;
  uint32_t tracks_ = 0;
  bool first_ = true;
};

}  // namespace windtunnel::report
