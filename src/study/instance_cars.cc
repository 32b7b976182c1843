#include "study/instance_cars.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scenario/suggest.h"
#include "study/instance_text.h"

namespace windtunnel::study {
namespace {

using planning::CarProblem;

constexpr int64_t kCarsMax = 10'000;
constexpr int64_t kClassesMax = 1'000;
constexpr char kNameMark[] = "Problem ";

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// The word after the last "# Problem" (or "#Problem") above a line. Comments are no lines to
// InstanceLines, so they are looked up in the text.
class Names {
 public:
  explicit Names(std::string_view text) {
    int line = 1;
    for (size_t at = 0; at < text.size(); ++line) {
      const size_t end = std::min(text.find('\n', at), text.size());
      std::string_view line_text = text.substr(at, end - at);
      if (line_text.starts_with('#')) {
        line_text.remove_prefix(std::min(line_text.find_first_not_of("# "), line_text.size()));
        if (line_text.starts_with(kNameMark)) {
          const std::string_view rest = line_text.substr(sizeof(kNameMark) - 1);
          names_.emplace_back(line, rest.substr(0, rest.find_first_of(" \t\r")));
        }
      }
      at = end + 1;
    }
  }
  // Each name is given once, to the first problem below it.
  std::string take(int line) {
    std::string name;
    while (next_ < names_.size() && names_[next_].first < line)
      name = std::string(names_[next_++].second);
    return name;
  }

 private:
  std::vector<std::pair<int, std::string_view>> names_;
  size_t next_ = 0;
};

class CarReader {
 public:
  CarReader(std::string_view text, const std::string& file) : lines_(text, file), names_(text) {}

  base::Result<std::vector<CarProblem>> run() {
    bool more = lines_.next("the numbers of cars, options and classes");
    while (more && !is_number(lines_.words()[0].text))
      more = lines_.next("the numbers of cars, options and classes");
    while (more && read_problem()) more = lines_.next({});
    if (lines_.failed()) return lines_.error();
    return std::move(problems_);
  }

 private:
  bool read_problem() {
    problem_ = {};
    problem_.name = names_.take(lines_.words()[0].line);
    if (!lines_.has(3, "numbers of cars, options and classes")) return false;
    header_ = lines_.words()[0];
    const auto cars = lines_.whole(0, "number of cars", 1, kCarsMax);
    const auto options =
        lines_.whole(1, "number of options", 1, static_cast<int64_t>(planning::kCarOptionsMax));
    const auto classes = lines_.whole(2, "number of classes", 1, kClassesMax);
    if (!cars || !options || !classes) return false;
    options_ = static_cast<size_t>(*options);
    if (!lines_.next("capacities or the first class")) return false;
    const bool given = lines_.words().size() == options_;
    if (given ? !read_capacities() : !assume_capacities()) return false;
    for (int64_t i = 0; i < *classes; ++i) {
      const std::string name = fmt::format("class {}", i);
      if (i > 0 && !lines_.next(name)) return false;
      if (!read_class(i, name)) return false;
    }
    if (problem_.cars() != *cars)
      lines_.fail(header_, fmt::format("number of cars: found {}, but the classes have {} together",
                                       *cars, problem_.cars()));
    problems_.push_back(std::move(problem_));
    return !lines_.failed();
  }

  bool read_capacities() {
    const auto cars = lines_.row(options_, "most cars with an option", 0, kCarsMax);
    if (!cars || !lines_.next("windows of the capacities")) return false;
    const auto windows = lines_.row(options_, "windows of the capacities", 1, kCarsMax);
    if (!windows) return false;
    for (size_t i = 0; i < options_; ++i)
      problem_.capacities.push_back({(*cars)[i], (*windows)[i]});
    return lines_.next("class 0");
  }

  bool assume_capacities() {
    problem_.capacities = {{1, 2}, {2, 3}, {1, 3}, {2, 5}, {1, 5}};
    if (options_ == problem_.capacities.size()) return true;
    lines_.fail(lines_.words()[0],
                fmt::format("found {} words, expected {}: how many cars may have each option",
                            lines_.words().size(), options_),
                "only problems of five options may leave the capacities out");
    return false;
  }

  bool read_class(int64_t i, const std::string& name) {
    if (!lines_.has(2 + options_, name)) return false;
    if (!lines_.whole(0, fmt::format("number of {}", name), i, i)) return false;
    const auto cars = lines_.whole(1, fmt::format("{}: cars", name), 0, kCarsMax);
    if (!cars) return false;
    CarProblem::Class made{*cars, 0};
    for (size_t option = 0; option < options_; ++option) {
      const auto bit = lines_.whole(2 + option, fmt::format("{}: option {}", name, option), 0, 1);
      if (!bit) return false;
      made.options |= static_cast<uint64_t>(*bit) << option;
    }
    problem_.classes.push_back(made);
    return true;
  }

  InstanceLines lines_;
  Names names_;
  CarProblem problem_;
  Word header_;
  size_t options_ = 0;
  std::vector<CarProblem> problems_;
};

}  // namespace

base::Result<std::vector<CarProblem>> read_car_problems(std::string_view text,
                                                        const std::string& file) {
  return CarReader(text, file).run();
}

base::Result<std::vector<CarSequence>> read_car_sequences(std::string_view text,
                                                          const std::string& file) {
  InstanceLines lines(text, file);
  std::vector<CarSequence> all;
  while (lines.next(all.empty() ? "a problem's name" : "")) {
    CarSequence sequence{std::string(lines.words()[0].text), {}};
    const std::string name = fmt::format("the sequence of {}", scenario::quoted(sequence.problem));
    if (!lines.next(name)) break;
    const auto row = lines.row(lines.words().size(), name, 0, kClassesMax - 1);
    if (!row) break;
    sequence.classes.assign(row->begin(), row->end());
    all.push_back(std::move(sequence));
  }
  if (lines.failed()) return lines.error();
  return all;
}

}  // namespace windtunnel::study
