#include "study/collective_description.h"

#include "scenario/visitor.h"

namespace windtunnel::scenario {

using cluster::Algorithm;
using cluster::Operation;
using study::RankPlacement;

template <>
struct EnumNames<Operation> {
  static constexpr std::array<EnumName<Operation>, 6> kNames = {
      {{Operation::kAllReduce, "all-reduce"},
       {Operation::kReduceScatter, "reduce-scatter"},
       {Operation::kAllGather, "all-gather"},
       {Operation::kAllToAll, "all-to-all"},
       {Operation::kBroadcast, "broadcast"},
       {Operation::kSend, "send"}}};
};
template <>
struct EnumNames<Algorithm> {
  static constexpr std::array<EnumName<Algorithm>, 8> kNames = {
      {{Algorithm::kRing, "ring"},
       {Algorithm::kTree, "tree"},
       {Algorithm::kHalvingDoubling, "halving-doubling"},
       {Algorithm::kHierarchical, "hierarchical"},
       {Algorithm::kRailAligned, "rail-aligned"},
       {Algorithm::kDirect, "direct"},
       {Algorithm::kBinomial, "binomial"},
       {Algorithm::kChain, "chain"}}};
};
template <>
struct EnumNames<RankPlacement> {
  static constexpr std::array<EnumName<RankPlacement>, 3> kNames = {
      {{RankPlacement::kPacked, "packed"},
       {RankPlacement::kScattered, "scattered"},
       {RankPlacement::kList, "list"}}};
};

}  // namespace windtunnel::scenario

namespace windtunnel::study {
namespace {

using scenario::Visitor;

void describe_cutting(Visitor& visitor, CollectiveSection& c) {
  visitor.key(
      {.name = "chunk",
       .meaning =
           "Most bytes of a message; 0: no limit. Halving-doubling cuts long messages in two",
       .min = "0 B"},
      c.chunk);
  visitor.key({.name = "channels",
               .meaning = "Independent parts of the buffer, each with its own connections",
               .min = "1",
               .max = "1024"},
              c.channels);
  visitor.key({.name = "window",
               .meaning = "Most unacknowledged messages of a rank and channel, in trees to each "
                          "neighbour, direct: chunks; 0: no limit",
               .min = "0",
               .max = "65536"},
              c.window);
  visitor.key({.name = "slices",
               .meaning = "hierarchical: parts that follow one another through the three stages",
               .min = "1",
               .max = "1024"},
              c.slices);
}

void describe_places(Visitor& visitor, CollectiveSection& c) {
  visitor.key({.name = "root", .meaning = "broadcast: the rank that has the data", .min = "0"},
              c.root);
  visitor.key(
      {.name = "placement",
       .meaning = "packed: ranks fill server after server. scattered: the servers are drawn "
                  "from all, the ranks of a server stay together. list: by `gpus`"},
      c.placement);
  visitor.key({.name = "gpus",
               .meaning = "list: the GPU of each rank; GPUs are numbered server by server",
               .min = "0"},
              c.gpus);
}

}  // namespace

void describe(Visitor& visitor, CollectiveSection& c) {
  visitor.key({.name = "operation", .meaning = "What the ranks do together"}, c.operation);
  visitor.key({.name = "algorithm",
               .meaning = "How: `tree` is two trees at once; `hierarchical` works within servers, "
                          "across them, and within again; `rail-aligned` keeps to a GPU's own rail",
               .automatic = "ring for all-reduce, reduce-scatter and all-gather, direct for "
                            "all-to-all and send, tree for broadcast"},
              c.algorithm);
  visitor.key(
      {.name = "inner", .meaning = "hierarchical, rail-aligned: the algorithm across servers"},
      c.inner);
  visitor.key(
      {.name = "within", .meaning = "hierarchical: the one within a server, direct or ring"},
      c.within);
  visitor.key({.name = "ranks", .meaning = "GPUs that take part", .min = "1", .max = "1048576"},
              c.ranks);
  visitor.key({.name = "ranks_per_server",
               .meaning = "Of these, in one server",
               .min = "1",
               .max = "1024",
               .automatic = "server.gpus"},
              c.ranks_per_server);
  visitor.key({.name = "bytes",
               .meaning = "Of a rank's buffer, as nccl-tests count it (all-gather: of the result)",
               .min = "1 B",
               .max = "1 TiB"},
              c.bytes);
  describe_cutting(visitor, c);
  describe_places(visitor, c);
  visitor.key({.name = "iterations",
               .meaning = "Times it runs, each after all ranks are done with the one before",
               .min = "1",
               .max = "10000"},
              c.iterations);
}

void describe(Visitor& visitor, BackgroundSection& background) {
  visitor.key(
      {.name = "share",
       .meaning = "Share of each NIC's rate that it sends to NICs of other servers besides, "
                  "drawn anew for each message",
       .min = "0 %",
       .max = "90 %"},
      background.share);
  visitor.key({.name = "bytes", .meaning = "Of a message", .min = "1 B", .max = "1 GiB"},
              background.bytes);
}

void describe(Visitor& visitor, DmaDescription& dma) {
  visitor.key({.name = "send_latency",
               .meaning = "Doorbell, descriptor fetch and first payload read",
               .min = "0 ns",
               .max = "1 ms"},
              dma.send_latency);
  visitor.key({.name = "receive_latency",
               .meaning = "Last placement and completion write",
               .min = "0 ns",
               .max = "1 ms"},
              dma.receive_latency);
  visitor.key({.name = "read_rate",
               .meaning = "Payload from GPU to NIC, per NIC",
               .min = "1 Mbps",
               .automatic = "never the limit"},
              dma.read_rate);
  visitor.key({.name = "write_rate",
               .meaning = "Payload from NIC to GPU, per NIC",
               .min = "1 Mbps",
               .automatic = "never the limit"},
              dma.write_rate);
}

void describe(Visitor& visitor, ServerDescription& server) {
  visitor.key({.name = "gpus", .meaning = "GPUs of a server", .min = "1", .max = "1024"},
              server.gpus);
  visitor.key({.name = "nics",
               .meaning = "NICs of a server, each for as many of its GPUs as the others",
               .min = "1",
               .max = "1024"},
              server.nics);
  visitor.key({.name = "gpu_rate",
               .meaning = "Of the fabric between its GPUs: each sends and receives at this rate",
               .min = "1 Mbps"},
              server.gpu_rate);
  visitor.key({.name = "gpu_latency",
               .meaning = "From the first byte sent to the first byte there",
               .min = "1 ns",
               .max = "1 ms"},
              server.gpu_latency);
  visitor.key({.name = "dma", .meaning = "The way between a GPU and its NIC"}, server.dma);
}

void describe(Visitor& visitor, CollectiveDescription& d) {
  visitor.key({.name = "kind", .meaning = "What is simulated: collective"}, d.kind);
  visitor.key({.name = "name", .meaning = "Short name of the scenario, for reports"}, d.name);
  visitor.key({.name = "description", .meaning = "The question it answers"}, d.description);
  visitor.key({.name = "seed",
               .meaning = "Everything random derives from it: same seed, same bytes",
               .min = "0"},
              d.seed);
  visitor.key({.name = "threads",
               .meaning = "Threads to run with; no result depends on it",
               .min = "1",
               .max = "1024"},
              d.threads);
  visitor.key({.name = "collective", .meaning = "What the GPUs do"}, d.collective);
  visitor.key({.name = "background", .meaning = "What others send meanwhile"}, d.background);
  visitor.key({.name = "server", .meaning = "What a server holds"}, d.server);
  visitor.key({.name = "fabric", .meaning = "Switches, links and queues; its nodes are the NICs"},
              d.fabric);
  visitor.key({.name = "faults", .meaning = "What breaks, and when"}, d.faults);
  visitor.key({.name = "transport", .meaning = "What the NICs speak"}, d.transport);
  visitor.key({.name = "limits", .meaning = "When a run ends early"}, d.limits);
  visitor.key({.name = "output", .meaning = "What is recorded besides the summary"}, d.output);
}

}  // namespace windtunnel::study
