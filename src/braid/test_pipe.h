// Two endpoints and a pipe between them for this room's unit tests: constant delay, one port at
// line rate each way, a hook that may drop, trim, mark, delay or duplicate what passes. Memory is
// real, so tests compare bytes.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <queue>
#include <vector>

#include "braid/endpoint.h"

namespace windtunnel::braid::testing {

// What the network does to one packet; copies > 1 duplicate it.
struct Fate {
  uint32_t copies = 1;
  Arrival arrival;
  int64_t extra_delay = 0;  // ps
};

struct Pipe {
  struct Flight {
    int64_t at;
    uint64_t order;
    int to;
    Packet packet;
    Arrival arrival;
    std::vector<uint8_t> payload;
    bool operator>(const Flight& o) const { return at != o.at ? at > o.at : order > o.order; }
  };

  Pipe(const EndpointConfig& config, uint64_t seed) : Pipe(config, config, seed) {}
  Pipe(const EndpointConfig& first, const EndpointConfig& second, uint64_t seed)
      : ends{Endpoint(first, base::RandomStream(seed, "end", 0)),
             Endpoint(second, base::RandomStream(seed, "end", 1))},
        wire(first.wire),
        rate(first.line_rate) {}

  // Connects queue pairs number i of both ends; memory of `bytes` at base address 4096.
  void set_up(uint32_t qps, size_t bytes) {
    for (int e = 0; e < 2; ++e) {
      memory[e].assign(bytes, 0);
      pd[e] = ends[e].create_pd();
      region[e] = *ends[e].register_memory(
          pd[e], kBase, bytes, Access::kLocalWrite | Access::kRemoteWrite | Access::kRemoteRead);
      for (uint32_t i = 0; i < qps; ++i) {
        EXPECT_TRUE(ends[e].create_qp(pd[e]).has_value());
      }
    }
    for (uint32_t i = 0; i < qps; ++i) {
      const PeerAttributes a = ends[0].attributes(QpId(i));
      const PeerAttributes b = ends[1].attributes(QpId(i));
      EXPECT_TRUE(ends[0].connect(QpId(i), b).has_value());
      EXPECT_TRUE(ends[1].connect(QpId(i), a).has_value());
    }
  }

  void transmit(int from) {
    if (now < busy_until[from]) return;
    Packet packet;
    if (!ends[from].transmit(base::Time::at(base::Duration::ps(now)), packet)) return;
    ++sent;
    const int64_t serial = base::transfer_time(wire_size(packet, wire), rate).ps();
    busy_until[from] = now + serial;
    Fate fate;
    if (hook) hook(from, packet, fate);
    for (uint32_t i = 0; i < fate.copies; ++i) {
      Flight flight{now + serial + delay + fate.extra_delay + (i > 0 ? delay : 0),
                    order++,
                    1 - from,
                    packet,
                    fate.arrival,
                    {}};
      if (has_payload(packet.opcode) && !fate.arrival.trimmed) {
        const uint8_t* source = memory[from].data() + (packet.data.local - kBase);
        flight.payload.assign(source, source + packet.data.length);
      }
      flights.push(std::move(flight));
    }
  }

  void deliver(const Flight& flight) {
    const Received received = ends[flight.to].receive(base::Time::at(base::Duration::ps(now)),
                                                      flight.packet, flight.arrival);
    ++dispositions[static_cast<size_t>(received.disposition)];
    if (!received.place()) return;
    ASSERT_GE(received.address, kBase);
    ASSERT_LE(received.address + received.length, kBase + memory[flight.to].size());
    std::memcpy(memory[flight.to].data() + (received.address - kBase), flight.payload.data(),
                received.length);
  }

  // Runs until nothing happens before `until` (ps). Returns the number of steps.
  void run(int64_t until) {
    for (;;) {
      transmit(0);
      transmit(1);
      int64_t next = flights.empty() ? kNever : flights.top().at;
      for (int e = 0; e < 2; ++e) {
        next = std::min(next, ends[e].next_timeout().ps());
        const bool wants = ends[e].has_control() || ends[e].has_data();
        if (wants && busy_until[e] > now) next = std::min(next, busy_until[e]);
      }
      if (next > until || next == kNever) break;
      now = std::max(now, next);
      for (int e = 0; e < 2; ++e) {
        if (ends[e].next_timeout().ps() <= now) {
          ends[e].expire(base::Time::at(base::Duration::ps(now)));
        }
      }
      while (!flights.empty() && flights.top().at <= now) {
        const Flight flight = flights.top();
        flights.pop();
        deliver(flight);
      }
      ++steps;
      ASSERT_LT(steps, 50'000'000u) << "the pipe does not come to rest";
    }
  }

  std::vector<Completion> poll(int end) {
    std::vector<Completion> all;
    Completion batch[8];
    while (const size_t n = ends[end].poll(batch)) all.insert(all.end(), batch, batch + n);
    return all;
  }

  static constexpr uint64_t kBase = 4096;
  Endpoint ends[2];
  WireProfile wire;
  base::Rate rate;
  int64_t delay = 6'000'000;  // one way, ps
  std::function<void(int from, const Packet&, Fate&)> hook;
  PdId pd[2];
  MemoryRegion region[2];
  std::vector<uint8_t> memory[2];
  std::priority_queue<Flight, std::vector<Flight>, std::greater<>> flights;
  int64_t now = 0;
  int64_t busy_until[2] = {0, 0};
  uint64_t order = 0;
  uint64_t sent = 0;
  uint64_t steps = 0;
  uint64_t dispositions[6] = {};
};

}  // namespace windtunnel::braid::testing
