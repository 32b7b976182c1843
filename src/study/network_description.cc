#include "study/network_description.h"

#include "scenario/visitor.h"

namespace windtunnel::scenario {

using study::Congestion;
using study::Discipline;
using study::FaultKind;
using study::LinkGroup;
using study::MatrixStartUnit;
using study::PathSelection;
using study::Shape;
using study::SwitchTier;
using study::TransportKind;
using study::WorkloadKind;

template <>
struct EnumNames<Shape> {
  static constexpr std::array<EnumName<Shape>, 3> kNames = {
      {{Shape::kFatTree, "fat-tree"},
       {Shape::kLeafSpine, "leaf-spine"},
       {Shape::kRailOptimised, "rail-optimised"}}};
};
template <>
struct EnumNames<Discipline> {
  static constexpr std::array<EnumName<Discipline>, 3> kNames = {
      {{Discipline::kTrimming, "trimming"},
       {Discipline::kTailDrop, "tail-drop"},
       {Discipline::kPfc, "pfc"}}};
};
template <>
struct EnumNames<FaultKind> {
  static constexpr std::array<EnumName<FaultKind>, 4> kNames = {
      {{FaultKind::kLinkDown, "link-down"},
       {FaultKind::kDegraded, "degraded"},
       {FaultKind::kLoss, "loss"},
       {FaultKind::kSwitchDead, "switch-dead"}}};
};
template <>
struct EnumNames<LinkGroup> {
  static constexpr std::array<EnumName<LinkGroup>, 6> kNames = {
      {{LinkGroup::kHostUp, "host-up"},
       {LinkGroup::kTorDown, "tor-down"},
       {LinkGroup::kTorUp, "tor-up"},
       {LinkGroup::kAggDown, "agg-down"},
       {LinkGroup::kAggUp, "agg-up"},
       {LinkGroup::kCoreDown, "core-down"}}};
};
template <>
struct EnumNames<SwitchTier> {
  static constexpr std::array<EnumName<SwitchTier>, 3> kNames = {
      {{SwitchTier::kTor, "tor"}, {SwitchTier::kAgg, "agg"}, {SwitchTier::kCore, "core"}}};
};
template <>
struct EnumNames<TransportKind> {
  static constexpr std::array<EnumName<TransportKind>, 2> kNames = {
      {{TransportKind::kBraid, "braid"}, {TransportKind::kRoce, "roce"}}};
};
template <>
struct EnumNames<Congestion> {
  static constexpr std::array<EnumName<Congestion>, 6> kNames = {
      {{Congestion::kNscc, "nscc"},
       {Congestion::kRccc, "rccc"},
       {Congestion::kNsccRccc, "nscc+rccc"},
       {Congestion::kDctcp, "dctcp"},
       {Congestion::kDcqcn, "dcqcn"},
       {Congestion::kConstant, "constant"}}};
};
template <>
struct EnumNames<PathSelection> {
  static constexpr std::array<EnumName<PathSelection>, 6> kNames = {
      {{PathSelection::kOnePath, "one-path"},
       {PathSelection::kOblivious, "oblivious"},
       {PathSelection::kBitmap, "bitmap"},
       {PathSelection::kReps, "reps"},
       {PathSelection::kMixed, "mixed"},
       {PathSelection::kBraid, "braid"}}};
};
template <>
struct EnumNames<WorkloadKind> {
  static constexpr std::array<EnumName<WorkloadKind>, 5> kNames = {
      {{WorkloadKind::kPermutation, "permutation"},
       {WorkloadKind::kIncast, "incast"},
       {WorkloadKind::kAllToAll, "all-to-all"},
       {WorkloadKind::kVictim, "victim"},
       {WorkloadKind::kMatrix, "matrix"}}};
};
template <>
struct EnumNames<MatrixStartUnit> {
  static constexpr std::array<EnumName<MatrixStartUnit>, 2> kNames = {
      {{MatrixStartUnit::kMicroseconds, "us"}, {MatrixStartUnit::kPicoseconds, "ps"}}};
};

}  // namespace windtunnel::scenario

namespace windtunnel::study {

using scenario::enum_text;
using scenario::Visitor;

std::string_view to_string(Shape value) { return enum_text(value); }
std::string_view to_string(Discipline value) { return enum_text(value); }
std::string_view to_string(FaultKind value) { return enum_text(value); }
std::string_view to_string(LinkGroup value) { return enum_text(value); }
std::string_view to_string(SwitchTier value) { return enum_text(value); }
std::string_view to_string(TransportKind value) { return enum_text(value); }
std::string_view to_string(Congestion value) { return enum_text(value); }
std::string_view to_string(PathSelection value) { return enum_text(value); }
std::string_view to_string(WorkloadKind value) { return enum_text(value); }

void describe(Visitor& visitor, QueueDescription& queue) {
  visitor.key({.name = "discipline",
               .meaning = "What a full queue does: cut packets down to their header, drop them, or "
                          "pause the sender before it comes to that"},
              queue.discipline);
  visitor.key({.name = "capacity",
               .meaning = "Data held per output port",
               .min = "1 B",
               .max = "4 GiB",
               .automatic = "1 BDP with trimming or pfc, 2 BDP with tail-drop (BDP = base_rtt x "
                            "link_rate in whole packets, rounded up)"},
              queue.capacity);
  visitor.key({.name = "ecn", .meaning = "Mark data packets between the two thresholds"},
              queue.ecn);
  visitor.key({.name = "ecn_low",
               .meaning = "Nothing is marked up to here; linear from here to ecn_high",
               .min = "0 B",
               .max = "4 GiB",
               .automatic = "20 % of 1 BDP in whole packets, rounded up"},
              queue.ecn_low);
  visitor.key({.name = "ecn_high",
               .meaning = "Everything is marked above",
               .min = "0 B",
               .max = "4 GiB",
               .automatic = "80 % of 1 BDP in whole packets, rounded up"},
              queue.ecn_high);
  visitor.key({.name = "ecn_last_hop",
               .meaning = "Whether ports that face nodes mark too",
               .automatic = "false when receiver credits (rccc) are on, else true"},
              queue.ecn_last_hop);
  visitor.key({.name = "trim_size",
               .meaning = "What is left of a trimmed packet",
               .min = "16 B",
               .max = "4 KiB"},
              queue.trim_size);
  visitor.key({.name = "control_capacity",
               .meaning = "Acknowledgements, credits and trimmed packets held per output port",
               .min = "1 B",
               .max = "4 GiB",
               .automatic = "twice capacity"},
              queue.control_capacity);
  visitor.key({.name = "pfc_xoff",
               .meaning = "pfc: the upstream link is paused above this much of its data",
               .min = "1 B",
               .max = "4 GiB",
               .automatic = "half of capacity"},
              queue.pfc_xoff);
  visitor.key({.name = "pfc_xon",
               .meaning = "pfc: a paused link goes on below this",
               .min = "0 B",
               .max = "4 GiB",
               .automatic = "half of pfc_xoff"},
              queue.pfc_xon);
}

namespace {

void describe_links(Visitor& visitor, FabricDescription& fabric) {
  visitor.key({.name = "link_rate", .meaning = "Of every link", .min = "1 Mbps", .max = "100 Tbps"},
              fabric.link_rate);
  visitor.key({.name = "link_latency",
               .meaning = "Propagation along every link. Also the window in which partitions run "
                          "apart, so tiny values run slowly",
               .min = "1 ns",
               .max = "4 ms"},
              fabric.link_latency);
  visitor.key({.name = "switch_latency",
               .meaning = "Added to every packet in every switch",
               .min = "0 ns",
               .max = "10 ms"},
              fabric.switch_latency);
}

}  // namespace

namespace {

void describe_shape(Visitor& visitor, FabricDescription& fabric) {
  visitor.key({.name = "shape",
               .meaning = "How switches are connected. fat-tree: all switches have the same number "
                          "of ports. leaf-spine: every leaf is linked to every spine. "
                          "rail-optimised: leaf-spine where NIC i of each server of a group "
                          "attaches to the group's leaf i"},
              fabric.shape);
  visitor.key({.name = "topology",
               .meaning = "htsim .topo file instead of shape, nodes, tiers, oversubscription, "
                          "radix, nodes_per_leaf, rails, link_rate and both latencies"},
              fabric.topology);
  visitor.key({.name = "nodes",
               .meaning = "Hosts, one NIC each. A fat tree of radix k holds k^3/4 in three tiers, "
                          "k^2/2 in two, or fewer whole pods of k^2/4 (leaves of k/2)",
               .min = "2",
               .max = "524288"},
              fabric.nodes);
  visitor.key({.name = "tiers",
               .meaning = "Layers of switches of a fat tree; the other shapes have 2",
               .min = "2",
               .max = "3"},
              fabric.tiers);
  visitor.key({.name = "oversubscription",
               .meaning = "Capacity towards the nodes over capacity upwards at the lowest "
                          "switches: 4 and 4:1 mean the same",
               .min = "1",
               .max = "64"},
              fabric.oversubscription);
  visitor.key({.name = "radix",
               .meaning = "Ports of a switch",
               .min = "2",
               .max = "4096",
               .automatic = "fat-tree: the smallest even one whose tree these nodes fill, or at "
                            "least a quarter of it. Other shapes: as many as nodes_per_leaf needs"},
              fabric.radix);
  visitor.key(
      {.name = "nodes_per_leaf",
       .meaning = "leaf-spine, rail-optimised: nodes on one leaf switch",
       .min = "1",
       .max = "4095",
       .automatic = "from radix if given; else the smallest divisor of nodes with at most twice "
                    "as many leaves; rail-optimised: the largest divisor of the servers up "
                    "to 64"},
      fabric.nodes_per_leaf);
  visitor.key({.name = "rails",
               .meaning = "rail-optimised: NICs (nodes) per server",
               .min = "1",
               .max = "64"},
              fabric.rails);
}

}  // namespace

void describe(Visitor& visitor, FabricDescription& fabric) {
  describe_shape(visitor, fabric);
  visitor.key({.name = "planes",
               .meaning = "Independent copies of the whole fabric; a node has one link into each, "
                          "so it sends at planes x link_rate. 1, 2, 4 or 8",
               .min = "1",
               .max = "8"},
              fabric.planes);
  describe_links(visitor, fabric);
  visitor.key({.name = "queue", .meaning = "The queue in front of every link of a switch"},
              fabric.queue);
}

void describe(Visitor& visitor, LinkSelector& selector) {
  visitor.key({.name = "link",
               .meaning = "A group of links, each one direction of a cable, named by the end that "
                          "sends. agg-down is what the spine of a two-tier fabric sends"},
              selector.link);
  visitor.key({.name = "switch",
               .meaning = "Lower end of the cable: index of the node (host-up, tor-down), of the "
                          "top-of-rack switch (tor-up, agg-down) or of the aggregation switch "
                          "(agg-up, core-down), plane by plane",
               .min = "0",
               .max = "1048575",
               .automatic = "all of them"},
              selector.unit);
  visitor.key({.name = "port",
               .meaning = "Upward port of that lower end; the plane for a node",
               .min = "0",
               .max = "4095",
               .automatic = "all of them"},
              selector.port);
}

void describe(Visitor& visitor, FaultDescription& fault) {
  visitor.key({.name = "kind",
               .meaning = "link-down: nothing gets through. degraded: part of the rate, queue and "
                          "ECN thresholds are left. loss: packets vanish at random. switch-dead: "
                          "all links of a switch are down"},
              fault.kind);
  visitor.key({.name = "at", .meaning = "Simulated time it begins", .min = "0 ns"}, fault.at);
  visitor.key(
      {.name = "until", .meaning = "Simulated time it ends", .min = "0 ns", .automatic = "never"},
      fault.until);
  describe(visitor, fault.links);
  visitor.key(
      {.name = "count",
       .meaning = "Instead of switch and port: the first N links of the group, in the order "
                  "of their lower ends (index, then upward port)",
       .min = "1",
       .max = "1048576",
       .automatic = "as switch and port say"},
      fault.count);
  visitor.key({.name = "both_directions", .meaning = "Also the opposite direction of each cable"},
              fault.both_directions);
  visitor.key({.name = "tier", .meaning = "switch-dead: tier of the switch that `switch` numbers"},
              fault.tier);
  visitor.key({.name = "rate",
               .meaning = "degraded: share of the rate that is left",
               .min = "1 ppm",
               .max = "100 %"},
              fault.rate);
  visitor.key({.name = "loss",
               .meaning = "loss: share of packets that vanish",
               .min = "0 %",
               .max = "100 %"},
              fault.loss);
}

void describe(Visitor& visitor, PathsDescription& paths) {
  visitor.key({.name = "selection",
               .meaning = "one-path: one random path for good. oblivious: all in turn, order "
                          "redrawn each round. bitmap: oblivious, skipping paths with marks. reps: "
                          "reuse of what was acknowledged without marks. mixed: reps, then bitmap. "
                          "braid: reps, then healthy paths balanced over planes. kind roce takes "
                          "one-path only and has it as its default"},
              paths.selection);
  visitor.key({.name = "count",
               .meaning = "Paths (entropy values) per queue pair: a power of two",
               .min = "1",
               .max = "256"},
              paths.count);
}

namespace {

void describe_rates(Visitor& visitor, TransportDescription& transport) {
  visitor.key({.name = "window",
               .meaning = "Data in flight that a queue pair starts with; with constant, for good. "
                          "It grows to 1.5 BDP at most",
               .min = "1 B",
               .max = "1 GiB",
               .automatic = "1.5 BDP"},
              transport.window);
  visitor.key({.name = "base_rtt",
               .meaning = "Round trip without queues that congestion control assumes",
               .min = "1 ns",
               .max = "1 s",
               .automatic = "of the longest path: latencies, one full packet out, one "
                            "acknowledgement back"},
              transport.base_rtt);
  visitor.key({.name = "target_delay",
               .meaning = "nscc: queueing delay to aim at",
               .min = "1 ns",
               .max = "1 s",
               .automatic = "75 % of base_rtt with trimming, else base_rtt"},
              transport.target_delay);
  visitor.key({.name = "ack_every",
               .meaning = "Data received, headers included, per acknowledgement; `1 packet` for "
                          "every packet",
               .min = "1 B",
               .max = "1 GiB",
               .automatic = "every packet with reps, mixed and braid, which learn from "
                            "acknowledgements; else 16384 B"},
              transport.ack_every);
  visitor.key({.name = "rto_min",
               .meaning = "Shortest retransmission timeout",
               .min = "1 us",
               .max = "10 s",
               .automatic = "15 us + six times the time to send a full queue; roce: 1.05 ms "
                            "(4.096 us x 2^8)"},
              transport.rto_min);
  visitor.key({.name = "retries",
               .meaning = "Timeouts in a row without progress before a queue pair fails",
               .min = "1",
               .max = "63"},
              transport.retries);
}

}  // namespace

void describe(Visitor& visitor, TransportDescription& transport) {
  visitor.key({.name = "kind",
               .meaning = "braid: multi-path, selective retransmission. roce: RoCEv2 as the "
                          "baseline, one path per queue pair, go-back-N"},
              transport.kind);
  visitor.key({.name = "mtu",
               .meaning = "A full data packet on the link, header included",
               .min = "80 B",
               .max = "65535 B"},
              transport.mtu);
  visitor.key({.name = "header", .meaning = "Header within mtu", .min = "16 B", .max = "1 KiB"},
              transport.header);
  visitor.key(
      {.name = "congestion",
       .meaning = "nscc: sender window from delay, marks and trims. rccc: receiver credits. "
                  "nscc+rccc: both. dctcp: a baseline. constant: a fixed window. kind roce has "
                  "dcqcn, its default, or constant: the link's rate"},
      transport.congestion);
  describe_rates(visitor, transport);
  visitor.key({.name = "paths", .meaning = "How packets spread over the fabric"}, transport.paths);
  visitor.key({.name = "qps",
               .meaning = "Queue pairs per pair of nodes; a flow is split evenly over them",
               .min = "1",
               .max = "64"},
              transport.qps);
  visitor.key({.name = "psn_range",
               .meaning = "Packet numbers tracked per direction: a power of two",
               .min = "128",
               .max = "2048"},
              transport.psn_range);
}

namespace {

void describe_incast(Visitor& visitor, WorkloadDescription& workload) {
  visitor.key({.name = "fan_in",
               .meaning = "incast, victim: senders to one destination; the number of sources when "
                          "these are given",
               .min = "1",
               .max = "524287"},
              workload.fan_in);
  visitor.key({.name = "sources",
               .meaning = "incast, victim: the senders. Empty: fan_in of them drawn from the seed",
               .min = "0",
               .max = "524287"},
              workload.sources);
  visitor.key({.name = "destination",
               .meaning = "incast, victim: the receiver",
               .min = "0",
               .max = "524287"},
              workload.destination);
  visitor.key(
      {.name = "victim_source",
       .meaning = "victim: sender of the flow that shares no end with the incast",
       .min = "0",
       .max = "524287",
       .automatic = "the first node outside the destination's switch that sends nothing else"},
      workload.victim_source);
  visitor.key({.name = "victim_destination",
               .meaning = "victim: its receiver",
               .min = "0",
               .max = "524287",
               .automatic = "a neighbour of destination on the same switch"},
              workload.victim_destination);
  visitor.key({.name = "victim_bytes",
               .meaning = "victim: size of its flow",
               .min = "1 B",
               .automatic = "bytes"},
              workload.victim_bytes);
}

}  // namespace

void describe(Visitor& visitor, WorkloadDescription& workload) {
  visitor.key({.name = "kind",
               .meaning = "permutation: every node sends to another. incast: fan_in nodes send to "
                          "one. all-to-all: every node sends to every other. victim: an incast, "
                          "and a flow to a neighbour of its destination. matrix: from a file"},
              workload.kind);
  visitor.key({.name = "matrix", .meaning = "htsim .cm file; given, kind is matrix"},
              workload.matrix);
  visitor.key({.name = "matrix_start_unit",
               .meaning = "Unit of `start` in the .cm file: us as htsim_uec reads it, ps as its "
                          "generators write it"},
              workload.matrix_start_unit);
  visitor.key({.name = "bytes", .meaning = "Payload of each flow", .min = "1 B"}, workload.bytes);
  describe_incast(visitor, workload);
  visitor.key({.name = "parallel",
               .meaning = "all-to-all: flows a node has open at a time",
               .min = "1",
               .max = "524287"},
              workload.parallel);
  visitor.key(
      {.name = "start", .meaning = "When the first flows begin", .min = "0 ns", .max = "100 s"},
      workload.start);
}

void describe(Visitor& visitor, LimitsDescription& limits) {
  visitor.key({.name = "time",
               .meaning = "Simulated time after which the run stops, complete or not",
               .min = "1 ns",
               .automatic = "when every flow is complete or has failed"},
              limits.time);
  visitor.key({.name = "memory",
               .meaning = "Estimated memory above which the run is refused",
               .min = "1 MiB",
               .automatic = "what this machine has"},
              limits.memory);
}

void describe(Visitor& visitor, OutputDescription& output) {
  visitor.key({.name = "series_interval",
               .meaning = "Simulated time between samples of the time series, in whole link "
                          "latencies. Beyond 4096 samples neighbours are merged and it doubles",
               .min = "1 ns",
               .automatic = "every link latency (a large network: every few), merged to at most "
                            "256 samples"},
              output.series_interval);
  visitor.key(
      {.name = "series_queues", .meaning = "Queues in the time series. Empty: the busiest only"},
      output.series_queues);
  visitor.key({.name = "trace_flows",
               .meaning = "Flows (counted from 0) whose packets are traced. Empty: none",
               .min = "0"},
              output.trace_flows);
}

void describe(Visitor& visitor, NetworkDescription& network) {
  visitor.key({.name = "kind", .meaning = "What is simulated: network"}, network.kind);
  visitor.key({.name = "name", .meaning = "Short name of the scenario, for reports"}, network.name);
  visitor.key({.name = "description", .meaning = "The question it answers"}, network.description);
  visitor.key({.name = "seed",
               .meaning = "Everything random derives from it: same seed, same bytes",
               .min = "0"},
              network.seed);
  visitor.key({.name = "threads",
               .meaning = "Threads to run with; no result depends on it",
               .min = "1",
               .max = "1024"},
              network.threads);
  visitor.key({.name = "fabric", .meaning = "Switches, links and queues"}, network.fabric);
  visitor.key({.name = "faults", .meaning = "What breaks, and when"}, network.faults);
  visitor.key({.name = "transport", .meaning = "What the NICs speak"}, network.transport);
  visitor.key({.name = "workload", .meaning = "What the nodes send"}, network.workload);
  visitor.key({.name = "limits", .meaning = "When a run ends early"}, network.limits);
  visitor.key({.name = "output", .meaning = "What is recorded besides the summary"},
              network.output);
}

}  // namespace windtunnel::study
