#include "braid/packet.h"

#include "braid/codec.h"

namespace windtunnel::braid {

namespace {

bool same_data(const DataFields& a, const DataFields& b, bool immediate) {
  if (immediate && (a.immediate != b.immediate || a.message_length != b.message_length)) {
    return false;
  }
  return a.address == b.address && a.rkey == b.rkey && a.length == b.length &&
         a.message == b.message && a.index == b.index;
}

bool same_read(const ReadFields& a, const ReadFields& b) {
  return a.address == b.address && a.sink == b.sink && a.length == b.length && a.rkey == b.rkey &&
         a.sink_rkey == b.sink_rkey && a.message == b.message;
}

bool same_sack(const SackFields& a, const SackFields& b) {
  return a.bitmap == b.bitmap && a.cumulative_psn == b.cumulative_psn && a.base_psn == b.base_psn &&
         a.received_bytes == b.received_bytes && a.entropy == b.entropy &&
         a.out_of_order == b.out_of_order && a.penalty == b.penalty && a.ports_down == b.ports_down;
}

bool same_header(const Packet& a, const Packet& b) {
  return a.opcode == b.opcode && a.flags == b.flags && a.entropy == b.entropy &&
         a.dest_qp == b.dest_qp && a.psn == b.psn && a.timestamp == b.timestamp &&
         a.credit == b.credit;
}

}  // namespace

bool same_on_wire(const Packet& a, const Packet& b) {
  if (!same_header(a, b)) return false;
  switch (a.opcode) {
    case Opcode::kWrite:
    case Opcode::kReadResponse:
      return same_data(a.data, b.data, false);
    case Opcode::kWriteImm:
      return same_data(a.data, b.data, true);
    case Opcode::kReadRequest:
      return same_read(a.read, b.read);
    case Opcode::kSack:
      return same_sack(a.sack, b.sack);
    case Opcode::kNack:
      return a.nack.entropy == b.nack.entropy && a.nack.reason == b.nack.reason &&
             a.nack.ports_down == b.nack.ports_down;
    case Opcode::kPortStatus:
      return a.ports.ports_down == b.ports.ports_down;
    case Opcode::kProbe:
    case Opcode::kCredit:
    case Opcode::kCreditRequest:
      return true;
  }
  return false;
}

base::Bytes wire_size(const Packet& packet, const WireProfile& profile) {
  const int64_t payload = has_payload(packet.opcode) ? packet.data.length : 0;
  if (profile.kind == WireProfile::Kind::kTrue) {
    return base::Bytes(profile.encapsulation + static_cast<int64_t>(encoded_size(packet)) +
                       payload);
  }
  if (is_control(packet.opcode)) return base::Bytes(profile.control_size);
  return base::Bytes(profile.data_header + payload);
}

}  // namespace windtunnel::braid
