// Uses one thing of each public header, so that a header or library left out of the package shows.
#include <windtunnel/braid.h>
#include <windtunnel/result.h>
#include <windtunnel/units.h>

#include <iostream>

namespace base = windtunnel::base;

int main() {
  const base::Duration time = base::transfer_time(base::Bytes::of(4160), base::Rate::gbps(400));
  const base::Status refused =
      base::fail(base::SourceMark{"a.yaml", 3, 7}, "found 0, expected at least 1");
  std::cout << time.ps() << " ps, " << refused.error().to_string() << '\n';
  return 0;
}
