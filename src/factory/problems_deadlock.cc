// Arrangements of stocks, lots and batches that must come to a standstill, or run away.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "factory/plant_lookup.h"

namespace windtunnel::factory {
namespace {

class Deadlocks {
 public:
  Deadlocks(const Plant& plant, ProblemList& list) : lookup_(plant), plant_(plant), list_(list) {}

  void find() {
    for (size_t i = 0; i < plant_.items.size(); ++i)
      for (size_t k = 0; k < plant_.items[i].route.size(); ++k)
        kit(fmt::format("items[{}].route[{}]", i, k), plant_.items[i].route[k]);
    for (size_t r = 0; r < plant_.releases.size(); ++r) {
      release(r);
      if (plant_.releases[r].kind == ReleaseKind::kLots) rounds(r);
    }
  }

 private:
  // A step's parts must fit into their stocks together with the wait of whoever fills them.
  void kit(const std::string& key, const Step& step) {
    const int64_t pieces = lookup_.station_of(step).batch_min;
    for (size_t p = 0; p < step.parts.size(); ++p) {
      const Part& part = step.parts[p];
      const Stock& stock = lookup_.stock_of(part.item);
      if (stock.capacity && *stock.capacity < part.count * pieces)
        list_.add(fmt::format("{}.parts[{}]", key, p),
                  fmt::format("needs {} of `{}` at once, of which its stock holds {}: expected a "
                              "larger stock",
                              part.count * pieces, part.item, *stock.capacity));
    }
  }

  // Turns go round: a turn is a round and a place in it. A share's turn waits while its stock is at
  // the cap, and all that come after it wait too. If no step that takes from that stock can have
  // its kit complete before, nothing moves any more.
  struct Turn {
    int64_t round = 0;
    size_t place = 0;
    auto operator<=>(const Turn&) const = default;
  };

  void rounds(size_t r) {
    const Release& release = plant_.releases[r];
    for (size_t i = 0; i < release.shares.size(); ++i) {
      const ReleaseShare& share = release.shares[i];
      if (!share.stock_cap || lookup_.stocks.find(share.item) == kNowhere) continue;
      const int64_t room = *share.stock_cap - lookup_.stock_of(share.item).initial;
      const Turn waits = {1 + std::max<int64_t>(0, (room + share.lot - 1) / share.lot), i};
      const std::optional<Turn> complete = first_kit(release, share.item);
      if (!complete || *complete < waits) continue;
      list_.add(fmt::format("releases[{}].shares[{}].stock_cap", r, i),
                fmt::format("found {}, at which the release waits before any kit with `{}` is "
                            "complete: `{}` takes {} turns; expected a larger cap or larger lots",
                            *share.stock_cap, share.item, release.shares[complete->place].item,
                            complete->round));
      return;
    }
  }
  // The turn that completes a kit with `item` first; nothing when no step takes it.
  std::optional<Turn> first_kit(const Release& release, const std::string& item) const {
    std::optional<Turn> first;
    for (const Item& made : plant_.items) {
      for (const Step& step : made.route) {
        const auto takes = [&](const Part& part) { return part.item == item; };
        if (std::none_of(step.parts.begin(), step.parts.end(), takes)) continue;
        const Turn turn = complete(release, step);
        if (!first || turn < *first) first = turn;
      }
    }
    return first;
  }
  Turn complete(const Release& release, const Step& step) const {
    Turn last;
    const int64_t pieces = lookup_.station_of(step).batch_min;
    for (size_t i = 0; i < release.shares.size(); ++i) {
      const ReleaseShare& share = release.shares[i];
      for (const Part& part : step.parts) {
        if (part.item != share.item) continue;
        const int64_t missing = part.count * pieces - lookup_.stock_of(part.item).initial;
        if (missing > 0) last = std::max(last, Turn{(missing + share.lot - 1) / share.lot, i});
      }
    }
    return last;
  }

  void release(size_t r) {
    const Release& release = plant_.releases[r];
    for (size_t i = 0; i < release.shares.size(); ++i) {
      const ReleaseShare& share = release.shares[i];
      const std::string key = fmt::format("releases[{}].shares[{}]", r, i);
      const Item& item = plant_.items[lookup_.items.find(share.item)];
      if (release.kind == ReleaseKind::kLots) whole_batches(key, share, item);
      if (release.kind == ReleaseKind::kSaturated || release.kind == ReleaseKind::kLots)
        bounded(key, release, share, item);
    }
  }

  // The next lot waits until the whole lot has left its first station.
  void whole_batches(const std::string& key, const ReleaseShare& share, const Item& item) {
    if (item.route.empty()) return;
    const Station& first = lookup_.station_of(item.route.front());
    const int64_t rest = share.lot % first.batch_max;
    if (share.lot < first.batch_min || (rest != 0 && rest < first.batch_min))
      list_.add(key + ".lot", fmt::format("found {} pieces, of which {} would wait for a batch of "
                                          "at least {} at `{}` for ever",
                                          share.lot, rest, first.batch_min, first.name));
  }

  // Something must hold back a release that would always make one more.
  void bounded(const std::string& key, const Release& release, const ReleaseShare& share,
               const Item& item) {
    const bool lots = release.kind == ReleaseKind::kLots;
    if (item.route.empty()) {
      if (!lookup_.stock_of(share.item).capacity && !(lots && share.stock_cap))
        list_.add(key, fmt::format("`{}` is bought without end: nothing holds its release back; "
                                   "expected a capacity of its stock",
                                   item.name));
      return;
    }
    const Station& first = lookup_.station_of(item.route.front());
    if (lookup_.begins_loop(first.name)) return;
    if (!lots && (!first.buffer || *first.buffer > 1'000'000)) {
      list_.add(key,
                fmt::format("`{}` is released without end: station `{}` has room for more than "
                            "a million; expected a smaller buffer there, or a loop of cards "
                            "that begins there",
                            item.name, first.name));
      return;
    }
    if (!takes_time(item) && !(lots && share.stock_cap))
      list_.add(key,
                fmt::format("`{}` takes no time before it finds room without end, and would be "
                            "made for ever at one moment; expected a time",
                            item.name));
  }
  // Before the first place where any number may wait.
  bool takes_time(const Item& item) const {
    for (size_t k = 0; k < item.route.size(); ++k) {
      const Step& step = item.route[k];
      if (k > 0 && !lookup_.station_of(step).buffer) return false;
      if (step.time.expected() > Duration::zero() || step.docking.expected() > Duration::zero())
        return true;
    }
    return false;
  }

  PlantLookup lookup_;
  const Plant& plant_;
  ProblemList& list_;
};

}  // namespace

void find_deadlocks(const Plant& plant, ProblemList& list) { Deadlocks(plant, list).find(); }

}  // namespace windtunnel::factory
