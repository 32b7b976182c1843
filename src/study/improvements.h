// What a kind of scenario offers `windtunnel improve`: the figure that counts, and the single
// changes whose worth people ask for.
#pragma once

#include <string>
#include <vector>

#include "study/commands.h"

namespace windtunnel::study {

struct Improvement {
  std::string what;  // "one more machine at benches"
  std::vector<Setting> settings;
};

struct Improvements {
  std::string metric;            // empty: the user has to name one
  std::vector<Setting> one_run;  // makes a run a single replication
  std::vector<Improvement> changes;
};

}  // namespace windtunnel::study
