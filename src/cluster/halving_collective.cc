#include "cluster/halving_collective.h"

#include <bit>

namespace windtunnel::cluster {
namespace {

// A group folded to a power of two. Steps are numbered 0 fold, 1..k halve, k+1..2k double, 2k+1
// unfold, where the core has 2^k positions; an operation leaves out what it does not need.
struct Fold {
  uint32_t size = 1;
  uint32_t core = 1;    // power of two
  uint32_t levels = 0;  // k
  uint32_t excess = 0;

  explicit Fold(uint32_t n)
      : size(n),
        core(std::bit_floor(n)),
        levels(static_cast<uint32_t>(std::countr_zero(core))),
        excess(n - core) {}

  bool outside(uint32_t position) const { return position < 2 * excess && position % 2 == 1; }
  bool has_guest(uint32_t position) const { return position < 2 * excess && position % 2 == 0; }
  uint32_t core_of(uint32_t position) const {
    return position < 2 * excess ? position / 2 : position - excess;
  }
  // The position of a core number; also the first block that it stands for.
  uint32_t position_of(uint32_t c) const { return c < excess ? 2 * c : c + excess; }

  uint32_t last() const { return 2 * levels + 1; }
  bool halves(uint32_t step) const { return step >= 1 && step <= levels; }
  bool doubles(uint32_t step) const { return step > levels && step < last(); }
  uint32_t distance(uint32_t step) const {
    return halves(step) ? core >> step : 1u << (step - levels - 1);
  }
};

// What an index says: the step, and what part of it.
enum class Part : uint32_t { kFirst, kRest, kNotice };
struct StepIndex {
  uint32_t step;
  Part part;
  static StepIndex of(uint64_t tag) {
    const uint32_t index = Tag::index(tag);
    return {index >> 2, static_cast<Part>(index & 3)};
  }
  uint64_t tag(uint32_t channel) const {
    return Tag::make(channel, step << 2 | static_cast<uint32_t>(part));
  }
};

class Halving {
 public:
  explicit Halving(const Shape& shape)
      : shape_(shape),
        operation_(shape.goal.operation),
        ahead_(shape.chunk * 2),
        lanes_(size_t{shape.partition->ranks()} * shape.channels) {
    WT_CHECK(operation_ == Operation::kAllReduce || shape.channels == 1,
             "halving of blocks takes one channel");
  }

  Expected expected(const Place& place) const {
    const Fold fold(place.size);
    Expected out;
    for (uint32_t step = 0; step <= fold.last(); ++step) {
      for (uint32_t channel = 0; channel < shape_.channels; ++channel) {
        if (sends(fold, place.position, step)) {
          const Place to = partner_of(fold, place, step);
          out.sends += cut(fold, place, channel, step) ? 2 : 1;
          out.arrivals += needs_notice(fold, to, channel, step) ? 1 : 0;
        }
        if (receives(fold, place.position, step)) {
          out.arrivals += cut(fold, partner_of(fold, place, step), channel, step) ? 2 : 1;
          out.sends += needs_notice(fold, place, channel, step) ? 1 : 0;
        }
      }
    }
    return out;
  }
  void start(const Place& place, Outbox& out) {
    for (uint32_t channel = 0; channel < shape_.channels; ++channel) advance(place, channel, out);
  }
  void arrived(const Place& place, bool started, uint64_t tag, Outbox& out) {
    const Fold fold(place.size);
    const uint32_t channel = Tag::lane(tag);
    const StepIndex index = StepIndex::of(tag);
    const uint64_t bit = uint64_t{1} << index.step;
    Lane& lane = lane_of(place, channel);
    if (index.part == Part::kNotice) {
      lane.noticed |= bit;
    } else {
      const bool cut_up = cut(fold, partner_of(fold, place, index.step), channel, index.step);
      // Of a message that was cut one part may fail to come, and then it has not arrived.
      if (index.part == Part::kFirst) lane.nearly |= bit;
      if (index.part == Part::kRest || !cut_up) lane.rest |= bit;
    }
    if (started) advance(place, channel, out);
  }
  void sent(const Place& /*place*/, uint64_t /*tag*/, Outbox& /*out*/) {}
  std::vector<Piece> describe(const Place& sender, uint64_t tag) const {
    const Fold fold(sender.size);
    const StepIndex index = StepIndex::of(tag);
    if (index.part == Part::kNotice) return {};
    const Extent part = carries(fold, sender, Tag::lane(tag), index);
    Piece piece;
    piece.source_offset = part.offset;
    piece.target_offset = part.offset;
    piece.bytes = part.bytes;
    piece.reduce =
        fold.halves(index.step) || (index.step == 0 && operation_ != Operation::kAllGather);
    return {piece};
  }

 private:
  struct Lane {
    // Bits by step: a partner may be ahead.
    uint64_t nearly = 0;   // all has arrived but for the rest, if it was cut
    uint64_t rest = 0;     // and that, or there is none
    uint64_t noticed = 0;  // the partner is ready to receive
    uint32_t step = 0;     // where the rank is
    uint32_t told = 0;     // steps below this one need no notice any more
    bool sent = false;     // whether it has sent what it sends in this step
  };

  Lane& lane_of(const Place& place, uint32_t channel) {
    const Rank rank = shape_.partition->rank(place.group, place.position);
    return lanes_[size_t{rank} * shape_.channels + channel];
  }
  bool exchanges(const Fold& fold, uint32_t step) const {
    if (fold.halves(step)) return operation_ != Operation::kAllGather;
    return fold.doubles(step) && operation_ != Operation::kReduceScatter;
  }
  bool sends(const Fold& fold, uint32_t position, uint32_t step) const {
    if (step == 0) return fold.outside(position);
    if (step == fold.last()) return fold.has_guest(position);
    return !fold.outside(position) && exchanges(fold, step);
  }
  bool receives(const Fold& fold, uint32_t position, uint32_t step) const {
    if (step == 0) return fold.has_guest(position);
    if (step == fold.last()) return fold.outside(position);
    return !fold.outside(position) && exchanges(fold, step);
  }
  static uint32_t partner(const Fold& fold, uint32_t position, uint32_t step) {
    if (step == 0 || step == fold.last()) return position ^ 1;
    return fold.position_of(fold.core_of(position) ^ fold.distance(step));
  }

  static Place partner_of(const Fold& fold, const Place& place, uint32_t step) {
    Place other = place;
    other.position = partner(fold, place.position, step);
    return other;
  }
  // The step in which a rank receives last before `step`; `step` itself if there is none.
  uint32_t receives_before(const Fold& fold, uint32_t position, uint32_t step) const {
    for (uint32_t s = step; s-- > 0;) {
      if (receives(fold, position, s)) return s;
    }
    return step;
  }
  bool is_long(base::Bytes bytes) const { return ahead_.count() > 0 && bytes > ahead_; }
  bool cut(const Fold& fold, const Place& sender, uint32_t channel, uint32_t step) const {
    return is_long(whole_of(fold, sender, channel, step).bytes);
  }
  // Whether who sends to `receiver` in a step waits until it hears that the one before is over.
  bool needs_notice(const Fold& fold, const Place& receiver, uint32_t channel,
                    uint32_t step) const {
    return receives_before(fold, receiver.position, step) != step &&
           cut(fold, partner_of(fold, receiver, step), channel, step);
  }

  // Core numbers [first, first + count) as bytes. All-reduce cuts a channel's part evenly; the
  // others must end with whole blocks.
  Extent range(const Fold& fold, const Extent& whole, uint32_t first, uint32_t count) const {
    if (operation_ == Operation::kAllReduce) return between(whole, first, first + count, fold.core);
    const uint32_t end = first + count == fold.core ? fold.size : fold.position_of(first + count);
    return between(whole, fold.position_of(first), end, fold.size);
  }
  static Extent between(const Extent& whole, uint32_t first, uint32_t end, uint32_t count) {
    const base::Bytes begin = part_of(whole, first, count).offset;
    return {begin, part_of(whole, end, count).offset - begin};
  }
  // What a message of the rank at `sender` carries.
  Extent carries(const Fold& fold, const Place& sender, uint32_t channel,
                 const StepIndex& index) const {
    const Extent whole = whole_of(fold, sender, channel, index.step);
    if (!is_long(whole.bytes)) return whole;
    const base::Bytes first = whole.bytes - ahead_;
    if (index.part == Part::kFirst) return {whole.offset, first};
    return {whole.offset + first, ahead_};
  }
  // What the rank at `sender` sends in a step.
  Extent whole_of(const Fold& fold, const Place& sender, uint32_t channel, uint32_t step) const {
    const Extent whole = part_of(shape_.extent(sender.group), channel, shape_.channels);
    const uint32_t guest = sender.position | 1;
    if (step == 0) {
      return operation_ == Operation::kAllGather ? part_of(whole, guest, fold.size) : whole;
    }
    if (step == fold.last()) {
      return operation_ == Operation::kReduceScatter ? part_of(whole, guest, fold.size) : whole;
    }
    const uint32_t c = fold.core_of(sender.position);
    const uint32_t distance = fold.distance(step);
    const uint32_t first = (fold.halves(step) ? c ^ distance : c) & ~(distance - 1);
    return range(fold, whole, first, distance);
  }

  void advance(const Place& place, uint32_t channel, Outbox& out) {
    const Fold fold(place.size);
    Lane& lane = lane_of(place, channel);
    for (; lane.step <= fold.last(); ++lane.step, lane.sent = false) {
      tell(fold, place, channel, out);
      if (!lane.sent && sends(fold, place.position, lane.step)) {
        const Place to = partner_of(fold, place, lane.step);
        const bool told = (lane.noticed >> lane.step & 1) != 0;
        if (!told && needs_notice(fold, to, channel, lane.step)) return;
        post(fold, place, channel, {lane.step, Part::kFirst}, out);
        if (cut(fold, place, channel, lane.step)) {
          post(fold, place, channel, {lane.step, Part::kRest}, out);
        }
      }
      lane.sent = true;
      const bool waits = receives(fold, place.position, lane.step);
      if (waits && ((lane.nearly & lane.rest) >> lane.step & 1) == 0) return;
    }
  }
  // Lets the partner of the next step begin when little of this one is left.
  void tell(const Fold& fold, const Place& place, uint32_t channel, Outbox& out) {
    Lane& lane = lane_of(place, channel);
    if (lane.told > lane.step) return;
    const bool waits = receives(fold, place.position, lane.step);
    const bool is_cut = waits && cut(fold, partner_of(fold, place, lane.step), channel, lane.step);
    if (is_cut && (lane.nearly >> lane.step & 1) == 0) return;
    lane.told = lane.step + 1;
    const uint32_t next = lane.step + 1;
    if (next > fold.last() || !receives(fold, place.position, next)) return;
    if (!needs_notice(fold, place, channel, next)) return;
    out.send(partner(fold, place.position, next), base::Bytes(0),
             StepIndex{next, Part::kNotice}.tag(channel), channel);
  }
  void post(const Fold& fold, const Place& place, uint32_t channel, const StepIndex& index,
            Outbox& out) {
    out.send(partner(fold, place.position, index.step), carries(fold, place, channel, index).bytes,
             index.tag(channel), channel);
  }

  Shape shape_;
  Operation operation_;
  base::Bytes ahead_;        // of a long message, what is left when the next may begin; 0: none is
  std::vector<Lane> lanes_;  // by rank, then channel
};

}  // namespace

std::unique_ptr<Collective> make_halving(const Shape& shape) {
  return std::make_unique<GroupProgram<Halving>>(shape);
}

}  // namespace windtunnel::cluster
