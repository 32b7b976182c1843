#include "tests/braid_image.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include "base/random.h"

namespace windtunnel::braid_hostile {

namespace {

uint64_t word(uint8_t side, uint64_t index) {
  return base::mix64(index * 0x9e3779b97f4a7c15ULL + 1 + side);
}

}  // namespace

void pattern(uint8_t side, uint64_t address, std::span<uint8_t> out) {
  size_t done = 0;
  while (done < out.size()) {
    const uint64_t at = address + done;
    const uint64_t value = word(side, at / 8);
    const size_t skip = at % 8;
    const size_t here = std::min(out.size() - done, 8 - skip);
    std::array<uint8_t, 8> bytes{};
    std::memcpy(bytes.data(), &value, 8);
    std::memcpy(out.data() + done, bytes.data() + skip, here);
    done += here;
  }
}

uint32_t Image::add(uint64_t length, uint8_t access) {
  Region region;
  region.base = next_base_;
  region.length = std::max<uint64_t>(length, 1);
  region.access = access;
  if (region.writable()) {
    region.bytes.assign(region.length, 0xee);
    region.written.assign(region.length, 0);
  }
  next_base_ += (uint64_t{1} << 32) + region.length + 3;
  regions_.push_back(std::move(region));
  return size() - 1;
}

const Region* Image::granted(uint32_t pd, uint32_t key, uint64_t address, uint64_t size,
                             uint8_t access) const {
  for (const Region& region : regions_) {
    if (!region.valid || region.keys.rkey != key || region.pd != pd) continue;
    if ((region.access & access) == access && region.covers(address, size)) return &region;
  }
  return nullptr;
}

const Region* Image::at(uint64_t address, uint64_t size) const {
  for (const Region& region : regions_) {
    if (region.covers(address, size)) return &region;
  }
  return nullptr;
}

Region* Image::find(uint64_t address, uint64_t size) {
  for (Region& region : regions_) {
    if (region.covers(address, size) && region.writable()) return &region;
  }
  return nullptr;
}

Image::Put Image::place(uint64_t address, std::span<const uint8_t> bytes) {
  Region* region = find(address, bytes.size());
  if (region == nullptr) return Put::kOutside;
  const auto offset = static_cast<std::ptrdiff_t>(address - region->base);
  const auto end = offset + static_cast<std::ptrdiff_t>(bytes.size());
  const auto flags = region->written.begin();
  const bool twice = std::find(flags + offset, flags + end, 1) != flags + end;
  std::copy(bytes.begin(), bytes.end(), region->bytes.begin() + offset);
  std::fill(flags + offset, flags + end, uint8_t{1});
  return twice ? Put::kTwice : Put::kDone;
}

bool Image::equals(uint64_t address, uint64_t length, uint64_t source) const {
  const Region* region = at(address, length);
  if (region == nullptr || !region->writable()) return length == 0;
  std::vector<uint8_t> wanted(length);
  pattern(static_cast<uint8_t>(1 - side_), source, wanted);
  const auto begin = region->bytes.begin() + static_cast<std::ptrdiff_t>(address - region->base);
  return std::equal(wanted.begin(), wanted.end(), begin);
}

uint64_t Image::placed(uint64_t address, uint64_t length) const {
  const Region* region = at(address, length);
  if (region == nullptr || !region->writable()) return 0;
  const auto begin = region->written.begin() + static_cast<std::ptrdiff_t>(address - region->base);
  return std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(length), uint64_t{0});
}

}  // namespace windtunnel::braid_hostile
