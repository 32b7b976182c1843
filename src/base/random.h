// Named, independent, counter-based random streams.
//
// A stream is the pair (key, counter): draw n of a stream is a bijective mix of both, so a stream
// needs 16 bytes, can be copied, and does not depend on who else draws. Keys come from
// (seed, entity name, purpose): adding an entity disturbs no other, and two scenarios with the same
// names share common random numbers.
//
// The mix is two rounds of the 64-bit finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014,
// variant 13 of Stafford) over key and counter; distributions are our own because those of the
// standard library differ between implementations.
#pragma once

#include <cstdint>
#include <string_view>

namespace windtunnel::base {

constexpr uint64_t mix64(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

constexpr uint64_t hash_combine(uint64_t a, uint64_t b) {
  return mix64(a + 0x9e3779b97f4a7c15ULL * (b + 1));
}

// FNV-1a over the bytes, then mixed: names to keys, the same on every machine.
constexpr uint64_t hash_name(std::string_view name) {
  uint64_t h = 0xcbf29ce484222325ULL;
  for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return mix64(h);
}

class RandomStream {
 public:
  constexpr RandomStream() = default;
  constexpr RandomStream(uint64_t seed, std::string_view name)
      : key_(hash_combine(mix64(seed), hash_name(name))) {}
  // For entities that are numbered rather than named: purpose and index.
  constexpr RandomStream(uint64_t seed, std::string_view purpose, uint64_t index)
      : key_(hash_combine(hash_combine(mix64(seed), hash_name(purpose)), index)) {}

  // A stream derived from this one, without drawing from it.
  constexpr RandomStream child(std::string_view name) const {
    return from_key(hash_combine(key_, hash_name(name)));
  }
  constexpr RandomStream child(uint64_t index) const { return from_key(hash_combine(key_, index)); }

  // Uniform over all 64-bit values.
  constexpr uint64_t bits() {
    return mix64(mix64(key_ + counter_++ * 0x9e3779b97f4a7c15ULL) ^ (key_ >> 32 | key_ << 32));
  }
  // Uniform in [0, bound); bound > 0. Multiply-shift (Lemire 2019) with rejection: exact.
  uint64_t below(uint64_t bound);
  // Uniform in [0, 2^32) scaled to bound without rejection: bias below bound / 2^32. For hot paths.
  constexpr uint32_t below_fast(uint32_t bound) {
    return static_cast<uint32_t>(((bits() >> 32) * bound) >> 32);
  }
  // True with probability part/whole.
  bool chance(uint64_t part, uint64_t whole) { return below(whole) < part; }

  // Real-valued draws, for service times and the like. uniform() is in [0, 1) with 53 bits.
  double uniform();
  double exponential(double mean);
  double normal(double mean, double deviation);
  double gamma(double shape, double scale);
  double weibull(double shape, double scale);
  double lognormal(double mu, double sigma);
  double triangular(double low, double mode, double high);

  constexpr uint64_t drawn() const { return counter_; }

 private:
  static constexpr RandomStream from_key(uint64_t key) {
    RandomStream stream;
    stream.key_ = key;
    return stream;
  }
  uint64_t key_ = 0;
  uint64_t counter_ = 0;
};

}  // namespace windtunnel::base
