#include "study/claim_givens.h"

#include <fmt/format.h>

#include <utility>

#include "scenario/suggest.h"

namespace windtunnel::study {
namespace {

class GivenPlanner {
 public:
  explicit GivenPlanner(PlanDraft& draft) : draft_(draft) {}

  void operator()() {
    for (size_t i = 0; i < draft_.sheet.text.inputs.size(); ++i) input(i);
    for (size_t i = 0; i < draft_.sheet.text.runs.size(); ++i) run(i);
    for (size_t i = 0; i < draft_.sheet.text.bills.size(); ++i) bill(i);
    draft_.plan.base_jobs.resize(draft_.plan.runs.size());
  }

 private:
  void input(size_t i) {
    const InputText& text = draft_.sheet.text.inputs[i];
    const std::string path = fmt::format("inputs[{}]", i);
    ClaimInput input;
    input.name = text.name;
    input.label = text.label.empty() ? text.name : text.label;
    input.mark = text.mark;
    input.source = text.source;
    input.date = text.date;
    const bool fresh = draft_.new_name(path, text.name);
    const bool good = input_given(text, path, input);
    if (!fresh) return;
    if (!good) {
      draft_.names.add_broken(text.name);
      return;
    }
    if (!text.set.empty()) change_input(text, path, input);
    draft_.names.add_input(text.name, draft_.plan.inputs.size(), input.value.dimension);
    draft_.plan.inputs.push_back(std::move(input));
  }

  bool input_given(const InputText& text, const std::string& path, ClaimInput& input) {
    if (text.from.empty() == text.value.empty()) {
      draft_.complain(path, "expected either `value` or `from` (the catalog)");
      return false;
    }
    return text.from.empty() ? input_value(text, path, input) : input_from(text, path, input);
  }

  bool input_value(const InputText& text, const std::string& path, ClaimInput& input) {
    const base::Result<catalog::Figure> value = catalog::parse_figure(text.value);
    if (!value) {
      draft_.complain(path + ".value", value.error());
      return false;
    }
    if (value->value < 0) {
      draft_.complain(path + ".value", fmt::format("found {}, expected nothing negative",
                                                   scenario::quoted(text.value)));
    }
    input.value = *value;
    input.percent = text.value.find('%') != std::string::npos;
    draft_.required(path, "source", text.source);
    if (!draft_.sheet.marks.given(path + ".mark")) {
      draft_.complain(path, "`mark` is missing, expected how the number is known");
    }
    if (catalog::is_money(value->dimension)) draft_.required(path, "date", text.date);
    return true;
  }

  bool input_from(const InputText& text, const std::string& path, ClaimInput& input) {
    const base::Result<catalog::Catalog::Found> found = draft_.catalog.figure(text.from);
    if (!found) {
      draft_.complain(path + ".from", found.error());
      return false;
    }
    input.value = found->value;
    input.percent = found->figure->text.find('%') != std::string::npos;
    input.mark = found->figure->mark;
    input.source = fmt::format("{}: {}", found->part->name, found->figure->source);
    input.date = found->figure->date;
    return true;
  }

  // What the command line puts in its place must be of the same kind. Where it is not, formulas go
  // on with the input as it was: one mistake, one message.
  void change_input(const InputText& text, const std::string& path, ClaimInput& input) {
    const base::Result<catalog::Figure> value = catalog::parse_figure(text.set);
    if (!value) {
      draft_.complain(path + ".set", value.error());
      return;
    }
    if (value->dimension != input.value.dimension || value->value < 0) {
      draft_.complain(
          path + ".set",
          fmt::format("found {}, expected a quantity like {}, not negative",
                      scenario::quoted(text.set), scenario::quoted(text.from + text.value)));
      return;
    }
    input.value = *value;
    input.percent = text.set.find('%') != std::string::npos;
    input.mark = catalog::Mark::kAssumed;
    input.source = "--set";
    input.date = "as given";
  }

  void run(size_t i) {
    const RunText& text = draft_.sheet.text.runs[i];
    const std::string path = fmt::format("runs[{}]", i);
    if (!draft_.new_name(path, text.name)) return;
    ClaimRun run;
    run.name = text.name;
    run.label = text.label.empty() ? text.name : text.label;
    run.at = draft_.at(path);
    if (!run_from(i, path, run) || !run_kind(text, run)) {
      draft_.names.add_broken(text.name);
      return;
    }
    draft_.names.add_run(run.name, draft_.plan.runs.size(), run.kind);
    draft_.plan.runs.push_back(std::move(run));
  }

  // Where its scenario comes from.
  bool run_from(size_t i, const std::string& path, ClaimRun& run) {
    const RunText& text = draft_.sheet.text.runs[i];
    const std::optional<scenario::Node>& inlined = draft_.sheet.inlines[i];
    const int ways =
        (text.like.empty() ? 0 : 1) + (text.scenario.given() ? 1 : 0) + (inlined ? 1 : 0);
    if (ways != 1) {
      draft_.complain(path,
                      "expected one of `scenario` (a file), `inline` and `like` (an earlier run)");
      return false;
    }
    if (!text.like.empty()) return run_like(text.like, path, run);
    run.file = inlined ? draft_.sheet.file : text.scenario.resolved;
    run.source = inlined ? "inline" : text.scenario.text;
    run.inlined = inlined;
    return true;
  }

  bool run_like(const std::string& earlier, const std::string& path, ClaimRun& run) {
    const base::Result<size_t> model = draft_.names.run(earlier);
    if (!model) {
      draft_.complain(path + ".like", model.error());
      return false;
    }
    const ClaimRun& from = draft_.plan.runs[*model];
    run.file = from.file;
    run.source = from.source;
    run.inlined = from.inlined;
    run.set = from.set;
    return true;
  }

  // Its changes, and with them what kind of scenario it is.
  bool run_kind(const RunText& text, ClaimRun& run) {
    run.set.insert(run.set.end(), text.set.begin(), text.set.end());
    if (draft_.quick) run.set.insert(run.set.end(), text.quick.begin(), text.quick.end());
    const auto kind = kind_of_run(run);
    if (!kind) {
      draft_.append(kind.error());
      return false;
    }
    run.kind = *kind;
    return true;
  }

  void bill(size_t i) {
    const BillText& text = draft_.sheet.text.bills[i];
    const std::string path = fmt::format("bills[{}]", i);
    ClaimBill bill{text.name, text.label.empty() ? text.name : text.label, {}, {}};
    const bool fresh = draft_.new_name(path, text.name);
    if (text.lines.empty()) draft_.complain(path, "a bill has at least one line");
    bool good = fresh && !text.lines.empty();
    for (size_t k = 0; k < text.lines.size(); ++k) {
      good = bill_line(text.lines[k], fmt::format("{}.lines[{}]", path, k), bill) && good;
    }
    if (!good) {
      if (fresh) draft_.names.add_broken(text.name);
      return;
    }
    draft_.names.add_bill(text.name, draft_.plan.bills.size(), bill.dimension);
    draft_.plan.bills.push_back(std::move(bill));
  }

  bool bill_line(const BillLineText& text, const std::string& path, ClaimBill& bill) {
    draft_.required(path, "what", text.what);
    auto count = draft_.formula(path, "count", text.count);
    auto each = draft_.formula(path, "each", text.each);
    if (!count || !each) return false;
    if (!count->dimension.plain()) {
      draft_.complain(path + ".count", fmt::format("found a count in {}, expected a plain number",
                                                   catalog::to_string(count->dimension)));
      return false;
    }
    if (!catalog::is_money(each->dimension) ||
        (!bill.lines.empty() && each->dimension != bill.dimension)) {
      draft_.complain(
          path + ".each",
          fmt::format("found a price in {}, expected {}", catalog::to_string(each->dimension),
                      bill.lines.empty() ? "a currency" : catalog::to_string(bill.dimension)));
      return false;
    }
    bill.dimension = each->dimension;
    bill.lines.push_back({text.what, std::move(*count), std::move(*each)});
    return true;
  }

  PlanDraft& draft_;
};

}  // namespace

void plan_givens(PlanDraft& draft) { GivenPlanner{draft}(); }

}  // namespace windtunnel::study
