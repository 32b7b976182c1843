#include "study/validation_host.h"

#include <fmt/format.h>

#include <utility>

#include "report/measurements.h"
#include "study/host_run.h"

namespace windtunnel::study {
namespace {

constexpr double kGigabyte = 1e9;
constexpr double kGibibyte = 1024.0 * 1024 * 1024;
constexpr char kPcieBench[] = "pcie-bench, github.com/pcie-bench/pcie-model and SIGCOMM 2018";
constexpr char kStorage[] = "gds-bench.farmgpu.net/theory";

// One metric of a scenario given as text; bit/s become B/s, as the sources have them.
base::Result<double> value_of(const std::string& yaml, const std::string& metric,
                              Observer& observer) {
  const auto scenario = read_host(yaml, "validation.yaml");
  if (!scenario) return tl::unexpected(scenario.error().front());
  const auto run = run_host(*scenario, observer);
  if (!run) return tl::unexpected(run.error());
  if (run->stopped) return base::fail("stopped");
  const report::Metric* found = report::find_metric(run->measurements, metric);
  if (found == nullptr) return base::fail("no metric " + metric);
  return found->unit == report::unit::kBitsPerSecond ? found->value / 8 : found->value;
}

struct Row {
  std::string what;
  std::string yaml;
  std::string metric;
  double theirs = 0;
  const char* unit = report::unit::kBytesPerSecond;
  double allowed = 0;
  std::string note = {};
};

ValidationCase make_case(std::string name, std::string source, std::string about,
                         std::vector<Row> rows) {
  ValidationCase c;
  c.name = std::move(name);
  c.source = std::move(source);
  c.about = std::move(about);
  c.run = [rows = std::move(rows)](Observer& observer) -> base::Result<std::vector<Comparison>> {
    std::vector<Comparison> comparisons;
    for (const Row& row : rows) {
      const auto ours = value_of(row.yaml, row.metric, observer);
      if (!ours) return tl::unexpected(ours.error());
      comparisons.push_back(compare_value(row.what, *ours, row.theirs, row.unit, row.allowed));
      comparisons.back().note = row.note;
    }
    return comparisons;
  };
  return c;
}

// Payload through one link, burst by burst, against exact arithmetic of its TLPs.
ValidationCase tlp_case() {
  struct Cell {
    int generation;
    int lanes;
    int payload;
    double gigabytes;
  };
  static constexpr Cell kCells[] = {{3, 8, 128, 6.63},  {3, 8, 256, 7.20},  {3, 8, 512, 7.52},
                                    {3, 16, 128, 13.3}, {3, 16, 256, 14.4}, {3, 16, 512, 15.1},
                                    {4, 8, 128, 13.3},  {4, 8, 256, 14.4},  {4, 8, 512, 15.1},
                                    {4, 16, 128, 26.5}, {4, 16, 256, 28.8}, {4, 16, 512, 30.1},
                                    {5, 8, 128, 26.5},  {5, 8, 256, 28.8},  {5, 8, 512, 30.1},
                                    {5, 16, 128, 53.1}, {5, 16, 256, 57.6}, {5, 16, 512, 60.2}};
  std::vector<Row> rows;
  for (const Cell& cell : kCells) {
    const std::string yaml = fmt::format(R"(kind: host
server:
  dllp_share: 0 %
  payload_max: {} B
  devices:
    - {{name: s, kind: switch, under: cpu0, generation: 5}}
    - {{name: a, kind: gpu, under: s, generation: {}, lanes: {}}}
    - {{name: b, kind: gpu, under: s, generation: 5}}
traffic: [{{name: x, kind: copy, from: a, to: b}}]
run: {{duration: 500 us}}
)",
                                         cell.payload, cell.generation, cell.lanes);
    rows.push_back(
        {fmt::format("Gen{} x{} writes of {} B", cell.generation, cell.lanes, cell.payload), yaml,
         "flow.x.bandwidth", cell.gigabytes * kGigabyte, report::unit::kBytesPerSecond, 0.02});
  }
  return make_case("host-tlp", kPcieBench, "one link, simulated in bursts of 4 KiB",
                   std::move(rows));
}

ValidationCase latency_case() {
  const std::string yaml = R"(kind: host
server:
  devices: [{name: nic0, kind: nic, under: cpu0, generation: 3, lanes: 8}]
traffic: [{name: x, kind: copy-pull, from: mem0, to: nic0, block: 64 B, queue_depth: 1}]
)";
  return make_case(
      "host-read-latency", kPcieBench, "a device reads 64 B of host memory, Gen3 x8",
      {{"median time", yaml, "flow.x.latency.p50", 547e-9, report::unit::kSeconds, 0.03,
        "the latencies of ports, root and memory are assumed and add up to this"}});
}

std::string gen4_gpu(const std::string& traffic) {
  return R"(kind: host
server:
  devices:
    - {name: s, kind: switch, under: cpu0, generation: 5, latency: 105 ns}
    - {name: gpu0, kind: gpu, under: s, generation: 4}
    - {name: gpu1, kind: gpu, under: s, generation: 4}
    - {name: nic0, kind: nic, under: s}
)" + traffic;
}

ValidationCase gpu_cases() {
  return make_case(
      "host-gpu-gen4", std::string(kStorage) + "; a builder's measurements with PEX88096",
      "data into a GPU on Gen4 x16",
      {{"from the network", gen4_gpu("traffic: [{name: x, kind: receive, to: gpu0}]\n"),
        "flow.x.bandwidth", 26.4 * kGibibyte, report::unit::kBytesPerSecond, 0.03,
        "fitted: the share of DLLPs is 2 % because of this figure"},
       {"GPU to GPU through a switch",
        gen4_gpu("traffic: [{name: x, kind: copy, from: gpu0, to: gpu1}]\n"), "flow.x.bandwidth",
        26.4 * kGigabyte, report::unit::kBytesPerSecond, 0.10},
       {"GPU to GPU staged in memory, one copy at a time",
        gen4_gpu("traffic: [{name: x, kind: copy, from: gpu0, to: gpu1, bounce: true, "
                 "queue_depth: 1}]\n"),
        "flow.x.bandwidth", 11.5 * kGigabyte, report::unit::kBytesPerSecond, 0.30,
        "the driver's time between the two copies is not modelled"}});
}

// Four drives on Gen5 at ports of one root complex.
std::string drives(int gpus, int payload) {
  std::string yaml = fmt::format(R"(kind: host
server:
  policy: {{root_payload: {} B}}
  devices:
)",
                                 payload);
  for (int i = 0; i < 4; ++i) {
    yaml += fmt::format(
        "    - {{name: ssd{}, kind: ssd, under: cpu0, lanes: 4, ssd: {{read_rate: "
        "14.5 GB/s}}}}\n",
        i);
    yaml += fmt::format("    - {{name: gpu{}, kind: gpu, under: cpu0, generation: 4}}\n", i);
  }
  yaml += fmt::format(
      "traffic: [{{name: x, kind: ssd-read, from: \"ssd0,ssd1,ssd2,ssd3\", to: \"{}\", block: "
      "128 KiB, queue_depth: 32}}]\n",
      gpus == 1 ? "gpu0" : "gpu0,gpu1,gpu2,gpu3");
  return yaml;
}

ValidationCase storage_case() {
  const char* fitted = "fitted: this root complex is taken to forward TLPs of 128 B";
  return make_case("host-storage", kStorage, "four Gen5 drives read straight into GPUs on Gen4 x16",
                   {{"one GPU", drives(1, 128), "item.x.bandwidth", 24.3 * kGibibyte,
                     report::unit::kBytesPerSecond, 0.05, fitted},
                    {"four GPUs", drives(4, 128), "item.x.bandwidth", 53.0 * kGibibyte,
                     report::unit::kBytesPerSecond, 0.05},
                    {"one GPU, whole TLPs", drives(1, 256), "item.x.bandwidth", 24.3 * kGibibyte,
                     report::unit::kBytesPerSecond, 0.10,
                     "the same without the fit: nothing cut at the root complex"}});
}

// A server of drives, one 400 Gb/s cable, GPUs on Gen4 below a switch beside the NIC.
std::string remote(const char* gpus) {
  std::string yaml = R"(kind: host
server:
  devices:
    - {name: s, kind: switch, under: cpu0}
    - {name: nic0, kind: nic, under: s}
    - {name: gpu0, kind: gpu, under: s, generation: 4}
    - {name: gpu1, kind: gpu, under: s, generation: 4}
    - {name: gpu2, kind: gpu, under: s, generation: 4}
    - {name: gpu3, kind: gpu, under: s, generation: 4}
remote_server: own
remote:
  devices:
    - {name: nic0, kind: nic, under: cpu0}
    - {name: ssd0, kind: ssd, under: cpu0, lanes: 4}
    - {name: ssd1, kind: ssd, under: cpu0, lanes: 4}
    - {name: ssd2, kind: ssd, under: cpu0, lanes: 4}
    - {name: ssd3, kind: ssd, under: cpu0, lanes: 4}
run: {warm_up: 1 ms}
)";
  return yaml + fmt::format(
                    "traffic: [{{name: x, kind: remote-read, from: \"remote.ssd0,remote.ssd1,"
                    "remote.ssd2,remote.ssd3\", to: \"{}\", block: 128 KiB, queue_depth: 32, "
                    "bounce_remote: true, software_remote: 5 us}}]\n",
                    gpus);
}

ValidationCase remote_case() {
  const char* note = "NFS itself is not modelled; between the servers nothing queues";
  return make_case("host-remote-storage", kStorage,
                   "drives of another server read into GPUs over one 400 Gb/s NIC",
                   {{"one GPU on Gen4 x16", remote("gpu0"), "item.x.bandwidth", 26.4 * kGibibyte,
                     report::unit::kBytesPerSecond, 0.05, note},
                    {"four GPUs", remote("gpu0,gpu1,gpu2,gpu3"), "item.x.bandwidth",
                     43.4 * kGibibyte, report::unit::kBytesPerSecond, 0.10, note}});
}

ValidationCase cable_case() {
  const std::string yaml = R"(kind: host
server:
  read_request_max: 4 KiB
  devices:
    - {name: b, kind: nic-switch, under: cpu0}
    - {name: g, kind: gpu, under: b}
    - {name: n, kind: nic, under: b}
traffic: [{name: x, kind: send, from: g, nic: n}]
)";
  return make_case("host-cable", "frames of RoCEv2 at an MTU of 4 KiB: 4,096 of 4,178 B",
                   "a GPU sends through a NIC of 400 Gb/s",
                   {{"payload", yaml, "flow.x.bandwidth", 50.0 * kGigabyte * 4096 / 4178,
                     report::unit::kBytesPerSecond, 0.01}});
}

}  // namespace

std::vector<ValidationCase> host_cases() {
  std::vector<ValidationCase> cases;
  for (const auto make : {tlp_case, latency_case, gpu_cases, storage_case, remote_case, cable_case})
    cases.push_back(make());
  return cases;
}

}  // namespace windtunnel::study
