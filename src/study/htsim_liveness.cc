#include "study/htsim_liveness.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

namespace windtunnel::study {
namespace {

// How many flows a trigger has started after `fired` firings.
size_t started_by(const Trigger& trigger, size_t fired) {
  switch (trigger.kind) {
    case TriggerKind::kOneshot:
      return fired > 0 ? trigger.connections.size() : 0;
    case TriggerKind::kMultishot:
      return std::min(fired, trigger.connections.size());
    case TriggerKind::kBarrier:
      return fired >= trigger.count ? trigger.connections.size() : 0;
  }
  return 0;
}

struct Played {
  std::vector<size_t> fired;    // per trigger
  std::vector<size_t> started;  // flows started per trigger
  std::vector<size_t> firers;   // flows that would fire it
};

Played play(const ConnectionMatrix& matrix) {
  const size_t count = matrix.triggers.size();
  Played played{std::vector<size_t>(count), std::vector<size_t>(count), std::vector<size_t>(count)};
  std::vector<uint32_t> complete;
  for (size_t i = 0; i < matrix.connections.size(); ++i) {
    const Connection& connection = matrix.connections[i];
    if (connection.started_by == kNoTrigger) complete.push_back(static_cast<uint32_t>(i));
    for (const uint32_t trigger : {connection.on_sent, connection.on_received})
      if (trigger != kNoTrigger) ++played.firers[trigger];
  }
  while (!complete.empty()) {
    const Connection& connection = matrix.connections[complete.back()];
    complete.pop_back();
    for (const uint32_t index : {connection.on_sent, connection.on_received}) {
      if (index == kNoTrigger) continue;
      const Trigger& trigger = matrix.triggers[index];
      const size_t now = started_by(trigger, ++played.fired[index]);
      for (; played.started[index] < now; ++played.started[index])
        complete.push_back(trigger.connections[played.started[index]]);
    }
  }
  return played;
}

std::string reason(const Trigger& trigger, size_t fired, size_t firers) {
  const size_t needed = trigger.kind == TriggerKind::kOneshot     ? 1
                        : trigger.kind == TriggerKind::kMultishot ? trigger.connections.size()
                                                                  : trigger.count;
  if (firers == 0) return "no connection fires it";
  if (firers < needed) return fmt::format("it needs {} firings and can get {}", needed, firers);
  return fmt::format("{} of the {} connections that would fire it wait themselves", firers - fired,
                     firers);
}

}  // namespace

void check_liveness(const ConnectionMatrix& matrix, Complaints& complaints) {
  const Played played = play(matrix);
  for (size_t i = 0; i < matrix.triggers.size(); ++i) {
    const Trigger& trigger = matrix.triggers[i];
    const size_t waiting = trigger.connections.size() - played.started[i];
    if (waiting == 0) continue;
    const Connection& first = matrix.connections[trigger.connections[played.started[i]]];
    complaints.add(
        complaints.mark(first.line, 1),
        fmt::format("{}->{} never starts: trigger {} {}", first.src, first.dst, trigger.id,
                    played.fired[i] == 0 ? "never fires" : "does not fire often enough"),
        reason(trigger, played.fired[i], played.firers[i]));
  }
}

}  // namespace windtunnel::study
