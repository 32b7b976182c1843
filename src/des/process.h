// Behaviour written as coroutines.
//
//   Process worker(Simulation<Microseconds>& sim, Resource& machine, Store<Part>& buffer) {
//     for (;;) {
//       Part part = co_await buffer.get();
//       Grant grant = co_await machine.acquire();
//       co_await sim.delay(Duration::s(50));
//       co_await inspect(sim, part);           // another Process or Task<T>, run to its end
//     }
//   }
//   sim.spawn(worker(sim, machine, buffer));
//
// A Process is a Task<void>. Spawned, it runs on its own; awaited, it is a step of the awaiting
// process, and a Task<T> returns a value. It starts when spawned or awaited, not when called.
//
// Frames come from the kernel's pool, so a coroutine must be told its kernel: one of its parameters
// (or the object whose member function it is) has a method `kernel()`. Simulation has one; give
// model classes one. Anything else does not compile.
//
// Parameters by reference must outlive the process. A lambda with captures must not be a coroutine:
// its captures die with the lambda object.
//
// An exception that leaves a process is a fault of the program and aborts.
#pragma once

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/check.h"
#include "des/kernel.h"
#include "des/waiter.h"

namespace windtunnel::des {

template <class T>
concept KnowsKernel = requires(T& object) {
  { object.kernel() } -> std::convertible_to<Kernel&>;
};

// The part of a promise that does not depend on the result.
class PromiseBase {
 public:
  template <class... Args>
  explicit PromiseBase(Args&... args) : kernel_(find_kernel(args...)) {}

  Kernel& kernel() const { return *kernel_; }
  uint32_t process() const { return process_; }
  void set_process(uint32_t process) { process_ = process; }
  void set_continuation(std::coroutine_handle<> continuation) { continuation_ = continuation; }
  std::coroutine_handle<> continuation() const { return continuation_; }

  std::suspend_always initial_suspend() const noexcept { return {}; }
  [[noreturn]] void unhandled_exception() const noexcept {
    base::check_failed("no exception leaves a process", __FILE__, __LINE__, "");
  }

  // Inline always: gcc takes a template new and a plain delete for mismatched when it sees them.
  template <class... Args>
  [[gnu::always_inline]] static void* operator new(size_t bytes, Args&... args) {
    return find_kernel(args...)->frames().allocate(bytes);
  }
  [[gnu::always_inline]] static void operator delete(void* frame, size_t bytes) noexcept {
    FramePool::release(frame, bytes);
  }

 private:
  template <class First, class... Rest>
  static Kernel* find_kernel(First& first, Rest&... rest) {
    if constexpr (KnowsKernel<First>) {
      return &static_cast<Kernel&>(first.kernel());
    } else {
      static_assert(sizeof...(Rest) > 0, "no parameter of this process has kernel()");
      return find_kernel(rest...);
    }
  }

  Kernel* kernel_;
  std::coroutine_handle<> continuation_;  // who awaits this task; null for a spawned process
  uint32_t process_ = 0;
};

// Goes on with whoever awaited the task; a spawned process ends.
template <class Promise>
struct FinalAwaiter {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<Promise> handle) const noexcept {
    Promise& promise = handle.promise();
    promise.kernel().step_ended(promise.process(), promise.continuation());
  }
  void await_resume() const noexcept {}
};

template <class T>
class TaskResult : public PromiseBase {
 public:
  using PromiseBase::PromiseBase;
  template <class U>
  void return_value(U&& value) {
    value_ = std::forward<U>(value);
  }
  T take() { return std::move(*value_); }

 private:
  std::optional<T> value_;
};

template <>
class TaskResult<void> : public PromiseBase {
 public:
  using PromiseBase::PromiseBase;
  void return_void() const {}
  void take() const {}
};

// Owns a coroutine until it is spawned. Dropping a task that has not run destroys it; a step that
// is being awaited is destroyed with the frame that awaits it.
template <class T>
class [[nodiscard]] Task {
 public:
  class promise_type final : public TaskResult<T> {
   public:
    using TaskResult<T>::TaskResult;
    Task get_return_object() {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    FinalAwaiter<promise_type> final_suspend() const noexcept { return {}; }
  };

  Task(Task&& other) noexcept : handle_(other.release()) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  class Awaiter {
   public:
    explicit Awaiter(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> caller) const {
      handle_.promise().set_process(caller.promise().process());
      handle_.promise().set_continuation(caller);
      caller.promise().kernel().go_on_with(handle_);
    }
    T await_resume() const { return handle_.promise().take(); }

   private:
    std::coroutine_handle<promise_type> handle_;
  };
  Awaiter operator co_await() const& { return Awaiter(handle_); }

  std::coroutine_handle<promise_type> release() { return std::exchange(handle_, nullptr); }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

// A wait for the end of another process; over at once when it has ended.
class Join final : public Wait<Join> {
 public:
  explicit Join(ProcessId target) : target_(target) {}
  Join(Join&&) noexcept = default;
  ~Join() override { abandon(); }

  bool poll();
  void arm();
  void result() const {}
  Outcome outcome() const { return outcome_now(); }

 protected:
  void disarm() noexcept override;

 private:
  ProcessId target_;
};

}  // namespace windtunnel::des
