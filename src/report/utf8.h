// Which bytes are well-formed text: scenarios and file names come from outside.
#pragma once

#include <cstddef>
#include <string_view>

namespace windtunnel::report {

// Length of the well-formed UTF-8 sequence at the start of `text` (not empty), 0 when it is
// malformed. RFC 3629 section 4: no overlong forms, no surrogates, nothing above U+10FFFF.
size_t utf8_length(std::string_view text);

}  // namespace windtunnel::report
