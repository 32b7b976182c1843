// Pieces of the report page. For the writers of this room only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/json_writer.h"
#include "report/measurements.h"

namespace windtunnel::report {

// Text as HTML text or as a quoted attribute. Control characters become spaces and bytes that are
// not UTF-8 become U+FFFD.
std::string html_escape(std::string_view text);

// A table of plain texts; columns from `first_number` on hold numbers. The first row is the
// heading, the first column names the rows.
std::string html_table(const std::vector<std::vector<std::string>>& rows, size_t first_number,
                       std::string_view caption);

// Whether pages draw: false where the script was not built, and tables stand in for figures.
bool page_has_script();

// What a page begins with, up to the first section, and what it ends with: where the values stand
// in full (HTML), then the data of its figures, a JSON array, and the script.
struct PageHead {
  std::string title = {};
  std::string origin = {};  // program, seed, fingerprint
  std::string lead = {};    // may be empty
};
std::string page_begin(const PageHead& head);
std::string page_end(std::string_view values_html, const std::string& figures_json);

// Nothing for an empty text.
std::string html_paragraph(std::string_view style, std::string_view text);
// A section whose content is folded away on the screen and open on paper.
std::string folded_section(std::string_view summary, std::string_view style,
                           const std::string& content);

// A series as a <figure>: heading, place for the drawing, summary in words, table. `index` counts
// the figures of the page; with `drawn` false there is no script and the table stands alone.
std::string html_figure(const Series& series, size_t index, bool drawn);

// The same series as the data that web/src/figures.js draws: scaled, thinned to what a page can
// show, with units.
void write_figure(JsonWriter& json, const Series& series);

// At most this many samples of a line, rows and columns of a heat map, and cells of it go into a
// page; beyond, each group of neighbours is shown by its largest value. Results keep all of them.
inline constexpr size_t kFigureSamplesMax = 800;
inline constexpr size_t kFigureRowsMax = 160;
inline constexpr size_t kFigureColumnsMax = 200;
inline constexpr size_t kFigureCellsMax = 16'000;
// Intervals of a Gantt chart; beyond, those too short to be seen become one with their neighbours.
inline constexpr size_t kFigureIntervalsMax = 4'000;
bool thinned_in_figure(const HeatMap& map);

}  // namespace windtunnel::report
