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

}  // namespace windtunnel::study
