// The repository's sources as text for the rules of tests/layering: no compiler, no preprocessor,
// just enough lexing to tell code from comments and strings, and to find functions.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace windtunnel::layering {

struct SourceFile {
  std::string path;  // relative to the repository, with '/'
  std::string text;  // as it stands on disk
};

// A rule broken, in the form of a compiler's message.
struct Finding {
  std::string path;
  int line = 0;  // from 1; 0 is the whole file
  std::string message;
};
std::string to_string(const std::vector<Finding>& findings);

// Every *.h and *.cc under the folders of `root`, sorted by path.
std::vector<SourceFile> read_sources(const std::filesystem::path& root,
                                     const std::vector<std::string>& folders);
std::string read_text(const std::filesystem::path& path);
std::vector<std::string> split_lines(std::string_view text);

// The text with comments and the contents of strings and characters blanked, line breaks kept.
// Include lines stay as they are.
std::string code_only(std::string_view text);

struct Include {
  std::string target;  // what stands between the quotes or angle brackets
  bool quoted = false;
  int line = 0;
};
std::vector<Include> includes_of(const SourceFile& file);

struct Function {
  std::string head;  // the signature on one line
  int line = 0;      // of the signature's first line
  int lines = 0;     // to the closing brace, both counted
};
std::vector<Function> functions_of(const SourceFile& file);

}  // namespace windtunnel::layering
