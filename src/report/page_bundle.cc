// The files are taken in by the assembler: half a megabyte as a string literal costs every compiler
// seconds. The build names the files (cmake/WindtunnelPage.cmake).
#include "report/page_bundle.h"

#include <cstddef>

// NOLINTNEXTLINE(*-macro-usage): the assembler's text must be pasted together before it is read.
#define WT_EMBED(symbol, path)            \
  __asm__(                                \
      ".pushsection .rodata\n"            \
      ".global " #symbol                  \
      "_begin\n"                          \
      ".global " #symbol "_end\n" #symbol \
      "_begin:\n"                         \
      ".incbin \"" path "\"\n" #symbol    \
      "_end:\n"                           \
      ".byte 0\n"                         \
      ".popsection\n")

WT_EMBED(windtunnel_page_style, WT_PAGE_STYLE);
WT_EMBED(windtunnel_page_script, WT_PAGE_SCRIPT);

// NOLINTBEGIN(readability-identifier-naming): the assembler has no namespaces.
extern "C" {
extern const char windtunnel_page_style_begin[];
extern const char windtunnel_page_style_end[];
extern const char windtunnel_page_script_begin[];
extern const char windtunnel_page_script_end[];
}
// NOLINTEND(readability-identifier-naming)

namespace windtunnel::report {

PageBundle page_bundle() {
  const auto between = [](const char* begin, const char* end) {
    return std::string_view(begin, static_cast<size_t>(end - begin));
  };
  return {between(windtunnel_page_style_begin, windtunnel_page_style_end),
          between(windtunnel_page_script_begin, windtunnel_page_script_end)};
}

}  // namespace windtunnel::report
