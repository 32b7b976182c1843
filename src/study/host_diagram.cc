#include "study/host_diagram.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "report/human.h"
#include "study/host_tree.h"

namespace windtunnel::study {
namespace {

using node::HostModel;
using node::HostPart;
using node::HostVertex;
using node::LaneKind;
using report::Diagram;

constexpr uint32_t kNone = HostModel::kNone;

const char* part_words(HostPart kind) {
  switch (kind) {
    case HostPart::kSocket:
      return "socket with its root complex";
    case HostPart::kMemory:
      return "host memory";
    case HostPart::kSwitch:
      return "switch chip";
    case HostPart::kNicSwitch:
      return "switch inside a NIC";
    case HostPart::kGpu:
      return "GPU";
    case HostPart::kNic:
      return "NIC";
    case HostPart::kSsd:
      return "SSD";
    case HostPart::kMedia:
      return "flash";
    case HostPart::kNetwork:
      return "cable";
    case HostPart::kGpuSwitch:
      return "GPU fabric";
    case HostPart::kOther:
      break;
  }
  return "other";
}

class Drawing {
 public:
  explicit Drawing(const HostOutcome& outcome)
      : outcome_(outcome), model_(outcome.scenario.model), extras_(model_.vertices().size()) {
    for (uint32_t lane = 0; lane < model_.lanes().size(); ++lane) {
      if (is_extra(lane) && link_busy(lane)) extras_[model_.lane(lane).from].push_back(lane);
    }
  }

  Diagram draw() {
    diagram_.unit = report::unit::kBytesPerSecond;
    diagram_.share_label = "share of time busy";
    for (uint32_t v = 0; v < model_.vertices().size(); ++v) {
      if (model_.vertex(v).kind == HostPart::kSocket) place(v, 0);
    }
    for (uint32_t lane = 0; lane < model_.lanes().size(); lane += 2) {
      const LaneKind kind = model_.lane(lane).kind;
      const bool drawn = kind == LaneKind::kSocket || (kind == LaneKind::kGpu && link_busy(lane));
      if (drawn) link_drawn(lane);
    }
    return std::move(diagram_);
  }

 private:
  // Of what is no part of the tree, drawn as if it stood below: cable, flash, fabric of the GPUs.
  bool is_extra(uint32_t lane) const {
    const HostPart to = model_.vertex(model_.lane(lane).to).kind;
    return to == HostPart::kNetwork || to == HostPart::kMedia || to == HostPart::kGpuSwitch;
  }
  bool link_busy(uint32_t lane) const {
    const auto busy = [&](uint32_t l) {
      return outcome_.machine.use(l).busy > base::Duration::zero();
    };
    return busy(lane) || busy(lane ^ 1);
  }
  bool busy(uint32_t vertex) const {
    const HostVertex& v = model_.vertex(vertex);
    if (v.lane_up != kNone && link_busy(v.lane_up)) return true;
    return std::any_of(v.children.begin(), v.children.end(), [&](uint32_t c) { return busy(c); });
  }

  // Of flash the rate of reading, which is towards the SSD.
  std::string words(uint32_t lane) const {
    const bool flash = model_.vertex(model_.lane(lane).to).kind == HostPart::kMedia;
    return lane_words(model_, flash ? lane ^ 1 : lane);
  }

  Diagram::Load load(uint32_t lane) const {
    const node::LaneUse& use = outcome_.machine.use(lane);
    return {static_cast<double>(use.data.count()) / outcome_.measured.seconds(),
            busy_share(outcome_, lane)};
  }

  size_t add(std::string name, std::string label, HostPart kind, double level) {
    Diagram::Node node;
    node.name = std::move(name);
    node.label = std::move(label);
    node.kind = part_words(kind);
    node.level = level;
    diagram_.nodes.push_back(std::move(node));
    return diagram_.nodes.size() - 1;
  }

  // `lane` leads from the first node to the second.
  void link(size_t from, size_t to, uint32_t lane) {
    Diagram::Link link{.from = from, .to = to, .label = words(lane)};
    link.forward = load(lane);
    link.backward = load(lane ^ 1);
    diagram_.links.push_back(std::move(link));
  }
  void link_drawn(uint32_t lane) {
    const auto from = node_of_.find(model_.lane(lane).from);
    const auto to = node_of_.find(model_.lane(lane).to);
    if (from != node_of_.end() && to != node_of_.end()) link(from->second, to->second, lane);
  }

  // Draws a vertex and what is below it; leaves take the next row, others the middle of theirs.
  size_t place(uint32_t vertex, double level) {
    const HostVertex& v = model_.vertex(vertex);
    const size_t node = add(v.name, label_of(vertex), v.kind, level);
    node_of_[vertex] = node;
    std::vector<size_t> below = place_children(node, v, level);
    for (const uint32_t lane : extras_[vertex]) {
      const HostPart kind = model_.vertex(model_.lane(lane).to).kind;
      below.push_back(add(fmt::format("{} {}", v.name, part_words(kind)), lane_words(model_, lane),
                          kind, level + 1));
      diagram_.nodes[below.back()].position = row_++;
      link(node, below.back(), lane);
    }
    diagram_.nodes[node].position =
        below.empty()
            ? row_++
            : (diagram_.nodes[below.front()].position + diagram_.nodes[below.back()].position) / 2;
    return node;
  }

  std::vector<size_t> place_children(size_t node, const HostVertex& v, double level) {
    std::vector<size_t> below;
    std::map<HostPart, size_t> idle;  // node of all idle children of a kind
    for (const uint32_t child : v.children) {
      const HostPart kind = model_.vertex(child).kind;
      if (busy(child)) {
        below.push_back(place(child, level + 1));
      } else if (idle.count(kind) == 0) {
        idle[kind] = below.emplace_back(add_idle(v, child, level + 1));
      } else {
        continue;
      }
      link(node, below.back(), model_.vertex(child).lane_up ^ 1);
    }
    return below;
  }

  size_t add_idle(const HostVertex& parent, uint32_t first, double level) {
    const HostVertex& v = model_.vertex(first);
    const auto others =
        std::count_if(parent.children.begin(), parent.children.end(), [&](uint32_t other) {
          return other != first && model_.vertex(other).kind == v.kind && !busy(other);
        });
    const size_t node = add(others == 0 ? v.name : fmt::format("{}, {} more", v.name, others),
                            "idle", v.kind, level);
    diagram_.nodes[node].position = row_++;
    return node;
  }

  std::string label_of(uint32_t vertex) const {
    const HostVertex& v = model_.vertex(vertex);
    return v.lane_up == kNone ? "root complex" : lane_words(model_, v.lane_up);
  }

  const HostOutcome& outcome_;
  const HostModel& model_;
  std::vector<std::vector<uint32_t>> extras_;  // by vertex: lanes from it
  std::map<uint32_t, size_t> node_of_;
  Diagram diagram_;
  double row_ = 0;
};

}  // namespace

report::Series host_diagram(const HostOutcome& outcome) {
  report::Series series;
  series.name = "link.load";
  series.title = "Load of the server's links";
  series.about =
      "Payload a second and share of the time busy, in each direction; below each part the link "
      "above it, with the payload that writes could get through it.";
  series.data = Drawing(outcome).draw();
  return series;
}

}  // namespace windtunnel::study
