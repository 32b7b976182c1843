// Nearest valid name for a misspelt one, for error hints.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace windtunnel::scenario {

// Optimal string alignment distance (insert, delete, replace, swap of neighbours, each 1), case
// ignored. Texts longer than 64 characters count as infinitely far: no name of ours is that long.
size_t edit_distance(std::string_view a, std::string_view b);

// The closest of `names`, when it is close enough to be what was meant: at most a third of the
// longer text (at least 1) away. A name that begins with what was found is closest of all. The
// first wins a tie.
std::optional<std::string> nearest_name(std::string_view found, std::span<const std::string> names);

// "did you mean `x`?", or empty.
std::string suggestion(std::string_view found, std::span<const std::string> names);

// What the user wrote, for quoting in a message: control characters and broken UTF-8 become '?',
// long texts are shortened.
std::string quoted(std::string_view found);

}  // namespace windtunnel::scenario
