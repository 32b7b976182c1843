// Stationary distributions of small Markov chains, for known answers: lines with blocking, shared
// repair crews, queues seen at given instants.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace windtunnel::factory {

// Rates (or probabilities) from state to state; what stands on the diagonal does not count.
class MarkovChain {
 public:
  explicit MarkovChain(size_t states) : states_(states), rates_(states * states) {}
  void add(size_t from, size_t to, double rate) { rates_[from * states_ + to] += rate; }
  size_t states() const { return states_; }

  // Sums to one. The chain has one class of recurrent states that all others lead to, and state 0
  // is one of them. By the elimination of Grassmann, Taksar and Heyman (1985), which never
  // subtracts and so loses no digits.
  std::vector<double> stationary() const;

 private:
  size_t states_;
  std::vector<double> rates_;
};

// A chain given by what may happen in a state. States are words of small numbers; all that `start`
// leads to are found.
class StateSpace {
 public:
  using State = std::vector<int>;
  struct Move {
    State to;
    double rate = 0;
  };
  using Moves = std::function<std::vector<Move>(const State&)>;

  StateSpace(const State& start, const Moves& moves);

  size_t size() const { return states_.size(); }
  // The mean of f over the stationary distribution.
  double mean(const std::function<double(const State&)>& f) const;

 private:
  std::vector<State> states_;
  std::vector<double> share_;
};

}  // namespace windtunnel::factory
