// The names that a formula of a claim sheet may use, and binding a formula to them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "study/claim_plan.h"

namespace windtunnel::study {

// What follows from a mistake that has been complained about already: an error without a message,
// which nobody is shown.
bool is_consequence(const base::Error& error);

// Inputs, bills and runs are known everywhere in a sheet; figures within their claim, from their
// own line on.
class ClaimNames {
 public:
  void add_input(const std::string& name, size_t index, const catalog::Dimension& dimension);
  void add_bill(const std::string& name, size_t index, const catalog::Dimension& dimension);
  void add_run(const std::string& name, size_t index, const std::string& kind);
  void add_figure(const std::string& name, size_t index, const catalog::Dimension& dimension);
  void forget_figures();

  // A name whose own line is wrong: what asks for it gets a consequence.
  void add_broken(const std::string& name);
  void add_broken_figure(const std::string& name);

  // A name that can stand in a formula and that no other thing of the sheet has.
  base::Status check_new(const std::string& name) const;

  // Errors: a formula that is none, an unknown name with the nearest known one, units that do not
  // go together, or a consequence. They carry `at`.
  base::Result<BoundFormula> bind(const std::string& text, const base::SourceMark& at) const;

  // Index of an input or run; errors name the nearest, or are consequences.
  base::Result<size_t> input(const std::string& name) const;
  base::Result<size_t> run(const std::string& name) const;

 private:
  struct Thing {
    NameReference reference;
    catalog::Dimension dimension;
  };
  struct Run {
    size_t index;
    std::string kind;
  };
  base::Result<Thing> find(const std::string& name) const;
  base::Result<Thing> find_metric(const std::string& name, size_t dot) const;
  bool broken(const std::string& name) const;
  std::vector<std::string> names() const;

  std::map<std::string, Thing> things_;
  std::map<std::string, Run> runs_;
  std::set<std::string> broken_;          // inputs, runs and bills
  std::set<std::string> broken_figures_;  // of the present claim
};

}  // namespace windtunnel::study
