// What a collective, a training step or storage traffic needs of the hardware, and nothing else:
// messages between ranks and busy time on a rank. A Program is what runs on the ranks; a Machine is
// what it runs on: a fixed-latency fake in tests, closed forms, or the packet network that study
// supplies. Both are coarse (one virtual call a message), so that costs nothing beside the packets.
//
// Threads: a call that names a rank is made by whoever runs that rank, and two ranks may run at the
// same time. So a Program touches only the state of the rank named: `from` in sent() and failed(),
// `to` in arrived(). What one rank must tell another goes as a message.
//
// A message may arrive at a rank that has not been started yet; the program keeps it in mind.
#pragma once

#include <cstdint>

#include "base/units.h"

namespace windtunnel::cluster {

using Rank = uint32_t;

// `tag` is the program's own and reaches the receiver with the message. Messages with the same
// from, to, channel and priority arrive in the order in which they were sent; nothing else is
// ordered.
struct Message {
  Rank from = 0;
  Rank to = 0;          // never `from`
  base::Bytes bytes{};  // may be 0: a notice, which a machine may carry as one byte
  uint64_t tag = 0;
  uint16_t channel = 0;  // counts from 0; a machine may give each its own connection
  uint8_t priority = 0;  // lower goes first where the machine has a choice
};

// Valid within the call it is handed to.
class Machine {
 public:
  virtual ~Machine() = default;
  virtual base::Time now() const = 0;
  // Queues a message of the rank that runs; `from` is that rank. No callback happens within.
  virtual void send(const Message& message) = 0;
  // Keeps `rank`, the one that runs, busy; computed() says when it is over. Work asked for while it
  // is busy follows in order.
  virtual void compute(Rank rank, base::Duration time, uint64_t tag) = 0;
};

class Program {
 public:
  virtual ~Program() = default;
  // Ranks are 0 .. ranks() - 1; those that have no part in the program are done from the start.
  virtual uint32_t ranks() const = 0;
  virtual void start(Rank rank, Machine& machine) = 0;
  // At the sender: every byte is known to be in place, so the buffer may be used again.
  virtual void sent(const Message& message, Machine& machine) = 0;
  // At the receiver: every byte is in place.
  virtual void arrived(const Message& message, Machine& machine) = 0;
  virtual void computed(Rank rank, uint64_t tag, Machine& machine) = 0;
  // At the sender: the transport gave the message up; neither sent() nor arrived() follows for it.
  // Messages sent after it may still arrive.
  virtual void failed(const Message& message, Machine& machine) = 0;
  // Whether `rank` has nothing left to do or to wait for: it has what it came for and its messages
  // are known to be in place, or it gave up.
  virtual bool done(Rank rank) const = 0;
  // Whether `rank` gave up because a message of its own failed. Ranks that wait for what it would
  // have sent are never done, so a run ends when one gives up or when nothing is under way.
  virtual bool gave_up(Rank /*rank*/) const { return false; }
};

}  // namespace windtunnel::cluster
