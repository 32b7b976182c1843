#include "fabric/link.h"

#include "base/units.h"

namespace windtunnel::fabric {
namespace {

Parcel parcel(uint32_t number) {
  Parcel p;
  p.bytes = 4096;
  p.cargo[0] = number;
  return p;
}

TEST(Link, SerialisationIsExactOrRoundedUp) {
  Link link;
  for (const int64_t bps :
       {int64_t{400'000'000'000}, int64_t{100'000'000'000}, int64_t{1'000'000},
        int64_t{123'456'789}, int64_t{100'000'000'000'000}, int64_t{1862}, int64_t{1000},
        int64_t{1}, int64_t{7}, int64_t{1'000'000'000'000'000'000}}) {
    link.set_rate(base::Rate::bits_per_second(bps));
    for (const uint32_t bytes : {0u, 1u, 64u, 4096u, 65'535u}) {
      EXPECT_EQ(link.serialisation_ps(bytes),
                transfer_time(base::Bytes(bytes), base::Rate::bits_per_second(bps)).ps())
          << bytes << " B at " << bps;
    }
  }
}

TEST(Link, SendsIntoTheWindowOfArrival) {
  Outbox outbox(8, 1);
  WorkerCounters counters;
  const base::Duration lookahead = base::Duration::ps(1000);
  des::Window w;
  w.index = 5;
  w.begin = base::Time::at(lookahead * 5);
  Emitter out(outbox, w, lookahead, counters, 0);
  Link link;
  link.set_latency(base::Duration::ps(2700), lookahead);
  link.peer = Inlet(7, 3);
  out.send(link, parcel(1), 5299);  // arrives at 7,999
  out.send(link, parcel(2), 5300);  // at 8,000
  out.send_direct(Inlet(9, 1), 0, parcel(3), 12'999);
  const Chunk* list = outbox.peek(7, 0);
  ASSERT_NE(list, nullptr);
  EXPECT_EQ(list->parcels[0].offset_ps, 999u);
  EXPECT_EQ(list->parcels[0].at.bits(), Inlet(7, 3).bits());
  list = outbox.peek(8, 0);
  ASSERT_NE(list, nullptr);
  EXPECT_EQ(list->parcels[0].offset_ps, 0u);
  list = outbox.peek(12, 0);
  ASSERT_NE(list, nullptr);
  EXPECT_EQ(list->parcels[0].offset_ps, 999u);
  EXPECT_EQ(list->parcels[0].at.unit(), 9u);
}

TEST(LinkDeathTest, MessagesOutsideTheOutboxAreFaults) {
  Outbox outbox(8, 1);
  WorkerCounters counters;
  const base::Duration lookahead = base::Duration::ps(1000);
  Emitter out(outbox, des::Window{}, lookahead, counters, 0);
  EXPECT_DEATH(out.send_direct(Inlet(9, 1), 0, parcel(3), 999), "before the lookahead");
  EXPECT_DEATH(out.send_direct(Inlet(9, 1), 0, parcel(3), 8000), "too far ahead");
}

}  // namespace
}  // namespace windtunnel::fabric
