// Result files that are either whole or absent.
//
// Text goes to a temporary name in the folder of the target and is renamed onto it at the end, so a
// run that is interrupted, or a disk that fills up, leaves the previous file or none.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace windtunnel::report {

// One file being written. Destroyed before commit(), it removes what it wrote.
class OutputFile {
 public:
  // Creates missing folders. Errors: folder cannot be created or written.
  static base::Result<OutputFile> create(const std::string& path);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  // Errors: disk full, file too large, device gone. After an error the file cannot be committed.
  base::Status write(std::string_view text);
  // Everything on disk under the temporary name; further writes are a fault of ours.
  base::Status finish();
  // finish(), then the target carries the new text in one step.
  base::Status commit();

  const std::string& path() const { return path_; }

 private:
  OutputFile(std::string path, std::string temporary, std::FILE* file)
      : path_(std::move(path)), temporary_(std::move(temporary)), file_(file) {}
  base::Status failed(int error_number) const;

  std::string path_;
  std::string temporary_;  // empty once renamed or moved from
  std::FILE* file_;        // null once finished
  bool broken_ = false;
};

struct NamedText {
  std::string name;  // within the folder
  std::string text;
};

// Writes all files of a result into `folder`: none is renamed before every one is on disk. `more`
// are files of the same result that were streamed there. Returns the paths written.
base::Result<std::vector<std::string>> write_files(const std::string& folder,
                                                   const std::vector<NamedText>& files,
                                                   std::vector<OutputFile> more = {});

// Whether write_files could write these names into `folder` now, tried before a long run and not
// after it. Leaves nothing behind, not even a folder.
base::Status probe_folder(const std::string& folder, const std::vector<std::string>& names);

}  // namespace windtunnel::report
