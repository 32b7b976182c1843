// Traffic matrices in the `.cm` format of htsim: what is to be sent, and what starts when.
//
//     Nodes 16
//     Connections 2
//     Triggers 1
//     0->13 id 1 start 0 size 2000000 send_done_trigger 1
//     13->0 id 2 trigger 1 size 2000000
//     trigger id 1 oneshot
//
// - `size` is the payload in bytes, up to 63 bits (htsim: 31). 0, which htsim sends for ever, is
//   refused.
// - `start` means microseconds to htsim_uec and picoseconds to the scripts that write such files;
//   most files say 0, where it makes no difference. Here it is MICROSECONDS, decimals allowed, so
//   that results can be compared with htsim_uec; MatrixStartUnit::kPicoseconds switches. A start of
//   one second or more draws a warning, because a fabric simulation that long is rarely meant.
// - `send_done_trigger` fires when the sender knows that all has arrived, `recv_done_trigger` when
//   the receiver has all. htsim_uec never fires the latter; here it works.
// - Triggers: `oneshot` starts all its flows when first fired, `multishot` one of them per firing,
//   `barrier count C` all of them at the C-th firing. A flow that nothing can ever start is an
//   error, not a run that quietly does less.
// - `failure switch_type TOR|AGG|CORE switch_id S link_id L` lines are links that are down from the
//   start (htsim aborts on them).
// - `prio` and `msg` are read and kept, but do not change what is simulated; a warning says so.
// - Declared counts must match. One dialect is understood: a file without any `trigger` line whose
//   declared counts are exactly (Nodes - 1) times what it holds comes from an older version of the
//   all-to-all script; its triggers are oneshot, and a warning says so. A truncated file does not
//   meet that condition.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "study/network_description.h"

namespace windtunnel::study {

inline constexpr uint32_t kNoTrigger = 0xffffffff;

struct Connection {
  uint32_t src = 0;
  uint32_t dst = 0;
  uint64_t id = 0;                    // the user's own, 0 when there is none; unique otherwise
  base::Duration start;               // since the start of the run; zero when a trigger starts it
  int64_t bytes = 0;                  // payload, at least 1
  uint32_t started_by = kNoTrigger;   // index into ConnectionMatrix::triggers
  uint32_t on_sent = kNoTrigger;      // send_done_trigger
  uint32_t on_received = kNoTrigger;  // recv_done_trigger
  int64_t priority = 0;               // 0 when there is none
  uint64_t message = 0;               // `msg`; 0 when there is none
  int line = 0;                       // in the file
};

enum class TriggerKind : uint8_t { kOneshot, kMultishot, kBarrier };

struct Trigger {
  uint64_t id = 0;
  TriggerKind kind = TriggerKind::kOneshot;
  uint32_t count = 1;                 // firings a barrier waits for
  std::vector<uint32_t> connections;  // that it starts, in file order
  int line = 0;
};

struct LinkFailure {
  SwitchTier tier = SwitchTier::kTor;
  uint32_t switch_index = 0;
  uint32_t link = 0;  // upward port of a TOR or AGG switch; pod of a CORE switch
  int line = 0;
};

struct ConnectionMatrix {
  std::string file;
  uint32_t nodes = 0;
  std::vector<Connection> connections;  // file order
  std::vector<Trigger> triggers;        // file order of their definitions
  std::vector<LinkFailure> failures;
  std::vector<base::Error> warnings;  // not fatal, but to be shown
};

struct MatrixOptions {
  MatrixStartUnit start_unit = MatrixStartUnit::kMicroseconds;
};

using MatrixResult = tl::expected<ConnectionMatrix, std::vector<base::Error>>;

// Total over arbitrary bytes. All errors, sorted by place (at most 50 and a count of the rest).
MatrixResult read_connection_matrix(std::string_view text, const std::string& file,
                                    const MatrixOptions& options = {});
// Files up to 1 GiB.
MatrixResult load_connection_matrix(const std::string& path, const MatrixOptions& options = {});

}  // namespace windtunnel::study
