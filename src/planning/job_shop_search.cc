#include "planning/job_shop_search.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"
#include "planning/job_shop_graph.h"

namespace windtunnel::planning {
namespace {

constexpr uint32_t kNone = JobShopGraph::kNone;
// Moves without a new best after which the search starts again near the best.
constexpr int64_t kStaleMax = 2'000;
constexpr uint64_t kShakesMax = 20;

// `op` goes right behind (or right before) `to`, past all operations between.
struct Move {
  uint32_t op = kNone;
  uint32_t to = kNone;
  bool behind = true;
  int64_t estimate = std::numeric_limits<int64_t>::max();
};

class TabuSearch {
 public:
  TabuSearch(const JobShop& shop, base::RandomStream random)
      : graph_(shop),
        random_(random),
        tabu_until_(size_t{graph_.operations()} * graph_.operations(), 0) {
    tenure_ = 6 + static_cast<int64_t>(shop.jobs.size() / std::max<size_t>(1, shop.machines));
    graph_.set_orders(dispatched_orders(shop));
    graph_.evaluate();
    best_ = {graph_.orders(), {graph_.makespan(), job_shop_bound(shop)}, 0};
  }

  JobShopPlan run(const SearchLimits& limits) {
    SearchBudget budget(limits);
    int64_t stale = 0;
    while (budget.next(best_.makespan)) {
      now_ = budget.used();
      if (!step() && !restart()) break;  // there is nothing to exchange
      if (graph_.makespan() < best_.makespan.value) {
        best_.makespan.value = graph_.makespan();
        best_.orders = graph_.orders();
        stale = 0;
      } else if (++stale > kStaleMax) {
        restart();
        stale = 0;
      }
    }
    best_.iterations = budget.used();
    return std::move(best_);
  }

 private:
  // One critical way, cut into blocks of one machine each.
  std::vector<std::vector<uint32_t>> critical_blocks() {
    std::vector<std::vector<uint32_t>> blocks;
    uint32_t at = kNone;
    uint64_t firsts = 0;
    for (uint32_t op = 0; op < graph_.operations(); ++op)
      if (graph_.head(op) == 0 && graph_.critical(op) && random_.below(++firsts) == 0) at = op;
    while (at != kNone) {
      if (blocks.empty() || graph_.machine(blocks.back().back()) != graph_.machine(at))
        blocks.emplace_back();
      blocks.back().push_back(at);
      const int64_t end = graph_.head(at) + graph_.time(at);
      const auto leads = [&](uint32_t next) {
        return next != kNone && graph_.critical(next) && graph_.head(next) == end;
      };
      const bool job = leads(graph_.job_after(at));
      const bool machine = leads(graph_.machine_after(at));
      if (!job && !machine) break;
      const bool by_job = job && (!machine || random_.chance(1, 2));
      at = by_job ? graph_.job_after(at) : graph_.machine_after(at);
    }
    return blocks;
  }

  // Makes the best move that is not forbidden; false when there is none at all.
  bool step() {
    Move best;
    Move best_tabu;
    uint64_t equals = 0;
    bool any = false;
    const auto blocks = critical_blocks();
    for (size_t b = 0; b < blocks.size(); ++b) {
      const auto& block = blocks[b];
      const auto consider = [&](uint32_t op, uint32_t to, bool behind) {
        Move move{op, to, behind, 0};
        if (!may_move(move)) return;
        any = true;
        move.estimate = estimate(move);
        const bool aspires = move.estimate < best_.makespan.value;
        Move& kept = !aspires && is_tabu(move) ? best_tabu : best;
        if (&kept == &best && move.estimate == best.estimate) {
          if (random_.below(++equals) == 0) best = move;
          return;
        }
        if (move.estimate >= kept.estimate) return;
        kept = move;
        if (&kept == &best) equals = 1;
      };
      for (size_t i = 0; i + 1 < block.size(); ++i) {
        if (b + 1 < blocks.size()) consider(block[i], block.back(), true);
        if (b > 0) consider(block[i + 1], block.front(), false);
      }
    }
    if (!any) return false;
    make(best.op != kNone ? best : best_tabu);
    return true;
  }

  // Whether no way leads from the one to the other around the machine: such a way would make a ring
  // of the move. A way from a to b puts all of a's time, and what lies between, before b; where
  // heads and tails leave no room for that there is none. Neighbours on a critical way have none
  // but through operations that take no time.
  bool may_move(const Move& move) const {
    if (move.behind) {
      const uint32_t next = graph_.job_after(move.op);
      if (next == kNone) return true;
      if (next == move.to) return false;
      if (graph_.machine_after(move.op) == move.to && graph_.time(next) > 0) return true;
      return graph_.tail(next) < graph_.time(move.to) + graph_.tail(move.to);
    }
    const uint32_t before = graph_.job_before(move.op);
    if (before == kNone) return true;
    if (before == move.to) return false;
    if (graph_.machine_before(move.op) == move.to && graph_.time(before) > 0) return true;
    return graph_.head(before) < graph_.head(move.to) + graph_.time(move.to);
  }

  // The operations from `op` to `to` in their new order.
  const std::vector<uint32_t>& rearranged(const Move& move) const {
    segment_.clear();
    if (move.behind) {
      for (uint32_t at = move.op; at != move.to;) segment_.push_back(at = graph_.machine_after(at));
      segment_.push_back(move.op);
    } else {
      segment_.push_back(move.op);
      for (uint32_t at = move.to; at != move.op; at = graph_.machine_after(at))
        segment_.push_back(at);
    }
    return segment_;
  }

  // Longest way through the operations that moved, with heads and tails around them as they were.
  int64_t estimate(const Move& move) const {
    const std::vector<uint32_t>& ops = rearranged(move);
    const uint32_t first = move.behind ? move.op : move.to;
    const uint32_t last = move.behind ? move.to : move.op;
    const auto end_of = [this](uint32_t op) {
      return op == kNone ? 0 : graph_.head(op) + graph_.time(op);
    };
    const auto follow_of = [this](uint32_t op) {
      return op == kNone ? 0 : graph_.time(op) + graph_.tail(op);
    };
    heads_.clear();
    int64_t machine_free = end_of(graph_.machine_before(first));
    for (const uint32_t op : ops) {
      heads_.push_back(std::max(machine_free, end_of(graph_.job_before(op))));
      machine_free = heads_.back() + graph_.time(op);
    }
    int64_t longest = 0;
    int64_t follows = follow_of(graph_.machine_after(last));
    for (size_t i = ops.size(); i-- > 0;) {
      const int64_t tail = std::max(follows, follow_of(graph_.job_after(ops[i])));
      longest = std::max(longest, heads_[i] + graph_.time(ops[i]) + tail);
      follows = tail + graph_.time(ops[i]);
    }
    return longest;
  }

  int64_t& tabu_until(uint32_t first, uint32_t second) {
    return tabu_until_[size_t{first} * graph_.operations() + second];
  }

  // Whether the move brings back an order that was left a short while ago.
  bool is_tabu(const Move& move) {
    for (const uint32_t other : rearranged(move)) {
      if (other == move.op) continue;
      if (now_ < (move.behind ? tabu_until(other, move.op) : tabu_until(move.op, other)))
        return true;
    }
    return false;
  }

  void make(const Move& move) {
    const int64_t until =
        now_ + tenure_ + static_cast<int64_t>(random_.below(static_cast<uint64_t>(tenure_)));
    for (const uint32_t other : rearranged(move)) {
      if (other == move.op) continue;
      (move.behind ? tabu_until(move.op, other) : tabu_until(other, move.op)) = until;
    }
    if (move.behind) {
      graph_.move_behind(move.op, move.to);
    } else {
      graph_.move_before(move.op, move.to);
    }
    const bool acyclic = graph_.evaluate();
    WT_CHECK(acyclic, "moves keep orders free of rings");
  }

  // Back to the best, shaken by exchanges of critical neighbours; false when none can be made.
  bool restart() {
    graph_.set_orders(best_.orders);
    graph_.evaluate();
    std::fill(tabu_until_.begin(), tabu_until_.end(), 0);
    bool any = false;
    for (uint64_t shakes = 5 + random_.below(kShakesMax); shakes > 0; --shakes) {
      const auto blocks = critical_blocks();
      Move chosen;
      uint64_t seen = 0;
      for (const auto& block : blocks)
        for (size_t i = 0; i + 1 < block.size(); ++i) {
          const Move move{block[i], block[i + 1], true, 0};
          if (may_move(move) && random_.below(++seen) == 0) chosen = move;
        }
      if (chosen.op == kNone) return any;
      make(chosen);
      any = true;
    }
    return any;
  }

  JobShopGraph graph_;
  base::RandomStream random_;
  std::vector<int64_t> tabu_until_;  // that the first comes before the second, by iteration
  int64_t tenure_ = 0;
  int64_t now_ = 0;
  JobShopPlan best_;
  mutable std::vector<uint32_t> segment_;
  mutable std::vector<int64_t> heads_;
};

}  // namespace

MachineOrders dispatched_orders(const JobShop& shop) {
  MachineOrders orders(shop.machines);
  std::vector<int64_t> machine_free(shop.machines, 0);
  std::vector<int64_t> job_free(shop.jobs.size(), 0);
  std::vector<int64_t> work(shop.jobs.size(), 0);
  std::vector<size_t> next(shop.jobs.size(), 0);
  std::vector<uint32_t> first(shop.jobs.size(), 0);
  uint32_t operations = 0;
  for (size_t job = 0; job < shop.jobs.size(); ++job) {
    first[job] = operations;
    operations += static_cast<uint32_t>(shop.jobs[job].size());
    for (const auto& operation : shop.jobs[job]) work[job] += operation.time;
  }
  for (uint32_t done = 0; done < operations; ++done) {
    size_t chosen = shop.jobs.size();
    std::pair<int64_t, int64_t> least;  // start, then most work left
    for (size_t job = 0; job < shop.jobs.size(); ++job) {
      if (next[job] == shop.jobs[job].size()) continue;
      const int64_t free = machine_free[shop.jobs[job][next[job]].machine];
      const std::pair worth(std::max(free, job_free[job]), -work[job]);
      if (chosen < shop.jobs.size() && worth >= least) continue;
      chosen = job;
      least = worth;
    }
    const JobShop::Operation& operation = shop.jobs[chosen][next[chosen]];
    orders[operation.machine].push_back(first[chosen] + static_cast<uint32_t>(next[chosen]++));
    work[chosen] -= operation.time;
    job_free[chosen] = machine_free[operation.machine] = least.first + operation.time;
  }
  return orders;
}

JobShopPlan searched_job_shop(const JobShop& shop, const SearchLimits& limits,
                              base::RandomStream random) {
  return TabuSearch(shop, random).run(limits);
}

}  // namespace windtunnel::planning
