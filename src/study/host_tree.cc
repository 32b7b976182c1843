#include "study/host_tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/version.h"
#include "report/human.h"
#include "report/json_writer.h"
#include "report/text.h"

namespace windtunnel::study {
namespace {

using node::HostLane;
using node::HostModel;
using node::HostPart;
using node::HostVertex;
using node::LaneKind;
constexpr uint32_t kNone = HostModel::kNone;

double bytes_per_second(base::Rate rate) { return static_cast<double>(rate.bits_per_second()) / 8; }

std::string human_rate(base::Rate rate) {
  return report::human(bytes_per_second(rate), report::unit::kBytesPerSecond);
}

node::TlpCut cut_of(const node::HostDescription& host) {
  return {host.payload_max, host.completion_payload.value_or(host.payload_max),
          host.read_request_max};
}

// Payload that writes and reads get through a link, each way.
base::Rate lane_write_rate(const HostModel& model, const HostLane& lane) {
  if (lane.kind != LaneKind::kPcie) return lane.rate;
  return node::pcie_write_rate(lane.pcie, cut_of(model.host(lane.from)));
}
base::Rate write_rate(const HostModel& model, uint32_t vertex) {
  return lane_write_rate(model, model.lane(model.vertex(vertex).lane_up));
}
base::Rate read_rate(const HostModel& model, uint32_t vertex) {
  const HostLane& lane = model.lane(model.vertex(vertex).lane_up);
  if (lane.kind != LaneKind::kPcie) return lane.rate;
  return node::pcie_read_rate(lane.pcie, cut_of(model.host(vertex)), {}).rate;
}

bool on_pcie(const HostModel& model, uint32_t vertex) {
  const uint32_t up = model.vertex(vertex).lane_up;
  return up != kNone && model.lane(up).kind == LaneKind::kPcie;
}

std::string kind_words(HostPart kind) {
  switch (kind) {
    case HostPart::kNicSwitch:
      return "switch inside a NIC";
    case HostPart::kSwitch:
      return "switch";
    case HostPart::kSocket:
      return "socket and root complex";
    case HostPart::kMemory:
      return "host memory";
    case HostPart::kGpuSwitch:
      return "switch of the GPU fabric";
    default:
      return node::host_part_name(kind);
  }
}

class TreeText {
 public:
  TreeText(const HostModel& model, const report::TerminalStyle& style)
      : model_(model), paint_(style.colour) {}

  std::string run() {
    const node::HostDescription& host = model_.hosts().front();
    text_ = fmt::format("{}\n", paint_.bold(report::plain_line(host.name)));
    text_ += paint_.dim(fmt::format(
        "payload of a TLP {} B, read request {} B, {} tags; bandwidths are payload, each way\n",
        host.payload_max.count(), host.read_request_max.count(), host.tags));
    for (uint32_t v = 0; v < model_.vertices().size(); ++v) {
      if (model_.vertex(v).kind == HostPart::kSocket) draw(v, "", "", "");
    }
    draw_socket_links(host);
    draw_gpu_fabric();
    return std::move(text_);
  }

 private:
  // Parts that are alike and have no children stay one line each: their names are what paths use.
  void draw(uint32_t vertex, const std::string& before, const char* branch, const char* below) {
    const HostVertex& v = model_.vertex(vertex);
    const std::string head = before + branch + v.name;
    const size_t width = 34;
    text_ += report::pad_right(head, width) + " " + describe(vertex) + "\n";
    const std::string inner = before + below;
    for (size_t i = 0; i < v.children.size(); ++i) {
      const bool last = i + 1 == v.children.size();
      draw(v.children[i], inner, last ? "└─ " : "├─ ", last ? "   " : "│  ");
    }
  }

  std::string describe(uint32_t vertex) const {
    const HostVertex& v = model_.vertex(vertex);
    std::string line;
    if (on_pcie(model_, vertex)) {
      const node::PcieLink& link = model_.lane(v.lane_up).pcie;
      line += report::pad_right(
          fmt::format("Gen{} x{}", static_cast<int>(link.generation), link.lanes), 9);
      line +=
          report::pad_right(fmt::format("write {}", human_rate(write_rate(model_, vertex))), 17);
      line += report::pad_right(fmt::format("read {}", human_rate(read_rate(model_, vertex))), 16);
    } else if (v.kind == HostPart::kMemory) {
      line +=
          report::pad_right("", 9) + report::pad_right(human_rate(model_.lane(v.lane_up).rate), 33);
    }
    line += kind_words(v.kind);
    if (v.kind == HostPart::kNic)
      line += fmt::format(
          ", cable {}",
          report::human(static_cast<double>(model_.device(vertex).wire_rate.bits_per_second()),
                        report::unit::kBitsPerSecond));
    if (v.kind == HostPart::kSsd)
      line +=
          fmt::format(", flash {} read, {} write", human_rate(model_.device(vertex).ssd.read_rate),
                      human_rate(model_.device(vertex).ssd.write_rate));
    for (const std::string* more : {&v.bus_id, &v.about}) {
      if (!more->empty()) line += "  " + paint_.dim(report::plain_line(*more));
    }
    return line;
  }

  void draw_socket_links(const node::HostDescription& host) {
    const auto sockets =
        std::count_if(model_.vertices().begin(), model_.vertices().end(),
                      [](const HostVertex& v) { return v.kind == HostPart::kSocket; });
    if (sockets < 2) return;
    text_ += fmt::format("sockets: {} each way for memory, {} from device to device\n",
                         human_rate(host.socket_link.rate), human_rate(host.socket_link.peer_rate));
  }

  void draw_gpu_fabric() {
    size_t shown = 0;
    for (uint32_t lane = 0; lane < model_.lanes().size(); lane += 2) {
      if (model_.lane(lane).kind != LaneKind::kGpu) continue;
      if (++shown > 64) continue;
      text_ += fmt::format("GPU fabric: {}  {} each way\n", model_.lane_name(lane),
                           human_rate(model_.lane(lane).rate));
    }
    if (shown > 64) text_ += fmt::format("and {} more links among GPUs\n", shown - 64);
  }

  const HostModel& model_;
  report::Paint paint_;
  std::string text_;
};

std::string stations(const HostModel& model, const node::PathChoice& choice) {
  std::string text;
  for (const node::HostRoute& leg : choice.legs) {
    if (text.empty()) text = model.vertex(leg.from).name;
    for (const node::RouteStep& step : leg.steps)
      text += " → " + model.vertex(model.lane(step.lane).to).name;
  }
  return text;
}

const char* use_words(const node::PathChoice& choice) {
  if (choice.staged) return "staged";
  return choice.use == node::RouteUse::kWrite ? "write" : "read";
}

std::string seconds(base::Duration time) {
  return report::human(time.seconds(), report::unit::kSeconds);
}

void path_json(report::JsonWriter& json, const HostModel& model, uint32_t from, uint32_t to,
               const node::PathAnswer& answer) {
  json.key("path");
  json.begin_object();
  json.member("from", model.vertex(from).name);
  json.member("to", model.vertex(to).name);
  json.key("choices");
  json.begin_array();
  for (const node::PathChoice& choice : answer.choices) {
    json.begin_object();
    json.member("by", use_words(choice));
    json.member("latency_s", choice.latency.seconds());
    json.member("bandwidth_bytes_per_s", bytes_per_second(choice.rate));
    json.member("limit", choice.limit);
    json.member("why", choice.why);
    json.member("way", stations(model, choice));
    json.end();
  }
  json.end();
  json.key("refused");
  json.begin_array();
  for (const std::string& reason : answer.refused) json.value(reason);
  json.end();
  json.end();
}

void part_json(report::JsonWriter& json, const HostModel& model, uint32_t vertex) {
  const HostVertex& v = model.vertex(vertex);
  json.begin_object();
  json.member("name", v.name);
  json.member("kind", node::host_part_name(v.kind));
  if (v.parent != kNone) json.member("under", model.vertex(v.parent).name);
  if (!v.bus_id.empty()) json.member("bus_id", v.bus_id);
  if (!v.about.empty()) json.member("about", v.about);
  if (on_pcie(model, vertex)) {
    const node::PcieLink& link = model.lane(v.lane_up).pcie;
    json.member("generation", static_cast<int64_t>(link.generation));
    json.member("lanes", link.lanes);
    json.member("write_bytes_per_s", bytes_per_second(write_rate(model, vertex)));
    json.member("read_bytes_per_s", bytes_per_second(read_rate(model, vertex)));
  }
  json.end();
}

}  // namespace

std::string lane_words(const HostModel& model, uint32_t lane) {
  const HostLane& link = model.lane(lane);
  const std::string rate = human_rate(lane_write_rate(model, link));
  if (link.kind != LaneKind::kPcie) return rate;
  return fmt::format("Gen{} x{}, {}", static_cast<int>(link.pcie.generation), link.pcie.lanes,
                     rate);
}

std::string host_tree_text(const HostModel& model, const report::TerminalStyle& style) {
  return TreeText(model, style).run();
}

std::string host_paths_text(const HostModel& model, uint32_t from, uint32_t to,
                            const node::PathAnswer& answer, const report::TerminalStyle& style) {
  const report::Paint paint(style.colour);
  std::string text =
      paint.bold(fmt::format("{} to {}\n", model.vertex(from).name, model.vertex(to).name));
  bool best = true;
  for (const node::PathChoice& choice : answer.choices) {
    text += fmt::format("{} {:<6} {:>10}  {:>8} for 64 B  limited by {}\n", best ? "best" : "    ",
                        use_words(choice), human_rate(choice.rate), seconds(choice.latency),
                        choice.limit);
    text += fmt::format("       {}\n       {}\n", stations(model, choice), choice.why);
    best = false;
  }
  for (const std::string& reason : answer.refused) text += "not    " + reason + "\n";
  return text;
}

std::string host_json(const HostModel& model, uint32_t from, uint32_t to,
                      const node::PathAnswer* answer) {
  report::JsonWriter json;
  json.begin_object();
  json.member("windtunnel", base::version());
  json.member("server", model.hosts().front().name);
  json.key("parts");
  json.begin_array();
  for (uint32_t v = 0; v < model.vertices().size(); ++v) {
    if (model.vertex(v).device != kNone) part_json(json, model, v);
  }
  json.end();
  json.key("gpu_links");
  json.begin_array();
  for (uint32_t lane = 0; lane < model.lanes().size(); lane += 2) {
    if (model.lane(lane).kind != LaneKind::kGpu) continue;
    json.begin_object(true);
    json.member("from", model.vertex(model.lane(lane).from).name);
    json.member("to", model.vertex(model.lane(lane).to).name);
    json.member("bytes_per_s", bytes_per_second(model.lane(lane).rate));
    json.end();
  }
  json.end();
  if (answer != nullptr) path_json(json, model, from, to, *answer);
  json.end();
  return json.take() + "\n";
}

}  // namespace windtunnel::study
