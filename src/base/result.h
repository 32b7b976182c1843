// Mistakes of users and peers as values. An Error says where, what was found, what was expected
// and, when there is one, the nearest valid name.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace windtunnel::base {

// A place in a user's file. line and column count from 1; 0 means unknown.
struct SourceMark {
  std::string file;
  int line = 0;
  int column = 0;
  auto operator<=>(const SourceMark&) const = default;
};

struct Error {
  SourceMark mark;
  std::string message;  // what was found and what was expected
  std::string hint;     // nearest valid name or way out; may be empty

  // "file:line:col: message (hint)", leaving out what is unknown.
  std::string to_string() const;
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = tl::expected<void, Error>;

inline tl::unexpected<Error> fail(SourceMark mark, std::string message, std::string hint = {}) {
  return tl::unexpected<Error>(Error{std::move(mark), std::move(message), std::move(hint)});
}
inline tl::unexpected<Error> fail(std::string message, std::string hint = {}) {
  return fail(SourceMark{}, std::move(message), std::move(hint));
}

// Sorted by position, one line each.
std::string to_string(std::vector<Error> errors);

}  // namespace windtunnel::base
