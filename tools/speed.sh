#!/usr/bin/env bash
# What a packet-hop costs in the working tree beside an earlier commit: `./dev speed REF [ROUNDS]`.
#
# REF is built in build/speed/REF. Both programs then run the 8,192-node permutation in turn, so that
# whatever else the machine does hits both alike; of each the fastest round counts. With valgrind
# installed, instructions are counted as well (128 nodes, set-up included), which no neighbour
# disturbs. Ends with 1 when a packet-hop takes more than 5 % longer than at REF.
set -euo pipefail

ours=build/release/bin/windtunnel
commit=$(git rev-parse --short=10 "$1^{commit}")
rounds=${2:-5}
home=build/speed/$commit
theirs=$home/build/bin/windtunnel
scenario=$home/source/examples/permutation-8192.yaml

if [ ! -x "$theirs" ]; then
  echo "building $commit in $home"
  rm -rf "$home"
  mkdir -p "$home/source"
  git archive "$commit" | tar -x -C "$home/source"
  cmake -G Ninja -S "$home/source" -B "$home/build" -DCMAKE_BUILD_TYPE=Release >/dev/null
  cmake --build "$home/build" -j "$(nproc)" --target windtunnel >"$home/build.log"
fi

# ns of processor time per packet-hop, set-up left out
hop_ns() {
  "$1" run "$scenario" --json --quiet |
    awk '/"cpu_seconds_per_packet_hop"/ { sub(/.*"value": /, ""); print $0 * 1e9 }'
}
instructions() {
  valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null \
    "$1" run "$scenario" --set fabric.nodes=128 --json --quiet 2>&1 >/dev/null |
    awk '/I +refs:/ { gsub(",", "", $NF); print $NF }'
}

printf '%-8s %14s %14s %7s\n' round "$commit" 'working tree' ratio
for ((round = 1; round <= rounds; ++round)); do
  echo "$round $(hop_ns "$theirs") $(hop_ns "$ours")"
done | awk '
  { printf "%-8s %11.2f ns %11.2f ns %7.3f\n", $1, $2, $3, $3 / $2; fflush()
    if (NR == 1 || $2 < a) a = $2
    if (NR == 1 || $3 < b) b = $3 }
  END { printf "%-8s %11.2f ns %11.2f ns %7.3f\n", "fastest", a, b, b / a
        exit b > 1.05 * a }' && verdict=0 || verdict=1
if command -v valgrind >/dev/null; then
  echo "instructions $(instructions "$theirs") $(instructions "$ours")" |
    awk '{ printf "%s (128 nodes): %d, %d, ratio %.3f\n", $1, $2, $3, $3 / $2 }'
fi
[ "$verdict" = 0 ] || echo "a packet-hop takes more than 5 % longer than at $commit" >&2
exit "$verdict"
