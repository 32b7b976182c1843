// The parts of the report page that come from web/: its style, and its script with the part of
// ECharts that it uses.
#pragma once

#include <string_view>

namespace windtunnel::report {

struct PageBundle {
  std::string_view style;
  std::string_view script;  // empty when this build had no JavaScript tools; pages then have tables
                            // in place of figures
};

PageBundle page_bundle();

}  // namespace windtunnel::report
