#include "study/host_xml.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "node/host_problems.h"
#include "scenario/suggest.h"
#include "scenario/text_file.h"
#include "study/host_xml_document.h"

namespace windtunnel::study {
namespace {

using node::HostPart;

// Deeper than any machine: 256 buses cannot be nested further, caches and groups add a few levels.
constexpr int kDepthMax = 300;
constexpr size_t kElementsMax = 500'000;

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// "1b" at the front, at most `digits` long; answers whether there is any.
bool take_hex(std::string_view& text, size_t digits) {
  size_t n = 0;
  while (n < text.size() && n < digits && is_hex(text[n])) ++n;
  text.remove_prefix(n);
  return n > 0;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

bool is_bus_id(std::string_view text) {
  const bool with_domain = std::count(text.begin(), text.end(), ':') == 2;
  if (with_domain && !(take_hex(text, 8) && take(text, ':'))) return false;
  return take_hex(text, 2) && take(text, ':') && take_hex(text, 2) && take(text, '.') &&
         take_hex(text, 2) && text.empty();
}

std::string normal_bus_id(std::string_view text) {
  std::string id(text);
  std::transform(id.begin(), id.end(), id.begin(), [](char c) {
    return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return std::count(id.begin(), id.end(), ':') == 1 ? "0000:" + id : id;
}

}  // namespace

bool looks_like_xml(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.substr(0, 3) == kByteOrderMark) text.remove_prefix(3);
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '<';
}

base::Result<HostXmlDocument> HostXmlDocument::parse(std::string_view text,
                                                     const std::string& file) {
  if (const base::Status sound = scenario::check_text(text, file); !sound)
    return tl::unexpected(sound.error());
  HostXmlDocument result;
  result.file_ = file;
  result.lines_.push_back(0);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') result.lines_.push_back(i + 1);
  }
  result.document_ = std::make_unique<pugi::xml_document>();
  const pugi::xml_parse_result parsed = result.document_->load_buffer(
      text.data(), text.size(), pugi::parse_default | pugi::parse_doctype, pugi::encoding_utf8);
  if (parsed.status == pugi::status_no_document_element || text.empty())
    return base::fail(base::SourceMark{file, 1, 1},
                      "found no element, expected the XML of NCCL (<system>) or hwloc "
                      "(<topology>)");
  if (!parsed)
    return base::fail(
        result.mark_at(parsed.offset),
        fmt::format("found what is no XML, {}; expected the topology of NCCL or hwloc",
                    parsed.description()));
  if (const base::Status checked = result.check(); !checked) return tl::unexpected(checked.error());
  return result;
}

// No entity of a document type is ever expanded; a file that declares some is none of a machine's.
base::Status HostXmlDocument::check() const {
  for (const pugi::xml_node node : document_->children()) {
    if (node.type() != pugi::node_doctype) continue;
    if (std::string_view(node.value()).find('[') != std::string_view::npos)
      return base::fail(mark(node),
                        "found a document type with declarations of its own, expected "
                        "none or a bare one such as <!DOCTYPE topology SYSTEM "
                        "\"hwloc2.dtd\">");
  }
  size_t elements = 0;
  int depth = 0;
  pugi::xml_node at = root();
  while (at) {
    if (++elements > kElementsMax)
      return base::fail(mark(at), fmt::format("found more than {} elements", kElementsMax));
    if (depth > kDepthMax)
      return base::fail(mark(at), fmt::format("found elements {} deep, expected at most {}",
                                              depth + 1, kDepthMax));
    if (at.first_child()) {
      at = at.first_child();
      ++depth;
      continue;
    }
    while (at && at != root() && !at.next_sibling()) {
      at = at.parent();
      --depth;
    }
    at = at == root() ? pugi::xml_node() : at.next_sibling();
  }
  return {};
}

base::SourceMark HostXmlDocument::mark_at(ptrdiff_t offset) const {
  const auto at = static_cast<size_t>(std::max<ptrdiff_t>(offset, 0));
  const auto line = std::upper_bound(lines_.begin(), lines_.end(), at) - 1;
  base::SourceMark mark;
  mark.file = file_;
  mark.line = static_cast<int>(line - lines_.begin()) + 1;
  mark.column = static_cast<int>(at - *line) + 1;
  return mark;
}

node::HostPart part_of_class(uint32_t device_class) {
  const uint32_t base_class = device_class >> 8U;
  if (device_class == 0x1200 || base_class == 0x03) return HostPart::kGpu;
  if (base_class == 0x02) return HostPart::kNic;
  return device_class == 0x0108 ? HostPart::kSsd : HostPart::kOther;
}

HostXmlBuilder::HostXmlBuilder(const HostXmlDocument& document, const std::string& file)
    : document_(document) {
  host_.name = file.substr(file.find_last_of('/') + 1);
}

std::string HostXmlBuilder::fresh_name(HostPart kind) {
  std::string name;
  do {
    name = node::host_part_name(kind) + std::to_string(numbers_[kind]++);
  } while (by_name_.find(name) != by_name_.end());
  return name;
}

base::Result<std::string> HostXmlBuilder::add(node::HostDevice device, pugi::xml_node element,
                                              const std::string& wished) {
  if (host_.devices.size() >= node::kHostDevicesMax)
    return fail(element, fmt::format("found more than {} devices", node::kHostDevicesMax));
  device.mark = document_.mark(element);
  if (!device.bus_id.empty()) {
    const auto [other, fresh] = by_bus_id_.emplace(device.bus_id, host_.devices.size());
    if (!fresh)
      return fail(element, fmt::format("found bus id {} a second time, the first is at line {}",
                                       device.bus_id, host_.devices[other->second].mark.line));
  }
  const bool free = !wished.empty() && by_name_.find(wished) == by_name_.end();
  device.name = free ? wished : fresh_name(device.kind);
  by_name_.emplace(device.name, host_.devices.size());
  std::string name = device.name;
  host_.devices.push_back(std::move(device));
  return name;
}

std::string HostXmlBuilder::name_of(std::string_view bus_id) const {
  const auto found = by_bus_id_.find(normal_bus_id(bus_id));
  return found == by_bus_id_.end() ? std::string() : host_.devices[found->second].name;
}

// NCCL's graph/topo.h: 10 GB/s on Skylake, 22 on Sapphire Rapids, 40 on newer Intel, 16 on AMD.
// Only Intel cuts what it forwards into TLPs of 64 B.
void HostXmlBuilder::set_processor(std::string_view vendor, int64_t model) {
  constexpr int64_t kSapphireRapids = 0x8f;
  constexpr int64_t kEmeraldRapids = 0xcf;
  if (vendor == "AuthenticAMD") {
    host_.socket_link.peer_rate = base::Rate::gbps(16 * 8);
    host_.policy.root_payload = host_.payload_max;
  }
  if (vendor != "GenuineIntel") return;
  const int64_t rate = model >= kEmeraldRapids ? 40 : model >= kSapphireRapids ? 22 : 10;
  host_.socket_link.peer_rate = base::Rate::gbps(rate * 8);
}

base::Result<std::optional<int64_t>> HostXmlBuilder::integer(pugi::xml_node element,
                                                             const char* name) const {
  const std::string_view text = element.attribute(name).value();
  if (text.empty()) return std::optional<int64_t>();
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return std::optional(value);
  return fail(element,
              fmt::format("{}: found {}, expected a whole number", name, scenario::quoted(text)));
}

base::Result<std::string> HostXmlBuilder::bus_id(pugi::xml_node element, const char* name) const {
  const std::string_view text = element.attribute(name).value();
  if (is_bus_id(text)) return normal_bus_id(text);
  if (element.attribute(name).empty())
    return fail(element, fmt::format("found <{}> without {}, expected one such as 0000:1b:00.0",
                                     scenario::quoted(element.name()), name));
  return fail(element,
              fmt::format("{}: found {}, expected domain, bus, device and function such as "
                          "0000:1b:00.0",
                          name, scenario::quoted(text)));
}

base::Result<node::HostDescription> HostXmlBuilder::finish() {
  node::complete_host(host_);
  const std::vector<node::HostProblem> problems = node::find_host_problems(host_);
  if (problems.empty()) return std::move(host_);
  const node::HostProblem& first = problems.front();
  const base::SourceMark mark = first.device == node::HostProblem::kServer
                                    ? document_.mark(document_.root())
                                    : host_.devices[first.device].mark;
  return base::fail(mark, first.message, scenario::suggestion(first.found, first.names));
}

base::Status check_element(const HostXmlBuilder& builder, pugi::xml_node element,
                           const std::vector<std::string>& known) {
  if (element.type() != pugi::node_element) return {};
  const std::string name = element.name();
  if (std::find(known.begin(), known.end(), name) != known.end()) return {};
  const std::string hint = scenario::suggestion(name, known);
  if (hint.empty()) return {};
  return builder.fail(element,
                      fmt::format("found element <{}>, expected one of {}", scenario::quoted(name),
                                  fmt::join(known, ", ")),
                      hint);
}

base::Result<node::HostDescription> read_host_xml(std::string_view text, const std::string& file) {
  if (text.size() > kHostXmlBytesMax)
    return base::fail(
        base::SourceMark{file, 0, 0},
        fmt::format("found {} bytes, expected at most {}", text.size(), kHostXmlBytesMax));
  const auto document = HostXmlDocument::parse(text, file);
  if (!document) return tl::unexpected(document.error());
  const std::string root = document->root().name();
  if (root == "system") return read_nccl(*document, file);
  if (root == "topology") return read_hwloc(*document, file);
  const std::vector<std::string> names = {"system", "topology"};
  return base::fail(document->mark(document->root()),
                    fmt::format("found root element <{}>, expected <system> (NCCL) or <topology> "
                                "(hwloc)",
                                scenario::quoted(root)),
                    scenario::suggestion(root, names));
}

base::Result<node::HostDescription> load_host_xml(const std::string& path) {
  const auto text = scenario::read_text_file(path, kHostXmlBytesMax);
  if (!text) return tl::unexpected(text.error());
  return read_host_xml(*text, path);
}

}  // namespace windtunnel::study
