// What moves in a server, operation by operation, as the hardware does it: doorbells, descriptors,
// payload, completions each occupy the lanes they cross, so network and storage traffic contend.
//
//   copy       the source writes to the sink (push) or the sink reads (pull)
//   send       doorbell, the NIC reads its descriptor, reads the payload and puts it on its cable,
//              writes a completion; to a part of another server the payload is placed there
//   receive    from the cable, placed by the NIC; completion
//   ssd-read   doorbell, the drive reads the command, looks its flash up, writes the data, then a
//              completion
//   ssd-write  the same with the drive reading the data
//   remote-read  a command travels to the other server, whose drive answers through its NIC
//
// With `bounce` data stops in host memory on the way, and the sink (or the NIC) reads it there.
// Each flow keeps `queue_depth` operations going, one after the other.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "des/quantile_sketch.h"
#include "node/host_machine.h"

namespace windtunnel::node {

inline constexpr Bytes kDoorbell = Bytes(8);
inline constexpr Bytes kDescriptor = Bytes(64);  // work queue entry, NVMe submission entry
inline constexpr Bytes kCompletion = Bytes(64);  // completion queue entry of a NIC
inline constexpr Bytes kSsdCompletion = Bytes(16);
inline constexpr Bytes kCommandCapsule = Bytes(128);  // NVMe over fabrics: command and its keys

enum class TrafficKind : uint8_t {
  kCopyPush,
  kCopyPull,
  kSend,
  kReceive,
  kSsdRead,
  kSsdWrite,
  kRemoteRead,
};

struct HostFlowSpec {
  std::string name;
  TrafficKind kind = TrafficKind::kCopyPush;
  uint32_t from = 0;                       // vertices; the network's for receive
  uint32_t to = 0;                         // the network's for a send that leaves the model
  uint32_t nic = HostModel::kNone;         // of the part that is here
  uint32_t nic_remote = HostModel::kNone;  // send to, and read from, another server
  bool bounce = false;                     // in the host memory beside the part that is here
  bool bounce_remote = false;  // remote-read: the drive's data stops in the memory over there
  Bytes block = Bytes::mib(1);
  int64_t queue_depth = 8;
  int64_t operations = 0;  // 0: until the run ends
  Duration start;
  Duration software;         // before each operation: driver, file system
  Duration software_remote;  // remote-read: at the other server
};

struct HostFlowResult {
  std::string name;
  int64_t operations = 0;       // completed while measured
  Rate rate;                    // between the first and the last of them; zero with fewer than two
  des::QuantileSketch latency;  // seconds
  double latency_mean = 0;
};

// Flows on a machine. Made before the run; the machine must outlive it.
class HostWorkload {
 public:
  explicit HostWorkload(HostMachine& machine);
  ~HostWorkload();
  HostWorkload(const HostWorkload&) = delete;
  HostWorkload& operator=(const HostWorkload&) = delete;

  // Error: the policy leaves no way, or a part cannot do what is asked of it.
  base::Status add(const HostFlowSpec& spec);
  // Spawns everything.
  void start();
  // What completes from now on counts; statistics of lanes start again.
  void measure();
  std::vector<HostFlowResult> results() const;
  // Every flow has a number of operations and has done them.
  bool done() const;
  des::Kernel& kernel() { return machine_->kernel(); }

 private:
  struct Action;
  struct Flow;
  class Compiler;
  des::Process work(Flow& flow);
  static uint32_t payload_route(const std::vector<Action>& actions);

  HostMachine* machine_;
  std::vector<std::unique_ptr<Flow>> flows_;
  // Drives and NICs begin one command or message at a time: when each may begin the next.
  std::vector<base::Time> slots_;
  base::Time measure_from_;
};

}  // namespace windtunnel::node
