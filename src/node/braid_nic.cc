#include "node/braid_nic.h"

#include "base/check.h"

namespace windtunnel::node {
namespace {

BraidChannelOptions channel_options(const BraidNicOptions& options) {
  BraidChannelOptions channels;
  channels.endpoint = options.endpoint;
  channels.endpoint.work_requests = 2;  // one a sender
  channels.seed = options.seed;
  channels.workers = options.workers;
  return channels;
}

}  // namespace

// The flow's number is the label of its channel at both ends, and the id of its work.
struct BraidNics::Driver {
  static constexpr bool kTakesImmediates = false;

  FlowBook& book;
  BraidChannels& channels;
  NicRun& run;

  int64_t next_ps() const { return book.next_due_ps(run.host); }
  void work(int64_t now_ps) {
    while (book.next_due_ps(run.host) <= now_ps) {
      const uint32_t flow = *book.take_due(run.host, now_ps);
      const uint32_t qp = channels.open(run, flow, book.destination(flow), 0, now_ps);
      channels.write(run, qp, flow, book.bytes(flow), std::nullopt, now_ps);
    }
  }
  void post(const fabric::Parcel& parcel, int64_t now_ps) {
    book.message(run.host, parcel, now_ps, run.out);
  }
  void placed(const Channel& channel, uint32_t bytes, int64_t now_ps) {
    book.received(channel.label, bytes, now_ps, run.out);
  }
  void completed(const braid::Completion& completion, int64_t now_ps) {
    const auto flow = static_cast<uint32_t>(completion.work_id);
    if (completion.status == braid::CompletionStatus::kSuccess) {
      book.sent(flow, now_ps, run.out);
    } else {
      book.failed(flow, now_ps);
    }
    channels.close(run, completion.qp.index(), now_ps);
  }
  int64_t data_ready_ps() const { return 0; }
  void data_left(uint32_t, int64_t) {}
};

BraidNics::BraidNics(const fabric::Topology& topology, FlowBook& book,
                     const BraidNicOptions& options)
    : book_(book), channels_(topology, book.posts(), channel_options(options)) {
  WT_CHECK(book.workload().flows.size() < (size_t{1} << 31), "flow labels have 31 bits");
}

int64_t BraidNics::run_host(uint32_t host, std::span<const fabric::Arrival> arrivals,
                            int64_t until_ps, std::span<fabric::HostLink> links,
                            fabric::Emitter& out) {
  NicRun run{host, links, out};
  Driver driver{book_, channels_, run};
  return channels_.run_host(run, arrivals, until_ps, driver);
}

}  // namespace windtunnel::node
