#include "braid/credit.h"

#include <array>
#include <map>
#include <vector>

namespace windtunnel::braid {
namespace {

std::shared_ptr<const Profile> rccc_profile(
    CongestionControl congestion = CongestionControl::kRccc) {
  EndpointConfig config;
  config.congestion = congestion;
  config.base_rtt = base::Duration::ps(12'499'200);
  return make_profile(config);
}

TEST(CreditSender, AsksForItsBacklogUpToAWindow) {
  const auto p = rccc_profile();
  CreditSender s;
  s.granted = 1000;
  EXPECT_EQ(credit_target(s, {.backlog = 10'000}, *p), 1000u + 40) << "ceil(10,000 / 256)";
  EXPECT_EQ(credit_target(s, {.backlog = 100'000'000}, *p), 1000u + 937'440 / 256 + 1);
  s.credit = 5'000;
  EXPECT_EQ(credit_target(s, {.backlog = 10'000}, *p), 1000u + 20);
  s.credit = 20'000;
  EXPECT_EQ(credit_target(s, {.backlog = 10'000}, *p), 1000u - 39) << "it has more than it needs";
  EXPECT_EQ(credit_target(s, {.backlog = 10'000, .speculating = true}, *p), 1000u + 16)
      << "speculation always asks for one MTU";
  s.credit = 0;
  EXPECT_EQ(credit_target(s, {.backlog = 40'960, .sharers = 4}, *p), 1000u + 40);
}

TEST(CreditSender, AWindowBoundsTheWish) {
  const auto p = rccc_profile(CongestionControl::kNsccAndRccc);
  const CreditSender s;
  EXPECT_EQ(credit_target(s, {.backlog = 1'000'000, .window = 20'480}, *p), (20'480u + 4096) / 256);
}

TEST(CreditSender, TotalsCountOnceAndWrap) {
  const auto p = rccc_profile();
  CreditSender s;
  s.granted = 0xffffffff;
  EXPECT_TRUE(credit_granted(s, 3, *p));
  EXPECT_EQ(s.credit, 4 * 256);
  EXPECT_FALSE(credit_granted(s, 3, *p)) << "a replay";
  EXPECT_FALSE(credit_granted(s, 2, *p)) << "an older one";
  EXPECT_EQ(s.credit, 4 * 256);
  EXPECT_TRUE(credit_granted(s, 1'000'000, *p));
  EXPECT_EQ(s.credit, p->credit_maximum);
}

struct Pacing {
  std::shared_ptr<const Profile> profile = rccc_profile();
  std::array<CreditReceiver, 4> receivers;
  CreditPacer pacer;
  CreditReceiver& operator()(uint32_t i) { return receivers[i]; }
  void ask(uint32_t qp, uint32_t target, int64_t now) {
    receivers[qp].target = target;
    pacer.request(*this, qp, now);
  }
  CreditPacer::Grant fire(int64_t now) { return pacer.fire(*this, *profile, now); }
};

TEST(CreditPacer, GrantsSixteenKibAtNinetyNinePercentOfTheLine) {
  Pacing p;
  p.ask(0, 160, 1000);
  EXPECT_EQ(p.pacer.due(), 1000);
  EXPECT_EQ(p.fire(1000).total, 64u);
  EXPECT_EQ(p.pacer.due(), 1000 + 64 * 5171);
  EXPECT_EQ(p.fire(p.pacer.due()).total, 128u);
  const int64_t third = p.pacer.due();
  EXPECT_EQ(p.fire(third).total, 160u) << "no more than was asked for";
  EXPECT_EQ(p.pacer.due(), third + 32 * 5171);
}

TEST(CreditPacer, AsksTakeTurns) {
  Pacing p;
  for (const uint32_t qp : {0u, 1u, 2u}) p.ask(qp, 1000, 0);
  std::vector<uint32_t> order;
  for (int i = 0; i < 6; ++i) order.push_back(p.fire(p.pacer.due()).qp);
  EXPECT_EQ(order, (std::vector<uint32_t>{0, 1, 2, 0, 1, 2}));
}

TEST(CreditPacer, IdleSendersGetAWindowSlowlyThenThePacerRests) {
  Pacing p;
  p.ask(3, 64, 0);
  EXPECT_FALSE(p.fire(0).slow);
  uint32_t slow = 0;
  while (p.pacer.due() != CreditPacer::kResting) {
    const CreditPacer::Grant grant = p.fire(p.pacer.due());
    if (grant.qp == kNoLink) break;
    EXPECT_TRUE(grant.slow);
    ++slow;
  }
  EXPECT_EQ(slow, (937'440u / 256 + 63) / 64);
  EXPECT_EQ(p.pacer.due(), CreditPacer::kResting);
  p.ask(3, p.receivers[3].granted + 64, 7'000'000'000);
  EXPECT_EQ(p.pacer.due(), 7'000'000'000) << "starts again at once";
}

TEST(CreditPacer, GrantsNothingToTheForgotten) {
  for (const uint32_t gone : {0u, 1u, 2u}) {
    Pacing p;
    for (const uint32_t qp : {0u, 1u, 2u}) p.ask(qp, 1000, 0);
    p.pacer.forget(p, gone);
    p.receivers[gone] = CreditReceiver{};
    for (int i = 0; i < 6; ++i) EXPECT_NE(p.fire(p.pacer.due()).qp, gone);
    p.ask(gone, 1000, 0);  // as another queue pair
    bool granted = false;
    for (int i = 0; i < 3; ++i) granted |= p.fire(p.pacer.due()).qp == gone;
    EXPECT_TRUE(granted);
  }
}

TEST(CreditPacer, ForgetsThoseWhoHaveWhatTheyAskedFor) {
  for (const uint32_t gone : {0u, 1u, 2u}) {
    Pacing p;
    for (const uint32_t qp : {0u, 1u, 2u}) p.ask(qp, 64, 0);
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(p.fire(p.pacer.due()).slow);
    p.pacer.forget(p, gone);
    p.receivers[gone] = CreditReceiver{};
    for (int i = 0; i < 6; ++i) {
      const CreditPacer::Grant grant = p.fire(p.pacer.due());
      EXPECT_TRUE(grant.slow);
      EXPECT_NE(grant.qp, gone);
    }
    p.pacer.forget(p, gone);  // in no list
  }
}

TEST(CreditPacer, ThoseWhoAskGoBeforeThoseWhoHave) {
  Pacing p;
  p.ask(0, 64, 0);
  p.fire(0);
  p.ask(1, 128, 1);
  EXPECT_EQ(p.fire(p.pacer.due()).qp, 1u);
  EXPECT_EQ(p.fire(p.pacer.due()).qp, 1u);
  EXPECT_EQ(p.fire(p.pacer.due()).qp, 0u);
}

TEST(Oversubscription, TrimsAndMarksSlowThePacerQuietTimesSpeedItUp) {
  EndpointConfig config;
  config.congestion = CongestionControl::kRccc;
  config.oversubscription = {4, 1};
  const auto profile = make_profile(config);
  base::RandomStream stream(1, "oversubscription");
  CreditPacer pacer;
  OversubscriptionState s;
  s.packets = 100;
  s.trimmed = 25;
  oversubscription_update(s, *profile, 0, stream, pacer);
  EXPECT_NEAR(s.rate, 0.75 * 65536, 2);
  EXPECT_GE(s.next, profile->base_rtt * 9 / 8);
  EXPECT_LE(s.next, profile->base_rtt * 15 / 8);
  for (int i = 0; i < 20; ++i) {
    s.packets = 100;
    s.trimmed = 50;
    oversubscription_update(s, *profile, 0, stream, pacer);
  }
  EXPECT_NEAR(s.rate, 0.225 * 65536, 2) << "not below 0.9 of its share";
  for (int i = 0; i < 12; ++i) {
    s.packets = 100;
    oversubscription_update(s, *profile, 0, stream, pacer);
  }
  EXPECT_EQ(s.rate, 65536u);
}

}  // namespace
}  // namespace windtunnel::braid
