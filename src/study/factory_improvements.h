// What `windtunnel improve` weighs in a factory: one more of everything there are whole numbers of,
// and a minute off every changeover.
#pragma once

#include "study/factory_schema.h"
#include "study/improvements.h"

namespace windtunnel::study {

Improvements factory_improvements(const FactoryScenario& scenario);

}  // namespace windtunnel::study
