// Public: Time, Duration, Bytes, Rate, Ratio of windtunnel::base, and transfer_time().
#pragma once

#include "base/units.h"  // IWYU pragma: export
