import TokenClient
import TokenCore

// Docs/protocol.md, section 5, SELECT; and section 6, a clock that does not run.
extension Check {
  static let selection: [Check] = [
    Check("select.answer", "SELECT tells the version 5.4.3, and an identifier that stays", "5") {
      bench throws(CheckEnd) in
      let first = try bench.select()
      try bench.wire.require(
        first.version == [5, 4, 3], "version 05 04 03", hexadecimal(first.version))
      let second = try bench.select(on: bench.other)
      try bench.wire.require(
        first.identifier == second.identifier, hexadecimal(first.identifier),
        hexadecimal(second.identifier))
    },
    Check("select.other", "SELECT of another application is 6A82", "4") { bench throws(CheckEnd) in
      let own = Bench.selecting.data
      let others: [[UInt8]] = [own.dropLast(), own + [0], own.dropLast() + [2], [0xA0]]
      for data in others {
        try bench.refuse(Command(.selectOrCalculateAll, p1: 4, data), .applicationNotFound)
      }
    },
  ]

  static let unset: [Check] = [
    Check("unset.codes", "While the clock does not run, codes of its time are 69F0", "4, 5") {
      bench throws(CheckEnd) in
      try bench.requireStoppedClock()
      let sample = bench.sample("unset")
      try bench.put(sample)
      for challenge in [[], bigEndian(UInt64(1))] {
        try bench.refuse(
          Command(.calculate, p2: 1, sample.calculation(challenge: challenge)), .clockUnset)
      }
      try bench.refuse(
        Command(.selectOrCalculateAll, p2: 1, Field(.challenge, []).bytes), .clockUnset)
    },
    Check("unset.sync", "With a credential stored, a clock that does not run is 69F3", "6") {
      bench throws(CheckEnd) in
      try bench.requireStoppedClock()
      try bench.put(bench.sample("unset"))
      let command = bench.syncing(
        to: HostClock.now.microseconds, uncertainty: HostClock().error.rawValue)
      try bench.refuse(command, .syncOutOfBounds)
      let reading = try bench.clock().reading
      try bench.wire.require(reading == nil, "a clock that does not run", "one that runs")
    },
    Check("unset.free", "With no credential stored, the time is taken freely", "6") {
      bench throws(CheckEnd) in
      guard bench.inventory.isEmpty else {
        throw .skipped("the token holds credentials")
      }
      // Also on a token whose clock runs: nobody's codes depend on it.
      let time = HostClock.now.microseconds
      let command = bench.syncing(to: time, uncertainty: HostClock().error.rawValue)
      let outcome = try bench.outcome(of: command)
      try bench.wire.require(outcome == .set, "outcome 0 (set)", "\(outcome)")
      let reading = try bench.clock().reading
      let late = HostClock.now.microseconds
      // The host's own clock may be set meanwhile; a second is enough to see that it was taken.
      try bench.wire.require(
        reading.map { (time - 1_000_000...late + 1_000_000).contains($0.time) } == true,
        "the time that it was given", reading.map { "\($0.time) µs" } ?? "no time")
    },
  ]
}

extension Bench {
  /// Skips the check unless the clock was never set, or lost its count.
  fileprivate func requireStoppedClock() throws(CheckEnd) {
    if try clock().reading != nil { throw .skipped("the token's clock runs") }
  }
}
