// The commands of windtunnel as functions: what `cli` calls after parsing, and what another program
// may call in its place. Options in, text and exit code out; nothing here prints, reads the
// environment or handles signals.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "report/terminal.h"

namespace windtunnel::study {

enum class ExitCode : int {
  kDone = 0,
  kFellShort = 1,      // a claim, a validation or a flow that had to finish did not
  kBadInput = 2,       // arguments, scenario, files, or more memory than there is
  kInternalFault = 3,  // a fault of ours
  kInterrupted = 130,  // stopped by Ctrl-C (128 + SIGINT)
};

// How far a command is. Reported often (every few thousand events); the observer decides what to
// show.
struct Progress {
  double simulated_seconds = 0;
  double done = -1;     // share of the work done, 0 to 1; negative: not known
  uint64_t events = 0;  // so far, all threads
  int runs_done = 0;    // of a sweep or a validation
  int runs_total = 0;   // 0: a single run
};

// Watches a command and may stop it. Called by one thread at a time. A run asks stop_requested() at
// least every 100 ms of wall time and ends soon after it turned true, without writing any result.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void progress(const Progress& progress) = 0;
  // A line the user should see before the work begins (what a run needs), without its end.
  virtual void announce(const std::string& line) { static_cast<void>(line); }
  // From here on result files are put in place, which is not to be cut short.
  virtual void writing() {}
  virtual bool stop_requested() const = 0;
};

// `--set path=value`, in the order given; a later one wins.
struct Setting {
  std::string path;
  std::string value;
};

// `--vary path=v1,v2,...`; several are crossed.
struct Variation {
  std::string path;
  std::vector<std::string> values;
};

// How text is to be laid out.
struct Printing {
  bool json = false;   // print the result as JSON instead of words
  bool quiet = false;  // print nothing but errors
  report::TerminalStyle style = {};
};

struct RunOptions {
  std::string file;
  std::vector<Setting> settings = {};
  std::optional<uint64_t> seed = {};  // empty: the scenario's own
  std::optional<int> threads = {};    // empty: the scenario's own
  std::string out = {};               // folder for result files; empty: write none
  bool force = false;                 // run although the estimate exceeds this machine's memory
  Printing printing = {};
};

struct SweepOptions {
  std::string file;
  std::vector<Setting> settings = {};
  std::vector<Variation> variations = {};
  int replications = 1;  // runs with different seeds per point
  int jobs = 1;          // runs at the same time
  std::optional<uint64_t> seed = {};
  std::string out = {};
  bool force = false;
  Printing printing = {};
};

struct CompareOptions {
  std::vector<std::string> files;  // at least two
  std::string out = {};
  bool force = false;
  Printing printing = {};
};

struct ValidateOptions {
  std::vector<std::string> names = {};  // empty: all
  std::string data = {};                // folder of published instances; empty: not there
  std::string out = {};
  Printing printing = {};
};

// `--search path=low..high:price`: a whole number that may be chosen, and what one more costs.
struct SearchKey {
  std::string path;
  int64_t low = 0;
  int64_t high = 0;
  double price = 1;
};

// `--target "metric>=x"`.
struct Target {
  std::string metric;
  bool at_least = true;
  double value = 0;
};

// Without a search: what single changes are worth. With one: the least that meets `target`, or the
// best within `budget`.
struct ImproveOptions {
  std::string file;
  std::vector<Setting> settings = {};
  std::vector<Setting> changes = {};  // to weigh besides those that the kind of scenario offers
  std::string metric = {};            // larger is better; empty: what the kind takes for its aim
  std::vector<SearchKey> search = {};
  std::optional<Target> target = {};
  std::optional<double> budget = {};
  std::optional<double> indifference = {};  // with a budget; empty: 1 % of the metric
  int replications = 10;                    // of each setting, at least
  int replications_max = 160;               // to decide about a target or between settings
  int jobs = 1;                             // runs at the same time
  std::optional<uint64_t> seed = {};
  std::string out = {};
  bool force = false;
  Printing printing = {};
};

struct SchemaOptions {
  std::string kind = {};  // empty: list the kinds
};

struct ClaimsOptions {
  std::vector<std::string> names = {};  // of sheets in `data`, or files; empty: all of `data`
  std::string data = {};                // folder that holds catalog/ and claims/
  std::vector<Setting> settings = {};   // inputs of the sheet by name, or keys of it
  int jobs = 1;                         // runs at the same time
  bool quick = false;                   // smaller runs, where the sheet says which
  bool strict = false;                  // fall short when a claim does not hold
  bool force = false;
  std::string out = {};
  Printing printing = {};
};

struct CatalogOptions {
  std::string part = {};  // empty: list the parts
  std::string data = {};  // as above
  Printing printing = {};
};

struct NodeOptions {
  std::string file;       // XML of NCCL or hwloc, or a scenario of kind host
  std::string from = {};  // both or neither
  std::string to = {};
  Printing printing = {};
};

// Plans for a factory, tried before they are followed.
struct PlanOptions {
  std::string file;
  std::vector<Setting> settings = {};
  std::optional<uint64_t> seed = {};
  int replications = 5;
  int jobs = 1;
  // Orders are planned again from this moment on: a time since the start of the run.
  std::string at = {};
  std::vector<Setting> down = {};   // station = how long, from `at`
  std::vector<Setting> rush = {};   // item = quantity, or quantity by due date: `2 by 30 h`
  std::optional<double> rate = {};  // shipped a year that lots are reckoned for; empty: nearly all
  int tries = 200;                  // runs that the search may take
  std::string out = {};             // folder for plan.json
  Printing printing = {};
};

// What a command has to say. `out` goes to standard output, `err` to standard error (errors and
// warnings, each line ended).
struct Outcome {
  std::string out = {};
  std::string err = {};
  ExitCode exit = ExitCode::kDone;
};

Outcome run(const RunOptions& options, Observer& observer);
Outcome sweep(const SweepOptions& options, Observer& observer);
Outcome improve(const ImproveOptions& options, Observer& observer);
Outcome compare(const CompareOptions& options, Observer& observer);
Outcome validate(const ValidateOptions& options, Observer& observer);
Outcome schema(const SchemaOptions& options);
Outcome show_node(const NodeOptions& options);
Outcome claims(const ClaimsOptions& options, Observer& observer);
Outcome catalog(const CatalogOptions& options);
Outcome plan(const PlanOptions& options, Observer& observer);

}  // namespace windtunnel::study
