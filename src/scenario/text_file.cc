#include "scenario/text_file.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>

namespace windtunnel::scenario {
namespace {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

base::SourceMark whole_file(const std::string& path) { return {path, 0, 0}; }

tl::unexpected<base::Error> cannot_read(const std::string& path, int error) {
  return base::fail(whole_file(path), fmt::format("cannot be read: {}", std::strerror(error)));
}

// Length of the UTF-8 sequence at the front of `rest`, 0 when it is none (RFC 3629: no overlong
// forms, no surrogates, nothing above U+10FFFF).
size_t sequence_length(std::string_view rest) {
  const auto byte = [rest](size_t i) { return static_cast<unsigned char>(rest[i]); };
  if (byte(0) < 0x80) return 1;
  const size_t length = byte(0) >= 0xf0 ? 4 : (byte(0) >= 0xe0 ? 3 : 2);
  if (byte(0) < 0xc2 || byte(0) > 0xf4 || rest.size() < length) return 0;
  uint32_t point = byte(0) & (0xffu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    point = point << 6 | (byte(i) & 0x3fu);
  }
  const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  const bool surrogate = point >= 0xd800 && point <= 0xdfff;
  return overlong || surrogate || point > 0x10ffff ? 0 : length;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7f;
}

}  // namespace

base::Result<std::string> read_text_file(const std::string& path, size_t bytes_max) {
  if (path.find('\0') != std::string::npos) return cannot_read(path, ENOENT);
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "rb"));
  if (!file) return cannot_read(path, errno);
  std::string text;
  std::array<char, 1 << 16> block{};
  while (text.size() <= bytes_max) {
    const size_t got = std::fread(block.data(), 1, block.size(), file.get());
    if (got == 0) break;
    text.append(block.data(), got);
  }
  if (std::ferror(file.get()) != 0) return cannot_read(path, errno);
  if (text.size() > bytes_max)
    return base::fail(whole_file(path),
                      fmt::format("is larger than {} bytes, the most that is read", bytes_max));
  return text;
}

base::Status check_text(std::string_view text, const std::string& file) {
  int line = 1;
  int column = 1;
  for (size_t i = 0; i < text.size();) {
    const size_t length = sequence_length(text.substr(i));
    if (length == 0 || is_control(text[i])) {
      const auto byte = static_cast<unsigned char>(text[i]);
      return base::fail({file, line, column},
                        fmt::format("found byte 0x{:02x}, expected UTF-8 text", byte),
                        "is this a binary or compressed file?");
    }
    column = text[i] == '\n' ? 1 : column + 1;
    line += text[i] == '\n' ? 1 : 0;
    i += length;
  }
  return {};
}

std::string folder_of(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string() : std::string(path.substr(0, slash + 1));
}

}  // namespace windtunnel::scenario
