#include "catalog/catalog.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/source_dir.h"

namespace windtunnel::catalog {
namespace {

using testing::HasSubstr;

constexpr char kGood[] =
    "kind: catalog\n"
    "parts:\n"
    "  - id: card\n"
    "    name: A card\n"
    "    class: nic\n"
    "    figures:\n"
    "      - {name: port_rate, value: 400 Gbps, mark: vendor, source: s}\n"
    "      - {name: price, value: 10 USD, low: 8 USD, high: 12 USD, mark: street, source: s,"
    " date: 2026-09}\n";

std::string errors_of(const std::string& text) {
  const CatalogResult result = read_catalog(text, "c.yaml");
  return result ? "" : base::to_string(result.error());
}

// The good text with one thing changed.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = kGood;
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Catalog, FiguresAreFoundByPath) {
  const CatalogResult catalog = read_catalog(kGood, "c.yaml");
  ASSERT_TRUE(catalog.has_value()) << base::to_string(catalog.error());
  EXPECT_DOUBLE_EQ(catalog->figure("card.port_rate")->value.value, 400e9);
  EXPECT_DOUBLE_EQ(catalog->figure("card.price")->value.value, 10);
  EXPECT_DOUBLE_EQ(catalog->figure("card.price.high")->value.value, 12);
  EXPECT_EQ(catalog->figure("card.price")->figure->at.line, 8);
  EXPECT_THAT(catalog->figure("cart.price").error().to_string(), HasSubstr("did you mean `card`?"));
  EXPECT_THAT(catalog->figure("card.prize").error().to_string(),
              HasSubstr("did you mean `price`?"));
  EXPECT_FALSE(catalog->figure("card.port_rate.low").has_value());
  EXPECT_FALSE(catalog->figure("card.price.middle").has_value());
  EXPECT_FALSE(catalog->figure("card").has_value());
  EXPECT_FALSE(catalog->figure("").has_value());
}

struct Bad {
  std::string text;
  const char* said;
};

TEST(Catalog, MistakesAreNamedWithTheirPlace) {
  const Bad cases[] = {
      {changed("port_rate", "port_rat"), "c.yaml:7:16: found figure `port_rat`"},
      {changed("port_rate", "port_rat"), "did you mean `port_rate`?"},
      {changed("mark: vendor, ", ""), "c.yaml:7:9: `mark` is missing"},
      {changed("mark: vendor", "mark: vender"), "did you mean `vendor`?"},
      {changed("mark: vendor, source: s", "mark: vendor"), "c.yaml:7:9: `source` is missing"},
      {changed("source: s}", "source: ''}"), "`source` is missing or empty"},
      {changed("400 Gbps", "-400 Gbps"), "expected nothing negative"},
      {changed("400 Gbps", "400 W"), "in W, expected rate of the network ports together in bit/s"},
      {changed("400 Gbps", "400"), "in 1, expected"},
      {changed("400 Gbps", "400 Gbpz"), "did you mean `Gbps`?"},
      {changed("value: 10 USD", "value: 10 W"), "expected price of one in a currency"},
      {changed("low: 8 USD", "low: 11 USD"), "`low` is above `value`"},
      {changed("high: 12 USD", "high: 9 USD"), "`high` is below `value`"},
      {changed(", date: 2026-09", ""), "a price has no `date`"},
      {changed("2026-09", "Sep 2026"), "expected YYYY, YYYY-MM or YYYY-MM-DD"},
      {changed("name: price", "name: port_rate"), "figure `port_rate` is given twice"},
      {changed("id: card", "id: ''"), "`id` is missing or empty"},
      {changed("    class: nic\n", ""), "a part has no `class`"},
      {changed("class: nic", "class: nik"), "did you mean `nic`?"},
      {changed("figures:", "figure:"), "figures"},
      {changed("kind: catalog", "kind: network"), "c.yaml:1:7: expected a file of parts"},
      {std::string(kGood) + "  - {id: card, name: n, class: nic}\n",
       "c.yaml:9:10: part `card` is given twice (first at c.yaml:3)"},
  };
  for (const Bad& bad : cases) EXPECT_THAT(errors_of(bad.text), HasSubstr(bad.said));
}

TEST(Catalog, EveryMistakeOfAFileIsReported) {
  std::string text = changed("400 Gbps", "400 W");
  text.replace(text.find("10 USD"), 6, "-1 USD");
  const CatalogResult result = read_catalog(text, "c.yaml");
  ASSERT_FALSE(result.has_value());
  EXPECT_GE(result.error().size(), 2U);
  EXPECT_LT(result.error().front().mark.line, result.error().back().mark.line);
}

TEST(Catalog, AFolderThatIsNotThereOrEmptyIsAnError) {
  EXPECT_THAT(base::to_string(load_catalog("/no/such/folder").error()),
              HasSubstr("/no/such/folder"));
}

// The parts that come with the project: readable, and with what the claims rest on.
TEST(Catalog, OursIsWhole) {
  const CatalogResult ours = load_catalog((source_dir() / "catalog").string());
  ASSERT_TRUE(ours.has_value()) << base::to_string(ours.error());
  for (const char* id : {"panmai-920", "connectx-6-100", "conventional-200", "connectx-7-400",
                         "pex89144", "retimer-gen5", "zhenwu-810e", "yitian-710", "zhenyue-510",
                         "hgx-h100", "tomahawk-5", "optic-400", "copper-400"}) {
    EXPECT_NE(ours->find(id), nullptr) << id;
  }
  EXPECT_DOUBLE_EQ(ours->figure("pex89144.price")->value.value, 425);
  EXPECT_DOUBLE_EQ(ours->figure("panmai-920.port_rate")->value.value, 400e9);
}

}  // namespace
}  // namespace windtunnel::catalog
