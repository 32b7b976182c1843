#include "cli/command_line.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
#include <optional>
#include <string_view>

#include "base/version.h"
#include "cli/arguments.h"
#include "cli/data_folder.h"
#include "cli/progress_bar.h"
#include "cli/stop.h"

namespace windtunnel::cli {
namespace {

constexpr int kColumnsDefault = 80;

int terminal_columns(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return kColumnsDefault;
}

// https://no-color.org: any non-empty value of NO_COLOR turns colour off.
bool wants_colour() {
  const char* refusal = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return !dumb && (refusal == nullptr || *refusal == '\0');
}

int code(study::ExitCode exit) { return static_cast<int>(exit); }

void complain(const Console& console, const std::string& message) {
  std::fprintf(console.err, "windtunnel: %s\n", message.c_str());
}

// Calls the command that the options ask for.
class Dispatcher {
 public:
  Dispatcher(const Commands& commands, const Console& console, ProgressBar& bar)
      : commands_(commands), console_(console), bar_(bar) {}

  study::Outcome operator()(const ShowText& show) const { return {.out = show.text}; }
  study::Outcome operator()(study::RunOptions options) const {
    options.printing.style = console_.style;
    return commands_.run(options, bar_);
  }
  study::Outcome operator()(study::SweepOptions options) const {
    options.printing.style = console_.style;
    return commands_.sweep(options, bar_);
  }
  study::Outcome operator()(study::ImproveOptions options) const {
    options.printing.style = console_.style;
    return commands_.improve(options, bar_);
  }
  study::Outcome operator()(study::CompareOptions options) const {
    options.printing.style = console_.style;
    return commands_.compare(options, bar_);
  }
  study::Outcome operator()(study::ValidateOptions options) const {
    options.printing.style = console_.style;
    return commands_.validate(options, bar_);
  }
  study::Outcome operator()(const study::SchemaOptions& options) const {
    return commands_.schema(options);
  }
  study::Outcome operator()(study::ClaimsOptions options) const {
    options.printing.style = console_.style;
    if (options.data.empty()) options.data = console_.data;
    return commands_.claims(options, bar_);
  }
  study::Outcome operator()(study::CatalogOptions options) const {
    options.printing.style = console_.style;
    if (options.data.empty()) options.data = console_.data;
    return commands_.catalog(options);
  }
  study::Outcome operator()(study::NodeOptions options) const {
    options.printing.style = console_.style;
    return commands_.node(options);
  }
  study::Outcome operator()(study::PlanOptions options) const {
    options.printing.style = console_.style;
    return commands_.plan(options, bar_);
  }

 private:
  const Commands& commands_;
  const Console& console_;
  ProgressBar& bar_;
};

// Exceptions of libraries end here; ours are Results and never get this far.
study::Outcome call(const Command& command, const Dispatcher& dispatcher) {
  try {
    return std::visit(dispatcher, command);
  } catch (const std::bad_alloc&) {
    return {.err = "windtunnel: there is not enough memory for this run\n",
            .exit = study::ExitCode::kBadInput};
  } catch (const std::exception& fault) {
    return {.err = fmt::format("windtunnel: internal fault: {}\n", fault.what()),
            .exit = study::ExitCode::kInternalFault};
  }
}

// Output that did not arrive must not look like success.
bool print(std::FILE* stream, const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stream) == text.size();
  return std::fflush(stream) == 0 && written;
}

}  // namespace

Console process_console() {
  const bool out_is_terminal = ::isatty(STDOUT_FILENO) == 1;
  Console console;
  console.style.colour = out_is_terminal && wants_colour();
  console.style.columns = out_is_terminal ? terminal_columns(STDOUT_FILENO) : kColumnsDefault;
  console.show_progress = ::isatty(STDERR_FILENO) == 1 && wants_colour();
  console.progress_columns = terminal_columns(STDERR_FILENO);
  console.stop_signal = &stop_signal;
  console.data = process_data_folder();
  console.hold_stop = &hold_stop;
  console.last_resort = true;
  return console;
}

int run_command_line(const std::vector<std::string>& arguments, const Commands& commands,
                     const Console& console) {
  const base::Result<Command> command = parse_arguments(arguments, std::string(base::version()));
  if (!command) {
    complain(console, command.error().to_string());
    return code(study::ExitCode::kBadInput);
  }
  ProgressBar bar({.shown = console.show_progress,
                   .columns = console.progress_columns,
                   .stream = console.err,
                   .stop_requested = [&] { return console.stop_signal() != 0; },
                   .writing = console.hold_stop});
  const study::Outcome outcome = [&] {
    std::optional<LastResort> last_resort;
    if (console.last_resort) last_resort.emplace([&bar] { return bar.last_words(); });
    return call(*command, Dispatcher(commands, console, bar));
  }();
  bar.erase();
  print(console.err, outcome.err);
  if (!print(console.out, outcome.out)) {
    complain(console, fmt::format("cannot write the output: {}", std::strerror(errno)));
    return code(study::ExitCode::kBadInput);
  }
  constexpr int kSignalBase = 128;  // as shells count
  if (outcome.exit == study::ExitCode::kInterrupted && console.stop_signal() != 0) {
    return kSignalBase + console.stop_signal();
  }
  return code(outcome.exit);
}

}  // namespace windtunnel::cli
