// Reader of a setup matrix as an asymmetric travelling salesman: the number of families, then one
// row a line, from a family to all. The diagonal is read and means nothing (TSPLIB's copies have -1
// there).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "planning/setup_matrix.h"

namespace windtunnel::study {

base::Result<planning::SetupMatrix> read_setup_matrix(std::string_view text,
                                                      const std::string& file);

}  // namespace windtunnel::study
