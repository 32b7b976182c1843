#include "report/html.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "report/fixture.h"
#include "report/html_parts.h"
#include "report/page_bundle.h"

namespace windtunnel::report {
namespace {

using testing::HasSubstr;
using testing::Not;

nlohmann::json figure_json(const Series& series) {
  JsonWriter json;
  write_figure(json, series);
  return nlohmann::json::parse(json.take());
}

TEST(HtmlEscape, MarkupCannotPass) {
  EXPECT_EQ(html_escape("<a href=\"x\">'&'</a>"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  EXPECT_EQ(html_escape("a\x01\nb\xFF"), "a  b\xEF\xBF\xBD");
  EXPECT_EQ(html_escape("µs"), "µs");
}

TEST(Html, ThePageHoldsTheAnswerBeforeTheFigures) {
  const std::string page = to_html(fixture_measurements());
  const size_t limit = page.find("Limited by downlinks from leaf to host");
  const size_t key = page.find("<dd>57.17 µs</dd>");
  const size_t figure = page.find("<figure>");
  ASSERT_NE(key, std::string::npos);
  EXPECT_LT(limit, key);
  EXPECT_LT(key, figure);
  EXPECT_THAT(page, HasSubstr("<dt>Flow completion, mean <small>± 0.04 µs (95 %)</small></dt>"));
  EXPECT_THAT(page, HasSubstr("<th scope=\"row\">topology.link.rate</th><td>400 Gbps</td>"));
  EXPECT_THAT(page, HasSubstr("<th scope=\"row\">Link delay</th><td>1 µs</td>"));
}

TEST(Html, TheStyleIsInside) {
  EXPECT_GT(page_bundle().style.size(), 1000U);
  EXPECT_THAT(to_html(fixture_measurements()), HasSubstr(std::string(page_bundle().style)));
}

TEST(Html, NothingOfAScenarioIsMarkup) {
  Measurements m = fixture_measurements();
  const std::string attack = "</script><script>alert(1)</script>";
  m.title = m.kind = m.bottleneck.explanation = attack;
  m.series[0].title = attack;
  m.metrics[0].label = attack;
  m.scenario = {ScenarioTree::Map{{attack, {attack}}}};
  EXPECT_THAT(to_html(m), Not(HasSubstr("<script>alert")));
}

TEST(Html, OnlyTheCostDiffersWhenOnlyTheCostDiffers) {
  Measurements a = fixture_measurements();
  Measurements b = a;
  b.run.wall_seconds += 1;
  const std::string page_a = to_html(a);
  const std::string page_b = to_html(b);
  const size_t cost = page_a.find("Cost of the run");
  EXPECT_EQ(page_a.substr(0, cost), page_b.substr(0, cost));
}

TEST(HtmlFigure, WithoutAScriptTheTableStandsOpen) {
  const Series series = fixture_measurements().series[0];
  EXPECT_THAT(html_figure(series, 0, false), HasSubstr("<details open>"));
  EXPECT_THAT(html_figure(series, 0, false), Not(HasSubstr("class=\"plot")));
  EXPECT_THAT(html_figure(series, 0, true), HasSubstr("<details><summary>"));
  EXPECT_THAT(html_figure(series, 7, true), HasSubstr("data-figure=\"7\""));
}

TEST(HtmlFigure, WideMapsAreSummedUpByRow) {
  const std::string text = html_figure(fixture_measurements().series[1], 0, true);
  EXPECT_THAT(text, HasSubstr("<th scope=\"col\" class=\"n\">mean (%)</th>"));
  EXPECT_THAT(text, HasSubstr("at leaf to host, simulated time 45.0 µs."));
}

TEST(HtmlFigure, NarrowMapsAreShownWhole) {
  const HeatMap map{.unit = unit::kShare,
                    .rows = {.title = "Switch", .labels = {"a", "b"}},
                    .columns = {.title = "Port", .labels = {"1", "2"}},
                    .values = {0.25, std::nan(""), 0.5, 1}};
  const std::string text = html_figure({.name = "m", .data = map}, 0, true);
  EXPECT_THAT(text, HasSubstr("<th scope=\"row\">a</th><td class=\"n\">25</td>"
                              "<td class=\"n\">–</td></tr>"));
  EXPECT_THAT(text, HasSubstr("Largest: 100 % at b, port 2."));
}

TEST(FigureData, CarriesScaledValuesAndUnits) {
  const Measurements m = fixture_measurements();
  const auto queues = figure_json(m.series[2]);
  EXPECT_EQ(queues["unit"], "kB");
  EXPECT_EQ(queues["x_unit"], "µs");
  EXPECT_EQ(queues["limit"], 626.69);
  EXPECT_EQ(queues["x"][3], 1.5);
  EXPECT_EQ(queues["lines"][1]["label"], "99th percentile");
  const auto map = figure_json(m.series[1]);
  EXPECT_EQ(map["unit"], "%");
  EXPECT_EQ(map["max"], 100);
  EXPECT_EQ(map["cells"].size(), 360U);
  const auto distribution = figure_json(m.series[0]);
  EXPECT_EQ(distribution["count"], "8,192");
  EXPECT_EQ(distribution["marks"][0]["label"], "median");
}

TEST(FigureData, LongLinesKeepTheirPeaks) {
  TimeSeries series{.unit = unit::kBytes, .lines = {{"q", {}}}};
  for (int i = 0; i < 10'000; ++i) {
    series.time_s.push_back(i);
    series.lines[0].values.push_back(i == 7'777 ? 500 : 1);
  }
  const auto json = figure_json({.name = "q", .data = series});
  EXPECT_LE(json["x"].size(), kFigureSamplesMax);
  EXPECT_EQ(json["x"].size(), json["lines"][0]["values"].size());
  EXPECT_EQ(std::ranges::max(json["lines"][0]["values"].get<std::vector<double>>()), 500);
}

TEST(FigureData, LargeMapsKeepTheirPeaksAndTheirPlace) {
  HeatMap map{.unit = unit::kCount, .rows = {.title = "Switch"}, .columns = {.title = "Port"}};
  for (int i = 0; i < 1000; ++i) map.rows.values.push_back(i);
  for (int i = 0; i < 500; ++i) map.columns.values.push_back(i);
  map.values.assign(500'000, 1);
  map.values[777 * 500 + 333] = 9;
  ASSERT_TRUE(thinned_in_figure(map));
  const auto json = figure_json({.name = "m", .data = map});
  const auto cells = json["cells"].get<std::vector<double>>();
  const size_t columns = json["columns"]["labels"].size();
  ASSERT_EQ(cells.size(), json["rows"]["labels"].size() * columns);
  EXPECT_LE(cells.size(), kFigureCellsMax);
  const auto peak = static_cast<size_t>(std::ranges::max_element(cells) - cells.begin());
  const double row = json["rows"]["labels"][peak / columns];
  const double column = json["columns"]["labels"][peak % columns];
  EXPECT_LE(row, 777);
  EXPECT_GT(row, 777 - 1000 / 16);
  EXPECT_LE(column, 333);
  EXPECT_GT(column, 333 - 4);
}

TEST(FigureData, HolesStayHoles) {
  const HeatMap map{.unit = unit::kShare,
                    .rows = {.title = "r", .labels = {"a"}},
                    .columns = {.title = "c", .labels = {"x", "y"}},
                    .values = {std::nan(""), 0.123456789}};
  const auto json = figure_json({.name = "m", .data = map});
  EXPECT_TRUE(json["cells"][0].is_null());
  EXPECT_EQ(json["cells"][1], 12.346);
}

}  // namespace
}  // namespace windtunnel::report
