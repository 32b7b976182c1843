#include "study/validation_sets.h"

namespace windtunnel::study {

NetworkDescription set_a(int64_t nodes) {
  NetworkDescription d;
  d.name = "set A";
  d.fabric.nodes = nodes;
  d.fabric.link_rate = Rate::gbps(100);
  d.transport.mtu = Bytes(4'150);
  d.transport.paths.selection = PathSelection::kOblivious;
  d.transport.paths.count = 128;
  return d;
}

NetworkDescription permutation_400g(int64_t nodes) {
  NetworkDescription d;
  d.name = "permutation at 400 Gb/s";
  d.fabric.nodes = nodes;
  d.transport.paths.selection = PathSelection::kOblivious;
  d.transport.paths.count = 256;
  return d;
}

NetworkDescription oversubscribed_leaf_spine() {
  NetworkDescription d = set_a(1'024);
  d.fabric.shape = Shape::kLeafSpine;
  d.fabric.nodes_per_leaf = 32;
  d.fabric.oversubscription = Ratio{4, 1};
  return d;
}

NetworkDescription leaf_spine_8192(int64_t flow_bytes) {
  NetworkDescription d = permutation_400g(8'192);
  d.name = "leaf-spine of 8,192 nodes";
  d.fabric.shape = Shape::kLeafSpine;
  d.fabric.nodes_per_leaf = 64;
  d.fabric.queue.capacity = DataAmount::packets(100);
  d.fabric.queue.ecn_low = DataAmount::packets(25);
  d.fabric.queue.ecn_high = DataAmount::packets(75);
  d.transport.window = DataAmount::packets(150);
  d.transport.paths.count = 128;
  d.transport.mtu = Bytes(4'150);
  d.workload.bytes = Bytes(flow_bytes);
  return d;
}

NetworkDescription reps_set_b(int64_t nodes, int64_t nodes_per_leaf) {
  NetworkDescription d;
  d.name = "REPS set B";
  d.fabric.shape = Shape::kLeafSpine;
  d.fabric.nodes = nodes;
  d.fabric.nodes_per_leaf = nodes_per_leaf;
  d.fabric.queue.capacity = DataAmount::packets(100);
  d.fabric.queue.ecn_low = DataAmount::packets(25);
  d.fabric.queue.ecn_high = DataAmount::packets(76);
  d.transport.congestion = Congestion::kDctcp;
  d.transport.window = DataAmount::packets(151);
  d.transport.mtu = Bytes(4'160);
  d.transport.ack_every = DataAmount::packets(1);
  d.workload.bytes = Bytes(8 << 20);
  return d;
}

NetworkDescription reps_set_c() {
  NetworkDescription d = reps_set_b(128, 4);
  d.name = "REPS set C";
  d.fabric.shape = Shape::kFatTree;
  d.fabric.nodes_per_leaf = {};
  d.fabric.queue.ecn_low = DataAmount::packets(20);
  d.fabric.queue.ecn_high = DataAmount::packets(80);
  return d;
}

NetworkDescription with_dead_cable(NetworkDescription d) {
  FaultDescription fault;
  fault.kind = FaultKind::kLinkDown;
  fault.at = Duration::ns(1'400);
  fault.links = {LinkGroup::kTorUp, 0, 0};
  d.faults = {fault};
  return d;
}

NetworkDescription mrc_testbed() {
  NetworkDescription d;
  d.name = "MRC testbed";
  d.fabric.shape = Shape::kLeafSpine;
  d.fabric.nodes = 16;
  d.fabric.nodes_per_leaf = 4;
  d.fabric.link_latency = Duration::ns(500);
  d.transport.mtu = Bytes(4'202);
  d.transport.header = Bytes(106);
  return d;
}

NetworkDescription mrc_point_to_point(int64_t paths) {
  NetworkDescription d = mrc_testbed();
  d.fabric.planes = 8;
  d.fabric.link_rate = Rate::gbps(100);
  d.transport.mtu = Bytes(4'262);
  d.transport.header = Bytes(166);
  d.transport.paths.count = paths;
  d.workload.kind = WorkloadKind::kIncast;
  d.workload.sources = {0};
  d.workload.destination = 4;
  d.workload.bytes = Bytes(64'000'000);
  return d;
}

NetworkDescription with_roce(NetworkDescription d, int64_t queue_pairs, Congestion congestion) {
  d.fabric.queue.discipline = Discipline::kPfc;
  TransportDescription roce;
  roce.kind = TransportKind::kRoce;
  roce.mtu = d.transport.mtu;
  roce.header = d.transport.header;
  roce.congestion = congestion;
  roce.qps = queue_pairs;
  roce.paths = {PathSelection::kOnePath, 1};
  d.transport = roce;
  return d;
}

ConnectionMatrix one_to_one(uint32_t nodes, const std::vector<std::pair<uint32_t, uint32_t>>& pairs,
                            int64_t bytes) {
  ConnectionMatrix matrix;
  matrix.nodes = nodes;
  for (const auto& [from, to] : pairs) {
    Connection connection;
    connection.src = from;
    connection.dst = to;
    connection.bytes = bytes;
    matrix.connections.push_back(connection);
  }
  return matrix;
}

}  // namespace windtunnel::study
