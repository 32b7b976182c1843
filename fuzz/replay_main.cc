// Runs one fuzz entry point without libFuzzer: over every file of its corpus, then over mutations
// of those files. Deterministic: the same seed gives the same inputs on every machine. When an
// input brings the program down, the handler below names the one command that replays it.
//
//   NAME_fuzz CORPUS [--seed N] [--only EPISODE]
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "tests/support/episodes.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using windtunnel::base::RandomStream;
using Input = std::vector<uint8_t>;

constexpr int64_t kEpisodes = 4000;
constexpr size_t kInputBytesMax = 1 << 16;

struct Options {
  std::filesystem::path corpus;
  uint64_t seed = 1;
  int64_t only = -1;
};

// What the handler prints; a signal handler may read nothing but plain memory.
const char* program = "";
Options options;
volatile std::sig_atomic_t episode_now = -1;

void on_crash(int signal) {
  std::fprintf(stderr, "replay: %s %s --seed %llu --only %d\n", program, options.corpus.c_str(),
               static_cast<unsigned long long>(options.seed), static_cast<int>(episode_now));
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

Input read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return {text.begin(), text.end()};
}

// Sorted by name, so that the directory's order decides nothing. The empty input is always there.
std::vector<Input> read_corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Input> inputs(1);
  for (const auto& path : paths) inputs.push_back(read_file(path));
  return inputs;
}

void mutate_once(Input& input, const Input& other, RandomStream& random) {
  const size_t at = input.empty() ? 0 : random.below(input.size());
  const auto spot = input.begin() + static_cast<std::ptrdiff_t>(at);
  const auto byte = static_cast<uint8_t>(random.bits());
  switch (input.empty() ? 3 : random.below(7)) {
    case 0:
      *spot = byte;
      return;
    case 1:
      *spot = static_cast<uint8_t>(*spot ^ (1U << random.below(8)));
      return;
    case 2:
      *spot = random.chance(1, 2) ? 0x00 : 0xff;
      return;
    case 3:
      input.insert(spot, 1 + random.below(8), byte);
      return;
    case 4:
      input.erase(spot, input.end());
      return;
    case 5:
      input.erase(spot);
      return;
    default:
      break;
  }
  const size_t from = other.empty() ? 0 : random.below(other.size());
  input.resize(at);
  input.insert(input.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
}

// Episode n is the n-th corpus file as it is, and after those a mutation of one of them.
Input make_input(const std::vector<Input>& corpus, int64_t episode) {
  const auto index = static_cast<uint64_t>(episode);
  if (index < corpus.size()) return corpus[index];
  RandomStream random(options.seed, "fuzz replay", index);
  Input input = corpus[random.below(corpus.size())];
  const uint64_t count = 1 + random.below(6);
  for (uint64_t i = 0; i < count; ++i) {
    mutate_once(input, corpus[random.below(corpus.size())], random);
  }
  if (input.size() > kInputBytesMax) input.resize(kInputBytesMax);
  return input;
}

void run_episode(const std::vector<Input>& corpus, int64_t episode) {
  episode_now = static_cast<std::sig_atomic_t>(episode);
  const Input input = make_input(corpus, episode);
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

bool read_options(int argc, char** argv) {
  if (argc < 2 || argc % 2 != 0) return false;
  options.corpus = argv[1];
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--seed") {
      options.seed = std::strtoull(argv[i + 1], nullptr, 10);
    } else if (name == "--only") {
      options.only = std::strtoll(argv[i + 1], nullptr, 10);
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  program = argv[0];
  if (!read_options(argc, argv)) {
    std::fprintf(stderr, "usage: %s CORPUS [--seed N] [--only EPISODE]\n", program);
    return 2;
  }
  if (!std::filesystem::is_directory(options.corpus)) {
    std::fprintf(stderr, "no corpus at %s: every fuzz entry point has seeds\n",
                 options.corpus.c_str());
    return 2;
  }
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS, SIGILL}) std::signal(signal, on_crash);
  const std::vector<Input> corpus = read_corpus(options.corpus);
  if (options.only >= 0) {
    run_episode(corpus, options.only);
    return 0;
  }
  const int64_t count =
      windtunnel::testing::episodes(kEpisodes) + static_cast<int64_t>(corpus.size());
  std::printf("seed %llu: %zu corpus inputs, %lld inputs in all\n",
              static_cast<unsigned long long>(options.seed), corpus.size(),
              static_cast<long long>(count));
  for (int64_t episode = 0; episode < count; ++episode) run_episode(corpus, episode);
  return 0;
}
