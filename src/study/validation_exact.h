// Comparisons of whole numbers, which must agree exactly, and of searches, which say what they
// proved. Shared by the rows of `windtunnel validate factory` on planning.
#pragma once

#include <cstdint>
#include <string>

#include "planning/search.h"
#include "study/validation.h"

namespace windtunnel::study {

using Comparisons = base::Result<std::vector<Comparison>>;

// Published instances have no unit of time but their own.
inline constexpr char kSteps[] = "steps";

Comparison compare_exact(std::string what, int64_t ours, int64_t theirs, const char* unit = kSteps);

// What a search found against the published optimum, with a note on what it proved.
Comparison compare_search(std::string what, planning::Bounded ours, int64_t theirs,
                          const char* unit = kSteps);
// The same for an exact method: the optimum must be proved as well.
Comparison compare_proof(std::string what, planning::Bounded ours, int64_t theirs,
                         const char* unit = kSteps);

// Limits of a search that ends with Ctrl-C.
planning::SearchLimits watched_limits(int64_t iterations, const Observer& observer);

// A case that needs nothing, and one that reads instances.
ValidationCase closed_case(std::string name, std::string source, std::string about,
                           std::function<Comparisons(Observer&)> run);
ValidationCase data_case(std::string name, std::string source, std::string about,
                         std::function<Comparisons(const std::string&, Observer&)> run);

}  // namespace windtunnel::study
