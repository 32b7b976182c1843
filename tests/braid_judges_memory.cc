// Invariants 1 and 2 and the contract of receive(): what is placed where, what is answered, which
// completions come out.
#include <fmt/format.h>

#include <algorithm>

#include "tests/braid_judges.h"

namespace windtunnel::braid_hostile {

namespace {

using braid::Access;
using braid::CompletionKind;
using braid::CompletionStatus;
using braid::Disposition;
using braid::Opcode;
using braid::Packet;

// Whether the peer's packet may do what it asks for, by the judges' own table of regions.
bool granted(const Image& image, const QueuePair& pair, const Packet& packet) {
  if (packet.opcode == Opcode::kReadRequest) {
    return image.granted(pair.pd, packet.read.rkey, packet.read.address, packet.read.length,
                         Access::kRemoteRead) != nullptr;
  }
  if (packet.data.length == 0) return true;  // names no memory
  const uint8_t right =
      packet.opcode == Opcode::kReadResponse ? Access::kLocalWrite : Access::kRemoteWrite;
  return image.granted(pair.pd, packet.data.rkey, packet.data.address, packet.data.length, right) !=
         nullptr;
}

std::string place_text(const Packet& packet) {
  return fmt::format("opcode {} psn {:#x} address {:#x} length {} key {:#x}",
                     static_cast<int>(packet.opcode), packet.psn, packet.data.address,
                     packet.data.length, packet.data.rkey);
}

// The bytes must be those that the work request names.
void check_bytes(Stage& stage, uint8_t side, const Delivery& delivery,
                 const braid::Received& received) {
  Job* const job = stage.job_at(side, received.address, received.length);
  if (job == nullptr) {
    stage.fail(Invariant::kPlacement,
               "placed outside of any request: " + place_text(delivery.packet));
    return;
  }
  if (job->status == CompletionStatus::kSuccess) {
    stage.fail(Invariant::kPlacement,
               fmt::format("job {} had completed, its bytes are written again", job->id));
  }
  std::vector<uint8_t> wanted(received.length);
  pattern(job->source_side(), job->source + (received.address - job->sink), wanted);
  if (!std::equal(wanted.begin(), wanted.end(), delivery.payload.begin(), delivery.payload.end())) {
    stage.fail(Invariant::kPlacement,
               fmt::format("job {}: wrong bytes at {:#x}", job->id, received.address));
  }
  job->placed += received.length;
}

bool may_be_refused_access(const Stage& stage, const QueuePair& pair) {
  if (!stage.trusted || stage.episode.has(Deed::kInvalidate)) return true;
  return std::any_of(pair.waiting.begin(), pair.waiting.end(), [&stage](uint32_t job) {
    return stage.jobs[job].item.fault != WorkFault::kNone;
  });
}

// kRetryExceeded needs retry_limit timeouts in a row, each at least the floor; or a peer that fell
// silent while blocks are short, which may have happened before the work was posted.
void check_failure_time(Stage& stage, uint8_t side, const QueuePair& pair) {
  const braid::Profile& profile = stage.side(side).tap.engine().profile();
  if (profile.max_active_qps <= stage.around.queue_pairs) return;
  const braid::EndpointConfig& config = stage.side(side).tap.engine().profile().config;
  const Duration floor = config.rto_min * config.retry_limit * 3 / 4;
  if (stage.now - pair.progress >= floor) return;
  stage.fail(
      Invariant::kLiveness,
      fmt::format("gave up {} ns after the last progress, retry limit {} of {} ns each",
                  (stage.now - pair.progress).ns(), config.retry_limit, config.rto_min.ns()));
}

void check_failure(Stage& stage, uint8_t side, QueuePair& pair, CompletionStatus status) {
  const bool first = !pair.failure.has_value();
  if (first) pair.failure = status;
  if (stage.side(side).tap.engine().qp_state(pair.id) != braid::QpState::kError) {
    stage.fail(Invariant::kCompletions, "work failed while the queue pair is not in error");
  }
  switch (status) {
    case CompletionStatus::kSuccess:
      return;
    case CompletionStatus::kFlushed:
      stage.coverage.add(Rare::kFlushed);
      return;
    case CompletionStatus::kRetryExceeded:
      stage.coverage.add(Rare::kRetryExceeded);
      if (stage.trusted) check_failure_time(stage, side, pair);
      break;
    case CompletionStatus::kRemoteAccess:
      stage.coverage.add(Rare::kRemoteAccess);
      if (!may_be_refused_access(stage, pair)) {
        stage.fail(Invariant::kCompletions, "access error though every key and range was right");
      }
      break;
  }
  if (!first) {
    stage.fail(Invariant::kCompletions, "the first failed request was not the first to complete");
  }
}

CompletionKind kind_of(const Job& job) {
  return job.item.verb == WorkVerb::kRead ? CompletionKind::kRead : CompletionKind::kWrite;
}

void check_success(Stage& stage, const QueuePair& pair, const Job& job,
                   const braid::Completion& completion) {
  if (pair.failure) stage.fail(Invariant::kCompletions, "success behind a failed request");
  if (completion.length != job.item.length) {
    stage.fail(Invariant::kCompletions, fmt::format("job {}: completed {} of {} bytes", job.id,
                                                    completion.length, job.item.length));
  }
  if (!stage.trusted) return;
  if (job.item.fault != WorkFault::kNone && job.item.length > 0) {
    stage.fail(Invariant::kPlacement, fmt::format("faulty job {} succeeded", job.id));
  }
  if (job.placed != job.item.length ||
      !stage.side(job.sink_side()).image.equals(job.sink, job.item.length, job.source)) {
    stage.fail(Invariant::kCompletions, fmt::format("job {} completed with {} of {} bytes placed",
                                                    job.id, job.placed, job.item.length));
  }
}

void judge_own_completion(Stage& stage, uint8_t side, QueuePair& pair,
                          const braid::Completion& completion) {
  if (pair.completed == pair.posted) {
    stage.fail(Invariant::kCompletions, "a completion without a request");
    return;
  }
  Job& job = stage.jobs[pair.waiting[pair.completed++]];
  if (completion.work_id != job.id || completion.kind != kind_of(job)) {
    stage.fail(Invariant::kCompletions,
               fmt::format("request {} completed where {} was next", completion.work_id, job.id));
    return;
  }
  job.status = completion.status;
  if (job.life < pair.lives) stage.coverage.add(Rare::kEndedEarly);
  if (job.life < pair.lives && completion.status != CompletionStatus::kSuccess) return;
  if (completion.status == CompletionStatus::kSuccess) {
    check_success(stage, pair, job, completion);
    if (job.item.length == 0) stage.coverage.add(Rare::kZeroLength);
    if (job.item.verb == WorkVerb::kRead) stage.coverage.add(Rare::kReadServed);
  } else {
    check_failure(stage, side, pair, completion.status);
  }
}

// The next write with immediate of the peer, and everything before it has been placed.
void judge_immediate(Stage& stage, uint8_t side, QueuePair& pair,
                     const braid::Completion& completion) {
  if (completion.status == CompletionStatus::kFlushed) return;
  const auto q = static_cast<size_t>(&pair - stage.side(side).qps.data());
  const QueuePair& peer = stage.side(1 - side).qps[q];
  const std::vector<uint32_t>& theirs = peer.waiting;
  for (; pair.announced < theirs.size(); ++pair.announced) {
    Job& job = stage.jobs[theirs[pair.announced]];
    if (job.item.verb == WorkVerb::kRead) continue;
    const bool cut_off = job.posted && job.life < peer.lives;  // may never have arrived
    if (cut_off && completion.immediate != static_cast<uint32_t>(job.id)) continue;
    if (job.placed != job.item.length) break;
    if (job.item.verb != WorkVerb::kWriteImm) continue;
    ++pair.announced;
    job.announced = true;
    if (completion.immediate != static_cast<uint32_t>(job.id) ||
        completion.length != job.item.length) {
      stage.fail(Invariant::kCompletions,
                 fmt::format("immediate {} of {} bytes came, {} of {} was next",
                             completion.immediate, completion.length, job.id, job.item.length));
    }
    return;
  }
  stage.fail(Invariant::kCompletions,
             fmt::format("immediate {} came before all earlier bytes", completion.immediate));
}

}  // namespace

void check_disposition(Stage& stage, uint8_t side, const QueuePair& pair, const Delivery& delivery,
                       const braid::Received& received) {
  const Packet& packet = delivery.packet;
  const Disposition d = received.disposition;
  const auto wrong = [&](const char* what) {
    stage.fail(Invariant::kContract, fmt::format("disposition {}: {}", static_cast<int>(d), what));
  };
  if (is_control(packet.opcode)) {
    if (d != Disposition::kControl && d != Disposition::kIgnored) wrong("for a control packet");
    return;
  }
  switch (pair.receiver.classify(packet.psn)) {
    case ReceiverModel::Kind::kOld:
      if (d == Disposition::kPlaced || d == Disposition::kRefused) wrong("for a known PSN");
      return;
    case ReceiverModel::Kind::kBeyond:
      if (d != Disposition::kIgnored) wrong("for a PSN beyond the range");
      return;
    case ReceiverModel::Kind::kNew:
      break;
  }
  if (delivery.arrival.trimmed) {
    if (d != Disposition::kTrimmed) wrong("for a trimmed packet");
  } else if (!granted(stage.side(side).image, pair, packet)) {
    if (d != Disposition::kRefused) wrong("for a packet without the right");
  } else if (d != Disposition::kPlaced && d != Disposition::kRefused) {
    wrong("for a new packet");
  }
}

void check_placement(Stage& stage, uint8_t side, QueuePair& pair, const Delivery& delivery,
                     const braid::Received& received) {
  const Packet& packet = delivery.packet;
  if (received.disposition != Disposition::kPlaced) return;
  if (!granted(stage.side(side).image, pair, packet)) {
    stage.fail(Invariant::kPlacement, "accepted without the right: " + place_text(packet));
    return;
  }
  if (!received.place()) return;
  if (!has_payload(packet.opcode) || received.address != packet.data.address ||
      received.length != packet.data.length || delivery.arrival.trimmed) {
    stage.fail(Invariant::kPlacement, fmt::format("{} bytes to {:#x} for {}", received.length,
                                                  received.address, place_text(packet)));
    return;
  }
  if (stage.trusted) check_bytes(stage, side, delivery, received);
}

// What a responder sends must lie in memory that its peer may read.
void check_read_source(Stage& stage, uint8_t side, const QueuePair& pair, const Packet& packet) {
  if (packet.opcode != Opcode::kReadResponse || packet.data.length == 0) return;
  const Region* region = stage.side(side).image.at(packet.data.local, packet.data.length);
  if (region != nullptr && region->valid && region->pd == pair.pd &&
      (region->access & Access::kRemoteRead) != 0) {
    return;
  }
  stage.fail(Invariant::kPlacement,
             fmt::format("a read response takes {} bytes from {:#x}, which no peer may read",
                         packet.data.length, packet.data.local));
}

void judge_completion(Stage& stage, uint8_t side, const braid::Completion& completion) {
  const bool theirs = completion.kind == CompletionKind::kReceiveImm;
  if (theirs && !stage.trusted) return;  // a forger may have sent it
  QueuePair* const pair = stage.by_job(side, theirs ? completion.immediate : completion.work_id);
  if (pair == nullptr) {
    stage.fail(Invariant::kCompletions, "a completion of no request");
    return;
  }
  // The number of a destroyed queue pair may be another's by now.
  if (pair->lives == 1 && completion.qp != pair->id) {
    stage.fail(Invariant::kCompletions, "a completion of another queue pair");
  }
  if (theirs) {
    judge_immediate(stage, side, *pair, completion);
    return;
  }
  judge_own_completion(stage, side, *pair, completion);
}

}  // namespace windtunnel::braid_hostile
