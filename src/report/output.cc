#include "report/output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/check.h"

namespace windtunnel::report {
namespace {

std::string reason(int error_number) { return std::generic_category().message(error_number); }

// Opens a file that did not exist. Two runs that write to one folder get different names.
int open_new(const std::string& stem, std::string& name) {
  for (int attempt = 0; attempt < 1000; ++attempt) {
    name = fmt::format("{}.{}-{}.part", stem, ::getpid(), attempt);
    const int descriptor = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0 || errno != EEXIST) return descriptor;
  }
  return -1;
}

}  // namespace

base::Result<OutputFile> OutputFile::create(const std::string& path) {
  const std::filesystem::path target(path);
  std::error_code error;
  const std::filesystem::path folder = target.parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) {
    return base::fail({folder.string()}, "cannot create this folder: " + error.message());
  }
  if (std::filesystem::is_directory(target, error)) {
    return base::fail({path}, "cannot write this file: it is a folder");
  }
  const std::string stem = (folder / ("." + target.filename().string())).string();
  std::string temporary;
  const int descriptor = open_new(stem, temporary);
  if (descriptor < 0) {
    return base::fail({path}, "cannot write this file: " + reason(errno),
                      "choose another folder with --out");
  }
  std::FILE* file = ::fdopen(descriptor, "wb");
  WT_CHECK(file != nullptr, "fdopen refuses a descriptor just opened");
  return OutputFile(path, std::move(temporary), file);
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      file_(std::exchange(other.file_, nullptr)),
      broken_(other.broken_) {}

OutputFile::~OutputFile() {
  if (file_ != nullptr) std::fclose(file_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

base::Status OutputFile::failed(int error_number) const {
  return base::fail({path_}, "cannot write this file: " + reason(error_number),
                    "free some space or choose another folder with --out");
}

base::Status OutputFile::write(std::string_view text) {
  WT_CHECK(file_ != nullptr, "a finished file is written to");
  if (text.empty()) return {};
  if (std::fwrite(text.data(), 1, text.size(), file_) == text.size()) return {};
  broken_ = true;
  return failed(errno);
}

base::Status OutputFile::finish() {
  if (file_ == nullptr) return {};
  std::FILE* file = std::exchange(file_, nullptr);
  int error_number = broken_ ? EIO : 0;
  if (std::fflush(file) != 0) error_number = errno;
  if (error_number == 0 && ::fsync(::fileno(file)) != 0) error_number = errno;
  if (std::fclose(file) != 0 && error_number == 0) error_number = errno;
  if (error_number == 0) return {};
  broken_ = true;
  return failed(error_number);
}

base::Status OutputFile::commit() {
  if (base::Status status = finish(); !status) return status;
  WT_CHECK(!temporary_.empty(), "a file is committed twice");
  if (broken_) return failed(EIO);
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return failed(errno);
  temporary_.clear();
  return {};
}

base::Result<std::vector<std::string>> write_files(const std::string& folder,
                                                   const std::vector<NamedText>& files,
                                                   std::vector<OutputFile> more) {
  std::vector<OutputFile> outputs;
  for (const NamedText& file : files) {
    const std::string path = (std::filesystem::path(folder) / file.name).string();
    base::Result<OutputFile> output = OutputFile::create(path);
    if (!output) return tl::unexpected(output.error());
    if (base::Status status = output->write(file.text); !status) {
      return tl::unexpected(status.error());
    }
    if (base::Status status = output->finish(); !status) return tl::unexpected(status.error());
    outputs.push_back(std::move(*output));
  }
  for (OutputFile& output : more) {
    if (base::Status status = output.finish(); !status) return tl::unexpected(status.error());
    outputs.push_back(std::move(output));
  }
  std::vector<std::string> paths;
  for (OutputFile& output : outputs) {
    if (base::Status status = output.commit(); !status) return tl::unexpected(status.error());
    paths.push_back(output.path());
  }
  return paths;
}

base::Status probe_folder(const std::string& folder, const std::vector<std::string>& names) {
  namespace fs = std::filesystem;
  std::error_code error;
  for (const std::string& name : names) {
    const fs::path target = fs::path(folder) / name;
    if (fs::is_directory(target, error)) {
      return base::fail({target.string()}, "cannot write this file: it is a folder");
    }
  }
  // The nearest folder that exists: what is missing below it will be made in it.
  fs::path existing = fs::absolute(fs::path(folder), error);
  while (!existing.empty() && existing != existing.root_path() && !fs::exists(existing, error)) {
    existing = existing.parent_path();
  }
  if (!fs::is_directory(existing, error)) {
    return base::fail({folder},
                      fmt::format("cannot create this folder: {} is no folder", existing.string()),
                      "choose another folder with --out");
  }
  std::string temporary;
  const int descriptor = open_new((existing / ".windtunnel").string(), temporary);
  if (descriptor < 0) {
    return base::fail({folder}, "cannot write into this folder: " + reason(errno),
                      "choose another folder with --out");
  }
  ::close(descriptor);
  ::unlink(temporary.c_str());
  return {};
}

}  // namespace windtunnel::report
