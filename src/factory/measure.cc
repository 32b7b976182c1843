#include "factory/measure.h"

#include <algorithm>
#include <string>
#include <utility>

#include "factory/world.h"

namespace windtunnel::factory {
namespace {

constexpr auto index_of(MachineState state) { return static_cast<size_t>(state); }

double joules(const StateTicks& ticks, const StationPower& power) {
  const auto part = [&](MachineState state, Power drawn) {
    return Duration::ticks(ticks[index_of(state)]).seconds() * drawn.watts();
  };
  return part(MachineState::kWorking, power.working) + part(MachineState::kSetup, power.setup) +
         part(MachineState::kDown, power.down) + part(MachineState::kStarved, power.idle) +
         part(MachineState::kBlocked, power.idle) + part(MachineState::kWaiting, power.idle);
}

StationOutcome station_outcome(const World& world, size_t index, int64_t now) {
  const StationRun& station = world.stations[index];
  const StationBook& book = station.book;
  StationOutcome out;
  out.name = station.described().name;
  out.machines = static_cast<int64_t>(station.compiled().machines.size());
  out.shares = station.clock.shares();
  out.profile = station.clock.profile();
  out.arrived = book.arrived;
  out.worked = book.worked;
  out.failed = book.failed;
  out.scrapped = book.scrapped;
  out.setups = book.setups;
  out.lost = book.lost;
  out.delayed = book.delayed;
  out.queue_mean = book.queue.mean(now);
  out.queue_max = book.queue.max();
  out.present_mean = book.present.mean(now);
  out.wait = book.wait;
  out.stay = book.stay.sketch;
  out.stay_mean = book.stay.mean();
  out.energy = joules(station.clock.total(), station.described().power);
  for (uint32_t i = 0; i < station.compiled().machines.size(); ++i) {
    out.breakdowns += world.machines[station.compiled().machine + i]->breakdowns();
  }
  return out;
}

ItemOutcome item_outcome(const World& world, size_t index, int64_t now) {
  const ItemBook& book = world.items[index];
  ItemOutcome out;
  out.name = world.plant.plant.items[index].name;
  out.released = book.released;
  out.finished = book.finished;
  out.scrapped = book.scrapped;
  out.reworked = book.reworked;
  out.lost = book.lost;
  out.in_process_mean = book.in_process.mean(now);
  out.lead = book.lead.sketch;
  out.lead_mean = book.lead.mean();
  const uint32_t stock = world.plant.items[index].stock;
  if (stock != kNone) {
    out.stock_mean = world.stores.book(stock).mean(now);
    out.stock_max = world.stores.book(stock).max();
  }
  return out;
}

OrderOutcome order_outcome(const World& world, uint32_t index) {
  const Order& order = world.plant.plant.orders[index];
  const OrderBook::Progress& progress = world.feeds.orders().progress(index);
  OrderOutcome out;
  out.name = order.name;
  out.item = order.item;
  out.quantity = order.quantity;
  out.finished = progress.finished;
  out.release = world.plant.orders[index].released;
  out.has_due = order.due.has_value();
  if (out.has_due) out.due = Time::at(*order.due);
  out.begun = progress.begun;
  out.begin = progress.begin;
  out.done = progress.done;
  const bool finished = progress.finished >= order.quantity;
  if (!out.has_due) return out;
  if (finished && progress.done > out.due) {
    out.cause = describe(progress.worst, world.plant.plant);
  } else if (!finished && world.end > out.due) {
    out.cause = std::to_string(order.quantity - progress.finished) + " of " +
                std::to_string(order.quantity) + " not finished by the end of the run";
  }
  return out;
}

CrewOutcome crew_outcome(World& world, size_t index, int64_t now) {
  Roster& crew = *world.crews[index];
  CrewOutcome out;
  out.name = world.plant.plant.crews[index].name;
  const Time begin = Time::at(world.options.warm_up);
  const double open = crew.hours().open_between(begin, world.end).seconds();
  out.on_shift_mean =
      static_cast<double>(crew.count()) * open / std::max(1e-9, world.options.measured.seconds());
  out.busy_mean = crew.busy().mean(now);
  out.waiting_mean = crew.queue().mean(now);
  return out;
}

// Machines and crews are paid by the hour, material when a piece is started.
double cost(const World& world, const Outcome& out) {
  constexpr double kJoulesPerKwh = 3.6e6;
  const Plant& plant = world.plant.plant;
  const double hours = out.measured.seconds() / 3600;
  double sum = plant.energy_price.value() * out.energy / kJoulesPerKwh;
  for (size_t i = 0; i < plant.items.size(); ++i) {
    sum += plant.items[i].material.value() * static_cast<double>(out.items[i].released);
  }
  for (size_t i = 0; i < plant.stations.size(); ++i) {
    sum += plant.stations[i].cost_per_hour.value() * hours *
           static_cast<double>(out.stations[i].machines);
  }
  for (size_t i = 0; i < plant.crews.size(); ++i) {
    sum += plant.crews[i].cost_per_hour.value() * hours * out.crews[i].on_shift_mean;
  }
  if (plant.fleet) {
    sum += plant.fleet->cost_per_hour.value() * hours * static_cast<double>(plant.fleet->vehicles);
  }
  return sum;
}

uint64_t fingerprint(World& world, const Outcome& out) {
  des::Fingerprint& print = world.sim.fingerprint();
  for (const StationOutcome& station : out.stations) {
    print.add(static_cast<uint64_t>(station.arrived), static_cast<uint64_t>(station.worked),
              static_cast<uint64_t>(station.failed), static_cast<uint64_t>(station.setups));
  }
  for (const ItemBook& item : world.items) {
    print.add(static_cast<uint64_t>(item.released), static_cast<uint64_t>(item.finished),
              static_cast<uint64_t>(item.scrapped), static_cast<uint64_t>(item.lead.sum));
  }
  return print.value();
}

}  // namespace

Outcome measure(World& world) {
  world.settle_clocks();
  const int64_t now = world.sim.now_ticks();
  Outcome out;
  out.measured = world.options.measured;
  for (size_t i = 0; i < world.stations.size(); ++i) {
    out.stations.push_back(station_outcome(world, i, now));
    out.energy += out.stations.back().energy;
  }
  for (size_t i = 0; i < world.items.size(); ++i) {
    out.items.push_back(item_outcome(world, i, now));
    out.finished_by_stretch.push_back(world.items[i].finished_by_stretch);
  }
  for (uint32_t i = 0; i < world.plant.orders.size(); ++i) {
    out.orders.push_back(order_outcome(world, i));
  }
  for (size_t i = 0; i < world.crews.size(); ++i) {
    out.crews.push_back(crew_outcome(world, i, now));
  }
  for (size_t i = 0; i < world.flow.loops.size(); ++i) {
    const Loop& loop = world.plant.plant.loops[i];
    out.loops.push_back({loop.name, loop.cards, world.flow.loops[i].in_use.mean(now)});
  }
  if (world.vehicles) {
    out.fleet = world.vehicles->outcome(world.sim.now());
    out.energy += out.fleet.energy;
  }
  out.in_process = world.in_process.bins(now);
  out.stretch = world.stretch;
  out.gantt = world.bars.take();
  out.cost = cost(world, out);
  out.stuck_where = world.stuck_where;
  out.stuck = !out.stuck_where.empty();
  out.events = world.sim.events();
  out.fingerprint = fingerprint(world, out);
  return out;
}

}  // namespace windtunnel::factory
