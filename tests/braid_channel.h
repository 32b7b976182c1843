// The network between the two sides of an episode: per-path delays, and every harm the episode
// lists. Packets are delivered in the order of (time, number), so the same calls give the same
// deliveries. Harms draw from streams of their own: leaving one out does not re-roll the others.
//
// It keeps the truth about what happened to packets, for those who judge the engines.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <queue>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "braid/endpoint.h"
#include "tests/braid_episode.h"

namespace windtunnel::braid_hostile {

// Where a delivery comes from; the engines must not be able to tell, the judges are.
enum class Origin : uint8_t {
  kGenuine,
  kDuplicate,    // the network delivered it twice
  kReplay,       // control packet from the past
  kForgedInert,  // must change nothing
  kForgedRandom,
};

struct Delivery {
  braid::Packet packet;
  braid::Arrival arrival;
  Origin origin = Origin::kGenuine;
  uint8_t to = 0;  // side
  std::vector<uint8_t> payload;
};

class Channel {
 public:
  struct Tally {
    uint64_t data_lost = 0;  // numbered packets that will never arrive untrimmed, trims included
    uint64_t control_lost = 0;
    uint64_t duplicated = 0;
    uint64_t trimmed = 0;
    uint64_t corrupted = 0;
    uint64_t replayed = 0;
    uint64_t delayed = 0;
  };

  Channel(const Episode& episode, const braid::Profile& profile);

  // `packet` leaves side `from` now. A fault of the codec is kept in fault().
  void send(Time now, uint8_t from, const braid::Packet& packet, std::span<const uint8_t> payload);
  // While a port is down, nothing leaves or enters by it.
  void set_port(uint8_t side, uint32_t port, bool down);

  // From now on the codec is made to look as if it lost a bit of the PSN (proof of the judges).
  void slip() { slip_ = true; }

  bool empty() const { return arrivals_.empty(); }
  Time next_arrival() const;  // Time::max() when empty
  // The next delivery; it stays valid until the next call of take(). Empty when it met a dead port.
  const Delivery* take();

  const Tally& tally() const { return tally_; }
  const std::string& fault() const { return fault_; }

 private:
  struct Arrival {
    Time at;
    uint64_t number = 0;
    uint32_t slot = 0;
    bool operator>(const Arrival& other) const {
      return at != other.at ? at > other.at : number > other.number;
    }
  };
  struct Mischief {
    Impairment harm;
    base::RandomStream random;
    std::array<Time, 2> free;  // kBottleneck: when the queue of a direction is empty again
  };
  // What becomes of one packet.
  struct Fate {
    bool lost = false;
    bool corrupted = false;
    braid::Arrival arrival;
    Duration delay;
    std::optional<Duration> again;   // duplicate, after the first
    std::optional<Duration> replay;  // replay, after the first
  };

  bool concerns(const Impairment& harm, Time now, uint8_t from, const braid::Packet& packet) const;
  void harm_packet(Mischief& mischief, Time now, uint8_t from, const braid::Packet& packet,
                   Fate& fate);
  void queue_packet(Mischief& mischief, Time now, uint8_t from, const braid::Packet& packet,
                    Fate& fate);
  bool survives_codec(const braid::Packet& packet, braid::Packet& out, bool corrupt);
  void schedule(Time at, uint8_t to, Origin origin, const braid::Packet& packet,
                braid::Arrival arrival, std::span<const uint8_t> payload);
  bool port_dead(const braid::Packet& packet) const;
  void note_fate(const braid::Packet& packet, const Fate& fate);

  const braid::Profile& profile_;
  Surroundings around_;
  base::RandomStream random_;
  std::vector<Mischief> mischiefs_;
  std::array<uint32_t, 2> ports_down_{};
  std::priority_queue<Arrival, std::vector<Arrival>, std::greater<>> arrivals_;
  std::vector<Delivery> slots_;
  std::vector<uint32_t> free_slots_;
  uint32_t taken_ = 0;
  bool any_taken_ = false;
  bool slip_ = false;
  uint64_t number_ = 0;
  Tally tally_;
  std::string fault_;
};

}  // namespace windtunnel::braid_hostile
