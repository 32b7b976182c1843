// What every page begins and ends with. See html_parts.h.
#include <fmt/format.h>

#include "report/html_parts.h"
#include "report/human.h"
#include "report/measurements.h"
#include "report/page_bundle.h"

namespace windtunnel::report {

bool page_has_script() { return !page_bundle().script.empty(); }

std::string page_begin(const PageHead& head) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
      "<link rel=\"icon\" href=\"data:,\">\n"
      "<title>{0}</title>\n<style>\n{2}</style>\n</head>\n<body>\n"
      "<header>\n<p class=\"origin\">{1}</p>\n<h1>{0}</h1>\n{3}</header>\n<main>\n",
      html_escape(head.title), html_escape(head.origin), page_bundle().style,
      html_paragraph("lead", head.lead));
}

std::string page_end(std::string_view values_html, const std::string& figures_json) {
  std::string text = "</main>\n<footer><p>";
  if (page_has_script()) {
    text += "<noscript>Figures need JavaScript; the tables hold the same values. </noscript>";
  }
  text += fmt::format("{}</p></footer>\n", values_html);
  if (page_has_script()) {
    text += fmt::format(
        "<script type=\"application/json\" id=\"figures\">{}</script>\n<script>{}</script>\n",
        figures_json, page_bundle().script);
  }
  return text + "</body>\n</html>\n";
}

std::string html_paragraph(std::string_view style, std::string_view text) {
  if (text.empty()) return "";
  return fmt::format("<p class=\"{}\">{}</p>\n", style, html_escape(text));
}

std::string folded_section(std::string_view summary, std::string_view style,
                           const std::string& content) {
  return fmt::format(
      "<section{}>\n<details data-print><summary>{}</summary>\n{}</details>\n</section>\n",
      style.empty() ? "" : fmt::format(" class=\"{}\"", style), html_escape(summary), content);
}

}  // namespace windtunnel::report
