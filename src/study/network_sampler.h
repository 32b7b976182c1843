// Link utilisation and queue lengths over time, with bounded memory.
//
// Links are grouped by what they lead from and to ("tor up") and, within that, into at most eight
// equal runs of neighbours. A sample ends with the first window that reaches the interval, the last
// one where the run ends. When there are too many, neighbours are merged and the interval doubles:
// 256 where the sampler chooses the interval, 4,096 where the user did.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "fabric/network.h"

namespace windtunnel::study {

// The directions a link can have, from the host up and down again.
enum class LinkLevel : uint8_t { kHostUp, kTorUp, kAggUp, kCoreDown, kAggDown, kTorDown };
inline constexpr size_t kLinkLevels = 6;

LinkLevel level_of(const fabric::Topology& topology, fabric::PortEnd end);
std::string level_name(LinkLevel level, size_t tiers);

// All sending ends of a network, hosts first, in order of unit and port.
template <class Visit>
void for_each_link(const fabric::Topology& topology, Visit&& visit) {
  for (uint32_t host = 0; host < topology.hosts(); ++host) {
    for (uint32_t plane = 0; plane < topology.planes(); ++plane)
      visit(fabric::PortEnd{host, plane});
  }
  for (uint32_t sw = 0; sw < topology.switches(); ++sw) {
    const fabric::SwitchModel& s = topology.switch_at(sw);
    for (uint32_t port = 0; port < uint32_t{s.down} + s.up; ++port) {
      visit(fabric::PortEnd{topology.unit_of_switch(sw), port});
    }
  }
}

class NetworkSampler {
 public:
  struct Group {
    LinkLevel level = LinkLevel::kHostUp;
    std::string name;  // "tor up 0-63"
    int64_t links = 0;
    double capacity = 0;  // bit/s of one of its links
  };
  // What a sample holds of one group.
  struct Cell {
    double busiest = 0;    // share of its capacity that the busiest of its links used
    double queue_max = 0;  // bytes in the longest of its queues
  };

  // interval: zero lets the sampler choose.
  NetworkSampler(const fabric::Topology& topology, base::Duration lookahead,
                 base::Duration interval, std::vector<fabric::PortEnd> watched);
  void sample(const fabric::Network& network, base::Time now);
  // The rest since the last sample, when the run is over.
  void close(const fabric::Network& network, base::Time end);

  const std::vector<Group>& groups() const { return groups_; }
  size_t samples() const { return times_.size(); }
  // Single queues the user asked for: bytes at the end of each sample.
  const std::vector<fabric::PortEnd>& watched() const { return watched_; }
  double watched_bytes(size_t sample, size_t queue) const {
    return watched_bytes_[sample * watched_.size() + queue];
  }
  // End of each sample; the first begins at zero.
  const std::vector<base::Time>& times() const { return times_; }
  const Cell& cell(size_t sample, size_t group) const {
    return cells_[sample * groups_.size() + group];
  }

 private:
  void take(const fabric::Network& network, base::Time now);
  void merge();
  void sample_watched(const fabric::Network& network);

  std::vector<Group> groups_;
  std::vector<uint16_t> group_of_link_;
  std::vector<base::Time> times_;
  std::vector<Cell> cells_;
  std::vector<fabric::PortEnd> watched_;
  std::vector<double> watched_bytes_;
  std::vector<int64_t> sent_;  // bytes of each link up to the last sample
  size_t samples_max_;
  base::Duration interval_;
  base::Time due_;
};

}  // namespace windtunnel::study
