#include "study/validation_exact.h"

#include <fmt/format.h>

#include <utility>

namespace windtunnel::study {

Comparison compare_exact(std::string what, int64_t ours, int64_t theirs, const char* unit) {
  return compare_value(std::move(what), static_cast<double>(ours), static_cast<double>(theirs),
                       unit, 0);
}

Comparison compare_search(std::string what, planning::Bounded ours, int64_t theirs,
                          const char* unit) {
  Comparison c = compare_exact(std::move(what), ours.value, theirs, unit);
  c.note = ours.optimal()
               ? "proved optimal"
               : fmt::format("lower bound {}, gap {:.1f} %", ours.lower_bound, 100 * ours.gap());
  return c;
}

Comparison compare_proof(std::string what, planning::Bounded ours, int64_t theirs,
                         const char* unit) {
  Comparison c = compare_search(std::move(what), ours, theirs, unit);
  c.holds = c.holds && ours.optimal();
  return c;
}

planning::SearchLimits watched_limits(int64_t iterations, const Observer& observer) {
  return {.iterations = iterations, .stop = [&observer] { return observer.stop_requested(); }};
}

ValidationCase closed_case(std::string name, std::string source, std::string about,
                           std::function<Comparisons(Observer&)> run) {
  return {std::move(name), std::move(source), std::move(about), std::move(run), {}};
}

ValidationCase data_case(std::string name, std::string source, std::string about,
                         std::function<Comparisons(const std::string&, Observer&)> run) {
  return {std::move(name), std::move(source), std::move(about), {}, std::move(run)};
}

}  // namespace windtunnel::study
