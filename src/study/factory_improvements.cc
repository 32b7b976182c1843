#include "study/factory_improvements.h"

#include <fmt/format.h>

#include <utility>

#include "scenario/quantity.h"

namespace windtunnel::study {
namespace {

class Offers {
 public:
  void one_more(const std::string& what, std::string path, int64_t now) {
    add("one more " + what, std::move(path), fmt::format("{}", now + 1));
  }
  void add(std::string what, std::string path, std::string value) {
    changes_.push_back({std::move(what), {{std::move(path), std::move(value)}}});
  }
  std::vector<Improvement> take() { return std::move(changes_); }

 private:
  std::vector<Improvement> changes_;
};

void offer_stations(const factory::Plant& plant, Offers& offers) {
  for (size_t s = 0; s < plant.stations.size(); ++s) {
    const factory::Station& station = plant.stations[s];
    if (station.groups.empty())
      offers.one_more("machine at " + station.name, fmt::format("stations[{}].machines", s),
                      station.machines);
    for (size_t g = 0; g < station.groups.size(); ++g)
      offers.one_more(fmt::format("machine of group {} at {}", g + 1, station.name),
                      fmt::format("stations[{}].groups[{}].count", s, g), station.groups[g].count);
    if (station.buffer)
      offers.one_more("place before " + station.name, fmt::format("stations[{}].buffer", s),
                      *station.buffer);
  }
}

void offer_setups(const std::vector<SetupsDescription>& setups, Offers& offers) {
  for (size_t i = 0; i < setups.size(); ++i) {
    const factory::Duration saved = setups[i].matrix.saved + factory::Duration::s(60);
    offers.add("a minute off every changeover of " + setups[i].matrix.name,
               fmt::format("setups[{}].saved", i),
               scenario::format_ticks(saved.ticks(), factory::Tick::kPerSecond));
  }
}

// Larger lots cost nothing but stock.
void offer_lots(const std::vector<ReleaseDescription>& releases, Offers& offers) {
  for (size_t i = 0; i < releases.size(); ++i) {
    if (releases[i].release.kind != factory::ReleaseKind::kLots) continue;
    offers.one_more("kit in every lot of " + releases[i].release.name,
                    fmt::format("releases[{}].kits", i), releases[i].kits);
  }
}

}  // namespace

Improvements factory_improvements(const FactoryScenario& scenario) {
  const FactoryDescription& described = scenario.description;
  const factory::Plant& plant = described.plant;
  Offers offers;
  offer_stations(plant, offers);
  for (size_t i = 0; i < plant.stocks.size(); ++i) {
    if (plant.stocks[i].capacity)
      offers.one_more("place in the stock of " + plant.stocks[i].item,
                      fmt::format("stocks[{}].capacity", i), *plant.stocks[i].capacity);
  }
  for (size_t i = 0; i < plant.crews.size(); ++i)
    offers.one_more("head of " + plant.crews[i].name, fmt::format("crews[{}].count", i),
                    plant.crews[i].count);
  for (size_t i = 0; i < plant.loops.size(); ++i)
    offers.one_more("card of " + plant.loops[i].name, fmt::format("loops[{}].cards", i),
                    plant.loops[i].cards);
  if (plant.fleet) offers.one_more("vehicle", "fleet.vehicles", plant.fleet->vehicles);
  offer_setups(described.setups, offers);
  offer_lots(described.releases, offers);
  return {"shipped.per_year",
          {{"run.replications", "1"},
           {"run.half_width", "0"},
           {"run.threads", "1"},
           {"run.gantt_length", "0 s"}},
          offers.take()};
}

}  // namespace windtunnel::study
