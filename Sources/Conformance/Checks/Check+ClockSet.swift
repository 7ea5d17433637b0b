import TokenClient
import TokenCore

// Docs/protocol.md, section 6: CLOCK SET, and a clock that was lost.
extension Check {
  static let clockSet: [Check] = [
    Check("clock.set.keyless", "CLOCK SET without an access key is 69F4", "6") {
      bench throws(CheckEnd) in
      guard bench.personKey == nil else { throw .skipped("the token has a password") }
      let reading = try bench.requireTime()
      let sync = bench.syncing(to: reading.time, uncertainty: reading.bound)
      try bench.refuse(
        Command(.clockSet, sync.data + Field(.proof, randomBytes(20)).bytes), .noAccessKey)
    },
    Check(
      "clock.set.late", "A key that was set while credentials were stored does not set the clock",
      "6"
    ) { bench throws(CheckEnd) in
      guard bench.personKey == nil else { throw .skipped("the token has a password") }
      try bench.requireTime()
      try bench.put(bench.sample("late"))
      try bench.requireSteadyClock(unlessSlow: true) { _ throws(CheckEnd) in
        try bench.locked { secret throws(CheckEnd) in
          guard let reading = try bench.clock().reading else { return }
          let command = bench.setting(to: reading.time + 3_000_000, uncertainty: reading.bound)
          try bench.refuse(try bench.proving(command, under: secret), .noAccessKey)
        }
      }
    },
    Check(
      "clock.set.replaced", "A key that replaces another does not set the clock of credentials", "6"
    ) {
      bench throws(CheckEnd) in
      guard bench.inventory.isEmpty else { throw .skipped("the token holds credentials") }
      try bench.requireTime()
      let first = try bench.makeOwnKey()
      try bench.setOwnKey(first)
      try bench.unlock(bench.main, with: first)
      try bench.put(bench.sample("replaced"))
      let second = AccessSecret(key: randomBytes(16), algorithm: .sha1, isKept: false)
      try bench.replaceOwnKey(first, by: second)
      guard let reading = try bench.clock().reading else { return }
      let command = bench.setting(to: reading.time + 3_000_000, uncertainty: reading.bound)
      try bench.refuse(try bench.proving(command, under: second), .noAccessKey)
      // The old one does not either.
      try bench.refuse(try bench.proving(command, under: first), .noAccessKey)
      try bench.unlock(bench.main, with: second)
    },
    Check(
      "clock.set.proof", "CLOCK SET takes any time with its own proof, and none without", "6, 12"
    ) {
      bench throws(CheckEnd) in
      guard bench.inventory.isEmpty else { throw .skipped("the token holds credentials") }
      let reading = try bench.requireTime()
      bench.hasDisturbedClock = true
      let secret = try bench.makeOwnKey()
      try bench.setOwnKey(secret)
      try bench.unlock(bench.main, with: secret)
      try bench.put(bench.sample("set"))
      let hour: Int64 = 3_600_000_000
      try bench.requireOwnProof(
        of: bench.setting(to: reading.time + 3_000_000, uncertainty: reading.bound),
        under: secret, other: .clockSync)
      try bench.requireSet(to: reading.time + hour, under: secret)
      let after = try bench.clock().reading?.time ?? 0
      try bench.wire.require(
        (reading.time + hour..<reading.time + hour + 15_000_000).contains(after),
        "a time from \(reading.time + hour) µs on", "\(after) µs")
      // Back, as nothing but that would.
      try bench.requireSet(to: HostClock.now.microseconds, under: secret)
    },
    Check(
      "clock.floor",
      "A lost clock is never set before its last known time, not by a second CLOCK SET",
      "6", limit: .seconds(30)
    ) {
      bench throws(CheckEnd) in
      let secret = try bench.makeOwnKey()
      try bench.loseClock()
      try bench.setClockFreely()
      try bench.setOwnKey(secret)
      try bench.unlock(bench.main, with: secret)
      let sample = bench.sample("floor")
      try bench.put(sample)
      // A code of now leaves the token: it remembers the time.
      let now = try bench.requireOwnCode(sample).time
      try bench.loseClock()
      let early = now - 3_600_000_000
      for _ in 0..<2 {
        try bench.refuse(
          try bench.proving(bench.setting(to: early), under: secret), .timeBeforeLast)
        try bench.requireSet(to: HostClock.now.microseconds + 1_000_000, under: secret)
      }
      try bench.refuse(
        try bench.proving(bench.setting(to: early), under: secret), .timeBeforeLast)
    },
  ]
}

extension Bench {
  /// CLOCK SET without its own proof.
  func setting(to time: Int64, uncertainty: Int64 = 1_000_000) -> Command {
    Command(.clockSet, syncing(to: time, uncertainty: uncertainty).data)
  }

  func requireSet(to time: Int64, under secret: AccessSecret) throws(CheckEnd) {
    let outcome = try outcome(of: try proving(setting(to: time), under: secret))
    try wire.require(outcome == .set, "outcome 0 (set)", "\(outcome)")
  }
}
