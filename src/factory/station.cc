#include "factory/station.h"

#include <algorithm>
#include <limits>

namespace windtunnel::factory {
namespace {

bool is_sorted(Serve serve) { return serve == Serve::kPriority || serve == Serve::kDue; }

bool is_plain(const CompiledStation& compiled, const Station& described) {
  if (described.serve != Serve::kFifo || described.visit_empty || described.batch_max > 1 ||
      described.batch_min > 1 || compiled.lines.size() != 1) {
    return false;
  }
  return std::ranges::all_of(
      compiled.machines, [](const CompiledMachine& machine) { return machine.lines.size() == 1; });
}

constexpr uint64_t kNoGate = std::numeric_limits<uint64_t>::max();

}  // namespace

StationRun::StationRun(const CompiledStation& compiled, const Station& described, PiecePool& pieces,
                       const StationClock& station_clock)
    : clock(station_clock),
      compiled_(&compiled),
      described_(&described),
      pieces_(&pieces),
      sorted_(is_sorted(described.serve)),
      takes_turns_(by_turns() || described.visit_empty),
      plain_(is_plain(compiled, described)) {
  lines_.assign(compiled.lines.size(), Line(sorted_));
}

int64_t StationRun::key_of(const Piece& piece) const {
  if (piece.rush) return std::numeric_limits<int64_t>::min();
  return described_->serve == Serve::kDue ? piece.due : piece.priority;
}

template <class Fits>
uint32_t StationRun::best(const Lines& lines, Fits fits) const {
  uint32_t found = kNone;
  Line::Rank rank;
  for (const uint32_t line : lines) {
    if (!can_begin(line) || !fits(line)) continue;
    const Line::Rank other = lines_[line].first_rank(*pieces_);
    if (found != kNone && rank < other) continue;
    found = line;
    rank = other;
  }
  return found;
}

uint32_t StationRun::line_of_family(const Lines& lines, uint32_t family, uint64_t gate) const {
  return best(lines, [&](uint32_t line) {
    return compiled_->lines[line].family == family &&
           lines_[line].first_rank(*pieces_).arrival < gate;
  });
}

// The family whose turn it is until none of it waits (or none that came before its turn), then the
// next of which some wait, and its own last.
uint32_t StationRun::line_of_turn(const Lines& lines, MachineMemory& memory) const {
  const uint64_t gate = described_->serve == Serve::kGated ? memory.gate : kNoGate;
  const uint32_t own = line_of_family(lines, memory.family, gate);
  if (own != kNone || described_->visit_empty) return own;
  const size_t count = compiled_->families.size();
  const size_t turn = compiled_->turn_of[memory.family];
  for (size_t i = 1; i <= count; ++i) {
    const uint32_t line = line_of_family(lines, compiled_->families[(turn + i) % count], kNoGate);
    if (line == kNone) continue;
    memory.gate = arrivals_;
    return line;
  }
  return kNone;
}

uint32_t StationRun::first_line(const Lines& lines) const {
  if (lines.size() == 1) return can_begin(lines[0]) && !lines_[lines[0]].empty() ? lines[0] : kNone;
  return best(lines, [](uint32_t) { return true; });
}

Work StationRun::take(uint32_t line) {
  if (described_->batch_max == 1) {
    if (lines_[line].size() == described_->batch_min) --lines_ready_;
    return take_one(line);
  }
  Work work;
  work.pieces = std::min(described_->batch_max, lines_[line].size());
  waiting_ -= work.pieces;
  if (lines_[line].size() - work.pieces < described_->batch_min) --lines_ready_;
  PieceId last = kNone;
  for (int64_t i = 0; i < work.pieces; ++i) {
    const PieceId piece = lines_[line].pop(*pieces_);
    (last == kNone ? work.first : (*pieces_)[last].next) = piece;
    (*pieces_)[piece].next = kNone;
    last = piece;
  }
  return work;
}

Work StationRun::choose_among(uint32_t machine, MachineMemory& memory) {
  const Lines& lines = compiled_->machines[machine].lines;
  if (lines.empty()) return {};  // no route comes here
  if (by_turns() && memory.family == kNone) memory.family = compiled_->families.front();
  if (waiting_ > 0) {
    uint32_t line = kNone;
    if (by_turns()) {
      line = line_of_turn(lines, memory);
    } else {
      if (described_->serve == Serve::kSameFamily) {
        line = line_of_family(lines, memory.family, kNoGate);
      }
      if (line == kNone) line = first_line(lines);
    }
    if (line != kNone) {
      memory.empties = 0;
      return take(line);
    }
  }
  if (!described_->visit_empty || memory.empties > compiled_->families.size()) return {};
  const size_t turn = compiled_->turn_of[memory.family] + 1;
  Work visit;
  visit.visit = compiled_->families[turn % compiled_->families.size()];
  return visit;
}

bool StationRun::would_take(uint32_t machine, uint32_t line) const {
  if (lines_[line].size() + 1 < described_->batch_min) return false;
  const Lines& lines = compiled_->machines[machine].lines;
  return compiled_->alike || std::ranges::find(lines, line) != lines.end();
}

}  // namespace windtunnel::factory
