#include "factory/model.h"

#include <utility>

#include "factory/compiled_plant.h"

namespace windtunnel::factory {

Model::Model(std::unique_ptr<const CompiledPlant> compiled) : compiled_(std::move(compiled)) {}
Model::~Model() = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;

Model Model::build(const Plant& plant) {
  return Model(std::make_unique<const CompiledPlant>(compile_plant(plant)));
}

const Plant& Model::plant() const { return compiled_->plant; }

}  // namespace windtunnel::factory
