#include "node/host_path.h"

#include <fmt/format.h>

#include <algorithm>

#include "node/host_traffic.h"

namespace windtunnel::node {
namespace {

constexpr Bytes kSmall = Bytes(64);

PathChoice direct(const HostModel& model, HostRoute route, RouteUse use) {
  PathChoice choice;
  choice.use = use;
  const RouteRate rate = idle_rate(model, route);
  choice.rate = rate.rate;
  choice.limit = rate.limit;
  choice.latency = idle_latency(model, route, kSmall);
  choice.why = route.why;
  choice.legs.push_back(std::move(route));
  return choice;
}

bool same_direction(const HostRoute& a, const HostRoute& b) {
  return std::any_of(a.steps.begin(), a.steps.end(), [&](const RouteStep& x) {
    return std::any_of(b.steps.begin(), b.steps.end(),
                       [&](const RouteStep& y) { return x.lane == y.lane; });
  });
}

// Staged in `memory`: the source writes, the sink reads.
base::Result<PathChoice> staged(const HostModel& model, uint32_t from, uint32_t memory,
                                uint32_t to) {
  auto in = find_route(model, from, memory, RouteUse::kWrite);
  if (!in) return tl::unexpected(in.error());
  auto out = find_route(model, memory, to, RouteUse::kRead);
  if (!out) return tl::unexpected(out.error());
  PathChoice choice;
  choice.staged = true;
  const RouteRate first = idle_rate(model, *in);
  const RouteRate second = idle_rate(model, *out);
  const RouteRate& slower = first.rate < second.rate ? first : second;
  choice.rate = slower.rate;
  choice.limit = slower.limit;
  if (same_direction(*in, *out)) {
    choice.rate = Rate::bits_per_second(slower.rate.bits_per_second() / 2);
    choice.limit += ", crossed twice";
  }
  choice.latency = idle_latency(model, *in, kSmall) + idle_latency(model, *out, kSmall);
  choice.why = fmt::format("staged in {}: written there, then read", model.vertex(memory).name);
  choice.legs = {std::move(*in), std::move(*out)};
  return choice;
}

bool better(const PathChoice& a, const PathChoice& b, Rate best) {
  const auto close = [&](const PathChoice& c) {
    return c.rate.bits_per_second() / 9 >= best.bits_per_second() / 10;
  };
  if (close(a) != close(b)) return close(a);
  if (!close(a) && a.rate != b.rate) return a.rate > b.rate;
  if (a.staged != b.staged) return b.staged;
  return a.latency < b.latency;
}

bool can_stage(HostPart kind) { return kind != HostPart::kMemory && kind != HostPart::kSocket; }

}  // namespace

base::Result<PathAnswer> find_paths(const HostModel& model, uint32_t from, uint32_t to) {
  PathAnswer answer;
  base::Error error;
  for (const RouteUse use : {RouteUse::kWrite, RouteUse::kRead}) {
    auto route = find_route(model, from, to, use);
    if (route) {
      answer.choices.push_back(direct(model, std::move(*route), use));
      continue;
    }
    error = route.error();
    const auto& refused = answer.refused;
    if (std::find(refused.begin(), refused.end(), error.message) == refused.end())
      answer.refused.push_back(error.message);
  }
  if (from != to && model.vertex(from).host == model.vertex(to).host &&
      can_stage(model.vertex(from).kind) && can_stage(model.vertex(to).kind)) {
    uint32_t last = HostModel::kNone;
    for (const uint32_t end : {from, to}) {
      const uint32_t socket = model.socket_of(end);
      if (model.vertex(socket).kind != HostPart::kSocket || socket == last) continue;
      last = socket;
      if (auto way = staged(model, from, model.memory_of(socket), to))
        answer.choices.push_back(std::move(*way));
    }
  }
  if (answer.choices.empty()) return tl::unexpected(error);
  Rate best;
  for (const PathChoice& choice : answer.choices) best = std::max(best, choice.rate);
  std::stable_sort(answer.choices.begin(), answer.choices.end(),
                   [&](const PathChoice& a, const PathChoice& b) { return better(a, b, best); });
  return answer;
}

base::Result<NicPath> nic_path(const HostModel& model, uint32_t part, uint32_t nic) {
  const auto send = find_route(model, part, nic, RouteUse::kRead);
  if (!send) return tl::unexpected(send.error());
  const auto receive = find_route(model, nic, part, RouteUse::kWrite);
  if (!receive) return tl::unexpected(receive.error());
  const uint32_t socket = model.socket_of(nic);
  const uint32_t memory = model.memory_of(socket);
  const auto doorbell = find_route(model, socket, nic, RouteUse::kWrite);
  const auto descriptor = find_route(model, memory, nic, RouteUse::kRead);
  const auto completion = find_route(model, nic, memory, RouteUse::kWrite);
  for (const auto* route : {&doorbell, &descriptor, &completion}) {
    if (!*route) return tl::unexpected(route->error());
  }
  const Duration inside = model.host(nic).latencies.nic;
  NicPath path;
  path.send_latency = idle_latency(model, *send, Bytes(1)) + inside;
  path.receive_latency = idle_latency(model, *receive, Bytes(1)) + inside;
  const RouteRate out = idle_rate(model, *send);
  const RouteRate in = idle_rate(model, *receive);
  path.send_rate = out.rate;
  path.receive_rate = in.rate;
  path.limit = out.rate < in.rate ? out.limit : in.limit;
  path.post =
      idle_latency(model, *doorbell, kDoorbell) + idle_latency(model, *descriptor, kDescriptor);
  path.complete = idle_latency(model, *completion, kCompletion);
  path.why = send->why;
  return path;
}

}  // namespace windtunnel::node
