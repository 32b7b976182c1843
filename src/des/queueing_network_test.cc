// Known answers: networks and blocking, written as processes.
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "des/queueing_plant.h"

namespace windtunnel::des::queueing {
namespace {

// ---- Jackson networks

struct JacksonSample {
  double L1 = 0;
  double L2 = 0;
  double L = 0;
  double W = 0;
  double visits = 0;
};

// Arrivals at 1 to station 1 (rate 1.5), then station 2 (rate 1.3); one of ten goes back to 1.
class Rework final : public Plant {
 public:
  explicit Rework(uint64_t seed)
      : Plant(seed),
        first_(sim_, 1),
        second_(sim_, 1),
        service1_(stream("service 1")),
        service2_(stream("service 2")),
        fate_(stream("fate")) {
    sim_.spawn(source(stream("arrival")));
  }
  JacksonSample sample() {
    const int64_t now = sim_.now_ticks();
    const double in1 = first_.busy().mean(now) + first_.queue().mean(now);
    const double in2 = second_.busy().mean(now) + second_.queue().mean(now);
    return {in1, in2, in1 + in2, stay_.mean(), visits_.mean()};
  }

 private:
  Process source(RandomStream random) {
    for (;;) {
      co_await spend(random.exponential(1));
      sim_.spawn(job());
    }
  }
  Process visit(Resource& station, RandomStream& service, double mean) {
    const Grant grant = co_await station.acquire();
    co_await spend(service.exponential(mean));
  }
  Process job() {
    const Time arrived = sim_.now();
    int visits = 0;
    do {
      ++visits;
      co_await visit(first_, service1_, 1 / 1.5);
      co_await visit(second_, service2_, 1 / 1.3);
    } while (fate_.chance(1, 10));
    visits_.add(visits);
    stay_.add((sim_.now() - arrived).seconds());
  }
  void restart() override {
    for (Resource* station : {&first_, &second_}) {
      station->busy().restart(sim_.now_ticks());
      station->queue().restart(sim_.now_ticks());
    }
    stay_ = visits_ = {};
  }
  Resource first_;
  Resource second_;
  RandomStream service1_;
  RandomStream service2_;
  RandomStream fate_;
  Tally stay_;
  Tally visits_;
};

TEST(QueueingNetwork, OpenJacksonWithRework) {
  const auto samples = replicate_model<Rework>({20, 3'000, 150'000});
  const double visits = 1 / 0.9;
  const double rho1 = visits / 1.5;
  const double rho2 = visits / 1.3;
  const double in1 = rho1 / (1 - rho1);
  const double in2 = rho2 / (1 - rho2);
  judge({"JacksonRework", "visit_rate", visits, 0.01}, column(samples, &JacksonSample::visits));
  judge({"JacksonRework", "L1", in1, 0.02}, column(samples, &JacksonSample::L1));
  judge({"JacksonRework", "L2", in2, 0.03}, column(samples, &JacksonSample::L2));
  judge({"JacksonRework", "L", in1 + in2, 0.03}, column(samples, &JacksonSample::L));
  judge({"JacksonRework", "W", in1 + in2, 0.03}, column(samples, &JacksonSample::W));
}

struct ClosedSample {
  double TH = 0;
  double Q1 = 0;
  double Q2 = 0;
  double Q3 = 0;
  double CT = 0;
};
constexpr std::array<double, 3> kMeans{1, 0.8, 0.5};

class ClosedLoop final : public Plant {
 public:
  explicit ClosedLoop(uint64_t seed) : Plant(seed) {
    for (int i = 0; i < 3; ++i) {
      stations_.push_back(std::make_unique<Resource>(sim_, 1));
      services_.push_back(stream("service " + std::to_string(i)));
    }
  }
  void set(int pallets) {
    for (int i = 0; i < pallets; ++i) sim_.spawn(pallet());
  }
  ClosedSample sample() {
    const int64_t now = sim_.now_ticks();
    std::array<double, 3> q{};
    for (size_t i = 0; i < 3; ++i) {
      q[i] = stations_[i]->busy().mean(now) + stations_[i]->queue().mean(now);
    }
    const double span = static_cast<double>(now - since_) / 1e6;
    return {static_cast<double>(cycle_.count()) / span, q[0], q[1], q[2], cycle_.mean()};
  }

 private:
  Process pallet() {
    for (;;) {
      const Time begun = sim_.now();
      for (size_t i = 0; i < 3; ++i) {
        const Grant grant = co_await stations_[i]->acquire();
        co_await spend(services_[i].exponential(kMeans[i]));
      }
      cycle_.add((sim_.now() - begun).seconds());
    }
  }
  void restart() override {
    since_ = sim_.now_ticks();
    cycle_ = {};
    for (auto& station : stations_) {
      station->busy().restart(since_);
      station->queue().restart(since_);
    }
  }
  std::vector<std::unique_ptr<Resource>> stations_;
  std::vector<RandomStream> services_;
  int64_t since_ = 0;
  Tally cycle_;
};

// Mean value analysis (Reiser and Lavenberg 1980).
ClosedSample closed_loop(int pallets) {
  std::array<double, 3> q{};
  ClosedSample out;
  for (int n = 1; n <= pallets; ++n) {
    std::array<double, 3> stay{};
    out.CT = 0;
    for (size_t i = 0; i < 3; ++i) {
      stay[i] = kMeans[i] * (1 + q[i]);
      out.CT += stay[i];
    }
    out.TH = n / out.CT;
    for (size_t i = 0; i < 3; ++i) q[i] = out.TH * stay[i];
  }
  out.Q1 = q[0];
  out.Q2 = q[1];
  out.Q3 = q[2];
  return out;
}

TEST(QueueingNetwork, ClosedJackson) {
  for (const int pallets : {1, 2, 3, 5, 10, 20}) {
    const auto samples = replicate_model<ClosedLoop>({20, 1'000, 30'000},
                                                     [&](ClosedLoop& loop) { loop.set(pallets); });
    const std::string row = "closedJackson_1_0.8_0.5_N" + std::to_string(pallets);
    const ClosedSample exact = closed_loop(pallets);
    judge({row, "TH", exact.TH, 0.01}, column(samples, &ClosedSample::TH));
    judge({row, "CT", exact.CT, 0.01}, column(samples, &ClosedSample::CT));
    judge({row, "Q1", exact.Q1, 0.05}, column(samples, &ClosedSample::Q1));
    judge({row, "Q2", exact.Q2, 0.05}, column(samples, &ClosedSample::Q2));
    judge({row, "Q3", exact.Q3, 0.05}, column(samples, &ClosedSample::Q3));
  }
}

// ---- blocking: a saturated line of exponential machines with b places between neighbours

struct LineSample {
  double TH = 0;
};

// Blocking after service: a part keeps its machine until there is a place ahead.
class BlockingLine final : public Plant {
 public:
  explicit BlockingLine(uint64_t seed) : Plant(seed) {}
  void set(size_t machines, int64_t places) {
    for (size_t i = 0; i < machines; ++i) {
      services_.push_back(stream("service " + std::to_string(i)));
      // A machine and the places before it; the first has parts without end.
      machines_.push_back(std::make_unique<Resource>(sim_, 1));
      rooms_.push_back(std::make_unique<Resource>(sim_, places + 1));
    }
    sim_.spawn(source());
  }
  LineSample sample() {
    return {static_cast<double>(done_) / (static_cast<double>(sim_.now_ticks() - since_) / 1e6)};
  }

 private:
  Process source() {
    for (;;) {
      Grant room = co_await rooms_[0]->acquire();
      sim_.spawn(part(std::move(room)));
    }
  }
  Process part(Grant room) {
    for (size_t i = 0; i < machines_.size(); ++i) {
      Grant machine = co_await machines_[i]->acquire();
      co_await spend(services_[i].exponential(1));
      if (i + 1 < machines_.size()) room = co_await next_room(i + 1, std::move(room));
    }
    ++done_;
  }
  // Takes the place ahead before it gives up its own.
  Task<Grant> next_room(size_t i, Grant behind) {
    Grant ahead = co_await rooms_[i]->acquire();
    behind.release();
    co_return std::move(ahead);
  }
  void restart() override {
    since_ = sim_.now_ticks();
    done_ = 0;
  }
  std::vector<RandomStream> services_;
  std::vector<std::unique_ptr<Resource>> machines_;
  std::vector<std::unique_ptr<Resource>> rooms_;
  int64_t done_ = 0;
  int64_t since_ = 0;
};

// Two machines: (b + 2) / (b + 3). Three and four: Hillier and Boling (1967), to six digits.
TEST(QueueingNetwork, BlockingLines) {
  const struct {
    size_t machines;
    int64_t places;
    double throughput;
  } rows[] = {{2, 0, 2.0 / 3},
              {2, 1, 3.0 / 4},
              {2, 4, 6.0 / 7},
              {3, 0, 22.0 / 39},
              {3, 2, 0.7340166721398137},
              {4, 1, 0.6311526853770533}};
  for (const auto& row : rows) {
    const auto samples = replicate_model<BlockingLine>(
        {20, 500, 20'000}, [&](BlockingLine& line) { line.set(row.machines, row.places); });
    const std::string name =
        "exp_tandem_k" + std::to_string(row.machines) + "_b" + std::to_string(row.places);
    judge({name, "TH", row.throughput, 0.01}, column(samples, &LineSample::TH));
  }
}

}  // namespace
}  // namespace windtunnel::des::queueing
