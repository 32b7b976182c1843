#include "planning/flow_shop_proof.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace windtunnel::planning {
namespace {

constexpr int64_t kFar = std::numeric_limits<int64_t>::max();

using Times = std::vector<int64_t>;

// Jobs fixed at both ends: when machines are free of the first ones, and how long the last ones
// keep them after the arrival there of the first of them.
struct Node {
  std::vector<uint32_t> front;
  std::vector<uint32_t> back;  // the last job first
  Times head;
  Times tail;
  std::vector<uint32_t> rest;
  Times work;  // of the rest, with the least setup into each
};

struct Child {
  uint32_t job = 0;
  int64_t bound = 0;
};

// The children of a node at one of its ends that could still be better.
struct Choice {
  std::vector<Child> children;
  int64_t sum = 0;
};

class Proof {
 public:
  Proof(const FlowShop& shop, FlowShopOrder start, const SearchLimits& limits)
      : shop_(shop), best_(std::move(start)), budget_(limits), machines_(shop.machines) {
    for (size_t job = 0; job < shop.jobs; ++job) prepare(job);
  }

  FlowShopOrder run() {
    Node root;
    root.head.assign(machines_, 0);
    root.tail.assign(machines_, 0);
    root.rest = given_order(shop_.jobs);
    root.work.assign(machines_, 0);
    for (size_t job = 0; job < shop_.jobs; ++job)
      for (size_t m = 0; m < machines_; ++m) root.work[m] += shop_.time(job, m) + into(job, m);
    visit(root);
    if (!cut_short_) best_.makespan.lower_bound = best_.makespan.value;
    best_.iterations += budget_.used();
    return std::move(best_);
  }

 private:
  // Least setup into a job, and least head and tail of any job, per machine.
  void prepare(size_t job) {
    for (size_t m = 0; m < machines_; ++m) {
      int64_t least = shop_.setups.empty() || shop_.jobs < 2 ? 0 : kFar;
      for (size_t from = 0; from < shop_.jobs && !shop_.setups.empty(); ++from)
        if (from != job) least = std::min(least, shop_.setups[m].at(from, job));
      into_.push_back(least);
    }
    least_head_.resize(machines_, kFar);
    least_tail_.resize(machines_, kFar);
    int64_t head = 0;
    int64_t tail = 0;
    for (size_t m = 0; m < machines_; ++m) {
      least_head_[m] = std::min(least_head_[m], head);
      head += shop_.time(job, m);
    }
    for (size_t m = machines_; m-- > 0;) {
      least_tail_[m] = std::min(least_tail_[m], tail);
      tail += shop_.time(job, m);
    }
  }
  int64_t into(size_t job, size_t m) const { return into_[job * machines_ + m]; }
  int64_t setup(size_t m, uint32_t from, uint32_t to) const {
    return shop_.setups.empty() ? 0 : shop_.setups[m].at(from, to);
  }

  // The ends of a node with `job` fixed as well.
  Times head_with(const Node& node, uint32_t job) const {
    Times head(machines_);
    int64_t arrives = 0;
    for (size_t m = 0; m < machines_; ++m) {
      const int64_t ready =
          node.front.empty() ? 0 : node.head[m] + setup(m, node.front.back(), job);
      head[m] = arrives = std::max(arrives, ready) + shop_.time(job, m);
    }
    return head;
  }
  Times tail_with(const Node& node, uint32_t job) const {
    Times tail(machines_);
    int64_t follows = 0;
    for (size_t m = machines_; m-- > 0;) {
      const int64_t after = node.back.empty() ? 0 : node.tail[m] + setup(m, job, node.back.back());
      tail[m] = follows = std::max(follows, after) + shop_.time(job, m);
    }
    return tail;
  }

  // Head, the rest's work without `job`, tail: on each machine. An end without jobs counts what any
  // job needs there; a chain of k jobs without a front needs one setup less.
  int64_t bound_with_front(const Node& node, uint32_t job) const {
    const Times head = head_with(node, job);
    int64_t bound = 0;
    for (size_t m = 0; m < machines_; ++m) {
      int64_t sum = head[m] + node.work[m] - shop_.time(job, m) - into(job, m);
      sum += node.back.empty() ? (node.rest.size() == 1 ? 0 : least_tail_[m])
                               : node.tail[m] + into(node.back.back(), m);
      bound = std::max(bound, sum);
    }
    return node.rest.size() == 1 ? exact(node, job) : bound;
  }
  int64_t bound_with_back(const Node& node, uint32_t job) const {
    const Times tail = tail_with(node, job);
    int64_t bound = 0;
    for (size_t m = 0; m < machines_; ++m) {
      int64_t sum = tail[m] + node.work[m] - shop_.time(job, m);
      sum += node.front.empty()
                 ? (node.rest.size() == 1 ? 0 : least_head_[m]) - first_setup(node, m)
                 : node.head[m];
      bound = std::max(bound, sum);
    }
    return node.rest.size() == 1 ? exact(node, job) : bound;
  }
  // The first of the rest needs no setup; which one that is, is open.
  int64_t first_setup(const Node& node, size_t m) const {
    int64_t most = 0;
    for (const uint32_t job : node.rest) most = std::max(most, into(job, m));
    return most;
  }
  int64_t exact(const Node& node, uint32_t job) const {
    return makespan(shop_, order_of(node, job));
  }
  static std::vector<uint32_t> order_of(const Node& node, uint32_t job) {
    std::vector<uint32_t> order = node.front;
    order.push_back(job);
    order.insert(order.end(), node.back.rbegin(), node.back.rend());
    return order;
  }

  Choice choose(const Node& node, bool front) const {
    Choice choice;
    for (const uint32_t job : node.rest) {
      const int64_t bound = front ? bound_with_front(node, job) : bound_with_back(node, job);
      choice.sum += bound;
      if (bound < best_.makespan.value) choice.children.push_back({job, bound});
    }
    std::stable_sort(choice.children.begin(), choice.children.end(),
                     [](const Child& a, const Child& b) { return a.bound < b.bound; });
    return choice;
  }

  void visit(const Node& node) {
    if (cut_short_ || !budget_.next(best_.makespan)) {
      cut_short_ = cut_short_ || !best_.makespan.optimal();
      return;
    }
    const Choice front = choose(node, true);
    const Choice back = choose(node, false);
    const size_t a = front.children.size();
    const size_t b = back.children.size();
    const bool use_front = a < b || (a == b && front.sum >= back.sum);
    for (const Child& child : (use_front ? front : back).children) {
      if (child.bound >= best_.makespan.value) continue;
      if (node.rest.size() == 1) {
        best_.order = order_of(node, child.job);
        best_.makespan.value = child.bound;
      } else {
        visit(with(node, child.job, use_front));
      }
    }
  }

  Node with(const Node& node, uint32_t job, bool front) const {
    Node child = node;
    (front ? child.head : child.tail) = front ? head_with(node, job) : tail_with(node, job);
    (front ? child.front : child.back).push_back(job);
    child.rest.erase(std::find(child.rest.begin(), child.rest.end(), job));
    for (size_t m = 0; m < machines_; ++m) child.work[m] -= shop_.time(job, m) + into(job, m);
    return child;
  }

  const FlowShop& shop_;
  FlowShopOrder best_;
  SearchBudget budget_;
  size_t machines_;
  Times into_;  // by job, then machine
  Times least_head_;
  Times least_tail_;
  bool cut_short_ = false;
};

}  // namespace

FlowShopOrder proved_flow_shop(const FlowShop& shop, FlowShopOrder start,
                               const SearchLimits& limits) {
  if (shop.jobs < 2 || shop.machines == 0) start.makespan.lower_bound = start.makespan.value;
  if (start.makespan.optimal()) return start;
  return Proof(shop, std::move(start), limits).run();
}

}  // namespace windtunnel::planning
