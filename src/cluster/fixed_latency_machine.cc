#include "cluster/fixed_latency_machine.h"

#include <algorithm>
#include <array>
#include <vector>

#include "des/simulation.h"

namespace windtunnel::cluster {
namespace {

using base::Duration;
using base::Time;

constexpr uint32_t kNone = 0xffffffff;

// Messages that wait for a port, most urgent priority first, in order within one.
class PortQueue {
 public:
  bool empty() const { return waiting_ == 0; }
  void push(uint8_t priority, uint32_t message, std::vector<uint32_t>& next) {
    auto lane = std::find_if(lanes_.begin(), lanes_.end(),
                             [&](const Lane& l) { return l.priority >= priority; });
    if (lane == lanes_.end() || lane->priority != priority) {
      lane = lanes_.insert(lane, Lane{priority, kNone, kNone});
    }
    next[message] = kNone;
    (lane->first == kNone ? lane->first : next[lane->last]) = message;
    lane->last = message;
    ++waiting_;
  }
  uint32_t pop(const std::vector<uint32_t>& next) {
    const auto lane =
        std::find_if(lanes_.begin(), lanes_.end(), [](const Lane& l) { return l.first != kNone; });
    const uint32_t message = lane->first;
    lane->first = next[message];
    --waiting_;
    return message;
  }

 private:
  struct Lane {
    uint8_t priority;
    uint32_t first;
    uint32_t last;
  };
  std::vector<Lane> lanes_;  // by priority; a lane once used stays
  uint32_t waiting_ = 0;
};

struct Port {
  Time send_free;
  Time receive_free;
  PortQueue queue;
};

class FixedLatencyMachine final : public Machine {
 public:
  FixedLatencyMachine(Program& program, const FixedLatencyOptions& options)
      : program_(program),
        options_(options),
        target_(simulation_.add_target(*this)),
        ports_(size_t{program.ranks()} * 2),
        compute_free_(program.ranks()) {}

  FixedLatencyResult run() {
    for (Rank rank = 0; rank < program_.ranks(); ++rank) schedule(Time(), kStart, rank);
    simulation_.run();
    result_.end = simulation_.now();
    result_.events = simulation_.events();
    for (Rank rank = 0; rank < program_.ranks(); ++rank) {
      result_.ranks_done += program_.done(rank) ? 1u : 0u;
      result_.ranks_gave_up += program_.gave_up(rank) ? 1u : 0u;
    }
    return result_;
  }

  Time now() const override { return simulation_.now(); }
  void send(const Message& message) override {
    WT_CHECK(message.from != message.to, "a rank sends to itself");
    WT_CHECK(message.to < program_.ranks(), "a message to a rank that is not there");
    ++result_.messages;
    const uint32_t id = keep(message);
    const uint32_t port = sending_port(message);
    if (ports_[port].send_free <= now() && ports_[port].queue.empty()) {
      transmit(id, port);
      return;
    }
    if (ports_[port].queue.empty()) schedule(ports_[port].send_free, kPortFree, port);
    ports_[port].queue.push(message.priority, id, next_);
  }
  void compute(Rank rank, Duration time, uint64_t tag) override {
    Message note;
    note.from = rank;
    note.tag = tag;
    compute_free_[rank] = std::max(compute_free_[rank], now()) + time;
    schedule(compute_free_[rank], kComputed, keep(note));
  }

  void handle(const des::Event& event) {
    const auto id = static_cast<uint32_t>(event.data);
    switch (event.kind) {
      case kStart:
        return program_.start(id, *this);
      case kPortFree:
        return port_free(id);
      case kHead:
        return head(id);
      case kArrived:
        return arrived(id);
      case kSent:
        return program_.sent(release(id), *this);
      case kFailed:
        return program_.failed(release(id), *this);
      default:
        return computed(id);
    }
  }

 private:
  enum Kind : uint32_t { kStart, kPortFree, kHead, kArrived, kSent, kFailed, kComputed };

  bool local(const Message& message) const {
    return options_.per_server > 1 &&
           message.from / options_.per_server == message.to / options_.per_server;
  }
  const PortModel& model(const Message& message) const {
    return local(message) ? options_.server : options_.network;
  }
  uint32_t sending_port(const Message& message) const {
    return message.from * 2 + (local(message) ? 1 : 0);
  }
  uint32_t receiving_port(const Message& message) const {
    return message.to * 2 + (local(message) ? 1 : 0);
  }
  // Most messages of a collective have one of few sizes, and the division costs more than the rest.
  Duration occupancy(const Message& message) {
    Memo& memo = memo_[local(message) ? 1 : 0];
    if (memo.bytes != message.bytes) {
      memo = {message.bytes, base::transfer_time(message.bytes, model(message).rate)};
    }
    return memo.time;
  }

  void transmit(uint32_t id, uint32_t port) {
    const Message& message = messages_[id];
    ports_[port].send_free = now() + occupancy(message);
    if (options_.fails != nullptr && options_.fails(options_.context, message)) {
      schedule(now() + options_.failure_time, kFailed, id);
      return;
    }
    schedule(now() + model(message).latency, kHead, id);
  }
  void port_free(uint32_t port) {
    transmit(ports_[port].queue.pop(next_), port);
    if (!ports_[port].queue.empty()) schedule(ports_[port].send_free, kPortFree, port);
  }
  void head(uint32_t id) {
    const Message& message = messages_[id];
    Port& port = ports_[receiving_port(message)];
    port.receive_free = std::max(port.receive_free, now()) + occupancy(message);
    schedule(port.receive_free, kArrived, id);
  }
  void arrived(uint32_t id) {
    const Message message = messages_[id];
    result_.last_arrival = now();
    const Duration back = options_.acknowledgement >= Duration::zero() ? options_.acknowledgement
                                                                       : model(message).latency;
    schedule(now() + back, kSent, id);
    program_.arrived(message, *this);
  }
  void computed(uint32_t id) {
    const Message note = release(id);
    result_.last_arrival = now();
    program_.computed(note.from, note.tag, *this);
  }

  uint32_t keep(const Message& message) {
    if (free_.empty()) {
      messages_.push_back(message);
      next_.push_back(kNone);
      return static_cast<uint32_t>(messages_.size() - 1);
    }
    const uint32_t id = free_.back();
    free_.pop_back();
    messages_[id] = message;
    return id;
  }
  Message release(uint32_t id) {
    free_.push_back(id);
    return messages_[id];
  }
  void schedule(Time at, Kind kind, uint64_t data) {
    simulation_.schedule(at, {.target = target_, .kind = kind, .data = data});
  }

  struct Memo {
    base::Bytes bytes{-1};
    Duration time;
  };
  Program& program_;
  const FixedLatencyOptions options_;
  des::Simulation<base::Picoseconds> simulation_;
  des::TargetId target_;
  std::vector<Port> ports_;  // by rank: network, then server
  std::vector<Time> compute_free_;
  std::vector<Message> messages_;  // under way; slots are used again
  std::vector<uint32_t> next_;     // by slot: the message behind it in a port's queue
  std::vector<uint32_t> free_;
  std::array<Memo, 2> memo_;
  FixedLatencyResult result_;
};

}  // namespace

FixedLatencyResult run_fixed_latency(Program& program, const FixedLatencyOptions& options) {
  return FixedLatencyMachine(program, options).run();
}

}  // namespace windtunnel::cluster
