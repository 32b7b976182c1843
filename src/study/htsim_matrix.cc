#include "study/htsim_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "scenario/quantity.h"
#include "scenario/suggest.h"
#include "scenario/text_file.h"
#include "study/htsim_lines.h"
#include "study/htsim_liveness.h"

namespace windtunnel::study {
namespace {

using Words = std::vector<Word>;

constexpr int64_t kNodesMax = 524'288;
constexpr int64_t kIndexMax = 1 << 20;
constexpr size_t kFileBytesMax = size_t{1} << 30;

std::string hint_of(std::string_view found, std::vector<std::string> names) {
  return scenario::suggestion(found, names);
}

// `Connections 16`: the number and where it stands.
struct Declared {
  std::optional<int64_t> count;
  Word word;
  bool given = false;
};

// A trigger as a connection names it, before definitions are matched.
struct TriggerUse {
  uint64_t id = 0;
  int column = 0;
};

// A connection as it is being read. An all-to-all of a thousand nodes has a million of them.
struct RawConnection {
  Connection connection;
  int column = 0;
  TriggerUse started_by;
  TriggerUse on_sent;
  TriggerUse on_received;
};

class MatrixReader {
 public:
  MatrixReader(std::string_view text, const std::string& file, const MatrixOptions& options)
      : walker_(text), complaints_(file), options_(options) {
    matrix_.file = file;
  }

  MatrixResult run() {
    Words words;
    while (!complaints_.full() && walker_.next(words)) line(words);
    check_header();
    check_counts();
    check_nodes();
    match_triggers();
    if (complaints_.empty()) check_liveness(matrix_, complaints_);
    if (!complaints_.empty()) return tl::unexpected(complaints_.take());
    return std::move(matrix_);
  }

 private:
  void line(const Words& words) {
    const std::string_view first = words[0].text;
    if (first.find("->") != std::string_view::npos) {
      connection(words);
    } else if (first == "trigger") {
      trigger(words);
    } else if (first == "failure") {
      failure(words);
    } else if (Declared* declared = header_of(first)) {
      header(words, *declared);
    } else {
      complaints_.add(
          words[0],
          fmt::format("unknown word {}, expected a connection such as `0->13`, trigger, "
                      "failure, Nodes, Connections, Triggers or Failures",
                      scenario::quoted(first)),
          hint_of(first, {"Nodes", "Connections", "Triggers", "Failures", "trigger", "failure"}));
    }
  }

  // --- header ---

  Declared* header_of(std::string_view name) {
    if (name == "Nodes") return &nodes_;
    if (name == "Connections") return &connections_;
    if (name == "Triggers") return &triggers_;
    if (name == "Failures") return &failures_;
    return nullptr;
  }

  void header(const Words& words, Declared& declared) {
    if (declared.given) {
      complaints_.add(words[0], fmt::format("{} is given twice", words[0].text),
                      fmt::format("first at line {}", declared.word.line));
      return;
    }
    declared.given = true;
    declared.word = words[0];
    if (words.size() < 2) {
      complaints_.add(words[0], fmt::format("{} has no number", words[0].text));
      return;
    }
    declared.word = words[1];
    const bool nodes = &declared == &nodes_;
    declared.count = whole_number(words[1], words[0].text, nodes ? 2 : 0,
                                  nodes ? kNodesMax : INT64_MAX, complaints_);
    if (words.size() > 2)
      complaints_.add(words[2], fmt::format("found {} behind the number, expected the end of the "
                                            "line",
                                            scenario::quoted(words[2].text)));
  }

  void check_header() {
    if (!nodes_.given) complaints_.add(complaints_.mark(1, 1), "found no `Nodes N` line");
    if (!connections_.given)
      complaints_.add(complaints_.mark(1, 1), "found no `Connections N` line");
    if (nodes_.count) matrix_.nodes = static_cast<uint32_t>(*nodes_.count);
  }

  // --- connections ---

  // The value behind words[i], or a complaint that there is none.
  const Word* value_of(const Words& words, size_t i) {
    if (i + 1 < words.size()) return &words[i + 1];
    complaints_.add(words[i], fmt::format("{} has no value: the line ends here", words[i].text),
                    "is the file truncated?");
    return nullptr;
  }

  bool ends(const Word& word, Connection& connection) {
    const size_t arrow = word.text.find("->");
    const Word src{word.text.substr(0, arrow), word.line, word.column};
    const Word dst{word.text.substr(arrow + 2), word.line,
                   word.column + static_cast<int>(arrow) + 2};
    const auto from = whole_number(src, "source", 0, kNodesMax - 1, complaints_);
    const auto to = whole_number(dst, "destination", 0, kNodesMax - 1, complaints_);
    if (!from || !to) return false;
    connection.src = static_cast<uint32_t>(*from);
    connection.dst = static_cast<uint32_t>(*to);
    if (from == to) complaints_.add(word, fmt::format("node {} sends to itself", *from));
    return true;
  }

  void connection(const Words& words) {
    ++connections_seen_;
    RawConnection raw;
    raw.connection.line = words[0].line;
    bool good = ends(words[0], raw.connection);
    Words seen;
    for (size_t i = 1; i < words.size(); i += 2) {
      const bool again = std::any_of(seen.begin(), seen.end(),
                                     [&](const Word& word) { return word.text == words[i].text; });
      if (again) complaints_.add(words[i], fmt::format("{} is given twice", words[i].text));
      seen.push_back(words[i]);
      const Word* value = value_of(words, i);
      good = value != nullptr && attribute(words[i], *value, raw) && good && !again;
      if (value == nullptr) break;
    }
    const auto has = [&](std::string_view name) {
      return std::any_of(seen.begin(), seen.end(),
                         [&](const Word& word) { return word.text == name; });
    };
    if (good) good = check_complete(words[0], has("size"), has("start"), has("trigger"));
    if (good) accept(raw, words[0]);
  }

  bool check_complete(const Word& first, bool size, bool start, bool trigger) {
    if (!size)
      complaints_.add(first, fmt::format("connection {} has no size", first.text),
                      "is the file truncated?");
    if (!start && !trigger)
      complaints_.add(first, fmt::format("connection {} has neither start nor trigger", first.text),
                      "is the file truncated?");
    if (start && trigger)
      complaints_.add(first, fmt::format("connection {} has both start and trigger", first.text));
    return size && start != trigger;
  }

  // False after a complaint.
  bool attribute(const Word& name, const Word& value, RawConnection& raw) {
    const std::string_view key = name.text;
    if (key == "start") return start_time(value, raw.connection);
    if (key == "size") return size(value, raw.connection);
    if (key == "trigger") return trigger_use(name, value, raw.started_by);
    if (key == "send_done_trigger") return trigger_use(name, value, raw.on_sent);
    if (key == "recv_done_trigger") return trigger_use(name, value, raw.on_received);
    if (key == "id" || key == "msg") {
      const auto id = whole_number(value, key, 1, INT64_MAX, complaints_);
      if (id)
        (key == "id" ? raw.connection.id : raw.connection.message) = static_cast<uint64_t>(*id);
      if (key == "msg")
        warn_once(name, warned_message_,
                  "`msg` has no effect: every connection "
                  "is a flow of its own");
      return id.has_value();
    }
    if (key == "prio") {
      const auto priority = whole_number(value, key, 0, INT64_MAX, complaints_);
      if (priority) raw.connection.priority = *priority;
      warn_once(name, warned_priority_, "`prio` has no effect: all data has one priority");
      return priority.has_value();
    }
    complaints_.add(name, fmt::format("unknown word {}", scenario::quoted(key)),
                    hint_of(key, {"start", "size", "id", "trigger", "send_done_trigger",
                                  "recv_done_trigger", "prio", "msg"}));
    return false;
  }

  bool size(const Word& value, Connection& connection) {
    if (value.text == "0") {
      complaints_.add(value, "size: found 0, expected at least 1 byte",
                      "htsim sends without end then; give a size and limits.time");
      return false;
    }
    const auto bytes = whole_number(value, "size", 1, INT64_MAX, complaints_);
    if (!bytes) return false;
    connection.bytes = *bytes;
    if (!__builtin_add_overflow(bytes_, *bytes, &bytes_)) return true;
    complaints_.add(value, "size: the connections together exceed 2^63 bytes");
    bytes_ = 0;
    return false;
  }

  bool start_time(const Word& value, Connection& connection) {
    const bool micro = options_.start_unit == MatrixStartUnit::kMicroseconds;
    const std::string_view unit = micro ? "us" : "ps";
    const auto start = scenario::parse_duration(fmt::format("{} {}", value.text, unit));
    const bool digits = value.text.find_first_not_of("0123456789.+-eE") == std::string_view::npos;
    if (!start || !digits || *start < base::Duration::zero()) {
      complaints_.add(value, fmt::format("start: found {}, expected a time of at least 0 in {}",
                                         scenario::quoted(value.text), unit));
      return false;
    }
    connection.start = *start;
    if (micro && *start >= base::Duration::s(1))
      warn_once(value, warned_start_,
                fmt::format("start {} is read as {}: if picoseconds are meant, set "
                            "workload.matrix_start_unit to ps",
                            value.text, scenario::format(*start)));
    return true;
  }

  bool trigger_use(const Word& name, const Word& value, TriggerUse& use) {
    const auto id = whole_number(value, name.text, 1, INT64_MAX, complaints_);
    if (!id) return false;
    use = {static_cast<uint64_t>(*id), value.column};
    return true;
  }

  void accept(RawConnection& raw, const Word& word) {
    const Connection& connection = raw.connection;
    if (connection.id != 0) {
      const auto [place, fresh] = ids_.emplace(connection.id, word.line);
      if (!fresh)
        complaints_.add(word, fmt::format("id {} is given twice", connection.id),
                        fmt::format("first at line {}", place->second));
    }
    raw.column = word.column;
    raw_.push_back(raw);
  }

  void warn_once(const Word& word, bool& warned, std::string message) {
    if (std::exchange(warned, true)) return;
    matrix_.warnings.push_back({complaints_.mark(word), std::move(message), {}});
  }

  // --- triggers and failures ---

  void trigger(const Words& words) {
    ++triggers_seen_;
    Trigger trigger;
    trigger.line = words[0].line;
    bool kind_given = false;
    bool count_given = false;
    for (size_t i = 1; i < words.size(); ++i) {
      const std::string_view key = words[i].text;
      if (key == "id" || key == "count") {
        const Word* value = value_of(words, i);
        if (value == nullptr) return;
        const auto number =
            whole_number(*value, key, 1, key == "id" ? INT64_MAX : kIndexMax, complaints_);
        if (!number) return;
        ++i;
        if (key == "id") trigger.id = static_cast<uint64_t>(*number);
        if (key == "count") trigger.count = static_cast<uint32_t>(*number);
        count_given = count_given || key == "count";
      } else if (const auto kind = trigger_kind(key); kind && !kind_given) {
        trigger.kind = *kind;
        kind_given = true;
      } else {
        complaints_.add(words[i],
                        fmt::format("{} {}", kind ? "a second kind of trigger:" : "unknown word",
                                    scenario::quoted(key)),
                        hint_of(key, {"id", "oneshot", "multishot", "barrier", "count"}));
        return;
      }
    }
    accept_trigger(words[0], trigger, kind_given, count_given);
  }

  static std::optional<TriggerKind> trigger_kind(std::string_view name) {
    if (name == "oneshot") return TriggerKind::kOneshot;
    if (name == "multishot") return TriggerKind::kMultishot;
    if (name == "barrier") return TriggerKind::kBarrier;
    return std::nullopt;
  }

  void accept_trigger(const Word& word, Trigger& trigger, bool kind_given, bool count_given) {
    if (trigger.id == 0) {
      complaints_.add(word, "the trigger has no id");
    } else if (!kind_given) {
      complaints_.add(word, fmt::format("trigger {} has no kind, expected oneshot, multishot or "
                                        "barrier",
                                        trigger.id));
    } else if (trigger.kind == TriggerKind::kBarrier && !count_given) {
      complaints_.add(word, fmt::format("barrier {} has no count", trigger.id));
    } else if (const auto known = trigger_index_.find(trigger.id); known != trigger_index_.end()) {
      complaints_.add(word, fmt::format("trigger {} is defined twice", trigger.id),
                      fmt::format("first at line {}", matrix_.triggers[known->second].line));
    } else {
      trigger_index_.emplace(trigger.id, static_cast<uint32_t>(matrix_.triggers.size()));
      matrix_.triggers.push_back(std::move(trigger));
    }
  }

  void failure(const Words& words) {
    ++failures_seen_;
    LinkFailure failure;
    failure.line = words[0].line;
    int given = 0;
    for (size_t i = 1; i < words.size(); i += 2) {
      const Word* value = value_of(words, i);
      if (value == nullptr || !failure_attribute(words[i], *value, failure)) return;
      ++given;
    }
    if (given == 3) {
      matrix_.failures.push_back(failure);
      return;
    }
    complaints_.add(words[0], "expected `failure switch_type TOR|AGG|CORE switch_id S link_id L`");
  }

  bool failure_attribute(const Word& name, const Word& value, LinkFailure& failure) {
    if (name.text == "switch_type") {
      const auto tier = switch_tier(value.text);
      if (tier) failure.tier = *tier;
      if (!tier)
        complaints_.add(
            value, fmt::format("found {}, expected TOR, AGG or CORE", scenario::quoted(value.text)),
            hint_of(value.text, {"TOR", "AGG", "CORE"}));
      return tier.has_value();
    }
    if (name.text != "switch_id" && name.text != "link_id") {
      complaints_.add(name, fmt::format("unknown word {}", scenario::quoted(name.text)),
                      hint_of(name.text, {"switch_type", "switch_id", "link_id"}));
      return false;
    }
    const auto number = whole_number(value, name.text, 0, kIndexMax, complaints_);
    if (!number) return false;
    (name.text == "link_id" ? failure.link : failure.switch_index) = static_cast<uint32_t>(*number);
    return true;
  }

  static std::optional<SwitchTier> switch_tier(std::string_view name) {
    if (name == "TOR") return SwitchTier::kTor;
    if (name == "AGG") return SwitchTier::kAgg;
    if (name == "CORE") return SwitchTier::kCore;
    return std::nullopt;
  }

  // --- after the last line ---

  // See the header: counts of the older all-to-all script.
  bool old_dialect() const {
    if (triggers_seen_ != 0 || !nodes_.count || !connections_.count || !triggers_.count)
      return false;
    std::map<uint64_t, bool> used;
    for (const RawConnection& raw : raw_)
      if (raw.started_by.id != 0) used[raw.started_by.id] = true;
    const int64_t factor = *nodes_.count - 1;
    return !used.empty() && *connections_.count % factor == 0 && *triggers_.count % factor == 0 &&
           *connections_.count / factor == connections_seen_ &&
           *triggers_.count / factor == static_cast<int64_t>(used.size());
  }

  void check_counts() {
    if (complaints_.full()) return;  // the rest of the file was not read
    if (old_dialect()) {
      matrix_.warnings.push_back(
          {complaints_.mark(connections_.word),
           fmt::format("declares {} connections and {} triggers and holds {} and {}: read as the "
                       "older all-to-all form, where counts are {} times too high and every "
                       "trigger is oneshot",
                       *connections_.count, *triggers_.count, connections_seen_,
                       *triggers_.count / (*nodes_.count - 1), *nodes_.count - 1),
           {}});
      define_oneshots();
      return;
    }
    check_count(connections_, connections_seen_, "connections");
    check_count(triggers_, triggers_seen_, "triggers");
    check_count(failures_, failures_seen_, "failures");
  }

  void check_count(const Declared& declared, int64_t seen, std::string_view what) {
    const bool unreadable = declared.given && !declared.count;
    const int64_t promised = declared.count.value_or(0);
    if (unreadable || promised == seen || (!declared.given && what == "connections")) return;
    const base::SourceMark mark =
        declared.given ? complaints_.mark(declared.word) : complaints_.mark(1, 1);
    complaints_.add(mark, fmt::format("declares {} {}, but holds {}", promised, what, seen),
                    seen < promised ? "is the file truncated?" : "");
  }

  void define_oneshots() {
    for (const RawConnection& raw : raw_) {
      const uint64_t id = raw.started_by.id;
      if (id == 0 || trigger_index_.contains(id)) continue;
      trigger_index_.emplace(id, static_cast<uint32_t>(matrix_.triggers.size()));
      Trigger trigger;
      trigger.id = id;
      trigger.line = raw.connection.line;
      matrix_.triggers.push_back(std::move(trigger));
    }
  }

  void check_nodes() {
    if (!nodes_.count) return;
    for (const RawConnection& raw : raw_) {
      if (complaints_.full()) return;
      const Connection& c = raw.connection;
      const uint32_t worst = std::max(c.src, c.dst);
      if (worst >= matrix_.nodes)
        complaints_.add(
            complaints_.mark(c.line, raw.column),
            fmt::format("node {} is out of range, expected 0 to {}", worst, matrix_.nodes - 1),
            fmt::format("Nodes says {}", matrix_.nodes));
    }
  }

  uint32_t trigger_of(const TriggerUse& use, int line) {
    if (use.id == 0) return kNoTrigger;
    const auto known = trigger_index_.find(use.id);
    if (known != trigger_index_.end()) return known->second;
    complaints_.add(complaints_.mark(line, use.column),
                    fmt::format("trigger {} is not defined", use.id),
                    fmt::format("expected a line such as `trigger id {} oneshot`", use.id));
    return kNoTrigger;
  }

  void match_triggers() {
    for (RawConnection& raw : raw_) {
      if (complaints_.full()) return;
      Connection& connection = raw.connection;
      connection.started_by = trigger_of(raw.started_by, connection.line);
      connection.on_sent = trigger_of(raw.on_sent, connection.line);
      connection.on_received = trigger_of(raw.on_received, connection.line);
      const auto index = static_cast<uint32_t>(matrix_.connections.size());
      if (connection.started_by != kNoTrigger)
        matrix_.triggers[connection.started_by].connections.push_back(index);
      matrix_.connections.push_back(connection);
    }
  }

  LineWalker walker_;
  Complaints complaints_;
  const MatrixOptions& options_;
  ConnectionMatrix matrix_;
  Declared nodes_;
  Declared connections_;
  Declared triggers_;
  Declared failures_;
  int64_t connections_seen_ = 0;
  int64_t triggers_seen_ = 0;
  int64_t failures_seen_ = 0;
  int64_t bytes_ = 0;
  std::vector<RawConnection> raw_;
  std::map<uint64_t, int> ids_;
  std::map<uint64_t, uint32_t> trigger_index_;
  bool warned_start_ = false;
  bool warned_message_ = false;
  bool warned_priority_ = false;
};

}  // namespace

MatrixResult read_connection_matrix(std::string_view text, const std::string& file,
                                    const MatrixOptions& options) {
  if (const base::Status status = scenario::check_text(text, file); !status) {
    std::vector<base::Error> errors;
    errors.push_back(status.error());
    return tl::unexpected(std::move(errors));
  }
  return MatrixReader(text, file, options).run();
}

MatrixResult load_connection_matrix(const std::string& path, const MatrixOptions& options) {
  const auto text = scenario::read_text_file(path, kFileBytesMax);
  if (text) return read_connection_matrix(*text, path, options);
  std::vector<base::Error> errors;
  errors.push_back(text.error());
  return tl::unexpected(std::move(errors));
}

}  // namespace windtunnel::study
