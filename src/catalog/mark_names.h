// How a mark is written, wherever one stands in a file: catalogs and claim sheets.
#pragma once

#include "catalog/catalog.h"
#include "scenario/visitor.h"

namespace windtunnel::scenario {

template <>
struct EnumNames<catalog::Mark> {
  static constexpr std::array<EnumName<catalog::Mark>, 6> kNames = {
      {{catalog::Mark::kMeasured, "measured"},
       {catalog::Mark::kVendor, "vendor"},
       {catalog::Mark::kDerived, "derived"},
       {catalog::Mark::kEstimate, "estimate"},
       {catalog::Mark::kStreet, "street"},
       {catalog::Mark::kAssumed, "assumed"}}};
};

}  // namespace windtunnel::scenario
