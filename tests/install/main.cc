// Uses each public header in earnest, so that a header or library left out of the package shows:
// two Braid endpoints move one write over a wire that takes a microsecond.
#include <windtunnel/braid.h>
#include <windtunnel/result.h>
#include <windtunnel/units.h>

#include <array>
#include <cstdint>
#include <iostream>

namespace base = windtunnel::base;
namespace braid = windtunnel::braid;

namespace {

constexpr uint64_t kBytes = 10'000;
constexpr uint64_t kRemoteAddress = 0x1000;
constexpr int kMicrosecondsMax = 1'000;

struct Side {
  braid::Endpoint endpoint;
  braid::PdId pd;
  braid::QpId qp;
};

Side make_side(uint64_t seed) {
  Side side{braid::Endpoint(braid::EndpointConfig{}, base::RandomStream(seed, "consumer")), {}, {}};
  side.pd = side.endpoint.create_pd();
  side.qp = side.endpoint.create_qp(side.pd).value();
  return side;
}

// Everything `from` has to say arrives at `to` at once; returns the payload bytes placed.
uint64_t carry(Side& from, Side& to, base::Time now) {
  uint64_t placed = 0;
  braid::Packet packet;
  while (from.endpoint.transmit(now, packet)) {
    placed += to.endpoint.receive(now, packet, {}).length;
  }
  return placed;
}

base::Result<uint64_t> write_once() {
  Side sender = make_side(1);
  Side receiver = make_side(2);
  const auto region = receiver.endpoint.register_memory(receiver.pd, kRemoteAddress, kBytes,
                                                        braid::Access::kRemoteWrite);
  if (!region) return base::fail(region.error().message);
  const auto there = sender.endpoint.connect(sender.qp, receiver.endpoint.attributes(receiver.qp));
  const auto back = receiver.endpoint.connect(receiver.qp, sender.endpoint.attributes(sender.qp));
  if (!there || !back) return base::fail("not connected");
  const braid::WriteWork work{.work_id = 7,
                              .local = 0,
                              .remote = kRemoteAddress,
                              .rkey = region->rkey,
                              .length = kBytes,
                              .immediate = {}};
  if (!sender.endpoint.post_write(sender.qp, work)) return base::fail("not posted");

  uint64_t placed = 0;
  std::array<braid::Completion, 1> done;
  for (int us = 0; us < kMicrosecondsMax; ++us) {
    const base::Time now = base::Time::at(base::Duration::us(us));
    sender.endpoint.expire(now);
    receiver.endpoint.expire(now);
    placed += carry(sender, receiver, now);
    carry(receiver, sender, now);
    if (sender.endpoint.poll(done) == 1) return placed;
  }
  return base::fail("no completion");
}

}  // namespace

int main() {
  const base::Duration time = base::transfer_time(base::Bytes::of(4160), base::Rate::gbps(400));
  const base::Status refused =
      base::fail(base::SourceMark{"a.yaml", 3, 7}, "found 0, expected at least 1");
  const base::Result<uint64_t> written = write_once();
  std::cout << time.ps() << " ps\n" << refused.error().to_string() << '\n';
  std::cout << (written ? *written : 0) << " bytes written\n";
  return written ? 0 : 1;
}
