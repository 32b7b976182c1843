#include "scenario/overrides.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scenario/yaml_reader.h"

namespace windtunnel::scenario {
namespace {

using testing::HasSubstr;

Node tree(const std::string& text) {
  YamlText yaml = read_yaml(text, "f.yaml");
  EXPECT_TRUE(yaml.errors.empty());
  return yaml.root;
}

// The tree as YAML after the override, or the error.
std::string after(const std::string& text, const std::string& assignment) {
  Node root = tree(text);
  const base::Status status = apply_override(root, assignment);
  return status ? to_yaml(root) : status.error().to_string();
}

TEST(Override, ReplacesAndAdds) {
  EXPECT_EQ(after("a: 1\nb: 2\n", "b=3"), "a: 1\nb: 3\n");
  EXPECT_EQ(after("a: 1\n", "b=3 us"), "a: 1\nb: 3 us\n");
  EXPECT_EQ(after("a: {b: 1}\n", "a.b=2"), "a:\n  b: 2\n");
  EXPECT_EQ(after("", "a.b.c=1"), "a:\n  b:\n    c: 1\n");
  EXPECT_EQ(after("a:\n", "a.b=1"), "a:\n  b: 1\n");
  EXPECT_EQ(after("a: 1\n", "a="), "a:\n");
  EXPECT_EQ(after("a: 1\n", "a=x=y"), "a: x=y\n");
}

TEST(Override, ReachesListItemsByNumber) {
  EXPECT_EQ(after("l: [{a: 1}, {a: 2}]\n", "l[1].a=5"), "l:\n  -\n    a: 1\n  -\n    a: 5\n");
  EXPECT_EQ(after("l: [{a: 1}, {a: 2}]\n", "l.0.a=5"), "l:\n  -\n    a: 5\n  -\n    a: 2\n");
  EXPECT_EQ(after("l: [1]\n", "l[1]=2"), "l:\n  - 1\n  - 2\n");
  EXPECT_EQ(after("", "l[0].a=2"), "l:\n  -\n    a: 2\n");
  EXPECT_EQ(after("l: [[1, 2]]\n", "l[0][1]=7"), "l:\n  -\n    - 1\n    - 7\n");
  EXPECT_THAT(after("l: [1]\n", "l[2]=2"), HasSubstr("`l` has 1 items, there is no item 2"));
  EXPECT_THAT(after("l: [1]\n", "l.x=2"),
              HasSubstr("`l` is a list, `x` is no item's number or name"));
}

TEST(Override, TakesListsAndGroups) {
  EXPECT_EQ(after("l: [1, 2]\n", "l=[]"), "l: []\n");
  EXPECT_EQ(after("", "paths={count: 8, selection: reps}"),
            "paths:\n  count: 8\n  selection: reps\n");
}

TEST(Override, ErrorsPointAtTheFlag) {
  EXPECT_EQ(after("", "nodes"),
            "--set nodes: found no `=`, expected path=value (such as fabric.nodes=128)");
  EXPECT_THAT(after("a: 5\n", "a.b=1"),
              HasSubstr("--set a.b=1: `a` is `5`, it has nothing inside called `b`"));
  EXPECT_THAT(after("", "a=[1"), HasSubstr("--set a=[1: value:"));
  for (const char* bad : {"=1", ".a=1", "a..b=1", "a.=1", "a[=1", "a[x]=1", "[0]=1", "a[0]b=1",
                          "a[-1]=1", "a[99999999999]=1"})
    EXPECT_THAT(after("", bad), HasSubstr("is no path")) << bad;
}

TEST(Override, MarksWhatItReplaces) {
  Node root = tree("a: {b: 1, c: 2}\n");
  ASSERT_TRUE(apply_override(root, "a.b={d: 1}").has_value());
  const Node* b = root.find("a")->find("b");
  EXPECT_EQ(b->mark.file, "--set a.b={d: 1}");
  EXPECT_EQ(b->mark.line, 0);
  EXPECT_EQ(b->keys[0].mark.file, "--set a.b={d: 1}");
  EXPECT_EQ(root.find("a")->keys[0].mark.file, "--set a.b={d: 1}");
  EXPECT_EQ(root.find("a")->keys[1].mark.file, "f.yaml");
}

TEST(Override, AllAreAppliedAndAllFailuresReturned) {
  Node root = tree("a: 1\n");
  const std::vector<base::Error> errors = apply_overrides(root, {"a=2", "bad", "a=3", "worse"});
  EXPECT_EQ(errors.size(), 2u);
  EXPECT_EQ(root.find("a")->text, "3");
}

TEST(Override, ItemsAreCalledByNumberOrName) {
  constexpr char kStations[] = "stations: [{name: press, machines: 1}, {name: 3, machines: 1}]\n";
  EXPECT_THAT(after(kStations, "stations.press.machines=2"), HasSubstr("machines: 2"));
  EXPECT_THAT(after(kStations, "stations.pres.machines=2"), HasSubstr("did you mean `press`?"));
  // A number stays a number, whatever items are called.
  EXPECT_THAT(after(kStations, "stations.3.machines=2"), HasSubstr("there is no item 3"));
}

}  // namespace
}  // namespace windtunnel::scenario
