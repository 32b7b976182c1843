// Public: Result<T>, Status, Error and SourceMark of windtunnel::base.
#pragma once

#include "base/result.h"  // IWYU pragma: export
