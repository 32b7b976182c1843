#include "des/student_t.h"

#include <gtest/gtest.h>

#include <cmath>

namespace windtunnel::des {
namespace {

// Computed with 40 digits from the incomplete beta function by bisection.
struct Row {
  double p;
  double freedom;
  double t;
};
constexpr Row kTable[] = {
    {0.75, 1, 1.0},
    {0.75, 2, 0.81649658092772603},
    {0.75, 5, 0.72668684380042265},
    {0.75, 29, 0.68304386082161315},
    {0.75, 1000, 0.67473516460700944},
    {0.9, 1, 3.0776835371752534},
    {0.9, 3, 1.6377443536962101},
    {0.9, 9, 1.3830287383966323},
    {0.9, 99, 1.2901614420344852},
    {0.95, 2, 2.9199855803537257},
    {0.95, 4, 2.1318467863266503},
    {0.95, 19, 1.7291328115213695},
    {0.975, 1, 12.706204736174705},
    {0.975, 2, 4.3026527297494639},
    {0.975, 9, 2.2621571627982055},
    {0.975, 19, 2.0930240544083098},
    {0.975, 29, 2.0452296421327043},
    {0.975, 100000, 1.9599877075346096},
    {0.995, 1, 63.656741162871581},
    {0.995, 5, 4.0321429835552281},
    {0.995, 29, 2.7563859036706055},
    {0.9995, 1, 636.61924876871962},
    {0.9995, 9, 4.7809125859311391},
    {0.999999, 1, 318309.88618274347},
    {0.999999, 29, 5.9171055404595622},
    {0.999999, 1000, 4.7816086204583506},
    {0.975, 1.5, 6.0166631044279319},
    {0.975, 7.25, 2.3481948491053722},
    {0.975, 0.5, 164.55767348048853},
};

TEST(StudentT, QuantilesAgreeWithTheTable) {
  for (const Row& row : kTable) {
    EXPECT_NEAR(student_t_quantile(row.p, row.freedom) / row.t, 1, 1e-9)
        << "p " << row.p << " freedom " << row.freedom;
    // 1 - p is not exactly representable where p is close to one.
    EXPECT_NEAR(student_t_quantile(1 - row.p, row.freedom) / -row.t, 1, 1e-9);
  }
  EXPECT_EQ(student_t_quantile(0.5, 3), 0);
}

TEST(StudentT, QuantileInvertsTheDistribution) {
  for (double freedom = 0.5; freedom < 1e6; freedom *= 3) {
    for (double p = 0.001; p < 1; p += 0.037) {
      EXPECT_NEAR(student_t_cdf(student_t_quantile(p, freedom), freedom), p, 1e-10);
    }
  }
}

TEST(Normal, QuantilesAgreeWithTheTable) {
  constexpr struct {
    double p;
    double z;
  } table[] = {{0.6, 0.2533471031357998},    {0.75, 0.67448975019608174},
               {0.9, 1.2815515655446005},    {0.95, 1.6448536269514727},
               {0.975, 1.9599639845400542},  {0.995, 2.5758293035489008},
               {0.9995, 3.2905267314918948}, {0.999999, 4.7534243088228989}};
  for (const auto& row : table) {
    EXPECT_NEAR(normal_quantile(row.p) / row.z, 1, 1e-9) << row.p;
    EXPECT_NEAR(normal_quantile(1 - row.p) / -row.z, 1, 1e-9) << row.p;
  }
}

TEST(StudentT, ApproachesTheNormal) {
  EXPECT_NEAR(student_t_quantile(0.975, 1e8), normal_quantile(0.975), 1e-6);
}

}  // namespace
}  // namespace windtunnel::des
