// Whether work can flow: everything is made by somebody, reaches its station and finds what it
// needs there.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "factory/plant_lookup.h"

namespace windtunnel::factory {
namespace {

class Feeding {
 public:
  Feeding(const Plant& plant, ProblemList& list) : lookup_(plant), plant_(plant), list_(list) {}

  void find() {
    items();
    stations();
    stocks();
    families();
    protocols();
    circles();
    loops();
  }

 private:
  void items() {
    for (size_t i = 0; i < plant_.items.size(); ++i) {
      const Item& item = plant_.items[i];
      if (!item.route.empty() && !lookup_.released[i] && !lookup_.has_book)
        list_.add(fmt::format("items[{}]", i),
                  fmt::format("nothing releases `{}`, so it is never made; expected a release with "
                              "a share of it",
                              item.name));
      if (item.route.empty() && lookup_.stocks.find(item.name) == kNowhere)
        list_.add(fmt::format("items[{}]", i),
                  fmt::format("found no route for `{}` and no stock of it, expected one or both",
                              item.name));
    }
  }

  // A station is fed by a route that visits it before a step that nothing passes.
  void stations() {
    std::set<std::string> fed;
    std::set<std::string> visited;
    for (const Item& item : plant_.items) {
      bool passes = true;
      for (const Step& step : item.route) {
        visited.insert(step.station);
        if (passes) fed.insert(step.station);
        passes = passes && step.yield.part > 0;
      }
    }
    for (size_t s = 0; s < plant_.stations.size(); ++s) {
      const std::string& name = plant_.stations[s].name;
      if (fed.contains(name)) continue;
      list_.add(fmt::format("stations[{}]", s),
                visited.contains(name)
                    ? fmt::format("`{}` can never be fed: nothing passes the steps before it, "
                                  "whose yield is 0",
                                  name)
                    : fmt::format("`{}` can never be fed: no route visits it", name));
    }
  }

  void stocks() {
    for (size_t s = 0; s < plant_.stocks.size(); ++s) {
      const Stock& stock = plant_.stocks[s];
      const size_t item = lookup_.items.find(stock.item);
      const bool filled = lookup_.released[item] || stock.initial > 0 ||
                          (lookup_.has_book && !plant_.items[item].route.empty());
      if (!filled)
        list_.add(
            fmt::format("stocks[{}]", s),
            fmt::format("the stock of `{}` is never filled: nobody makes or buys it; expected "
                        "a release with a share of it, or something in stock at first",
                        stock.item));
    }
  }

  void families() {
    for (size_t i = 0; i < plant_.items.size(); ++i) {
      const Item& item = plant_.items[i];
      const std::string& family = item.family.empty() ? item.name : item.family;
      for (size_t k = 0; k < item.route.size(); ++k) {
        const Station& station = lookup_.station_of(item.route[k]);
        if (station.setups.empty()) continue;
        const SetupMatrix& matrix = plant_.setups[lookup_.matrices.find(station.setups)];
        const auto same = [&](const SetupRow& row) { return row.from == family; };
        if (std::any_of(matrix.rows.begin(), matrix.rows.end(), same)) continue;
        list_.add(fmt::format("items[{}].route[{}]", i, k),
                  fmt::format("family `{}` comes to station `{}`, whose setup matrix `{}` has no "
                              "row for it",
                              family, station.name, matrix.name));
      }
    }
  }

  void protocols() {
    for (size_t i = 0; i < plant_.items.size(); ++i) {
      const Item& item = plant_.items[i];
      if (item.protocol.empty()) continue;
      for (const Step& step : item.route) {
        const Station& station = lookup_.station_of(step);
        std::vector<std::string> spoken;
        bool all = station.groups.empty();
        for (const MachineGroup& group : station.groups) {
          all = all || group.protocols.empty();
          spoken.insert(spoken.end(), group.protocols.begin(), group.protocols.end());
        }
        if (all || std::find(spoken.begin(), spoken.end(), item.protocol) != spoken.end()) continue;
        list_.unknown(
            fmt::format("items[{}].protocol", i),
            fmt::format("a protocol that some bench of station `{}` speaks", station.name),
            item.protocol, spoken);
      }
    }
  }

  // Items that need each other as parts, with none of them in stock at first.
  void circles() {
    std::vector<int> state(plant_.items.size());  // 1: on the way down, 2: done
    for (size_t i = 0; i < plant_.items.size(); ++i) {
      std::vector<size_t> way;
      follow(i, state, way);
    }
  }
  void follow(size_t item, std::vector<int>& state, std::vector<size_t>& way) {
    // Routes nest at most as deep as people build; deeper is a circle that will be found anyway.
    if (state[item] == 2 || way.size() > 256) return;
    if (state[item] == 1) {
      report_circle(item, way);
      return;
    }
    state[item] = 1;
    way.push_back(item);
    for (const Step& step : plant_.items[item].route)
      for (const Part& part : step.parts)
        if (lookup_.stock_of(part.item).initial == 0)
          follow(lookup_.items.find(part.item), state, way);
    way.pop_back();
    state[item] = 2;
  }
  void report_circle(size_t item, const std::vector<size_t>& way) {
    std::string names;
    for (auto at = std::find(way.begin(), way.end(), item); at != way.end(); ++at)
      names += fmt::format("`{}` needs ", plant_.items[*at].name);
    list_.add(fmt::format("items[{}]", item),
              fmt::format("parts go in a circle: {}`{}`, and none is in stock at first", names,
                          plant_.items[item].name));
  }

  void loops() {
    for (size_t l = 0; l < plant_.loops.size(); ++l) {
      const Loop& loop = plant_.loops[l];
      const bool some = std::any_of(plant_.items.begin(), plant_.items.end(),
                                    [&](const Item& item) { return runs(item, loop); });
      if (!some)
        list_.add(fmt::format("loops[{}]", l),
                  fmt::format("no route visits `{}` after `{}`: cards would never come back",
                              loop.to, loop.from));
    }
  }
  static bool runs(const Item& item, const Loop& loop) {
    bool begun = false;
    for (const Step& step : item.route) {
      begun = begun || step.station == loop.from;
      if (begun && step.station == loop.to) return true;
    }
    return false;
  }

  PlantLookup lookup_;
  const Plant& plant_;
  ProblemList& list_;
};

}  // namespace

void find_feeding_problems(const Plant& plant, ProblemList& list) { Feeding(plant, list).find(); }

}  // namespace windtunnel::factory
