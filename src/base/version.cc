#include "base/version.h"

namespace windtunnel::base {

std::string_view version() { return WT_VERSION; }

}  // namespace windtunnel::base
