// Formulas of a claim sheet: arithmetic over named figures, with units.
//
//     1 - integrated / separate          max(a, b)          many.goodput.total / (nodes *
//     port_rate)
//
// Operators and functions are those of muParser: + - * / ^, comparisons, ?:, min, max, sum, avg,
// abs, sqrt, exp, ln, log10 and so on. Names hold letters, digits, `_` and `.`.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/unit.h"

namespace windtunnel::study {

class Formula {
 public:
  // Errors say what is wrong and where in the text; they carry no place in the file.
  static base::Result<Formula> parse(const std::string& text);
  Formula(Formula&&) noexcept;
  Formula& operator=(Formula&&) noexcept;
  ~Formula();

  const std::string& text() const;
  // Every name used, in alphabetic order.
  const std::vector<std::string>& names() const;

  // `values[i]` is what names()[i] stands for, in base units. Not a number where the formula has no
  // value (a division by nought, a figure that was not measured).
  double evaluate(std::span<const double> values) const;

  // The unit of the result when names()[i] has `dimensions[i]`. Found by asking how the result
  // changes when a base unit is made larger: what adds seconds to dollars has no answer to that,
  // and is an error.
  base::Result<catalog::Dimension> dimension(std::span<const catalog::Dimension> dimensions) const;

 private:
  struct Parsed;
  explicit Formula(std::unique_ptr<Parsed> parsed);
  std::unique_ptr<Parsed> parsed_;
};

}  // namespace windtunnel::study
