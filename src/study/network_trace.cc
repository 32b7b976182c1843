#include "study/network_trace.h"

#include <fmt/format.h>

#include <map>

#include "report/perfetto.h"

namespace windtunnel::study {
namespace {

using fabric::HopRecord;
using fabric::Parcel;
using fabric::PortEnd;

class Tracer {
 public:
  Tracer(const NetworkWorld& world, report::TraceWriter& writer)
      : topology_(world.plan().topology),
        network_(world.network()),
        labels_per_flow_(static_cast<uint32_t>(labels_per_flow(world.plan()))),
        writer_(writer) {}

  void hop(const HopRecord& record) {
    const Parcel& parcel = record.parcel;
    const PortEnd from = topology_.peer({parcel.at.unit(), parcel.at.port()});
    const int64_t length = network_.link(from).serialisation_ps(parcel.bytes);
    const base::Time start = base::Time::at(base::Duration::ps(record.done_ps - length));
    const report::TraceWriter::Track track = track_of(from);
    writer_.slice(track, name_of(parcel), start, base::Duration::ps(length),
                  {{"flow", flow_of(parcel)},
                   {"psn", parcel.cargo[0] & 0xffffff},
                   {"entropy", parcel.entropy},
                   {"bytes", parcel.bytes},
                   {"marked", parcel.has(fabric::ParcelFlags::kMarked) ? 1 : 0}});
  }

 private:
  uint32_t flow_of(const Parcel& parcel) const {
    return (parcel.flow & fabric::TraceFilter::kLabelMask) / labels_per_flow_;
  }

  std::string name_of(const Parcel& parcel) const {
    const uint32_t flow = flow_of(parcel);
    if (parcel.has(fabric::ParcelFlags::kTrimmed)) return fmt::format("flow {} trimmed", flow);
    if (parcel.parcel_class() == fabric::ParcelClass::kControl) {
      return fmt::format("flow {} control", flow);
    }
    return fmt::format("flow {} data", flow);
  }

  report::TraceWriter::Track track_of(PortEnd end) {
    const auto known = tracks_.find({end.unit, end.port});
    if (known != tracks_.end()) return known->second;
    auto group = groups_.find(end.unit);
    if (group == groups_.end()) {
      const std::string name = topology_.is_host(end.unit)
                                   ? fmt::format("host {}", topology_.host_at(end.unit))
                                   : topology_.switch_name(topology_.switch_of_unit(end.unit));
      group = groups_.emplace(end.unit, writer_.add_group(name)).first;
    }
    const auto track = writer_.add_track(group->second, topology_.port_name(end));
    tracks_.emplace(std::pair(end.unit, end.port), track);
    return track;
  }

  const fabric::Topology& topology_;
  const fabric::Network& network_;
  uint32_t labels_per_flow_;
  report::TraceWriter& writer_;
  std::map<uint32_t, report::TraceWriter::Group> groups_;
  std::map<std::pair<uint32_t, uint32_t>, report::TraceWriter::Track> tracks_;
};

}  // namespace

base::Result<report::OutputFile> write_trace(const NetworkWorld& world, const std::string& path) {
  auto writer = report::TraceWriter::create(path);
  if (!writer) return tl::unexpected(writer.error());
  Tracer tracer(world, *writer);
  for (const HopRecord& record : world.network().trace()) tracer.hop(record);
  return writer->complete();
}

}  // namespace windtunnel::study
