#include "factory/markov_chain.h"

#include "base/check.h"

namespace windtunnel::factory {
namespace {

struct Edge {
  size_t from = 0;
  size_t to = 0;
  double rate = 0;
};

}  // namespace

std::vector<double> MarkovChain::stationary() const {
  const size_t n = states_;
  WT_CHECK(n > 0, "a chain has states");
  std::vector<double> a = rates_;
  // Takes out the states from the last to the second; each leaves to the ones before it.
  for (size_t k = n - 1; k > 0; --k) {
    double leaves = 0;
    for (size_t j = 0; j < k; ++j) leaves += a[k * n + j];
    WT_CHECK(leaves > 0, "every state leads to state 0");
    for (size_t i = 0; i < k; ++i) {
      const double share = a[i * n + k] /= leaves;
      if (share == 0) continue;
      for (size_t j = 0; j < k; ++j) a[i * n + j] += share * a[k * n + j];
    }
  }
  std::vector<double> pi(n);
  pi[0] = 1;
  double sum = 1;
  for (size_t k = 1; k < n; ++k) {
    for (size_t i = 0; i < k; ++i) pi[k] += pi[i] * a[i * n + k];
    sum += pi[k];
  }
  for (double& share : pi) share /= sum;
  return pi;
}

StateSpace::StateSpace(const State& start, const Moves& moves) {
  std::map<State, size_t> index{{start, 0}};
  std::vector<Edge> edges;
  states_ = {start};
  for (size_t from = 0; from < states_.size(); ++from) {
    for (const Move& move : moves(State(states_[from]))) {
      const auto [at, fresh] = index.emplace(move.to, states_.size());
      if (fresh) states_.push_back(move.to);
      edges.push_back({from, at->second, move.rate});
    }
  }
  MarkovChain chain(states_.size());
  for (const Edge& edge : edges) chain.add(edge.from, edge.to, edge.rate);
  share_ = chain.stationary();
}

double StateSpace::mean(const std::function<double(const State&)>& f) const {
  double sum = 0;
  for (size_t i = 0; i < states_.size(); ++i) sum += share_[i] * f(states_[i]);
  return sum;
}

}  // namespace windtunnel::factory
