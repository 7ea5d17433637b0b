import TokenClient
import TokenCore

// Docs/protocol.md, section 6, as far as it can be checked without harm: on a token with credentials
// the clock is not moved, and a time that has to be refused is a few seconds off at most.
extension Check {
  static let clock: [Check] = [
    Check("clock.status", "CLOCK STATUS tells a time that goes on, and a nonce of its own", "6") {
      bench throws(CheckEnd) in
      try bench.requireTime()
      let first = try bench.clock()
      let second = try bench.clock()
      try bench.wire.require(
        first.nonce != second.nonce, "another nonce each time", "the same twice")
      try bench.requireSteadyClock { _ throws(CheckEnd) in bench.wire.rest(.milliseconds(300)) }
      for reading in [first.reading, second.reading] {
        try bench.wire.require(
          reading.map { $0.bound >= 0 && $0.allowance >= 0 } == true,
          "a bound and an allowance of 0 or more", "one below 0")
      }
    },
    Check("clock.instep", "CLOCK SYNC to the token's own time is in step, and moves nothing", "6") {
      bench throws(CheckEnd) in
      try bench.requireTime()
      try bench.put(bench.sample("in step"))
      try bench.requireSteadyClock(unlessSlow: true) { _ throws(CheckEnd) in
        for _ in 0..<8 {
          let reading = try bench.requireTime()
          // An uncertainty beyond the token's own bound, so that the token is told nothing untrue.
          let answer = try bench.ask(
            bench.syncing(to: reading.time, uncertainty: reading.bound + 1_000_000))
          let after = try bench.requireTime()
          // What came later than that, by the token's own clock, was not in step.
          guard after.time - reading.time < 100_000 else { continue }
          let outcome = try bench.outcome(in: answer)
          try bench.wire.require(outcome == .inStep, "outcome 1 (in step)", "\(outcome)")
          return try bench.wire.require(
            after.allowance >= reading.allowance, "the allowance of before", "a smaller one")
        }
        throw .tooSlow
      }
    },
    Check(
      "clock.bounds", "A time beyond the allowance is 69F3, however uncertain, and moves nothing",
      "6"
    ) { bench throws(CheckEnd) in
      try bench.requireTime()
      try bench.put(bench.sample("bounds"))
      try bench.requireSteadyClock(unlessSlow: true) { _ throws(CheckEnd) in
        for sign: Int64 in [-1, 1] {
          for uncertainty: Int64 in [0, 3_600_000_000] {
            let before = try bench.requireTime()
            let time = before.time + sign * (before.allowance + 3_000_000)
            try bench.refuse(
              bench.syncing(to: time, uncertainty: uncertainty), .syncOutOfBounds)
            let after = try bench.requireTime()
            try bench.wire.require(
              after.lastSync == before.lastSync && after.allowance >= before.allowance,
              "the correction of before", "another one")
          }
        }
      }
    },
    Check(
      "clock.slew", "A time within the allowance slews the clock, and uses the allowance up", "6"
    ) {
      bench throws(CheckEnd) in
      guard bench.inventory.isEmpty else { throw .skipped("the token holds credentials") }
      bench.hasDisturbedClock = true
      for _ in 0..<8 {
        try bench.tidyCredentials()
        let start = Deadline.now
        // It allows 0.1 s from here on.
        let first = try bench.synchronize(
          to: HostClock.now.microseconds, uncertainty: 100_000)
        try bench.wire.require(first == .set, "outcome 0 (set)", "\(first)")
        try bench.put(bench.sample("slew"))
        let before = try bench.requireTime()
        let outcome = try bench.ask(bench.syncing(to: before.time + 60_000, uncertainty: 0))
        // A host that was held up has asked for something else.
        guard Deadline.now.nanoseconds - start.nanoseconds < 40_000_000 else { continue }
        let values = try bench.values(
          try bench.fields(of: outcome), [(.syncOutcome, 1), (.time, 8), (.bound, 8)])
        try bench.wire.require(
          values[0] == [SyncOutcome.slewed.rawValue], "outcome 2 (slewed)", "\(values[0][0])")
        let after = try bench.requireTime()
        try bench.wire.require(
          after.allowance < 10_000, "an allowance that is used up", "\(after.allowance) µs")
        // Slewed, and not set: 1/64 of the time that passes.
        try bench.wire.require(
          (before.time..<before.time + 59_000 + 2_000_000).contains(after.time),
          "a time soon after \(before.time) µs", "\(after.time) µs")
        return try bench.refuse(
          bench.syncing(to: after.time + 50_000, uncertainty: 0), .syncOutOfBounds)
      }
      throw .tooSlow
    },
    Check("clock.malformed", "A time or an uncertainty that cannot be is 6A80", "6") {
      bench throws(CheckEnd) in
      let time = HostClock.now.microseconds
      let end: Int64 = 253_402_300_799_999_999
      // A token that took one of these would be harmed: it has a credential, and refuses anyhow.
      try bench.requireTime()
      try bench.put(bench.sample("malformed"))
      let pairs: [(Int64, Int64)] = [
        (-1, 0), (.min, 0), (end + 1, 0), (.max, 0), (time, -1), (time, .min),
        (time, 3_600_000_001), (time, .max),
      ]
      for (time, uncertainty) in pairs {
        let sync = bench.syncing(to: time, uncertainty: uncertainty)
        try bench.refuse(sync, .wrongData)
        try bench.refuse(
          Command(.clockSet, sync.data + Field(.response, randomBytes(20)).bytes), .wrongData)
      }
      let fields = [Field(.time, bigEndian(time)), Field(.bound, bigEndian(Int64(0)))]
      for row in [[fields[0]], [fields[1]], [fields[1], fields[0]]] {
        try bench.refuse(Command(.clockSync, row.bytes), .wrongData)
        try bench.refuse(Command(.clockSet, row.bytes), .wrongData)
      }
      for size in [4, 7, 9] {
        let short = [Field(.time, randomBytes(size)), fields[1]]
        try bench.refuse(Command(.clockSync, short.bytes), .wrongData)
      }
    },
    Check("clock.set.keyless", "CLOCK SET without an access key is 69F4", "6") {
      bench throws(CheckEnd) in
      guard bench.personKey == nil else { throw .skipped("the token has a password") }
      let reading = try bench.requireTime()
      let sync = bench.syncing(to: reading.time, uncertainty: reading.bound)
      try bench.refuse(
        Command(.clockSet, sync.data + Field(.response, randomBytes(20)).bytes), .noAccessKey)
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
          let report = try bench.clock()
          guard let reading = report.reading else { return }
          try bench.refuse(
            bench.setting(
              to: reading.time + 3_000_000, uncertainty: reading.bound, nonce: report.nonce, secret),
            .noAccessKey)
        }
      }
    },
    Check(
      "clock.set.proof", "CLOCK SET takes a time under the right HMAC, and each nonce once", "6"
    ) {
      bench throws(CheckEnd) in
      guard bench.personKey == nil else { throw .skipped("the token has a password") }
      guard bench.inventory.isEmpty else { throw .skipped("the token holds credentials") }
      try bench.requireTime()
      bench.hasDisturbedClock = true
      try bench.locked { secret throws(CheckEnd) in
        try bench.unlock(bench.main, with: secret)
        try bench.put(bench.sample("set"))
        try bench.requireClockSet(with: secret)
        // Back, as nothing but that would.
        let report = try bench.clock()
        try bench.requireSet(
          bench.setting(
            to: HostClock.now.microseconds, uncertainty: HostClock().error.rawValue,
            nonce: report.nonce, secret))
      }
    },
  ]
}

extension CheckEnd {
  fileprivate static let tooSlow = CheckEnd.skipped(
    "this computer or the token is too slow to tell")
}

extension Bench {
  /// CLOCK SET with its HMAC.
  fileprivate func setting(
    to time: Int64, uncertainty: Int64, nonce: [UInt8], _ secret: AccessSecret
  ) -> Command {
    let code = secret.response(to: nonce + bigEndian(time) + bigEndian(uncertainty))
    let sync = syncing(to: time, uncertainty: uncertainty)
    return Command(.clockSet, sync.data + Field(.response, code).bytes)
  }

  fileprivate func requireSet(_ command: Command) throws(CheckEnd) {
    let outcome = try outcome(of: command)
    try wire.require(outcome == .set, "outcome 0 (set)", "\(outcome)")
  }

  /// Sets the clock an hour ahead, after what has to be refused.
  fileprivate func requireClockSet(with secret: AccessSecret) throws(CheckEnd) {
    let hour: Int64 = 3_600_000_000
    let stale = try clock().nonce
    let first = try clock()
    guard let reading = first.reading else { throw .skipped("the token's clock does not run") }
    func command(_ nonce: [UInt8]) -> Command {
      setting(to: reading.time + hour, uncertainty: 1_000_000, nonce: nonce, secret)
    }
    try refuse(command(stale), .wrongData)
    // That try has used the other nonce up, right as it would have been.
    try refuse(command(first.nonce), .conditionsNotSatisfied)
    var wrong = command(try clock().nonce)
    wrong.data[wrong.data.count - 1] ^= 1
    try refuse(wrong, .wrongData)
    try requireSet(command(try clock().nonce))
    let after = try clock().reading?.time ?? 0
    try wire.require(
      (reading.time + hour..<reading.time + hour + 15_000_000).contains(after),
      "a time from \(reading.time + hour) µs on", "\(after) µs")
  }

  /// Requires that the token's clock goes on as this host's does, whatever `work` does meanwhile.
  ///
  /// Each reading is of a moment between two that are known here, so that nothing that holds this
  /// host up can make it wrong; beyond that, 50 ms and a fiftieth of the time are left for clocks,
  /// one of which may be being slewed.
  ///
  /// - Parameter mayBeSlow: whether a token that is behind is not judged, since it may be emulated, and
  ///   slower than this host. One whose clock went back is.
  fileprivate func requireSteadyClock(
    unlessSlow mayBeSlow: Bool = false,
    _ work: (ClockReport.Reading) throws(CheckEnd) -> Void
  ) throws(CheckEnd) {
    let a = Deadline.now
    guard let before = try clock().reading else { return }
    let b = Deadline.now
    try work(before)
    let c = Deadline.now
    guard let after = try clock().reading else {
      throw wire.deviation(expected: "a clock that runs", received: "one that does not")
    }
    let d = Deadline.now
    let shortest = Int64((c.nanoseconds - b.nanoseconds) / 1_000)
    let longest = Int64((d.nanoseconds - a.nanoseconds) / 1_000)
    let passed = after.time - before.time
    let allowed = shortest - shortest / 50 - 50_000...longest + longest / 50 + 50_000
    if mayBeSlow, passed >= 0, passed < allowed.lowerBound { throw .tooSlow }
    try wire.require(
      allowed.contains(passed),
      "\(shortest) to \(longest) µs to have passed for the token", "\(passed) µs")
  }
}
