#include "study/instance_shop.h"

#include <fmt/format.h>

#include <utility>

#include "scenario/suggest.h"
#include "study/instance_text.h"

namespace windtunnel::study {
namespace {

using planning::FlowShop;
using planning::JobShop;
using planning::kJobTimeMax;
using planning::SetupMatrix;

constexpr int64_t kJobsMax = 5'000;
constexpr int64_t kMachinesMax = 1'000;
constexpr int64_t kSetupEntriesMax = 20'000'000;

struct Size {
  size_t jobs = 0;
  size_t machines = 0;
};

bool read_size(InstanceLines& lines, Size& size) {
  if (!lines.next("the numbers of jobs and machines") ||
      !lines.has(2, "numbers of jobs and machines"))
    return false;
  const auto jobs = lines.whole(0, "number of jobs", 1, kJobsMax);
  const auto machines = lines.whole(1, "number of machines", 1, kMachinesMax);
  if (!jobs || !machines) return false;
  size = {static_cast<size_t>(*jobs), static_cast<size_t>(*machines)};
  return true;
}

bool read_job(InstanceLines& lines, size_t job, size_t machines,
              std::vector<JobShop::Operation>& operations) {
  const std::string name = fmt::format("job {}", job);
  if (!lines.next(name) || !lines.has(2 * machines, name)) return false;
  for (size_t i = 0; i < machines; ++i) {
    const auto machine = lines.whole(2 * i, fmt::format("machine of operation {}", i), 0,
                                     static_cast<int64_t>(machines) - 1);
    const auto time =
        lines.whole(2 * i + 1, fmt::format("time of operation {}", i), 0, kJobTimeMax);
    if (!machine || !time) return false;
    operations.push_back({static_cast<uint32_t>(*machine), *time});
  }
  return true;
}

bool read_jobs(InstanceLines& lines, JobShop& shop) {
  Size size;
  if (!read_size(lines, size)) return false;
  shop.machines = size.machines;
  for (size_t job = 0; job < size.jobs; ++job) {
    shop.jobs.emplace_back();
    if (!read_job(lines, job, size.machines, shop.jobs.back())) return false;
  }
  return true;
}

// Checks while the line of the job is at hand, so that the error can say where.
bool read_flow_jobs(InstanceLines& lines, FlowShop& shop) {
  Size size;
  if (!read_size(lines, size)) return false;
  shop.jobs = size.jobs;
  shop.machines = size.machines;
  std::vector<JobShop::Operation> operations;
  for (size_t job = 0; job < size.jobs; ++job) {
    operations.clear();
    if (!read_job(lines, job, size.machines, operations)) return false;
    for (size_t m = 0; m < size.machines; ++m) {
      if (operations[m].machine != m) {
        lines.fail(lines.words()[2 * m],
                   fmt::format("machine of operation {}: found {}, expected {}: in a flow shop all "
                               "jobs visit the machines in their order",
                               m, operations[m].machine, m));
        return false;
      }
      shop.times.push_back(operations[m].time);
    }
  }
  return true;
}

bool expect_word(InstanceLines& lines, const std::string& word) {
  if (!lines.next(fmt::format("`{}`", word))) return false;
  const Word& found = lines.words()[0];
  if (found.text != word)
    lines.fail(found, fmt::format("found {}, expected `{}`", scenario::quoted(found.text), word));
  return lines.has(1, word);
}

bool read_setups(InstanceLines& lines, FlowShop& shop) {
  const auto jobs = static_cast<int64_t>(shop.jobs);
  if (jobs * jobs * static_cast<int64_t>(shop.machines) > kSetupEntriesMax) {
    lines.fail(lines.words()[0], fmt::format("{} setup matrices of {} by {} are more than the {} "
                                             "entries that are read",
                                             shop.machines, jobs, jobs, kSetupEntriesMax));
    return false;
  }
  for (size_t m = 0; m < shop.machines; ++m) {
    if (!expect_word(lines, fmt::format("M{}", m))) return false;
    std::vector<int64_t> rows;
    for (size_t job = 0; job < shop.jobs; ++job) {
      const std::string name = fmt::format("setups after job {} on machine {}", job, m);
      if (!lines.next(name)) return false;
      const auto row = lines.row(shop.jobs, name, 0, planning::kSetupMax);
      if (!row) return false;
      rows.insert(rows.end(), row->begin(), row->end());
    }
    shop.setups.emplace_back(shop.jobs, std::move(rows));
  }
  return true;
}

}  // namespace

base::Result<JobShop> read_job_shop(std::string_view text, const std::string& file) {
  InstanceLines lines(text, file);
  JobShop shop;
  if (!read_jobs(lines, shop) || !lines.ends()) return lines.error();
  return shop;
}

base::Result<FlowShop> read_flow_shop(std::string_view text, const std::string& file) {
  InstanceLines lines(text, file);
  FlowShop shop;
  if (!read_flow_jobs(lines, shop)) return lines.error();
  if (!lines.next({})) return shop;
  const Word& word = lines.words()[0];
  if (word.text != "SSD")
    lines.fail(word, fmt::format("found {}, expected `SSD` or the end of the file",
                                 scenario::quoted(word.text)));
  if (!lines.has(1, "SSD") || !read_setups(lines, shop) || !lines.ends()) return lines.error();
  return shop;
}

}  // namespace windtunnel::study
