// Makes a failing episode small: delta debugging over its items (Zeller, Hildebrandt, 2002) until
// no single item can be left out. Each attempt runs in a child process when the caller asks for it,
// so that an engine that aborts can be shrunk as well.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/braid_episode.h"

namespace windtunnel::braid_hostile {

// Numbers of the items that can be left out so that `fails` still holds. `fails` must hold for the
// whole episode. At most `attempts_max` calls.
std::vector<uint32_t> shrink(const Episode& episode,
                             const std::function<bool(const Episode&)>& fails,
                             int attempts_max = 2000);

// "3,5-9" for {3, 5, 6, 7, 8, 9}, and back; what cannot be read is left out.
std::string write_numbers(std::vector<uint32_t> numbers);
std::vector<uint32_t> read_numbers(std::string_view text);

// Whether `work` returned true or brought its process down. Runs it in a child.
bool fails_in_child(const std::function<bool()>& work);

}  // namespace windtunnel::braid_hostile
