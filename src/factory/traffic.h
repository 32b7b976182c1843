// Vehicles on the ways of a layout: who may be where, who waits for whom, and what is done when
// they wait in a circle. Knows nothing of loads and batteries but how far each can still drive.
//
// Zones. A vehicle holds a unit of the zone it is in, a place or a lane, and takes the next before
// it gives up the last. On a lane that serves both directions it also takes the place at the end
// before it enters; on others it may wait at the end, and those behind it wait too. A single lane
// is driven in one direction at a time, whatever its room.
//
// Right of way. Every vehicle that is sent has a rank, lower goes first; those without a task have
// kNoHurry and give way to everybody. Zones that come free go to who waits longest; ranks decide
// only when vehicles are in each other's way (traffic_untangle.cc): a vehicle that waits, directly
// or through others, for nothing but itself and vehicles that stand there without a task.
//
// Deterministic: everything is decided in the order of events and of vehicle numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "factory/layout.h"
#include "factory/sim.h"

namespace windtunnel::factory {

// What the vehicles are for. Called from settle() and from events.
class TrafficUser {
 public:
  virtual ~TrafficUser() = default;
  virtual void reached(uint32_t vehicle) = 0;   // stands at its goal
  virtual void stranded(uint32_t vehicle) = 0;  // its range does not suffice for the next lane
  virtual void drives(uint32_t vehicle) = 0;    // enters a lane
  virtual void waits(uint32_t vehicle) = 0;     // for a zone
};

class Traffic {
 public:
  static constexpr int64_t kNoHurry = INT64_MAX / 2;

  Traffic(Sim& sim, const Layout& layout, TrafficUser& user);
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;

  // A vehicle that stands at a place, which has room.
  uint32_t add(uint32_t place, Duration range);
  bool has_room(uint32_t place) const { return zones_[place].used() < layout_->room(place); }

  // To be there. What happens next happens in settle(), which whoever calls this from outside of
  // the calls above has to call when all is said.
  void send(uint32_t vehicle, uint32_t goal, int64_t rank);
  void settle();
  // Where it is, or wherever it has to make room for others.
  void stay(uint32_t vehicle);
  // Does not move for anybody as long as it is busy: loading, charging.
  void set_busy(uint32_t vehicle, bool busy);
  Duration range(uint32_t vehicle) const { return movers_[vehicle].range; }
  void set_range(uint32_t vehicle, Duration range) { movers_[vehicle].range = range; }
  // Goes on to its goal, after it was stranded.
  void resume(uint32_t vehicle) { list(vehicle); }
  Duration driven() const { return driven_; }  // by all, since the last restart

  size_t vehicles() const { return movers_.size(); }
  bool standing_at(uint32_t vehicle, uint32_t place) const {
    return movers_[vehicle].arc == Layout::kNone && movers_[vehicle].at == place;
  }
  // Driving time to a place, from where it is now; max when there is no way.
  Duration distance(uint32_t vehicle, uint32_t place) const;

  int64_t deadlocks() const { return deadlocks_; }
  void restart() {
    deadlocks_ = 0;
    driven_ = Duration::zero();
  }
  // Some vehicles with a task can never move again, or move without getting anywhere.
  bool stuck() const { return stuck_; }
  const std::string& stuck_where() const { return stuck_where_; }

  void handle(const des::Event& event);  // the kernel's
  // Every zone within its room, every vehicle in one zone: for tests.
  bool sound() const;

 private:
  enum class Stand : uint8_t {
    kStanding,  // at its goal, or just sent
    kBusy,
    kBlocked,  // at a place, waits for its next lane
    kDriving,
    kLaneEnd,  // waits there for the place
  };
  struct Mover {
    uint32_t at = 0;                // the place, or where the lane it is in began
    uint32_t arc = Layout::kNone;   // the lane it is in
    uint32_t want = Layout::kNone;  // blocked: the lane it waits for
    uint32_t goal = 0;
    int64_t rank = kNoHurry;
    Duration range;
    Time arrives;  // driving: at the end of the lane
    Stand stand = Stand::kStanding;
    bool anywhere = false;               // stays, and its goal is where it is
    bool announced = true;               // that it has reached its goal
    bool listed = false;                 // in to_decide_
    uint32_t yields_to = Layout::kNone;  // sent aside until that one has reached its goal
  };
  struct Zone {
    std::vector<uint32_t> holders;  // in the order they entered
    std::vector<uint32_t> waiting;  // longest first
    uint32_t from = Layout::kNone;  // a lane in use: the place where it was entered
    int64_t used() const { return static_cast<int64_t>(holders.size()); }
  };
  // One displacement: a vehicle leaves its place by a lane, into room that has been made.
  struct Push {
    uint32_t vehicle = Layout::kNone;  // none: nobody has to, there is room already
    uint32_t arc = 0;
  };
  struct Search {
    uint32_t leader = 0;
    bool own_ways = false;    // everybody goes where he wants to go
    bool worse_only = false;  // displaces only vehicles of worse rank
  };
  struct Visit {  // of a place by the search for room
    uint32_t mark = 0;
    uint32_t from = 0;   // the place before
    Push push;           // that comes from there
    bool spare = false;  // it has room itself, but on the leader's way
  };

  void decide(uint32_t vehicle);
  void list(uint32_t vehicle);
  bool has_room_in_lane(const Arc& arc) const;
  bool can_enter(const Arc& arc) const;
  void depart(uint32_t vehicle, uint32_t arc);
  void arrive(uint32_t vehicle);
  void enter_place(uint32_t vehicle);
  void block(uint32_t vehicle, uint32_t arc);
  void unblock(uint32_t vehicle);
  void wait_at_end(uint32_t vehicle);
  void take(uint32_t zone, uint32_t vehicle);
  void give_back(uint32_t zone, uint32_t vehicle);
  void admit(uint32_t zone);
  bool admit_one(uint32_t zone);

  // traffic_untangle.cc
  enum class Way : uint8_t { kOpened, kNoneNow, kNobodyMinds };
  bool untangle();
  bool is_tangled(uint32_t suspect);
  bool find_tangle(uint32_t vehicle);
  void reach_holders(uint32_t zone);
  void reach_from(const Mover& mover);
  bool moves_by_itself(uint32_t vehicle) const;
  bool may_move_on(const Mover& mover) const;
  bool frees(uint32_t zone) const;
  Way resolve();
  Way resolve_behind();
  bool leads(uint32_t vehicle) const;
  int64_t rank_of(uint32_t vehicle) const;
  bool promote(uint32_t vehicle);
  void count_deadlock(uint32_t leader);
  void report_stuck();

  // traffic_shift.cc
  bool detour(uint32_t leader);
  bool passes(uint32_t from, uint32_t goal, uint32_t place) const;
  bool make_room(const Search& search);
  void mark_way(uint32_t leader);
  bool lets_pass(uint32_t place) const;
  uint32_t wanted_place(const Mover& mover) const;
  bool may_push(const Search& search, uint32_t vehicle, const Arc& arc) const;
  bool explore(const Search& search, uint32_t place);
  bool explore_arc(const Search& search, uint32_t place, const Push& push);
  bool lane_opens(const Arc& arc) const;
  void shift(uint32_t leader, const Push& last, uint32_t place);
  void move_by(uint32_t vehicle, uint32_t arc);
  bool send_aside(uint32_t leader);
  void let_back(uint32_t leader);

  Sim* sim_;
  const Layout* layout_;
  TrafficUser* user_;
  des::TargetId target_;
  std::vector<Mover> movers_;
  std::vector<Zone> zones_;
  std::vector<uint32_t> to_decide_;
  std::vector<uint32_t> freed_;     // zones that somebody may enter now
  std::vector<uint32_t> suspects_;  // vehicles that have just had to wait or to stop

  // Of the search, kept for their memory.
  std::vector<uint32_t> tangle_;   // vehicles in each other's way
  std::vector<uint32_t> reached_;  // vehicles that are waited for, directly or not
  enum class Hope : uint8_t { kUnknown, kLost, kMoves };
  std::vector<Hope> hope_;
  std::vector<uint32_t> frontier_;
  std::vector<Visit> visits_;  // by place; of this search when marked
  std::vector<uint32_t> way_mark_;
  std::vector<Push> pushes_;
  uint32_t mark_ = 0;

  std::vector<uint32_t> unresolved_;  // suspects to look at again
  Duration driven_;
  int64_t deadlocks_ = 0;
  int64_t counted_rank_ = kNoHurry;  // of the leader of the last deadlock counted
  int64_t aside_ = 0;                // vehicles that yield to another
  int64_t futile_ = 0;               // moves out of the way since somebody reached a goal
  bool stuck_ = false;
  std::string stuck_where_;
};

}  // namespace windtunnel::factory
