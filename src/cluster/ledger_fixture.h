// For tests: follows every contribution of a collective from rank to rank.
//
// A byte of a buffer is a 64-bit sum of keys, one key per (rank, offset) drawn by mixing. Reducing
// adds, copying replaces. The sum of all keys of a group can be reached by adding each exactly once
// or by a coincidence of probability 2^-64, so equality says that every rank's contribution is
// there exactly once. Bytes that a rank has not been given hold a key of their own (`kUnknown`).
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/random.h"
#include "cluster/collective.h"

namespace windtunnel::cluster {

// What a machine that moves contributions asks of whoever keeps them.
class Book {
 public:
  virtual ~Book() = default;
  // What `message` carries as it is sent now.
  virtual std::vector<uint64_t> read(const Message& message) = 0;
  virtual void write(const Message& message, const std::vector<uint64_t>& carried) = 0;
  // Empty when every rank has what the goal says, else the first thing that is wrong.
  virtual std::string judge() = 0;
};

class Ledger final : public Book {
 public:
  explicit Ledger(const Collective& collective) : collective_(collective) {
    const auto bytes = static_cast<size_t>(goal().bytes.count());
    memory_.resize(collective.ranks());
    for (Rank rank = 0; rank < collective.ranks(); ++rank) {
      if (!collective.groups().has(rank)) continue;
      for (uint64_t b = 0; b < bytes; ++b) {
        const uint64_t value = brings(rank, b) ? key(rank, b) : unknown(rank, b);
        of(rank, Memory::kData).push_back(value);
        of(rank, Memory::kInput).push_back(key(rank, b));
      }
    }
  }

  std::vector<uint64_t> read(const Message& message) override {
    std::vector<uint64_t> out;
    for (const Piece& piece : collective_.describe(message)) {
      for (int64_t i = 0; i < piece.bytes.count(); ++i) {
        out.push_back(at(message.from, piece.source, piece.source_offset.count() + i));
      }
    }
    if (static_cast<int64_t>(out.size()) != message.bytes.count()) {
      complain(fmt::format("a message of {} bytes carries {}", message.bytes.count(), out.size()));
    }
    return out;
  }
  void write(const Message& message, const std::vector<uint64_t>& carried) override {
    size_t next = 0;
    for (const Piece& piece : collective_.describe(message)) {
      for (int64_t i = 0; i < piece.bytes.count(); ++i) {
        uint64_t& cell = at(message.to, piece.target, piece.target_offset.count() + i);
        cell = carried[next++] + (piece.reduce ? cell : 0);
      }
    }
  }

  std::string judge() override {
    for (Rank rank = 0; rank < collective_.ranks(); ++rank) {
      if (collective_.groups().has(rank)) judge_rank(rank);
    }
    return complaint_;
  }
  // The same for those ranks alone that say they are ready: after a failure nobody may take a sum
  // that lacks a part for the result.
  std::string judge_ready() {
    for (Rank rank = 0; rank < collective_.ranks(); ++rank) {
      if (collective_.groups().has(rank) && collective_.ready(rank)) judge_contents(rank);
    }
    return complaint_;
  }
  void complain(const std::string& what) {
    if (complaint_.empty()) complaint_ = what;
  }

 private:
  const Goal& goal() const { return collective_.goal(); }
  const Place& place(Rank rank) const { return collective_.groups().place(rank); }
  std::vector<uint64_t>& of(Rank rank, Memory memory) {
    return memory_[rank][static_cast<size_t>(memory)];
  }
  uint64_t& at(Rank rank, Memory memory, int64_t offset) {
    std::vector<uint64_t>& cells = of(rank, memory);
    const auto i = static_cast<size_t>(offset);
    while (cells.size() <= i) cells.push_back(unknown(rank, cells.size()));
    return cells[i];
  }
  static uint64_t key(Rank rank, uint64_t b) { return base::hash_combine(rank, b); }
  static uint64_t unknown(Rank rank, uint64_t b) { return base::hash_combine(~uint64_t{rank}, b); }

  Extent block(uint32_t position, uint32_t size) const {
    return part_of({base::Bytes(0), goal().bytes}, position, size);
  }
  static bool inside(const Extent& extent, uint64_t b) {
    const auto i = static_cast<int64_t>(b);
    return i >= extent.offset.count() && i < extent.offset.count() + extent.bytes.count();
  }
  // Whether the rank has something of its own at this byte to begin with.
  bool brings(Rank rank, uint64_t b) const {
    const Place& p = place(rank);
    switch (goal().operation) {
      case Operation::kAllGather:
        return inside(block(p.position, p.size), b);
      case Operation::kBroadcast:
        return p.position == goal().root;
      case Operation::kSend:
        return p.position == 0;
      default:
        return true;
    }
  }
  // What the rank must end with at a byte of kData; false when it does not matter.
  bool due(Rank rank, uint64_t b, uint64_t& value) const {
    const Place& p = place(rank);
    const auto members = collective_.groups().members(p.group);
    value = 0;
    switch (goal().operation) {
      case Operation::kReduceScatter:
        if (!inside(block(p.position, p.size), b)) return false;
        [[fallthrough]];
      case Operation::kAllReduce:
        for (const Rank member : members) value += key(member, b);
        return true;
      case Operation::kAllGather:
        for (const Rank member : members) {
          if (brings(member, b)) value = key(member, b);
        }
        return true;
      case Operation::kBroadcast:
        value = key(members[goal().root], b);
        return true;
      case Operation::kSend:
        value = key(members[0], b);
        return true;
      default:
        return false;
    }
  }
  void judge_rank(Rank rank) {
    if (!collective_.ready(rank)) complain(fmt::format("rank {} is not ready", rank));
    if (!collective_.done(rank)) complain(fmt::format("rank {} is not done", rank));
    judge_contents(rank);
  }
  void judge_contents(Rank rank) {
    if (goal().operation == Operation::kAllToAll) return judge_output(rank);
    uint64_t value = 0;
    for (uint64_t b = 0; b < static_cast<uint64_t>(goal().bytes.count()); ++b) {
      if (due(rank, b, value) && of(rank, Memory::kData)[b] != value) {
        return complain(fmt::format("rank {} byte {} is not what it should be", rank, b));
      }
    }
  }
  // The rank's own block never travels and is left out.
  void judge_output(Rank rank) {
    const Place& p = place(rank);
    const Extent mine = block(p.position, p.size);
    for (uint32_t from = 0; from < p.size; ++from) {
      if (from == p.position) continue;
      const Rank sender = collective_.groups().rank(p.group, from);
      for (int64_t i = 0; i < mine.bytes.count(); ++i) {
        const uint64_t due = key(sender, static_cast<uint64_t>(mine.offset.count() + i));
        if (at(rank, Memory::kOutput, from * mine.bytes.count() + i) != due) {
          return complain(fmt::format("rank {} lacks byte {} from rank {}", rank, i, sender));
        }
      }
    }
  }

  const Collective& collective_;
  std::vector<std::array<std::vector<uint64_t>, 4>> memory_;  // by rank, by Memory
  std::string complaint_;
};

// How hostile the machine is and what it does wrong.
struct ShuffleOptions {
  uint64_t seed = 1;
  uint64_t delay_max = 100;  // messages and acknowledgements take 1 to this many ticks
  uint64_t start_max = 100;  // ranks start at 0 to this many ticks
  // Sabotage: message number `harm_at` (counted as sent) comes to harm. What is wrong with the
  // content befalls the first from there on that has any: a notice has none.
  enum class Harm : uint8_t { kNone, kLost, kEmptied, kTwiceAdded, kFails } harm = Harm::kNone;
  int64_t harm_at = 0;
  bool judges = true;  // else the caller does
};

// A machine that delays every message at random, keeping order only where the contract does.
class ShuffleMachine final : public Machine {
 public:
  ShuffleMachine(Program& program, Book& book, const ShuffleOptions& options)
      : program_(program), book_(book), options_(options) {}

  // Runs to the end; the complaint of the ledger, empty when all is well.
  std::string run() {
    for (Rank rank = 0; rank < program_.ranks(); ++rank) {
      put(random_.below(options_.start_max + 1), {Kind::kStart, {.from = rank}, {}, rank});
    }
    while (!pending_.empty()) {
      auto first = pending_.begin();
      now_ = first->first.first;
      Happening happening = std::move(first->second);
      pending_.erase(first);
      happen(happening);
    }
    return complaint_.empty() && options_.judges ? book_.judge() : complaint_;
  }
  int64_t messages() const { return messages_; }
  uint32_t gave_up() const {
    uint32_t count = 0;
    for (Rank rank = 0; rank < program_.ranks(); ++rank) {
      count += program_.gave_up(rank) ? 1u : 0u;
    }
    return count;
  }

  base::Time now() const override {
    return base::Time::at(base::Duration::ticks(static_cast<int64_t>(now_)));
  }
  void send(const Message& message) override {
    if (message.from != running_) complaint_ = "a rank sends in another's name";
    auto carried = book_.read(message);
    const auto harm = harm_of(carried.empty());
    if (harm == ShuffleOptions::Harm::kLost) return;
    if (harm == ShuffleOptions::Harm::kEmptied) std::fill(carried.begin(), carried.end(), 0);
    if (harm == ShuffleOptions::Harm::kTwiceAdded) {
      for (uint64_t& value : carried) value *= 2;
    }
    const auto kind = harm == ShuffleOptions::Harm::kFails ? Kind::kFailed : Kind::kArrived;
    put(in_order(message), {kind, message, std::move(carried), message.to});
  }
  void compute(Rank rank, base::Duration time, uint64_t tag) override {
    put(now_ + static_cast<uint64_t>(time.ticks()),
        {Kind::kComputed, {.from = rank, .tag = tag}, {}, rank});
  }

 private:
  ShuffleOptions::Harm harm_of(bool notice) {
    const bool exact = options_.harm == ShuffleOptions::Harm::kLost ||
                       options_.harm == ShuffleOptions::Harm::kFails;
    const int64_t number = messages_++;
    const bool hit = exact ? number == options_.harm_at : number >= options_.harm_at && !notice;
    if (harmed_ || !hit) return ShuffleOptions::Harm::kNone;
    harmed_ = true;
    return options_.harm;
  }

  enum class Kind : uint8_t { kStart, kArrived, kSent, kFailed, kComputed };
  struct Happening {
    Kind kind;
    Message message;
    std::vector<uint64_t> carried;
    Rank rank;
  };

  uint64_t in_order(const Message& message) {
    uint64_t& last =
        last_[std::make_tuple(message.from, message.to, message.channel, message.priority)];
    last = std::max(last, now_ + 1 + random_.below(options_.delay_max));
    return last;
  }
  void put(uint64_t at, Happening happening) {
    pending_.emplace(std::make_pair(at, sequence_++), std::move(happening));
  }
  void happen(Happening& happening) {
    const Message& message = happening.message;
    running_ = happening.kind == Kind::kArrived ? message.to : message.from;
    switch (happening.kind) {
      case Kind::kStart:
        return program_.start(message.from, *this);
      case Kind::kArrived:
        book_.write(message, happening.carried);
        put(now_ + 1 + random_.below(options_.delay_max), {Kind::kSent, message, {}, message.from});
        return program_.arrived(message, *this);
      case Kind::kSent:
        return program_.sent(message, *this);
      case Kind::kFailed:
        return program_.failed(message, *this);
      default:
        return program_.computed(message.from, message.tag, *this);
    }
  }

  Program& program_;
  Book& book_;
  ShuffleOptions options_;
  std::string complaint_;
  base::RandomStream random_{options_.seed, "shuffle"};
  std::map<std::pair<uint64_t, uint64_t>, Happening> pending_;
  std::map<std::tuple<Rank, Rank, uint16_t, uint8_t>, uint64_t> last_;
  uint64_t now_ = 0;
  uint64_t sequence_ = 0;
  int64_t messages_ = 0;
  bool harmed_ = false;
  Rank running_ = 0;
};

}  // namespace windtunnel::cluster
