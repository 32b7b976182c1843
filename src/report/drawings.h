// Series that are pictures of a thing rather than curves: a diagram of parts and links, what each
// of several parts did when, and how each one's time was shared out. Plain structs, of no domain;
// they are among the alternatives of Series::data (measurements.h).
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace windtunnel::report {

// Parts where they stand and the links between them: a tree, a line, a network of routes.
struct Diagram {
  // Levels go across and positions down: the root of a tree and the first station of a line are at
  // level 0. Both may be any number from 0 on, and so may the gaps between them; where paper is too
  // narrow for the levels, the drawing turns them down.
  struct Node {
    std::string name = {};   // unique; links name it in results.json
    std::string label = {};  // a few words below the name; may be empty
    std::string kind = {};   // what it is, in a word: "switch"; nodes of a kind look alike
    double level = 0;
    double position = 0;
    std::vector<double> shares = {};  // one for each of `states`, sum 1; empty: not drawn
  };
  // NaN: not known, or of no meaning here.
  struct Load {
    double value = std::numeric_limits<double>::quiet_NaN();  // in Diagram::unit
    double share = std::numeric_limits<double>::quiet_NaN();  // of what can be carried, 0 to 1
  };
  struct Link {
    size_t from = 0;  // indices of nodes; not the same
    size_t to = 0;
    std::string label = {};             // "Gen5 x16"; may be empty
    Load forward = {};                  // from → to
    std::optional<Load> backward = {};  // to → from; empty: a link of one direction
  };
  std::string unit = {};                 // of the loads
  std::string share_label = {};          // what a share is: "share of time busy"
  std::vector<std::string> states = {};  // names of the nodes' shares; may be empty
  std::vector<Node> nodes = {};
  std::vector<Link> links = {};
};

// What each of several parts did, within a window of simulated time that is worth looking at.
struct Gantt {
  struct Interval {
    double start_s = 0;
    double end_s = 0;        // not before the start
    size_t kind = 0;         // index into `kinds`
    std::string label = {};  // "order 17"; may be empty
  };
  struct Row {
    std::string label = {};
    std::vector<Interval> intervals = {};  // by ascending start; they may reach beyond the window
  };
  std::string of = {};  // what a row is, in a word: "station"
  double start_s = 0;
  double end_s = 0;
  std::vector<std::string> kinds = {};
  std::vector<Row> rows = {};
};

// How a whole is shared out, row by row.
struct Stack {
  struct Row {
    std::string label = {};
    std::vector<double> shares = {};  // one for each part, sum 1; all nought: nothing was measured
  };
  std::string of = {};  // what a row is, in a word: "station"
  std::vector<std::string> parts = {};
  std::vector<Row> rows = {};
};

// The first promise above that the series breaks, in words; empty when it keeps them all.
std::string fault_of(const Diagram& diagram);
std::string fault_of(const Gantt& gantt);
std::string fault_of(const Stack& stack);

}  // namespace windtunnel::report
