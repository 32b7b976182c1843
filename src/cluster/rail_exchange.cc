#include "cluster/rail_exchange.h"

#include <algorithm>

#include "cluster/sequence.h"

namespace windtunnel::cluster {
namespace {

constexpr uint32_t kWithin = 0;  // lanes
constexpr uint32_t kAcross = 1;

// How many servers a message of the first step is for, and into how many messages the blocks for
// one server are cut.
struct RailBatches {
  uint32_t batch = 1;
  uint32_t batches = 1;
  uint32_t parts = 1;

  RailBatches(const Shape& shape, const Grid& grid) {
    const uint32_t servers = grid.servers();
    const uint32_t rails = grid.rails();
    batch = servers;
    if (shape.chunk.count() > 0) {
      const int64_t n = int64_t{servers} * rails;
      const int64_t block = std::max<int64_t>(1, (shape.extent(0).bytes.count() + n - 1) / n);
      const int64_t fits = std::max<int64_t>(1, shape.chunk.count() / block);
      batch = static_cast<uint32_t>(std::min<int64_t>(servers, fits));
      parts = static_cast<uint32_t>((rails + std::min<int64_t>(rails, fits) - 1) /
                                    std::min<int64_t>(rails, fits));
    }
    batches = (servers + batch - 1) / batch;
  }
};

class RailExchange {
 public:
  RailExchange(const Shape& shape, const Grid& grid)
      : shape_(shape),
        grid_(grid),
        plan_(shape, grid_),
        servers_(grid_.servers()),
        rails_(grid_.rails()),
        states_(size_t{servers_} * rails_),
        batches_from_(size_t{servers_} * rails_ * rails_) {
    if (shape_.window == 0) shape_.window = UINT32_MAX;
    const RailExchangeMessages messages = rail_exchange_messages(shape, grid_);
    WT_CHECK(std::max(messages.within, messages.across) < static_cast<int64_t>(Tag::kIndexEnd),
             "too many messages for an exchange");
  }

  Expected expected(const Place& /*place*/) const {
    const int64_t messages = int64_t{total(kWithin)} + total(kAcross);
    return {messages, messages};
  }
  void start(const Place& place, Outbox& out) {
    advance(place, kWithin, out);
    advance(place, kAcross, out);
  }
  void arrived(const Place& place, bool started, uint64_t tag, Outbox& out) {
    if (Tag::lane(tag) == kAcross) return;
    const uint32_t turn = Tag::index(tag) % (rails_ - 1);
    // The sender counted rails on from its own.
    const uint32_t from = (grid_.rail_of(place.position) + rails_ - 1 - turn) % rails_;
    batches_from(place, from).arrived(Tag::index(tag) / (rails_ - 1));
    State& state = states_[place.position];
    state.gathered = plan_.batches;
    for (uint32_t rail = 0; rail < rails_; ++rail) {
      if (rail == grid_.rail_of(place.position)) continue;
      state.gathered = std::min(state.gathered, batches_from(place, rail).count());
    }
    if (started) advance(place, kAcross, out);
  }
  void sent(const Place& place, uint64_t tag, Outbox& out) {
    ++states_[place.position].acknowledged[Tag::lane(tag)];
    advance(place, Tag::lane(tag), out);
  }
  std::vector<Piece> describe(const Place& sender, uint64_t tag) const {
    std::vector<Piece> out;
    each_piece(sender, Tag::lane(tag), Tag::index(tag),
               [&](const Piece& piece) { out.push_back(piece); });
    return out;
  }

 private:
  struct State {
    uint32_t next[2] = {0, 0};  // by lane
    uint32_t acknowledged[2] = {0, 0};
    uint32_t gathered = 0;  // batches that have come from everybody within the server
  };

  uint32_t total(uint32_t lane) const {
    if (lane == kWithin) return plan_.batches * (rails_ - 1);
    return (servers_ - 1) * plan_.parts;
  }
  Sequence& batches_from(const Place& place, uint32_t rail) {
    return batches_from_[size_t{place.position} * rails_ + rail];
  }
  Extent block(uint32_t position) const {
    return part_of(shape_.extent(0), position, servers_ * rails_);
  }
  // Room for the block that a rank keeps for `server` on behalf of `rail`.
  base::Bytes stage_offset(uint32_t server, uint32_t rail) const {
    const int64_t n = int64_t{servers_} * rails_;
    const int64_t room = (shape_.extent(0).bytes.count() + n - 1) / n;
    return base::Bytes((int64_t{server} * rails_ + rail) * room);
  }
  // Servers in the order in which one serves them: its own comes last.
  uint32_t server_at(uint32_t own, uint32_t turn) const { return (own + 1 + turn) % servers_; }

  uint32_t receiver(const Place& sender, uint32_t lane, uint32_t message) const {
    const uint32_t server = grid_.server_of(sender.position);
    const uint32_t rail = grid_.rail_of(sender.position);
    if (lane == kWithin) {
      return grid_.position(server, (rail + 1 + message % (rails_ - 1)) % rails_);
    }
    return grid_.position(server_at(server, message / plan_.parts), rail);
  }

  template <class Visit>
  void each_piece(const Place& sender, uint32_t lane, uint32_t message, const Visit& visit) const {
    if (lane == kWithin) return each_piece_within(sender, message, visit);
    each_piece_across(sender, message, visit);
  }
  template <class Visit>
  void each_piece_within(const Place& sender, uint32_t message, const Visit& visit) const {
    const uint32_t server = grid_.server_of(sender.position);
    const uint32_t rail = grid_.rail_of(sender.position);
    const uint32_t to = receiver(sender, kWithin, message);
    const uint32_t first = message / (rails_ - 1) * plan_.batch;
    const uint32_t end = std::min(servers_, first + plan_.batch);
    for (uint32_t turn = first; turn < end; ++turn) {
      const uint32_t aim = server_at(server, turn);
      const Extent what = block(grid_.position(aim, grid_.rail_of(to)));
      Piece piece;
      piece.source = Memory::kInput;
      piece.source_offset = what.offset;
      piece.target = aim == server ? Memory::kOutput : Memory::kStage;
      piece.target_offset = aim == server ? what.bytes * sender.position : stage_offset(aim, rail);
      piece.bytes = what.bytes;
      visit(piece);
    }
  }
  template <class Visit>
  void each_piece_across(const Place& sender, uint32_t message, const Visit& visit) const {
    const uint32_t server = grid_.server_of(sender.position);
    const uint32_t own = grid_.rail_of(sender.position);
    const Extent what = block(receiver(sender, kAcross, message));
    const uint32_t part = message % plan_.parts;
    const uint32_t end = rails_ * (part + 1) / plan_.parts;
    for (uint32_t rail = rails_ * part / plan_.parts; rail < end; ++rail) {
      Piece piece;
      piece.source = rail == own ? Memory::kInput : Memory::kStage;
      piece.source_offset =
          rail == own ? what.offset : stage_offset(server_at(server, message / plan_.parts), rail);
      piece.target = Memory::kOutput;
      piece.target_offset = what.bytes * grid_.position(server, rail);
      piece.bytes = what.bytes;
      visit(piece);
    }
  }

  // Messages of a lane that may be sent now.
  uint32_t available(const State& state, uint32_t lane) const {
    if (lane == kWithin) return total(kWithin);
    const uint32_t gathered = rails_ == 1 ? plan_.batches : state.gathered;
    return std::min<uint32_t>(servers_ - 1, gathered * plan_.batch) * plan_.parts;
  }
  void advance(const Place& place, uint32_t lane, Outbox& out) {
    State& state = states_[place.position];
    const uint32_t can = available(state, lane);
    uint32_t& next = state.next[lane];
    while (next < can && next - state.acknowledged[lane] < shape_.window) {
      base::Bytes bytes;
      each_piece(place, lane, next, [&](const Piece& piece) { bytes += piece.bytes; });
      out.send(receiver(place, lane, next), bytes, Tag::make(lane, next), lane);
      ++next;
    }
  }

  Shape shape_;
  Grid grid_;
  RailBatches plan_;
  uint32_t servers_;
  uint32_t rails_;
  std::vector<State> states_;           // by position
  std::vector<Sequence> batches_from_;  // by position, then rail within the server
};

}  // namespace

RailExchangeMessages rail_exchange_messages(const Shape& shape, const Grid& grid) {
  const RailBatches plan(shape, grid);
  return {int64_t{plan.batches} * (grid.rails() - 1), int64_t{grid.servers() - 1} * plan.parts};
}

std::unique_ptr<Collective> make_rail_exchange(const Shape& shape, const Grid& grid) {
  return std::make_unique<GroupProgram<RailExchange>>(shape, grid);
}

}  // namespace windtunnel::cluster
