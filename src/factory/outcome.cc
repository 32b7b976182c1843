#include "factory/outcome.h"

#include "base/check.h"

namespace windtunnel::factory {

const char* machine_state_name(MachineState state) {
  static constexpr std::array<const char*, kMachineStates> kNames = {
      "working", "setup", "starved", "blocked", "down", "waiting", "off"};
  const auto index = static_cast<size_t>(state);
  WT_CHECK(index < kNames.size(), "a machine is in a state that has a name");
  return kNames[index];
}

}  // namespace windtunnel::factory
