// Walls: the table in its three places, and the includes held against it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <sstream>

#include "tests/layering/rules.h"

namespace windtunnel::layering {
namespace {

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

std::string without(std::string text, std::string_view unwanted) {
  std::erase_if(text, [&](char c) { return unwanted.find(c) != std::string_view::npos; });
  return text;
}

std::vector<std::string> table_cells(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line);
  std::string cell;
  std::getline(in, cell, '|');  // what stands before the first bar
  while (std::getline(in, cell, '|')) cells.push_back(cell);
  return cells;
}

std::string room_of(const std::string& path) {
  if (!path.starts_with("src/")) return {};
  return path.substr(4, path.find('/', 4) - 4);
}

bool allows(const Layers& layers, const std::string& from, const std::string& to) {
  const auto row = layers.find(from);
  return from == to ||
         (row != layers.end() && std::ranges::find(row->second, to) != row->second.end());
}

// Depth first from `room`; `way` is the path walked so far.
std::optional<std::vector<std::string>> way_back(const Layers& arrows, const std::string& room,
                                                 std::vector<std::string> way) {
  const bool again = std::ranges::find(way, room) != way.end();
  way.push_back(room);
  if (again) return way;
  const auto row = arrows.find(room);
  if (row == arrows.end()) return std::nullopt;
  for (const std::string& next : row->second) {
    if (auto found = way_back(arrows, next, way)) return found;
  }
  return std::nullopt;
}

}  // namespace

Layers read_layers(std::string_view layers_txt) {
  Layers layers;
  for (const std::string& line : split_lines(layers_txt)) {
    const size_t colon = line.find(':');
    if (line.starts_with('#') || colon == std::string::npos) continue;
    layers[line.substr(0, colon)] = words(line.substr(colon + 1));
  }
  return layers;
}

Layers read_cmake_rooms(std::string_view cmake_lists) {
  Layers layers;
  for (const std::string& line : split_lines(cmake_lists)) {
    if (!line.starts_with("wt_room(")) continue;
    std::vector<std::string> parts = words(without(line.substr(8), ")"));
    const std::string name = parts.front();
    const auto links = std::ranges::find(parts, "LINKS");
    const auto end = std::find(links, parts.end(), "PRIVATE");
    layers[name] = links == parts.end() ? std::vector<std::string>{}
                                        : std::vector<std::string>(links + 1, end);
  }
  return layers;
}

Layers read_document_table(std::string_view markdown) {
  Layers layers;
  bool inside = false;
  for (const std::string& line : split_lines(markdown)) {
    const std::vector<std::string> cells = table_cells(line);
    if (cells.empty()) {
      inside = false;
    } else if (cells.back() == " may include ") {
      inside = true;
    } else if (inside && cells.front().find('`') != std::string::npos) {
      layers[without(cells.front(), "` ")] = words(without(cells.back(), "`,–"));
    }
  }
  return layers;
}

std::vector<Finding> find_cycles(const Layers& arrows, const std::string& path) {
  for (const auto& [room, targets] : arrows) {
    if (const auto way = way_back(arrows, room, {})) {
      return {{path, 0, fmt::format("rooms include each other: {}", fmt::join(*way, " -> "))}};
    }
  }
  return {};
}

std::vector<Finding> check_includes(const std::vector<SourceFile>& files, const Layers& layers) {
  std::vector<Finding> findings;
  Layers arrows;
  for (const SourceFile& file : files) {
    const std::string room = room_of(file.path);
    if (room.empty()) continue;
    if (!layers.contains(room)) {
      findings.push_back({file.path, 0, fmt::format("room {} is not in tools/layers.txt", room)});
    }
    for (const Include& include : includes_of(file)) {
      const std::string target = include.target.substr(0, include.target.find('/'));
      if (!include.quoted || target == "tests") continue;
      if (target != room) arrows[room].push_back(target);
      if (allows(layers, room, target)) continue;
      findings.push_back({file.path, include.line,
                          fmt::format("{} may not include \"{}\": tools/layers.txt draws no arrow "
                                      "from {} to {}",
                                      room, include.target, room, target)});
    }
  }
  for (const Finding& cycle : find_cycles(arrows, "src")) findings.push_back(cycle);
  return findings;
}

std::vector<Finding> check_own_header_first(const std::vector<SourceFile>& files) {
  std::vector<Finding> findings;
  for (const SourceFile& file : files) {
    if (!file.path.starts_with("src/") || !file.path.ends_with(".cc")) continue;
    const std::string header = file.path.substr(4, file.path.size() - 7) + ".h";
    const bool exists = std::ranges::any_of(
        files, [&](const SourceFile& other) { return other.path == "src/" + header; });
    const std::vector<Include> includes = includes_of(file);
    if (!exists || (!includes.empty() && includes.front().target == header)) continue;
    findings.push_back(
        {file.path, includes.empty() ? 1 : includes.front().line,
         fmt::format("include \"{}\" first: it proves the header needs no other", header)});
  }
  return findings;
}

}  // namespace windtunnel::layering
