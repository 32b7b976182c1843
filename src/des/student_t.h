// Quantiles of the normal and of Student's t distribution, for confidence intervals.
//
// Accuracy: relative error below 1e-9 for p in [1e-6, 1 - 1e-6] and any degrees of freedom from 1
// up (student_t_test.cc compares with a table computed to 30 digits).
#pragma once

namespace windtunnel::des {

// p in (0, 1).
double normal_quantile(double p);

// p in (0, 1); degrees of freedom > 0, not necessarily whole.
double student_t_cdf(double t, double freedom);
double student_t_quantile(double p, double freedom);

}  // namespace windtunnel::des
