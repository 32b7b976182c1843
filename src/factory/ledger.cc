#include "factory/ledger.h"

#include <algorithm>

namespace windtunnel::factory {
namespace {

struct Phrase {
  const char* before;
  const char* after;
};
constexpr std::array<Phrase, kLosses> kPhrases = {{{"waited ", " to be let in at "},
                                                   {"waited ", " at "},
                                                   {"setups took ", " at "},
                                                   {"waited ", " for parts at "},
                                                   {"stood ", " at stops of "},
                                                   {"blocked for ", " after "},
                                                   {"reworked for ", " after "},
                                                   {"took ", " to be carried to "}}};

std::string with_one_digit(int64_t tenths) {
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

}  // namespace

void Ledger::open(Piece& piece, Time now) {
  if (free_.empty()) {
    piece.ledger = static_cast<uint32_t>(cells_.size() / width_);
    cells_.resize(cells_.size() + width_);
  } else {
    piece.ledger = free_.back();
    free_.pop_back();
    const auto row = cells_.begin() + static_cast<std::ptrdiff_t>(piece.ledger * width_);
    std::fill_n(row, width_, 0);
  }
  piece.accounted = now;
}

void Ledger::close(Piece& piece) {
  if (piece.ledger == kNone) return;
  free_.push_back(piece.ledger);
  piece.ledger = kNone;
}

WorstLoss Ledger::worst(const Piece& piece) const {
  WorstLoss worst;
  if (piece.ledger == kNone) return worst;
  for (size_t i = 0; i < width_; ++i) {
    const Duration lost = Duration::ticks(cells_[piece.ledger * width_ + i]);
    if (lost <= worst.time) continue;
    worst = {static_cast<uint32_t>(i / kLosses), static_cast<Loss>(i % kLosses), lost};
  }
  return worst;
}

std::string describe(Duration length) {
  constexpr int64_t kTenth = Tick::kPerSecond / 10;
  if (length >= Duration::s(3600)) return with_one_digit(length.ticks() / (kTenth * 3600)) + " h";
  if (length >= Duration::s(60)) return with_one_digit(length.ticks() / (kTenth * 60)) + " min";
  return with_one_digit(length.ticks() / kTenth) + " s";
}

std::string describe(const WorstLoss& worst, const Plant& plant) {
  if (worst.station == kNone) return "due sooner than the work takes";
  const Phrase& phrase = kPhrases[static_cast<size_t>(worst.loss)];
  return phrase.before + describe(worst.time) + phrase.after + plant.stations[worst.station].name;
}

}  // namespace windtunnel::factory
