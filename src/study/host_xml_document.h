// What the two XML readers share: a parsed file whose elements know their places, checked
// attributes, and names for devices. Internal to host_xml*.cc; the only header with pugixml in it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "node/host_description.h"

namespace windtunnel::study {

class HostXmlDocument {
 public:
  // The text must outlive the document.
  static base::Result<HostXmlDocument> parse(std::string_view text, const std::string& file);

  pugi::xml_node root() const { return document_->document_element(); }
  base::SourceMark mark(pugi::xml_node element) const { return mark_at(element.offset_debug()); }

 private:
  base::SourceMark mark_at(ptrdiff_t offset) const;
  base::Status check() const;

  std::string file_;
  std::vector<size_t> lines_;  // offset of each line's first byte
  std::unique_ptr<pugi::xml_document> document_;
};

// A device being read, before it has a name.
struct PciDevice {
  std::string bus_id;
  uint32_t device_class = 0;  // 0x0604 and so on: base class and subclass; 0: not said
  uint32_t vendor = 0;
};

inline constexpr uint32_t kClassBridge = 0x0604;
inline constexpr uint32_t kVendorMellanox = 0x15b3;
inline constexpr uint32_t kVendorAlibaba = 0x1ded;

// What a PCI class makes of a device without children; kOther when it says nothing to us.
node::HostPart part_of_class(uint32_t device_class);

// Collects devices: gives them names (gpu0, gpu1, ...), refuses a bus id that comes twice.
class HostXmlBuilder {
 public:
  HostXmlBuilder(const HostXmlDocument& document, const std::string& file);

  const HostXmlDocument& document() const { return document_; }
  node::HostDescription& host() { return host_; }
  // `wished` is taken when it is free, else the next number of the kind.
  base::Result<std::string> add(node::HostDevice device, pugi::xml_node element,
                                const std::string& wished = {});
  // Of a bus id, in any spelling; empty when there is none.
  std::string name_of(std::string_view bus_id) const;
  // What NCCL knows of a processor: the rate of peers across sockets and the TLPs it forwards.
  void set_processor(std::string_view vendor, int64_t model);
  base::Result<node::HostDescription> finish();

  tl::unexpected<base::Error> fail(pugi::xml_node element, std::string message,
                                   std::string hint = {}) const {
    return base::fail(document_.mark(element), std::move(message), std::move(hint));
  }
  // Whole number of an attribute; empty when it is absent.
  base::Result<std::optional<int64_t>> integer(pugi::xml_node element, const char* name) const;
  // "0000:1b:00.0" or "1b:00.0", lower case with its domain.
  base::Result<std::string> bus_id(pugi::xml_node element, const char* name) const;

 private:
  std::string fresh_name(node::HostPart kind);

  const HostXmlDocument& document_;
  node::HostDescription host_;
  std::map<std::string, size_t, std::less<>> by_name_;
  std::map<std::string, size_t, std::less<>> by_bus_id_;
  std::map<node::HostPart, int> numbers_;
};

// An element with a name that nearly is one of `known`, as a mistake; others are passed over.
base::Status check_element(const HostXmlBuilder& builder, pugi::xml_node element,
                           const std::vector<std::string>& known);

base::Result<node::HostDescription> read_nccl(const HostXmlDocument& document,
                                              const std::string& file);
base::Result<node::HostDescription> read_hwloc(const HostXmlDocument& document,
                                               const std::string& file);

}  // namespace windtunnel::study
