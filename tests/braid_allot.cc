// Where the bytes of an episode's work lie. Requests that are in order share one region per queue
// pair and purpose; each faulty one has a region of its own that its fault is about.
#include <algorithm>
#include <map>
#include <tuple>

#include "base/check.h"
#include "tests/braid_stage.h"

namespace windtunnel::braid_hostile {

namespace {

using braid::Access;

// Side, queue pair, access that the engine is to check; 0: it checks none.
using Purse = std::tuple<int, uint32_t, uint8_t>;

Purse sink_of(const Job& job) {
  const bool read = job.item.verb == WorkVerb::kRead;
  return {job.sink_side(), job.item.qp, read ? Access::kLocalWrite : Access::kRemoteWrite};
}
Purse source_of(const Job& job) {
  const bool read = job.item.verb == WorkVerb::kRead;
  return {job.source_side(), job.item.qp, read ? Access::kRemoteRead : uint8_t{0}};
}

uint32_t add_region(Stage& stage, int s, uint32_t pd, uint64_t length, uint8_t access) {
  Side& side = stage.side(s);
  const uint32_t index = side.image.add(length, access);
  Region& region = side.image[index];
  region.pd = pd;
  const auto made =
      side.tap.engine().register_memory(side.pds[pd], region.base, region.length, access);
  WT_CHECK(made.has_value(), "register_memory refused a plain region");
  region.keys = *made;
  return index;
}

void collect_jobs(Stage& stage) {
  for (const Item& item : stage.episode.items) {
    const auto* work = std::get_if<WorkItem>(&item);
    if (work == nullptr) continue;
    Job job;
    job.item = *work;
    job.item.qp = static_cast<uint8_t>(work->qp % stage.around.queue_pairs);
    job.id = stage.jobs.size() + 1;
    stage.jobs.push_back(job);
  }
}

// One region per purse, as long as all its jobs together.
std::map<Purse, uint32_t> open_purses(Stage& stage) {
  std::map<Purse, uint64_t> need;
  for (int s = 0; s < 2; ++s) {
    for (uint32_t q = 0; q < stage.around.queue_pairs; ++q) need[{s, q, Access::kRemoteWrite}] = 0;
  }
  for (const Job& job : stage.jobs) {
    need[sink_of(job)] += job.item.length;
    need[source_of(job)] += job.item.length;
  }
  std::map<Purse, uint32_t> regions;
  for (const auto& entry : need) {
    const auto [s, q, access] = entry.first;
    const uint8_t rights = access == 0 ? Access::kRemoteRead : access;
    regions[entry.first] = add_region(stage, s, q % 2, entry.second, rights);
    if (access == Access::kRemoteWrite) stage.side(s).targets.push_back(regions[entry.first]);
  }
  return regions;
}

// The end that the peer checks: the sink of a write, the source of a read.
void make_faulty(Stage& stage, Job& job) {
  const bool read = job.item.verb == WorkVerb::kRead;
  const int s = 1 - job.item.side;
  const uint8_t right = read ? Access::kRemoteRead : Access::kRemoteWrite;
  const bool foreign = job.item.fault == WorkFault::kForeignDomain;
  const bool short_range = job.item.fault == WorkFault::kOutOfBounds;
  const uint32_t pd = (job.item.qp + (foreign ? 1u : 0u)) % 2;
  const bool no_right = job.item.fault == WorkFault::kNoRight;
  const uint64_t length = short_range ? job.item.length / 2 : job.item.length;
  const uint32_t index =
      add_region(stage, s, pd, length, no_right ? static_cast<uint8_t>(7 & ~right) : right);
  Region& region = stage.side(s).image[index];
  if (job.item.fault == WorkFault::kStaleKey) {
    region.valid = false;
    const base::Status gone = stage.side(s).tap.engine().invalidate(region.keys.id);
    WT_CHECK(gone.has_value(), "region was just made");
  }
  (read ? job.source_key : job.sink_key) = region.keys.rkey;
  uint64_t& end = read ? job.source : job.sink;
  end = region.base;
  // An empty range may stand at the end of a region but not behind it.
  if (short_range && job.item.length < 2) end += 2;
}

void place_jobs(Stage& stage, const std::map<Purse, uint32_t>& regions) {
  std::map<Purse, uint64_t> used;
  for (Job& job : stage.jobs) {
    const Region& sink = stage.side(job.sink_side()).image[regions.at(sink_of(job))];
    const Region& source = stage.side(job.source_side()).image[regions.at(source_of(job))];
    job.sink = sink.base + used[sink_of(job)];
    job.sink_key = sink.keys.rkey;
    job.source = source.base + used[source_of(job)];
    job.source_key = source.keys.rkey;
    used[sink_of(job)] += job.item.length;
    used[source_of(job)] += job.item.length;
  }
  for (Job& job : stage.jobs) {
    if (job.item.fault != WorkFault::kNone) make_faulty(stage, job);
  }
}

void line_up(Stage& stage) {
  const std::vector<Job>& jobs = stage.jobs;
  for (uint32_t i = 0; i < jobs.size(); ++i) {
    stage.side(jobs[i].sink_side()).sinks.push_back(i);
    stage.side(jobs[i].item.side).qps[jobs[i].item.qp].waiting.push_back(i);
  }
  for (int s = 0; s < 2; ++s) {
    auto& sinks = stage.side(s).sinks;
    std::stable_sort(sinks.begin(), sinks.end(), [&jobs](uint32_t a, uint32_t b) {
      if (jobs[a].sink != jobs[b].sink) return jobs[a].sink < jobs[b].sink;
      return jobs[a].item.length < jobs[b].item.length;
    });
    for (QueuePair& pair : stage.side(s).qps) {
      std::stable_sort(pair.waiting.begin(), pair.waiting.end(), [&jobs](uint32_t a, uint32_t b) {
        return jobs[a].item.at < jobs[b].item.at;
      });
    }
  }
}

}  // namespace

void allot_memory(Stage& stage) {
  collect_jobs(stage);
  place_jobs(stage, open_purses(stage));
  line_up(stage);
}

}  // namespace windtunnel::braid_hostile
