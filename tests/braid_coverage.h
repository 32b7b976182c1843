// How often each rare thing happened over a run of episodes. A property test that no longer reaches
// a branch passes in silence; this table makes it say so.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace windtunnel::braid_hostile {

enum class Rare : uint8_t {
  kSenderWrap,         // a sender's PSN passed 2^24
  kTimestampWrap,      // an episode crossed a turn of the 32-bit timestamp
  kOutOfOrder,         // packets held beyond a gap
  kReceiveWindowFull,  // a packet arrived at the last PSN of the range
  kSendWindowFull,     // next PSN reached the range
  kDuplicateData,
  kTimeout,
  kTimeoutsInRow,  // two or more without progress
  kFastLoss,       // declared lost by an acknowledgement
  kNackTrimmed,
  kNackAccess,
  kNackResources,
  kStaleNack,  // spoke of an earlier transmission or of none
  kReplayedSack,
  kReorderedSack,  // older than one that arrived before
  kDuplicateSack,  // acknowledged nothing new
  kRetryExceeded,
  kRemoteAccess,
  kFlushed,
  kPathBad,
  kPathRestored,
  kEveryPathBad,  // data left although no path was good
  kDenied,
  kFrozen,  // data left in frozen mode
  kPathProbe,
  kTailProbe,
  kPortDown,
  kAllPortsDown,
  kPortStatusHeard,
  kWindowAtMtu,
  kWindowLimited,  // data waited for the window
  kWindowCut,
  kCreditGranted,
  kCreditRequested,
  kSpeculative,
  kPenalty,
  kWriteImmLimited,
  kImmediateStashed,  // a write with immediate arrived before an earlier packet
  kReadServed,
  kPostRefused,
  kControlDropped,
  kZeroLength,
  kLastHopTrim,
  kEcnEcho,
  kCorrupted,
  kThroughCodec,
  kInvalidated,
  kForgedInert,
  kForgedRandom,
  kStalled,
  kIdleExpire,
  kRenewed,       // a queue pair was destroyed and made anew
  kEarlierLife,   // a packet arrived for a queue pair that is no more
  kEndedEarly,    // work whose queue pair was destroyed first completed
  kCleanNetwork,  // an episode whose network did no harm: no retransmission at all
  kCount,
};
inline constexpr size_t kRareCount = static_cast<size_t>(Rare::kCount);

std::string_view name_of(Rare rare);

class Coverage {
 public:
  void add(Rare rare, uint64_t times = 1) { counts_[static_cast<size_t>(rare)] += times; }
  uint64_t count(Rare rare) const { return counts_[static_cast<size_t>(rare)]; }
  Coverage& operator+=(const Coverage& other);
  std::vector<std::string_view> never() const;  // names of what did not happen
  std::string table() const;

 private:
  std::array<uint64_t, kRareCount> counts_{};
};

}  // namespace windtunnel::braid_hostile
