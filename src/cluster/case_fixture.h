// For tests: a random collective on a random machine, in words, and smaller when it fails.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "base/random.h"
#include "cluster/collectives.h"
#include "cluster/ledger_fixture.h"

namespace windtunnel::cluster {

// Plain numbers, so that a case can be shrunk field by field.
struct CollectiveCase {
  Operation operation = Operation::kAllReduce;
  Algorithm algorithm = Algorithm::kRing;
  Algorithm inner = Algorithm::kRing;
  Algorithm within = Algorithm::kDirect;
  uint32_t servers = 1;
  uint32_t per_server = 1;
  int64_t bytes = 0;
  int64_t chunk = 0;
  uint32_t channels = 1;
  uint32_t window = 0;
  uint32_t slices = 1;
  uint32_t root = 0;
  bool shuffled = false;  // the group in random order, on every second rank
  ShuffleOptions machine;

  uint32_t ranks() const {
    return operation == Operation::kSend ? 2 : std::max(1u, servers) * std::max(1u, per_server);
  }
  std::string words() const {
    return fmt::format(
        "{} by {} (inner {}, within {}), {} servers of {}, {} bytes, chunk {}, {} channels, window "
        "{}, {} slices, root {}, shuffled {}, seed {}, delay {}, start {}, harm {} at {}",
        name_of(operation), name_of(algorithm), name_of(inner), name_of(within), servers,
        per_server, bytes, chunk, channels, window, slices, root, shuffled, machine.seed,
        machine.delay_max, machine.start_max, static_cast<int>(machine.harm), machine.harm_at);
  }

  CollectiveSpec spec() const {
    CollectiveSpec out;
    out.operation = operation;
    out.algorithm = algorithm;
    out.inner = inner;
    out.within = within;
    out.group.resize(ranks());
    std::iota(out.group.begin(), out.group.end(), 0u);
    out.placement.per_server = std::max(1u, per_server);
    if (shuffled) shuffle(out);
    out.bytes = base::Bytes(bytes);
    out.chunk = base::Bytes(chunk);
    out.channels = channels;
    out.window = window;
    out.slices = slices;
    out.root = root;
    return out;
  }

 private:
  void shuffle(CollectiveSpec& out) const {
    base::RandomStream random(machine.seed, "group");
    for (size_t i = out.group.size(); i > 1; --i) {
      std::swap(out.group[i - 1], out.group[random.below(i)]);
    }
    for (Rank& rank : out.group) rank *= 2;
    out.placement.per_server *= 2;
  }
};

inline CollectiveCase draw_collective(uint64_t seed) {
  base::RandomStream random(seed, "collective");
  const auto below = [&](uint64_t n) { return static_cast<uint32_t>(random.below(n)); };
  CollectiveCase c;
  c.operation = static_cast<Operation>(below(6));
  const auto algorithms = algorithms_of(c.operation);
  c.algorithm = algorithms[below(algorithms.size())];
  constexpr std::array kInner = {Algorithm::kRing, Algorithm::kTree, Algorithm::kHalvingDoubling};
  c.inner = kInner[below(3)];
  c.within = below(2) == 0 ? Algorithm::kDirect : Algorithm::kRing;
  c.per_server = random.chance(1, 2) ? 1 + below(5) : 1;
  c.servers = 1 + below(random.chance(1, 4) ? 40 / c.per_server : 9);
  c.bytes = static_cast<int64_t>(below(random.chance(1, 5) ? 10 : 400));
  c.chunk = static_cast<int64_t>(random.chance(1, 5) ? 0 : 1 + below(60));
  const bool blocks =
      c.operation == Operation::kReduceScatter || c.operation == Operation::kAllGather;
  if (!blocks || c.algorithm != Algorithm::kHalvingDoubling) c.channels = 1 + below(4);
  c.window = below(5);
  c.slices = 1 + below(5);
  if (c.operation == Operation::kBroadcast) c.root = below(c.ranks());
  c.shuffled = random.chance(1, 3);
  c.machine.seed = seed;
  c.machine.delay_max = 1 + random.below(200);
  c.machine.start_max = random.below(400);
  return c;
}

// Empty when the collective does what it is for.
inline std::string complaint_of(const CollectiveCase& c) {
  const auto collective = make_collective(c.spec());
  if (!collective) return collective.error().to_string();
  Ledger ledger(**collective);
  ShuffleMachine machine(**collective, ledger, c.machine);
  std::string complaint = machine.run();
  int64_t due = 0;
  for (Rank rank = 0; rank < (*collective)->ranks(); ++rank) {
    due += (*collective)->messages(rank);
  }
  if (complaint.empty() && due != machine.messages()) {
    complaint = fmt::format("{} messages sent, {} announced", machine.messages(), due);
  }
  return complaint;
}

// The smallest case in reach that still fails: every number is halved or lessened while it does.
inline CollectiveCase shrink(CollectiveCase c) {
  const auto still_fails = [](const CollectiveCase& smaller) {
    return smaller.root < smaller.ranks() && !complaint_of(smaller).empty();
  };
  bool shrunk = true;
  while (shrunk) {
    shrunk = false;
    const auto lessen = [&](auto CollectiveCase::*field, int64_t least) {
      for (const int64_t by : {int64_t{c.*field} / 2, int64_t{1}}) {
        CollectiveCase smaller = c;
        smaller.*field = static_cast<std::decay_t<decltype(c.*field)>>(int64_t{c.*field} - by);
        if (by == 0 || int64_t{smaller.*field} < least || !still_fails(smaller)) continue;
        c = smaller;
        shrunk = true;
      }
    };
    lessen(&CollectiveCase::bytes, 0);
    lessen(&CollectiveCase::servers, 1);
    lessen(&CollectiveCase::per_server, 1);
    lessen(&CollectiveCase::channels, 1);
    lessen(&CollectiveCase::slices, 1);
    lessen(&CollectiveCase::chunk, 0);
    lessen(&CollectiveCase::window, 0);
    lessen(&CollectiveCase::root, 0);
    lessen(&CollectiveCase::shuffled, 0);
  }
  return c;
}

}  // namespace windtunnel::cluster
