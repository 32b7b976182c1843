#include "report/drawings.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "report/csv.h"
#include "report/fixture.h"
#include "report/html.h"
#include "report/html_parts.h"
#include "report/json.h"

namespace windtunnel::report {
namespace {

using testing::HasSubstr;
using testing::Not;

nlohmann::json figure_json(const Series& series) {
  JsonWriter json;
  write_figure(json, series);
  return nlohmann::json::parse(json.take());
}

std::string read_error(const std::string& series) {
  const auto read = from_json(
      R"({"windtunnel": "1", "metrics": {}, "series": {"s": )" + series + "}}", "results.json");
  return read ? "read without complaint" : read.error().to_string();
}

TEST(Drawings, RoundTripByteForByte) {
  const std::string text = to_json(fixture_drawings());
  const auto read = from_json(text, "results.json");
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(to_json(*read), text);
  ASSERT_TRUE(std::holds_alternative<Diagram>(read->series[0].data));
  EXPECT_EQ(std::get<TimeSeries>(read->series[4].data).marks[0].label, "a cable died");
}

TEST(Drawings, KeepTheContractOfResults) {
  const auto series = nlohmann::json::parse(to_json(fixture_drawings()))["series"];
  EXPECT_EQ(series["link.tree"]["shape"], "diagram");
  EXPECT_EQ(series["link.tree"]["links"][1]["from"], "cpu0");
  EXPECT_EQ(series["link.tree"]["links"][1]["forward"]["value"], 442e9);
  EXPECT_EQ(series["link.tree"]["links"][1]["backward"]["share"], 0.12);
  EXPECT_FALSE(series["line"]["links"][0].contains("backward"));
  EXPECT_EQ(series["line"]["states"].size(), 5U);
  EXPECT_EQ(series["station.states"]["shape"], "gantt");
  EXPECT_EQ(series["station.states"]["rows"][0]["start_s"][0], 0);
  EXPECT_EQ(series["station.shares"]["shape"], "stack");
  EXPECT_EQ(series["queue.bytes"]["marks"][1]["at_s"], 52e-6);
}

TEST(Diagram, NamesTheFirstPromiseBroken) {
  EXPECT_EQ(fault_of(fixture_tree()), "");
  Diagram d = fixture_tree();
  d.nodes[1].name = "cpu0";
  EXPECT_EQ(fault_of(d), "node cpu0: expected names that differ");
  d = fixture_tree();
  d.links[2].to = 99;
  EXPECT_EQ(fault_of(d), "link 2: expected two nodes as ends");
  d = fixture_tree();
  d.links[0].backward->share = 1.5;
  EXPECT_THAT(fault_of(d), HasSubstr("link 0: expected loads"));
  d = fixture_line();
  d.nodes[0].shares.pop_back();
  EXPECT_EQ(fault_of(d), "node station 1: expected a share for each state");
  d.nodes[0].shares.push_back(0.5);
  EXPECT_EQ(fault_of(d), "node station 1: expected shares that add up to 1");
  d.nodes[0].shares.clear();
  d.nodes[0].level = std::nan("");
  EXPECT_EQ(fault_of(d), "node station 1: expected a level from 0 on");
}

TEST(Gantt, NamesTheFirstPromiseBroken) {
  EXPECT_EQ(fault_of(fixture_gantt()), "");
  Gantt g = fixture_gantt();
  std::swap(g.rows[1].intervals[0], g.rows[1].intervals[1]);
  EXPECT_EQ(fault_of(g), "row station 2: expected intervals by ascending start");
  g = fixture_gantt();
  g.rows[0].intervals[0].kind = 3;
  EXPECT_EQ(fault_of(g), "row station 1: expected a kind for each interval");
  g = fixture_gantt();
  g.rows[0].intervals[0].end_s = -1;
  EXPECT_EQ(fault_of(g), "row station 1: expected intervals that end after they start");
  g.end_s = 0;
  EXPECT_EQ(fault_of(g), "expected a window that ends after it starts");
}

TEST(Stack, SharesMakeAWholeOrNothing) {
  EXPECT_EQ(fault_of(fixture_stack()), "");
  Stack s = fixture_stack();
  s.rows[0].shares[0] += 0.01;
  EXPECT_EQ(fault_of(s), "row station 1: expected shares that add up to 1");
  s.rows[0].shares = {1};
  EXPECT_EQ(fault_of(s), "row station 1: expected a share for each part");
}

TEST(ReadResults, RefusesDrawingsThatBreakTheirPromises) {
  EXPECT_THAT(read_error(R"({"shape": "stack", "parts": ["a"], "rows": [{"label": "x",
                             "shares": [0.5]}]})"),
              HasSubstr("s: row x: expected shares that add up to 1"));
  EXPECT_THAT(read_error(R"({"shape": "stack", "parts": [1], "rows": []})"),
              HasSubstr("parts: expected a list of texts"));
  EXPECT_THAT(read_error(R"({"shape": "diagram", "nodes": [{"name": "a"}],
                             "links": [{"from": "a", "to": "b"}]})"),
              HasSubstr("to: expected the name of a node"));
  EXPECT_THAT(read_error(R"({"shape": "gantt", "kinds": ["a"], "rows": [{"label": "x",
                             "start_s": [0], "end_s": [1], "kind": [0.5]}]})"),
              HasSubstr("s: row x: expected a kind for each interval"));
  EXPECT_THAT(read_error(R"({"shape": "gantt", "kinds": ["a"], "rows": [{"label": "x",
                             "start_s": [0], "end_s": [], "kind": [0]}]})"),
              HasSubstr("rows: expected as many starts as ends"));
  EXPECT_THAT(read_error(R"({"shape": "gantt", "kinds": ["a"], "rows": 5})"),
              HasSubstr("rows: expected a list"));
}

TEST(Html, DrawingsHaveWordsAndTables) {
  const Measurements m = fixture_drawings();
  const std::string tree = html_figure(m.series[0], 0, true);
  EXPECT_THAT(tree, HasSubstr("Fullest: cpu0 → switch0, 97 %, 442 Gb/s."));
  EXPECT_THAT(tree, HasSubstr("share of time busy:"));
  EXPECT_THAT(tree, HasSubstr("class=\"plot\""));
  const std::string line = html_figure(m.series[1], 1, true);
  EXPECT_THAT(line, HasSubstr("<th scope=\"row\">station 5</th><td class=\"n\">70 %</td>"));
  const std::string gantt = html_figure(m.series[2], 2, true);
  EXPECT_THAT(gantt, HasSubstr("101 intervals from 60 min to 3 h."));
  const std::string stack = html_figure(m.series[3], 3, true);
  EXPECT_THAT(stack, HasSubstr("<small>working 70 %, setup 5 %, starved 10 %, blocked 15 %"));
  EXPECT_THAT(stack, HasSubstr("<small>nothing was measured</small>"));
  EXPECT_THAT(stack, Not(HasSubstr("class=\"plot\"")));
  EXPECT_THAT(html_figure(m.series[4], 4, true), HasSubstr("Marked: a cable died at 18.0 µs, "));
}

TEST(Html, AnEmptyDrawingSaysSo) {
  for (const Series& series :
       {Series{.name = "d", .data = Diagram{}}, Series{.name = "g", .data = Gantt{}},
        Series{.name = "s", .data = Stack{}}}) {
    const std::string text = html_figure(series, 0, true);
    EXPECT_THAT(text, HasSubstr("Nothing was measured."));
    EXPECT_THAT(text, Not(HasSubstr("class=\"plot\"")));
  }
}

TEST(FigureData, ADiagramIsScaledAsAWhole) {
  const auto json = figure_json(fixture_drawings().series[0]);
  EXPECT_EQ(json["unit"], "Gb/s");
  EXPECT_EQ(json["links"][1]["forward"], nlohmann::json({442, 0.97}));
  EXPECT_EQ(json["kinds"][2], "switch");
  EXPECT_EQ(json["nodes"][2]["kind"], 2);
}

TEST(FigureData, OnlyTheWindowOfAGanttChartIsDrawn) {
  const auto json = figure_json(fixture_drawings().series[2]);
  EXPECT_EQ(json["x_unit"], "h");
  EXPECT_EQ(json["start"], 1);
  EXPECT_EQ(json["end"], 3);
  for (const auto& row : json["rows"]) {
    EXPECT_GE(row["start"].front(), 1);
    EXPECT_LE(row["end"].back(), 3);
    EXPECT_EQ(row["start"].size(), row["labels"].size());
  }
}

TEST(FigureData, AnEndlessGanttChartStaysSmallAndCoversWhatItCovered) {
  Gantt g{.start_s = 0, .end_s = 100'000, .kinds = {"a", "b"}, .rows = {{"r", {}}}};
  for (int i = 0; i < 100'000; ++i) {
    g.rows[0].intervals.push_back({1.0 * i, i + 0.9, static_cast<size_t>(i / 20'000 % 2), ""});
  }
  const auto json = figure_json({.name = "g", .data = g});
  const auto& row = json["rows"][0];
  EXPECT_LE(row["start"].size(), kFigureIntervalsMax);
  double covered = 0;
  for (size_t i = 0; i < row["start"].size(); ++i) {
    covered += row["end"][i].get<double>() - row["start"][i].get<double>();
  }
  EXPECT_GT(covered * 3600, 90'000);
}

TEST(Csv, DrawingsAreRowsOfWhatTheyShow) {
  const Measurements m = fixture_drawings();
  EXPECT_TRUE(series_csv(m.series[0])
                  .starts_with("from,to,link,load [bit/s],share\n"
                               "cpu0,mem0,8 channels,120000000000,0.05\n"
                               "mem0,cpu0,8 channels,64000000000,0.03\n"));
  EXPECT_TRUE(series_csv(m.series[2])
                  .starts_with("station,kind,start [s],end [s],label\nstation 1,working,0,"));
  EXPECT_TRUE(series_csv(m.series[3])
                  .starts_with("station,working,setup,starved,blocked,down\n"
                               "station 1,0.7,0.05,0.1,0.15,0\n"));
}

}  // namespace
}  // namespace windtunnel::report
