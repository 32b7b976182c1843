// Counts every operator new of a test program. For exactly one file of it: what is here replaces
// the program's own, whole, so that memory never comes from one pair and goes to another.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace windtunnel::testing {

inline std::atomic<int64_t> allocations{0};
inline std::atomic<int64_t> allocated_bytes{0};

inline void* counted(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  allocated_bytes.fetch_add(static_cast<int64_t>(size), std::memory_order_relaxed);
  void* const memory =
      alignment > alignof(std::max_align_t)
          ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)
          : std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  return memory;
}

}  // namespace windtunnel::testing

// NOLINTBEGIN(misc-definitions-in-headers): one file of a program includes this.
void* operator new(std::size_t size) { return windtunnel::testing::counted(size); }
void* operator new[](std::size_t size) { return windtunnel::testing::counted(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return windtunnel::testing::counted(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return windtunnel::testing::counted(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return windtunnel::testing::counted(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return windtunnel::testing::counted(size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
// NOLINTEND(misc-definitions-in-headers)
