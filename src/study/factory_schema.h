// Scenarios of `kind: factory`: load, check, describe and write back.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/result.h"
#include "factory/model.h"
#include "factory/plant.h"
#include "scenario/reader.h"
#include "scenario/tree.h"
#include "study/factory_description.h"

namespace windtunnel::study {

// A scenario that is ready to run: every key checked, files read. `description` is what the user
// wrote; `plant` has setups, releases and all orders too.
struct FactoryScenario {
  FactoryDescription description;
  factory::Plant plant;
  factory::Duration warm_up;
  scenario::MarkTable marks;
  std::vector<base::Error> warnings;
};

using FactoryResult = tl::expected<FactoryScenario, std::vector<base::Error>>;

// From a tree, overrides applied. Errors are all that were found.
FactoryResult read_factory(const scenario::Node& root);
// The same from a text or a file; `kind` must be factory.
FactoryResult read_factory(std::string_view text, const std::string& file,
                           const std::vector<std::string>& overrides = {});
FactoryResult load_factory(const std::string& path, const std::vector<std::string>& overrides = {});

// `windtunnel schema factory`.
std::string factory_schema();
std::string factory_yaml(const FactoryDescription& description);

}  // namespace windtunnel::study
