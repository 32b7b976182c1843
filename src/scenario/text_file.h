// Reading a user's text file whole, with the clear refusals such a file can earn: absent, a
// folder, too large, not text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace windtunnel::scenario {

// The bytes of `path`. Reads at most `bytes_max` + 1 of them, so endless files (pipes, devices) and
// huge ones end in an error and not in exhausted memory.
base::Result<std::string> read_text_file(const std::string& path, size_t bytes_max);

// Text is UTF-8 without NUL or control characters other than tab, newline and carriage return.
// The error's mark is the first offence.
base::Status check_text(std::string_view text, const std::string& file);

// Folder part of a path with its slash, or empty: what relative names beside a file begin with.
std::string folder_of(std::string_view path);

}  // namespace windtunnel::scenario
