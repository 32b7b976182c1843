// The version of this windtunnel, from the build.
#pragma once

#include <string_view>

namespace windtunnel::base {

std::string_view version();  // "0.1.0"

}  // namespace windtunnel::base
