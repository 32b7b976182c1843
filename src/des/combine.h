// Waiting for several things at once.
//
//   auto first = co_await any_of(buffer.get(), sim.delay(Duration::s(5)));
//   if (first.index() == 0) use(std::get<0>(std::move(first)));    // else the timeout came first
//
//   co_await all_of(sim.join(left), sim.join(right));
//
// any_of results in a std::variant with the result of the first wait to complete, Nothing for waits
// without one; the others are given up, as if never begun. If several can complete at once, the
// first argument wins. all_of takes waits without result, since what had arrived would be lost if
// the wait were cut short.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/check.h"
#include "des/waiter.h"

namespace windtunnel::des {

struct Nothing {};

template <class W>
using ResultOf = decltype(std::declval<W&>().result());

template <class W>
using ResultOrNothing =
    std::conditional_t<std::is_void_v<ResultOf<W>>, Nothing, std::decay_t<ResultOf<W>>>;

template <class... Ws>
class AnyOf final : public Wait<AnyOf<Ws...>> {
 public:
  using Result = std::variant<ResultOrNothing<Ws>...>;
  struct AnyOutcome : Outcome {
    std::optional<Result> first;  // empty when interrupted
  };

  explicit AnyOf(Ws&&... waits) : waits_(std::move(waits)...) {}
  AnyOf(AnyOf&&) noexcept = default;
  ~AnyOf() override { this->abandon(); }

  bool poll() { return poll_each(std::index_sequence_for<Ws...>()); }
  void arm() {
    std::apply([](auto&... wait) { (wait.arm_now(), ...); }, waits_);
  }
  Result result() {
    WT_CHECK(winner_ < sizeof...(Ws), "any_of without a winner");
    return take(std::index_sequence_for<Ws...>());
  }
  AnyOutcome outcome() {
    if (this->interrupted()) return {this->outcome_now(), std::nullopt};
    return {{}, result()};
  }

 protected:
  void disarm() noexcept override {
    std::apply([](auto&... wait) { (wait.abandon(), ...); }, waits_);
  }
  void child_completed(Waiter& child) override {
    winner_ = index_of(child, std::index_sequence_for<Ws...>());
    disarm();
    this->complete();
  }

 private:
  template <size_t... I>
  bool poll_each(std::index_sequence<I...>) {
    (std::get<I>(waits_).bind(this->kernel(), this->process(), this), ...);
    return ((std::get<I>(waits_).poll() && (winner_ = I, true)) || ...);
  }
  template <size_t... I>
  size_t index_of(const Waiter& child, std::index_sequence<I...>) const {
    size_t index = sizeof...(Ws);
    ((static_cast<const Waiter*>(&std::get<I>(waits_)) == &child ? void(index = I) : void()), ...);
    return index;
  }
  template <size_t... I>
  Result take(std::index_sequence<I...>) {
    std::optional<Result> result;
    ((I == winner_ ? void(take_one<I>(result)) : void()), ...);
    return std::move(*result);
  }
  template <size_t I>
  void take_one(std::optional<Result>& result) {
    if constexpr (std::is_void_v<ResultOf<std::tuple_element_t<I, std::tuple<Ws...>>>>) {
      result.emplace(std::in_place_index<I>);
    } else {
      result.emplace(std::in_place_index<I>, std::get<I>(waits_).result());
    }
  }

  std::tuple<Ws...> waits_;
  size_t winner_ = sizeof...(Ws);
};

template <class... Ws>
class AllOf final : public Wait<AllOf<Ws...>> {
  static_assert((std::is_void_v<ResultOf<Ws>> && ...), "all_of is for waits without a result");

 public:
  explicit AllOf(Ws&&... waits) : waits_(std::move(waits)...) {}
  AllOf(AllOf&&) noexcept = default;
  ~AllOf() override { this->abandon(); }

  bool poll() { return poll_each(std::index_sequence_for<Ws...>()); }
  void arm() { arm_each(std::index_sequence_for<Ws...>()); }
  void result() const {}
  Outcome outcome() const { return this->outcome_now(); }

 protected:
  void disarm() noexcept override {
    std::apply([](auto&... wait) { (wait.abandon(), ...); }, waits_);
  }
  void child_completed(Waiter&) override {
    if (--missing_ == 0) this->complete();
  }

 private:
  template <size_t... I>
  bool poll_each(std::index_sequence<I...>) {
    (std::get<I>(waits_).bind(this->kernel(), this->process(), this), ...);
    ((done_[I] = std::get<I>(waits_).poll()), ...);
    for (const bool done : done_) missing_ += done ? 0 : 1;
    return missing_ == 0;
  }
  template <size_t... I>
  void arm_each(std::index_sequence<I...>) {
    ((done_[I] ? void() : std::get<I>(waits_).arm_now()), ...);
  }

  std::tuple<Ws...> waits_;
  std::array<bool, sizeof...(Ws)> done_{};  // completed before the wait began
  int missing_ = 0;
};

template <class... Ws>
AnyOf<std::decay_t<Ws>...> any_of(Ws&&... waits) {
  return AnyOf<std::decay_t<Ws>...>(std::move(waits)...);
}

template <class... Ws>
AllOf<std::decay_t<Ws>...> all_of(Ws&&... waits) {
  return AllOf<std::decay_t<Ws>...>(std::move(waits)...);
}

}  // namespace windtunnel::des
