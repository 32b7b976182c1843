// What a user says about a collective on the packet network: the structs behind
// `kind: collective`. Fabric, faults, transport, limits and output are those of `kind: network`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cluster/collectives.h"
#include "study/network_description.h"

namespace windtunnel::study {

enum class RankPlacement : uint8_t { kPacked, kScattered, kList };

// `auto` of the algorithm is the usual one of the operation (cluster::algorithms_of).
struct CollectiveSection {
  cluster::Operation operation = cluster::Operation::kAllReduce;
  std::optional<cluster::Algorithm> algorithm;
  cluster::Algorithm inner = cluster::Algorithm::kRing;
  cluster::Algorithm within = cluster::Algorithm::kDirect;
  int64_t ranks = 64;
  std::optional<int64_t> ranks_per_server;  // auto: server.gpus
  Bytes bytes = Bytes::mib(64);             // of a rank's buffer
  Bytes chunk = Bytes::kib(128);            // most bytes of a message; 0: no limit
  int64_t channels = 1;
  int64_t window = 8;
  int64_t slices = 4;
  int64_t root = 0;
  RankPlacement placement = RankPlacement::kPacked;
  std::vector<int64_t> gpus;  // kList: the GPU of each rank
  int64_t iterations = 1;
};

// Traffic of others on the same NICs and switches.
struct BackgroundSection {
  Ratio share{0, 1};               // of each NIC's rate
  Bytes bytes = Bytes(1'000'000);  // of a message
};

struct DmaDescription {
  Duration send_latency = Duration::ns(500);
  Duration receive_latency = Duration::ns(300);
  std::optional<Rate> read_rate;  // auto: never the limit
  std::optional<Rate> write_rate;
};

struct ServerDescription {
  int64_t gpus = 8;
  int64_t nics = 8;
  Rate gpu_rate = Rate::gbps(3000);
  Duration gpu_latency = Duration::ns(600);
  DmaDescription dma;
};

struct CollectiveDescription {
  std::string kind = "collective";
  std::string name = "collective";
  std::string description;
  int64_t seed = 1;
  int64_t threads = 1;
  CollectiveSection collective;
  BackgroundSection background;
  ServerDescription server;
  FabricDescription fabric;
  std::vector<FaultDescription> faults;
  TransportDescription transport;
  LimitsDescription limits;
  OutputDescription output;
};

void describe(scenario::Visitor& visitor, CollectiveSection& collective);
void describe(scenario::Visitor& visitor, BackgroundSection& background);
void describe(scenario::Visitor& visitor, DmaDescription& dma);
void describe(scenario::Visitor& visitor, ServerDescription& server);
void describe(scenario::Visitor& visitor, CollectiveDescription& description);

}  // namespace windtunnel::study
