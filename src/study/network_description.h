// What a user says about a packet-network run: the plain structs behind `kind: network`. They hold
// no behaviour; network_description.cc describes every key once (`describe`), and from that come
// the reader, the error texts, `windtunnel schema network` and the dump of a resolved scenario.
//
// An empty optional means `auto`: the value follows from others by the rule stated in the schema.
// Defaults written here are the defaults; there is no second place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "scenario/value_types.h"

namespace windtunnel::scenario {
class Visitor;
}

namespace windtunnel::study {

using base::Bytes;
using base::Duration;
using base::Rate;
using base::Ratio;
using scenario::DataAmount;
using scenario::FilePath;

// --- fabric ------------------------------------------------------------------------------------

enum class Shape : uint8_t { kFatTree, kLeafSpine, kRailOptimised };
enum class Discipline : uint8_t { kTrimming, kTailDrop, kPfc };

// Output queue of every switch port (and, without marks or trims, of the NIC).
// BDP = base round trip of the longest path x link rate, in whole packets, rounded up.
struct QueueDescription {
  Discipline discipline = Discipline::kTrimming;
  std::optional<DataAmount> capacity;  // auto: 1 BDP with trimming or pfc, 2 BDP with tail-drop
  bool ecn = true;                     // mark data packets between the two thresholds
  std::optional<DataAmount> ecn_low;   // auto: 20 % of 1 BDP, in whole packets, rounded up
  std::optional<DataAmount> ecn_high;  // auto: 80 % of 1 BDP, in whole packets, rounded up
  std::optional<bool> ecn_last_hop;    // auto: off when receiver credits are on, else on
  Bytes trim_size = Bytes(64);         // what is left of a trimmed packet
  std::optional<DataAmount> control_capacity;  // auto: twice capacity
  std::optional<DataAmount> pfc_xoff;          // auto: half of capacity
  std::optional<DataAmount> pfc_xon;           // auto: half of pfc_xoff
};

struct FabricDescription {
  Shape shape = Shape::kFatTree;
  FilePath topology;  // htsim .topo file; overrides shape, nodes, tiers, radix, rates, latencies
  int64_t nodes = 128;
  int64_t tiers = 3;                      // 2 or 3
  Ratio oversubscription{1, 1};           // down : up capacity of the lowest switches
  std::optional<int64_t> radix;           // ports of a switch; auto: the smallest that closes
  std::optional<int64_t> nodes_per_leaf;  // leaf-spine and rail-optimised
  int64_t rails = 8;   // rail-optimised: nodes (NICs) per server; NIC i attaches to rail i
  int64_t planes = 1;  // independent copies of the fabric; a node has one link into each
  Rate link_rate = Rate::gbps(400);  // of one link; a node sends at planes x link_rate
  Duration link_latency = Duration::us(1);
  Duration switch_latency = Duration::zero();
  QueueDescription queue;
};

// --- faults ------------------------------------------------------------------------------------

enum class FaultKind : uint8_t { kLinkDown, kDegraded, kLoss, kSwitchDead };

// A link is one direction of a cable and is named by the unit that sends into it: tor-up leaves a
// top-of-rack switch (leaf) upwards, agg-down leaves an aggregation switch (or the spine of a
// two-tier fabric) downwards.
enum class LinkGroup : uint8_t { kHostUp, kTorDown, kTorUp, kAggDown, kAggUp, kCoreDown };
enum class SwitchTier : uint8_t { kTor, kAgg, kCore };

// Links of a group are numbered by the LOWER end of their cable: its index, then its upward port.
// So `link: core-down, count: 8` is what the eight first aggregation up-ports receive.
struct LinkSelector {
  LinkGroup link = LinkGroup::kTorUp;
  std::optional<int64_t> unit;  // key `switch`: index of the lower end (of the host for host-up)
  std::optional<int64_t> port;  // upward port of the lower end; auto: all of them
};

struct FaultDescription {
  FaultKind kind = FaultKind::kLinkDown;
  Duration at;                    // simulated time it begins
  std::optional<Duration> until;  // auto: never ends
  LinkSelector links;
  std::optional<int64_t> count;        // instead of switch and port: the first N links of the group
  bool both_directions = true;         // also the other direction of each cable
  SwitchTier tier = SwitchTier::kTor;  // switch-dead: which switch, with links.unit as its index
  Ratio rate{1, 4};                    // degraded: share of the rate that is left
  Ratio loss{1, 1000};                 // loss: share of packets that vanish
};

// --- transport ---------------------------------------------------------------------------------

enum class TransportKind : uint8_t { kBraid, kRoce };
enum class Congestion : uint8_t { kNscc, kRccc, kNsccRccc, kDctcp, kDcqcn, kConstant };
enum class PathSelection : uint8_t { kOnePath, kOblivious, kBitmap, kReps, kMixed, kBraid };

struct PathsDescription {
  PathSelection selection = PathSelection::kBraid;
  int64_t count = 256;  // entropy values per queue pair; a power of two
};

struct TransportDescription {
  TransportKind kind = TransportKind::kBraid;
  Bytes mtu = Bytes(4096);                    // whole data packet on the link, header included
  Bytes header = Bytes(64);                   // of which header
  Congestion congestion = Congestion::kNscc;  // kDcqcn when kind is roce and none is given
  std::optional<DataAmount> window;           // auto: 1.5 BDP, in whole packets
  std::optional<Duration> base_rtt;           // auto: unloaded round trip of the longest path
  std::optional<Duration> target_delay;       // auto: 0.75 of base_rtt with trimming, else base_rtt
  // One acknowledgement per so much received. auto: every packet with reps, mixed and braid, which
  // learn from acknowledgements; else 16,384 B.
  std::optional<DataAmount> ack_every;
  std::optional<Duration> rto_min;  // auto: 15 us + six times the time to drain a full queue
  int64_t retries = 16;             // of one packet, before its queue pair fails
  PathsDescription paths;           // one path when kind is roce and none is given
  int64_t qps = 1;          // queue pairs per pair of nodes; a flow is split evenly over them
  int64_t psn_range = 512;  // packet numbers a receiver tracks at a time; a power of two
};

// --- workload ----------------------------------------------------------------------------------

enum class WorkloadKind : uint8_t { kPermutation, kIncast, kAllToAll, kVictim, kMatrix };
// Unit of non-zero `start` values in a .cm file: see htsim_matrix.h.
enum class MatrixStartUnit : uint8_t { kMicroseconds, kPicoseconds };

struct WorkloadDescription {
  WorkloadKind kind = WorkloadKind::kPermutation;
  FilePath matrix;  // htsim .cm file; overrides kind
  MatrixStartUnit matrix_start_unit = MatrixStartUnit::kMicroseconds;
  Bytes bytes = Bytes(2'000'000);        // of each flow
  int64_t fan_in = 8;                    // incast, victim: senders to one destination
  std::vector<int64_t> sources;          // incast, victim: the senders; empty: drawn from the seed
  int64_t destination = 0;               // incast, victim: the receiver
  int64_t parallel = 1;                  // all-to-all: flows a node has open at once
  std::optional<int64_t> victim_source;  // auto: the first idle node on another leaf
  std::optional<int64_t> victim_destination;  // auto: a neighbour of destination on its leaf
  std::optional<Bytes> victim_bytes;          // auto: bytes
  Duration start;                             // of the first flows
};

// --- the whole ---------------------------------------------------------------------------------

struct LimitsDescription {
  std::optional<Duration> time;  // auto: until all flows are complete or have failed
  std::optional<Bytes> memory;   // auto: no limit
};

struct OutputDescription {
  std::optional<Duration> series_interval;  // auto: at most 256 samples, merged as time goes on
  std::vector<LinkSelector> series_queues;  // queues in the series; empty: only the busiest
  std::vector<int64_t> trace_flows;         // flows whose packets are traced; empty: none
};

struct NetworkDescription {
  std::string kind = "network";
  std::string name = "network";
  std::string description;
  int64_t seed = 1;
  int64_t threads = 1;  // no result depends on it
  FabricDescription fabric;
  std::vector<FaultDescription> faults;
  TransportDescription transport;
  WorkloadDescription workload;
  LimitsDescription limits;
  OutputDescription output;
};

// The names users write.
std::string_view to_string(Shape value);
std::string_view to_string(Discipline value);
std::string_view to_string(FaultKind value);
std::string_view to_string(LinkGroup value);
std::string_view to_string(SwitchTier value);
std::string_view to_string(TransportKind value);
std::string_view to_string(Congestion value);
std::string_view to_string(PathSelection value);
std::string_view to_string(WorkloadKind value);

void describe(scenario::Visitor& visitor, QueueDescription& queue);
void describe(scenario::Visitor& visitor, FabricDescription& fabric);
void describe(scenario::Visitor& visitor, LinkSelector& selector);
void describe(scenario::Visitor& visitor, FaultDescription& fault);
void describe(scenario::Visitor& visitor, PathsDescription& paths);
void describe(scenario::Visitor& visitor, TransportDescription& transport);
void describe(scenario::Visitor& visitor, WorkloadDescription& workload);
void describe(scenario::Visitor& visitor, LimitsDescription& limits);
void describe(scenario::Visitor& visitor, OutputDescription& output);
void describe(scenario::Visitor& visitor, NetworkDescription& network);

}  // namespace windtunnel::study
