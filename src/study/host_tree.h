// A server as people and programs read it: the tree with its bandwidths, and the ways between two
// parts. What `windtunnel node` prints.
#pragma once

#include <string>

#include "node/host_model.h"
#include "node/host_path.h"
#include "report/terminal.h"

namespace windtunnel::study {

// One line a part: link generation and width, payload bandwidth each way at the server's payload
// size, and what it is.
std::string host_tree_text(const node::HostModel& model, const report::TerminalStyle& style);

// A link in short, "Gen5 x16, 57.6 GB/s": what it is and the payload that writes get through it.
std::string lane_words(const node::HostModel& model, uint32_t lane);

// Every way the policy allows from one part to another, the best first, and why others are not.
std::string host_paths_text(const node::HostModel& model, uint32_t from, uint32_t to,
                            const node::PathAnswer& answer, const report::TerminalStyle& style);

// Both as one JSON object; `answer` may be null.
std::string host_json(const node::HostModel& model, uint32_t from, uint32_t to,
                      const node::PathAnswer* answer);

}  // namespace windtunnel::study
