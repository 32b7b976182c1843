// Calls both engines of a stage as a driver must: posts work when it is due, lets time pass, hands
// over what arrives and copies its payload, sends while ports are free, polls. After every call the
// judges look. It can be told to hold still.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "tests/braid_stage.h"

namespace windtunnel::braid_hostile {

class Driver {
 public:
  // With `narrate`, a line per packet on stderr.
  Driver(Stage& stage, bool narrate);

  // When a request is due or a port is free for more; Time::max() when neither will be.
  Time next_moment() const;
  void deliver();  // the next arrival
  void take_in(const Delivery& delivery);
  void expire(uint8_t side);       // everything due now
  void idle_expire(uint8_t side);  // unless something is
  bool post(uint8_t side);         // whether something was
  bool poll(uint8_t side);         // whether something had completed
  void pump(uint8_t side);         // sends while ports are free
  void refresh(uint8_t side);      // looks at all queue pairs, after a deed

  void stall_send(uint8_t side, bool begin) { desks_[side].send_stalls += begin ? 1 : -1; }
  void stall_poll(uint8_t side, bool begin) { desks_[side].poll_stalls += begin ? 1 : -1; }
  void end_stalls() { desks_[0].poll_stalls = desks_[1].poll_stalls = 0; }

  uint64_t calls() const { return calls_; }
  void note(uint64_t value) { stage_.trace = base::hash_combine(stage_.trace, value); }

 private:
  static constexpr uint32_t kPortsMax = 8;
  struct Desk {
    std::array<Time, kPortsMax> port_free;
    std::array<bool, kPortsMax> eager{};  // the last call had a packet, there may be more
    int send_stalls = 0;
    int poll_stalls = 0;
    std::vector<braid::Completion> completions;
  };

  bool post_one(uint8_t side, uint32_t qp, Job& job);
  void place(uint8_t side, const Delivery& delivery, const braid::Received& received);
  bool send(uint8_t side, uint32_t port);
  void note_window(const Side& side);
  void note(const braid::Packet& packet);
  void tell(const char* what, uint8_t side, const braid::Packet& packet);

  Stage& stage_;
  bool narrate_;
  std::array<Desk, 2> desks_;
  uint64_t calls_ = 0;
  std::vector<uint8_t> payload_;
};

}  // namespace windtunnel::braid_hostile
