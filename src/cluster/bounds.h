// What a collective should take where nothing is in the way: closed forms of the alpha-beta model,
// in which a message of m bytes takes alpha + m * beta, a rank sends one message at a time and
// receives one at a time, and adding costs nothing. They hold for the algorithms as they are built
// here, with their cutting into channels, chunks and slices; the machine of fixed latency is tested
// against them.
//
// Where packets carry headers and are answered (bound_ports.h), a message of m bytes takes
// t = (m + packets * (header + answer)) beta: a rank's port carries the data it sends and the
// answers to what it receives. Where hops differ, alpha is that of the hops an algorithm makes: the
// mean hop of a ring, the way from the deepest rank of a tree to its root, the longest between
// partners.
//
// With n ranks, B bytes, q messages of t = m * beta following one another on a lane:
//   ring              k (n - 1) steps of M messages: (k (n - 1) - 1) max(M t, alpha + t) + alpha +
//   M t,
//                     k = 2 for all-reduce, else 1. M = 1: k (n - 1) (alpha + t)
//                     (Thakur, Rabenseifner, Gropp 2005, section 4.1)
//   halving-doubling  2 lg n alpha + 2 (n - 1) / n B beta, half of it for one direction; a fold
//                     adds a step before and one after (ibid., sections 4.2 to 4.5)
//   tree              all-reduce 2 h alpha + 2 B beta + (4 h - 6) t, broadcast h alpha + B beta +
//                     (2 h - 2) t, with height h = floor(lg (n - 1)) + 1: full bandwidth by two
//                     trees (Sanders, Speck, Traeff 2009, sections 2 and 5); the t for filling the
//                     pipeline are ours: a rank serves two children one after the other
//   chain             (n - 1) (alpha + t) + (q - 1) t
//   binomial          lg n (alpha + t) + (q - 1) lg n t
//   direct            alpha + (n - 1) / n B beta
//   hierarchical      the slowest of: within, all slices across, within; all slices within, one
//                     across, within; all slices within, twice
//   rail-aligned      all-reduce: that of its inner algorithm on a rail. all-to-all: the first
//                     batch within, then everything across; or everything within, then the last
//                     batch across
// Where a group is listed server by server, rings, halving-doubling and direct exchanges take the
// ports of the server for hops within it: a ring's step lasts as long as its busiest port or its
// average hop. Trees, chains and binomial trees count every hop as one across, unless the group is
// on one server; so they may come out faster.
//
// Windows are taken to be large enough to hide the way of an acknowledgement.
#pragma once

#include "base/result.h"
#include "cluster/bound_ports.h"
#include "cluster/collectives.h"

namespace windtunnel::cluster {

// The rate at which payload moves on a link of rate `line` when each packet carries `payload` bytes
// and `overhead` more (headers, preamble, gap). Rounded down.
constexpr base::Rate net_rate(base::Rate line, base::Bytes payload, base::Bytes overhead) {
  WT_CHECK(payload.count() > 0 && overhead.count() >= 0, "a packet carries something");
  const base::Int128 bits = static_cast<base::Int128>(line.bits_per_second()) * payload.count();
  return base::Rate::bits_per_second(
      static_cast<int64_t>(bits / (payload.count() + overhead.count())));
}

// The closed form for a collective. Errors as make_collective().
base::Result<base::Duration> bound_of(const CollectiveSpec& spec, const BoundPorts& ports);

// What no algorithm can beat with one port a rank: B beta times the factor of bus_bandwidth.h (for
// all-reduce Patarasuk and Yuan 2009, theorem 1), and one alpha. Not lg n alpha: in this model a
// rank need not wait for one message to arrive before it sends the next.
base::Duration least_time(Operation operation, uint32_t ranks, base::Bytes bytes,
                          const PortModel& port);

}  // namespace windtunnel::cluster
