// A typed index into a slab: Id<struct LinkTag> and Id<struct HostTag> do not mix.
#pragma once

#include <compare>
#include <cstdint>

namespace windtunnel::base {

template <class Tag>
class Id {
 public:
  constexpr Id() = default;
  explicit constexpr Id(uint32_t index) : index_(index) {}
  constexpr uint32_t index() const { return index_; }
  constexpr bool valid() const { return index_ != kNone; }
  constexpr auto operator<=>(const Id&) const = default;

 private:
  static constexpr uint32_t kNone = 0xffffffff;
  uint32_t index_ = kNone;
};

}  // namespace windtunnel::base
