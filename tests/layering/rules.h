// The rules of the repository as functions from text to findings, so that the test can run them
// over the real tree and over samples that break them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/layering/source.h"

namespace windtunnel::layering {

// Room to the rooms it may include, itself not listed. Ordered by name.
using Layers = std::map<std::string, std::vector<std::string>>;

Layers read_layers(std::string_view layers_txt);        // `room: room room`, # for comments
Layers read_cmake_rooms(std::string_view cmake_lists);  // wt_room(NAME LINKS room...)
// The table whose last column is headed "may include": `room` in backticks first, rooms last.
Layers read_document_table(std::string_view markdown);

// A room that reaches itself along the arrows, with the way there.
std::vector<Finding> find_cycles(const Layers& arrows, const std::string& path);

// Includes in src/ROOM that the table does not allow, and cycles among those that stand there.
std::vector<Finding> check_includes(const std::vector<SourceFile>& files, const Layers& layers);

// X.cc includes its own X.h before anything else: so every such header has compiled alone. (The
// header_check target compiles the headers without a .cc.)
std::vector<Finding> check_own_header_first(const std::vector<SourceFile>& files);

struct Ban {
  std::string word;
  std::vector<std::string> allowed;  // globs of paths
  std::string reason;
};
std::vector<Ban> read_bans(std::string_view bans_txt);
std::vector<Finding> check_bans(const std::vector<SourceFile>& files, const std::vector<Ban>& bans);

struct Ratchet {
  int file_lines_max = 0;
  int function_lines_max = 0;
};
Ratchet read_ratchet(std::string_view ratchet_txt);
// The longest there is, whatever the limit.
Ratchet measure_lengths(const std::vector<SourceFile>& files);
std::vector<Finding> check_lengths(const std::vector<SourceFile>& files, const Ratchet& ratchet);

}  // namespace windtunnel::layering
