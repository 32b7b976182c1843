#include "fabric/earliest.h"

#include <vector>

#include "base/random.h"

namespace windtunnel::fabric {
namespace {

TEST(Earliest, AgreesWithALinearSearch) {
  base::RandomStream random(11, "earliest");
  Earliest earliest;
  for (const uint32_t count : {1u, 2u, 3u, 5u, 8u, 48u, 64u, 65u}) {
    std::vector<int64_t> times(count);
    for (int64_t& t : times) t = static_cast<int64_t>(random.below(20));
    earliest.reset(count, [&](uint32_t i) { return times[i]; });
    for (int step = 0; step < 500; ++step) {
      const auto least = std::min_element(times.begin(), times.end());
      ASSERT_EQ(earliest.time(), *least) << count << " entries, step " << step;
      ASSERT_EQ(earliest.index(), least - times.begin()) << count << " entries, step " << step;
      const auto i = static_cast<uint32_t>(random.below(count));
      times[i] = random.chance(1, 10) ? std::numeric_limits<int64_t>::max()
                                      : static_cast<int64_t>(random.below(20));
      earliest.set(i, times[i]);
    }
  }
}

}  // namespace
}  // namespace windtunnel::fabric
