// What the checks of feeding and of deadlocks look up: plants whose names are all known.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "factory/problem_list.h"

namespace windtunnel::factory {

struct PlantLookup {
  explicit PlantLookup(const Plant& p)
      : plant(p),
        items(NameTable::of(p.items)),
        stations(NameTable::of(p.stations)),
        matrices(NameTable::of(p.setups)) {
    for (const Stock& stock : p.stocks) stocks.add(stock.item);
    released.resize(p.items.size());
    for (const Release& release : p.releases) {
      has_book = has_book || release.kind == ReleaseKind::kOrders;
      for (const ReleaseShare& share : release.shares) released[items.find(share.item)] = true;
    }
    for (const Order& order : p.orders) released[items.find(order.item)] = true;
  }
  const Stock& stock_of(const std::string& item) const { return plant.stocks[stocks.find(item)]; }
  const Station& station_of(const Step& step) const {
    return plant.stations[stations.find(step.station)];
  }
  bool begins_loop(const std::string& station) const {
    return std::any_of(plant.loops.begin(), plant.loops.end(),
                       [&](const Loop& loop) { return loop.from == station; });
  }

  const Plant& plant;
  NameTable items;
  NameTable stations;
  NameTable matrices;
  NameTable stocks;
  std::vector<bool> released;  // by item
  bool has_book = false;       // orders may ask for any item
};

}  // namespace windtunnel::factory
