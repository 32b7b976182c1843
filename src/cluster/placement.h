// Where ranks are: which server, and which of its rails (the network card, and with it the plane
// of switches, that a rank uses). Hints for algorithms, which work on any placement.
#pragma once

#include <cstdint>
#include <vector>

#include "cluster/machine.h"

namespace windtunnel::cluster {

struct Placement {
  // Ranks follow one another: rank / per_server is its server and rank % per_server its rail.
  uint32_t per_server = 1;
  // Where that is not so: the server and the rail by rank. Empty, or an entry for every rank of the
  // group.
  std::vector<uint32_t> server_of{};
  std::vector<uint32_t> rail_of{};

  uint32_t server(Rank rank) const {
    return server_of.empty() ? rank / per_server : server_of[rank];
  }
  uint32_t rail(Rank rank) const { return rail_of.empty() ? rank % per_server : rail_of[rank]; }
};

}  // namespace windtunnel::cluster
