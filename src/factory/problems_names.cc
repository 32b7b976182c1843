// Names: each is given once, and each that is used is the name of something.
#include <fmt/format.h>

#include <set>

#include "factory/problem_list.h"

namespace windtunnel::factory {
namespace {

class Names {
 public:
  Names(const Plant& plant, ProblemList& list)
      : plant_(plant),
        list_(list),
        items_(NameTable::of(plant.items)),
        stations_(NameTable::of(plant.stations)),
        matrices_(NameTable::of(plant.setups)),
        crews_(NameTable::of(plant.crews)),
        calendars_(NameTable::of(plant.calendars)),
        releases_(NameTable::of(plant.releases)),
        places_(NameTable::of(plant.places)) {
    for (const Stock& stock : plant.stocks) stocks_.add(stock.item);
  }

  void find() {
    unique(plant_.items, "items", "item");
    unique(plant_.stations, "stations", "station");
    unique(plant_.setups, "setups", "setup matrix");
    unique(plant_.crews, "crews", "crew");
    unique(plant_.calendars, "calendars", "calendar");
    unique(plant_.releases, "releases", "release");
    unique(plant_.orders, "orders", "order");
    unique(plant_.loops, "loops", "loop");
    unique(plant_.places, "places", "place");
    items();
    stations();
    stocks();
    work();
    layout();
  }

 private:
  template <class Things>
  void unique(const Things& things, const char* key, const char* what) {
    std::map<std::string, size_t> seen;
    for (size_t i = 0; i < things.size(); ++i) {
      const std::string path = fmt::format("{}[{}]", key, i);
      if (things[i].name.empty()) {
        list_.add(path, fmt::format("found no name, expected one for the {}", what));
        continue;
      }
      const auto [first, is_new] = seen.emplace(things[i].name, i);
      if (!is_new)
        list_.add(path + ".name", fmt::format("found `{}` again, which is the name of {}[{}]",
                                              things[i].name, key, first->second));
    }
  }
  // Empty: nothing is meant.
  void known(const std::string& key, const std::string& name, const NameTable& names,
             const char* what) {
    if (!name.empty() && names.find(name) == kNowhere)
      list_.unknown(key, what, name, names.names());
  }
  void wanted(const std::string& key, const std::string& name, const NameTable& names,
              const char* what) {
    if (name.empty()) {
      list_.add(key, fmt::format("found nothing, expected the name of {}", what));
    } else {
      known(key, name, names, what);
    }
  }

  void items() {
    for (size_t i = 0; i < plant_.items.size(); ++i) {
      const Item& item = plant_.items[i];
      NameTable steps;
      for (const Step& step : item.route) steps.add(step.name.empty() ? step.station : step.name);
      for (size_t k = 0; k < item.route.size(); ++k) {
        const Step& step = item.route[k];
        const std::string key = fmt::format("items[{}].route[{}]", i, k);
        wanted(key + ".station", step.station, stations_, "a station");
        known(key + ".rework_to", step.rework_to, steps, "a step of this route");
        const size_t back = steps.find(step.rework_to);
        if (back != kNowhere && back > k)
          list_.add(key + ".rework_to",
                    fmt::format("found `{}`, which comes after this step, expected this or an "
                                "earlier one",
                                step.rework_to));
        for (size_t p = 0; p < step.parts.size(); ++p)
          part(fmt::format("{}.parts[{}]", key, p), step.parts[p].item);
      }
    }
  }
  void part(const std::string& key, const std::string& name) {
    wanted(key, name, items_, "an item");
    if (items_.find(name) != kNowhere && stocks_.find(name) == kNowhere)
      list_.add(key, fmt::format("found `{}`, which has no stock to be taken from, expected one in "
                                 "`stocks`",
                                 name));
  }

  void stations() {
    for (size_t s = 0; s < plant_.stations.size(); ++s) {
      const Station& station = plant_.stations[s];
      const std::string key = fmt::format("stations[{}]", s);
      known(key + ".setups", station.setups, matrices_, "a setup matrix");
      known(key + ".setup_crew", station.setup_crew, crews_, "a crew");
      known(key + ".operators", station.operators, crews_, "a crew");
      known(key + ".calendar", station.calendar, calendars_, "a calendar");
      known(key + ".place", station.place, places_, "a place");
      for (size_t b = 0; b < station.breakdowns.size(); ++b)
        known(fmt::format("{}.breakdowns[{}].crew", key, b), station.breakdowns[b].crew, crews_,
              "a crew");
    }
    for (size_t c = 0; c < plant_.crews.size(); ++c)
      known(fmt::format("crews[{}].calendar", c), plant_.crews[c].calendar, calendars_,
            "a calendar");
  }

  void stocks() {
    std::set<std::string> seen;
    for (size_t s = 0; s < plant_.stocks.size(); ++s) {
      const Stock& stock = plant_.stocks[s];
      const std::string key = fmt::format("stocks[{}]", s);
      wanted(key + ".item", stock.item, items_, "an item");
      known(key + ".place", stock.place, places_, "a place");
      if (!stock.item.empty() && !seen.insert(stock.item).second)
        list_.add(key + ".item",
                  fmt::format("found `{}` again, expected one stock for each item", stock.item));
    }
  }

  void work() {
    for (size_t r = 0; r < plant_.releases.size(); ++r) {
      const std::vector<ReleaseShare>& shares = plant_.releases[r].shares;
      for (size_t i = 0; i < shares.size(); ++i)
        wanted(fmt::format("releases[{}].shares[{}].item", r, i), shares[i].item, items_,
               "an item");
    }
    for (size_t o = 0; o < plant_.orders.size(); ++o) {
      wanted(fmt::format("orders[{}].item", o), plant_.orders[o].item, items_, "an item");
      known(fmt::format("orders[{}].by", o), plant_.orders[o].by, releases_, "a release");
    }
    for (size_t l = 0; l < plant_.loops.size(); ++l) {
      wanted(fmt::format("loops[{}].from", l), plant_.loops[l].from, stations_, "a station");
      wanted(fmt::format("loops[{}].to", l), plant_.loops[l].to, stations_, "a station");
    }
  }

  void layout() {
    for (size_t l = 0; l < plant_.lanes.size(); ++l) {
      wanted(fmt::format("lanes[{}].from", l), plant_.lanes[l].from, places_, "a place");
      wanted(fmt::format("lanes[{}].to", l), plant_.lanes[l].to, places_, "a place");
    }
    if (plant_.fleet) known("fleet.home", plant_.fleet->home, places_, "a place");
  }

  const Plant& plant_;
  ProblemList& list_;
  NameTable items_;
  NameTable stations_;
  NameTable matrices_;
  NameTable crews_;
  NameTable calendars_;
  NameTable releases_;
  NameTable places_;
  NameTable stocks_;
};

}  // namespace

void find_name_problems(const Plant& plant, ProblemList& list) { Names(plant, list).find(); }

}  // namespace windtunnel::factory
