#include "cluster/sequence.h"

#include <gtest/gtest.h>

namespace windtunnel::cluster {
namespace {

TEST(Sequence, CountsWhatArrivedWithAllBeforeIt) {
  Sequence sequence;
  sequence.arrived(0);
  sequence.arrived(1);
  EXPECT_EQ(sequence.count(), 2u);
  sequence.arrived(3);  // number 2 failed
  sequence.arrived(4);
  EXPECT_EQ(sequence.count(), 2u);
}

TEST(SequenceDeathTest, RefusesMessagesThatChangedTheirOrder) {
  Sequence sequence;
  sequence.arrived(0);
  EXPECT_DEATH(sequence.arrived(0), "out of order");
  sequence.arrived(2);
  EXPECT_DEATH(sequence.arrived(1), "out of order");
}

}  // namespace
}  // namespace windtunnel::cluster
