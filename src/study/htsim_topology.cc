#include "study/htsim_topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "scenario/suggest.h"
#include "scenario/text_file.h"
#include "study/htsim_lines.h"

namespace windtunnel::study {
namespace {

constexpr int64_t kNodesMax = 524'288;
constexpr int64_t kPortsMax = 4'096;
constexpr int64_t kGbpsMax = 100'000;
constexpr int64_t kLatencyNsMax = 10'000'000;
constexpr int64_t kQueueBytesMax = int64_t{1} << 40;
constexpr size_t kFileBytesMax = size_t{1} << 20;

using Words = std::vector<Word>;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

// A key that may stand in a tier (or, without a tier, in the header).
struct KeyRule {
  std::string_view name;
  int64_t min;
  int64_t max;
};
constexpr std::array kHeaderKeys = {KeyRule{"Nodes", 2, kNodesMax}, KeyRule{"Tiers", 2, 3},
                                    KeyRule{"Podsize", 1, kNodesMax}};
constexpr std::array kTierKeys = {KeyRule{"Downlink_speed_Gbps", 1, kGbpsMax},
                                  KeyRule{"Radix_Down", 1, kPortsMax},
                                  KeyRule{"Radix_Up", 1, kPortsMax},
                                  KeyRule{"Downlink_Latency_ns", 1, kLatencyNsMax},
                                  KeyRule{"Switch_Latency_ns", 0, kLatencyNsMax},
                                  KeyRule{"Oversubscribed", 1, kPortsMax},
                                  KeyRule{"Bundle", 1, kPortsMax},
                                  KeyRule{"Queue_Up", 1, kQueueBytesMax},
                                  KeyRule{"Queue_Down", 1, kQueueBytesMax}};

const KeyRule* find_rule(std::span<const KeyRule> rules, std::string_view name) {
  for (const KeyRule& rule : rules)
    if (lower(rule.name) == lower(name)) return &rule;
  return nullptr;
}

// Header or tier: its values by lower-case name, with the place of each number.
struct Section {
  struct Value {
    int64_t number = 0;
    Word word;
  };
  Word word;  // of the `Tier` line
  std::map<std::string, Value> values;

  bool has(const std::string& name) const { return values.contains(name); }
  int64_t get(const std::string& name, int64_t otherwise) const {
    const auto found = values.find(name);
    return found == values.end() ? otherwise : found->second.number;
  }
};

class TopologyReader {
 public:
  TopologyReader(std::string_view text, const std::string& file)
      : walker_(text), complaints_(file) {
    topology_.file = file;
  }

  TopologyResult run() {
    Words words;
    while (!complaints_.full() && walker_.next(words)) line(words);
    if (complaints_.empty()) check_complete();
    if (complaints_.empty()) fill();
    if (complaints_.empty()) check_closes();
    if (!complaints_.empty()) return tl::unexpected(complaints_.take());
    return std::move(topology_);
  }

 private:
  void line(const Words& words) {
    if (lower(words[0].text) == "tier") {
      begin_tier(words);
      return;
    }
    const bool in_tier = current_ != nullptr;
    const std::span<const KeyRule> rules =
        in_tier ? std::span<const KeyRule>(kTierKeys) : std::span<const KeyRule>(kHeaderKeys);
    const KeyRule* rule = find_rule(rules, words[0].text);
    if (rule == nullptr) {
      complain_unknown(words[0], in_tier);
    } else {
      key(words, *rule, in_tier ? *current_ : header_);
    }
  }

  void begin_tier(const Words& words) {
    current_ = nullptr;
    const auto number = number_of(words, "Tier", 0, 2);
    if (!number) {
      current_ = &ignored_;
      ignored_ = Section{};
      return;
    }
    auto [place, fresh] = tiers_.emplace(*number, Section{});
    if (!fresh)
      complaints_.add(words[0], fmt::format("Tier {} is given twice", *number),
                      fmt::format("first at line {}", place->second.word.line));
    if (fresh) place->second.word = words[0];
    current_ = fresh ? &place->second : &ignored_;
    ignored_ = Section{};
  }

  std::optional<int64_t> number_of(const Words& words, std::string_view name, int64_t min,
                                   int64_t max) {
    if (words.size() < 2) {
      complaints_.add(words[0], fmt::format("{} has no number", name), "is the file truncated?");
      return std::nullopt;
    }
    if (words.size() > 2)
      complaints_.add(words[2], fmt::format("found {} behind the number, expected the end of the "
                                            "line",
                                            scenario::quoted(words[2].text)));
    return whole_number(words[1], name, min, max, complaints_);
  }

  void complain_unknown(const Word& word, bool in_tier) {
    std::vector<std::string> names = {"Tier"};
    for (const KeyRule& rule : kTierKeys)
      if (in_tier) names.emplace_back(rule.name);
    for (const KeyRule& rule : kHeaderKeys)
      if (!in_tier) names.emplace_back(rule.name);
    std::string hint = scenario::suggestion(word.text, names);
    if (in_tier && find_rule(kHeaderKeys, word.text) != nullptr) hint = "it belongs before Tier 0";
    if (!in_tier && find_rule(kTierKeys, word.text) != nullptr) hint = "it belongs behind a Tier";
    complaints_.add(word,
                    fmt::format("unknown key {}{}, expected {}", scenario::quoted(word.text),
                                in_tier ? " in a tier" : "", fmt::join(names, ", ")),
                    std::move(hint));
  }

  void key(const Words& words, const KeyRule& rule, Section& section) {
    const auto number = number_of(words, rule.name, rule.min, rule.max);
    if (!number) {
      section.values.try_emplace(lower(rule.name));  // not missing, only wrong
      return;
    }
    const auto [place, fresh] = section.values.try_emplace(lower(rule.name));
    if (!fresh) {
      complaints_.add(words[0], fmt::format("{} is given twice", rule.name),
                      fmt::format("first at line {}", place->second.word.line));
      return;
    }
    place->second = {*number, words[1]};
  }

  void check_complete() {
    for (const KeyRule& rule : kHeaderKeys)
      if (!header_.has(lower(rule.name)))
        complaints_.add(complaints_.mark(1, 1), fmt::format("found no `{} N` line", rule.name));
    const int64_t tiers = header_.get("tiers", 3);
    for (int64_t i = 0; i < 3; ++i) {
      const auto found = tiers_.find(i);
      if (i >= tiers && found != tiers_.end()) {
        complaints_.add(found->second.word,
                        fmt::format("found Tier {}, but Tiers is {}", i, tiers));
      } else if (i < tiers && found == tiers_.end()) {
        complaints_.add(complaints_.mark(1, 1), fmt::format("found no Tier {}", i),
                        "is the file truncated?");
      } else if (i < tiers) {
        check_tier(found->second, i, i + 1 == tiers);
      }
    }
  }

  void check_tier(const Section& tier, int64_t number, bool top) {
    for (const std::string_view name :
         {"Downlink_speed_Gbps", "Radix_Down", "Downlink_Latency_ns", "Radix_Up"}) {
      if (tier.has(lower(name)) || (top && name == "Radix_Up")) continue;
      complaints_.add(tier.word, fmt::format("Tier {} has no {}", number, name),
                      "is the file truncated?");
    }
    if (top && tier.has("radix_up"))
      complaints_.add(tier.values.at("radix_up").word,
                      fmt::format("Tier {} is the top, it has no uplinks", number));
    for (const std::string_view name : {"Queue_Up", "Queue_Down"})
      if (tier.has(lower(name)))
        topology_.warnings.push_back(
            {complaints_.mark(tier.values.at(lower(name)).word),
             fmt::format("{} has no effect: fabric.queue.capacity rules", name),
             {}});
  }

  void fill() {
    topology_.nodes = header_.get("nodes", 0);
    topology_.tiers = header_.get("tiers", 0);
    topology_.podsize = header_.get("podsize", 0);
    for (const auto& [number, section] : tiers_) {
      HtsimTier& tier = topology_.tier.at(static_cast<size_t>(number));
      tier.downlink_gbps = section.get("downlink_speed_gbps", 0);
      tier.radix_down = section.get("radix_down", 0);
      tier.radix_up = section.get("radix_up", 0);
      tier.downlink_latency_ns = section.get("downlink_latency_ns", 0);
      tier.switch_latency_ns = section.get("switch_latency_ns", 0);
      tier.oversubscribed = section.get("oversubscribed", 0);
      tier.bundle = section.get("bundle", 1);
    }
  }

  // Place of a key of a tier, or of the tier when it is not given.
  base::SourceMark place(int64_t tier, const std::string& name) const {
    const Section& section = tiers_.at(tier);
    const auto found = section.values.find(name);
    return complaints_.mark(found == section.values.end() ? section.word : found->second.word);
  }
  base::SourceMark header_place(const std::string& name) const {
    return complaints_.mark(header_.values.at(name).word);
  }

  void check_closes() {
    const HtsimTopology& t = topology_;
    const auto& tier = t.tier;
    if (t.tiers == 2 && t.podsize != t.nodes) {
      complaints_.add(header_place("podsize"),
                      fmt::format("the topology does not close: two tiers are one pod, but Podsize "
                                  "is {} and Nodes {}",
                                  t.podsize, t.nodes));
      return;
    }
    if (!divides(header_place("podsize"), "Nodes", t.nodes, "Podsize", t.podsize) ||
        !divides(place(0, "radix_down"), "Podsize", t.podsize, "Radix_Down of Tier 0",
                 tier[0].radix_down) ||
        !divides(place(1, "bundle"), "Radix_Up of Tier 0", tier[0].radix_up, "Bundle of Tier 1",
                 tier[1].bundle))
      return;
    if (tier[0].bundle != 1)
      complaints_.add(place(0, "bundle"), "Bundle of Tier 0 must be 1: a node has one link");
    const int64_t tors = t.podsize / tier[0].radix_down;
    if (tier[1].radix_down != tors * tier[1].bundle)
      complaints_.add(
          place(1, "radix_down"),
          fmt::format("the topology does not close: Podsize {} / Radix_Down {} of Tier 0 = {} "
                      "switches a pod, x Bundle {} of Tier 1 = {}, but Radix_Down of Tier 1 is {}",
                      t.podsize, tier[0].radix_down, tors, tier[1].bundle, tors * tier[1].bundle,
                      tier[1].radix_down));
    if (t.tiers == 3) check_core();
    check_ratios();
  }

  void check_core() {
    const HtsimTopology& t = topology_;
    const auto& tier = t.tier;
    if (!divides(place(2, "bundle"), "Radix_Up of Tier 1", tier[1].radix_up, "Bundle of Tier 2",
                 tier[2].bundle))
      return;
    const int64_t pods = t.nodes / t.podsize;
    if (tier[2].radix_down == pods * tier[2].bundle) return;
    complaints_.add(
        place(2, "radix_down"),
        fmt::format("the topology does not close: Nodes {} / Podsize {} = {} pods, x Bundle {} of "
                    "Tier 2 = {}, but Radix_Down of Tier 2 is {}",
                    t.nodes, t.podsize, pods, tier[2].bundle, pods * tier[2].bundle,
                    tier[2].radix_down));
  }

  // Oversubscribed is the ratio of the radices, or, where speeds differ, of the capacities.
  void check_ratios() {
    for (int64_t i = 0; i + 1 < topology_.tiers; ++i) {
      const HtsimTier& low = topology_.tier.at(static_cast<size_t>(i));
      const HtsimTier& high = topology_.tier.at(static_cast<size_t>(i) + 1);
      if (low.oversubscribed == 0) continue;
      const int64_t down = low.radix_down * low.downlink_gbps;
      const int64_t up = low.radix_up * high.downlink_gbps;
      if (low.radix_down == low.radix_up * low.oversubscribed || down == up * low.oversubscribed)
        continue;
      complaints_.add(place(i, "oversubscribed"),
                      fmt::format("Oversubscribed {} does not match Radix_Down {} / Radix_Up {} of "
                                  "Tier {} ({} / {} Gbps)",
                                  low.oversubscribed, low.radix_down, low.radix_up, i, down, up));
    }
  }

  bool divides(base::SourceMark mark, std::string_view whole_name, int64_t whole,
               std::string_view part_name, int64_t part) {
    if (whole % part == 0) return true;
    complaints_.add(std::move(mark),
                    fmt::format("the topology does not close: {} {} is no multiple of {} {}",
                                whole_name, whole, part_name, part));
    return false;
  }

  LineWalker walker_;
  Complaints complaints_;
  HtsimTopology topology_;
  Section header_;
  std::map<int64_t, Section> tiers_;
  Section* current_ = nullptr;  // the tier being read; null in the header
  Section ignored_;             // takes the keys of a tier that is wrong itself
};

}  // namespace

fabric::TopologyDescription HtsimTopology::to_fabric() const {
  fabric::TopologyDescription description;
  description.hosts = static_cast<uint32_t>(nodes);
  description.pod_hosts = static_cast<uint32_t>(podsize);
  for (int64_t i = 0; i < tiers; ++i) {
    const HtsimTier& from = tier.at(static_cast<size_t>(i));
    fabric::TierDescription to;
    to.down = static_cast<uint32_t>(from.radix_down);
    to.up = static_cast<uint32_t>(from.radix_up);
    to.bundle = static_cast<uint32_t>(from.bundle);
    to.link_rate = base::Rate::gbps(from.downlink_gbps);
    to.link_latency = base::Duration::ns(from.downlink_latency_ns);
    to.switch_latency = base::Duration::ns(from.switch_latency_ns);
    description.tiers.push_back(to);
  }
  return description;
}

TopologyResult read_htsim_topology(std::string_view text, const std::string& file) {
  std::vector<base::Error> errors;
  const base::Status status = scenario::check_text(text, file);
  if (status) return TopologyReader(text, file).run();
  errors.push_back(status.error());
  return tl::unexpected(std::move(errors));
}

TopologyResult load_htsim_topology(const std::string& path) {
  std::vector<base::Error> errors;
  const auto text = scenario::read_text_file(path, kFileBytesMax);
  if (text) return read_htsim_topology(*text, path);
  errors.push_back(text.error());
  return tl::unexpected(std::move(errors));
}

}  // namespace windtunnel::study
