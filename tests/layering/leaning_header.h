// A sample for repository/headers_check_can_fail: it uses std::string without including it.
#pragma once

inline std::string name_of_this_sample() { return "leaning"; }
