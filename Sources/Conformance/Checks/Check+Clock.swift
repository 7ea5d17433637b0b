import TokenClient
import TokenCore

// Docs/protocol.md, section 6, CLOCK STATUS and CLOCK SYNC, as far as they can be checked without harm: on a
// token with credentials the clock is not moved, and a time that has to be refused is a few seconds off at
// most.
extension Check {
  static let clock: [Check] = [
    Check("clock.status", "CLOCK STATUS tells a time that goes on", "6") {
      bench throws(CheckEnd) in
      try bench.requireTime()
      let first = try bench.clock()
      let second = try bench.clock()
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
          let answer = try bench.askToSync(
            to: reading.time, uncertainty: reading.bound + 1_000_000)
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
        let outcome = try bench.askToSync(to: before.time + 60_000, uncertainty: 0)
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
    Check(
      "clock.unpaid", "A time that the allowance does not pay for changes nothing, in step or not",
      "6"
    ) {
      bench throws(CheckEnd) in
      guard bench.inventory.isEmpty else { throw .skipped("the token holds credentials") }
      bench.hasDisturbedClock = true
      for _ in 0..<8 {
        let start = Deadline.now
        let first = try bench.setClockShortOfAllowance()
        let outcome = try bench.askToSync(to: first.time + 60_000, uncertainty: 0)
        let spent = try bench.requireTime()
        // Surer than the token is, and in step with it.
        let lie = try bench.askToSync(to: spent.time + 30_000, uncertainty: 35_000)
        let after = try bench.requireTime()
        // A host that was held up has asked for something else.
        guard Deadline.now.nanoseconds - start.nanoseconds < 40_000_000 else { continue }
        let slewed = try bench.outcome(in: outcome)
        try bench.wire.require(slewed == .slewed, "outcome 2 (slewed)", "\(slewed)")
        let inStep = try bench.outcome(in: lie)
        try bench.wire.require(inStep == .inStep, "outcome 1 (in step)", "\(inStep)")
        return try bench.wire.require(
          after.lastSync == spent.lastSync && after.allowance >= spent.allowance
            && after.bound > spent.bound - 5_000,
          "the correction of before", "another one, or a clock that is surer")
      }
      throw .tooSlow
    },
    Check(
      "clock.paid", "A time in step that makes the token surer is paid for with the allowance", "6"
    ) {
      bench throws(CheckEnd) in
      guard bench.inventory.isEmpty else { throw .skipped("the token holds credentials") }
      bench.hasDisturbedClock = true
      for _ in 0..<8 {
        let start = Deadline.now
        let before = try bench.setClockShortOfAllowance()
        let answer = try bench.askToSync(to: before.time + 20_000, uncertainty: 50_000)
        let after = try bench.requireTime()
        guard Deadline.now.nanoseconds - start.nanoseconds < 40_000_000 else { continue }
        let outcome = try bench.outcome(in: answer)
        try bench.wire.require(outcome == .inStep, "outcome 1 (in step)", "\(outcome)")
        try bench.wire.require(
          before.allowance > 90_000, "an allowance of 0.1 s", "\(before.allowance) µs")
        return try bench.wire.require(
          after.allowance < 10_000, "an allowance that is used up", "\(after.allowance) µs")
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
          Command(.clockSet, sync.data + Field(.proof, randomBytes(20)).bytes), .wrongData)
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
  ]
}

extension CheckEnd {
  static let tooSlow = CheckEnd.skipped("this computer or the token is too slow to tell")
}

extension Bench {
  /// Sets the clock of an empty token, PUTs a credential, and gives what the clock says then: it allows
  /// 0.1 s from here on, and is as unsure.
  fileprivate func setClockShortOfAllowance() throws(CheckEnd) -> ClockReport.Reading {
    try tidyCredentials()
    let outcome = try synchronize(to: HostClock.now.microseconds, uncertainty: 100_000)
    try wire.require(outcome == .set, "outcome 0 (set)", "\(outcome)")
    try put(sample("paying"))
    return try requireTime()
  }

  /// CLOCK SYNC whose answer may be late, and then be a refusal.
  fileprivate func askToSync(to time: Int64, uncertainty: Int64) throws(CheckEnd) -> Answer {
    let answer = try ask(syncing(to: time, uncertainty: uncertainty))
    let words: [StatusWord] = [.success, .syncOutOfBounds]
    try wire.require(
      words.contains { $0.rawValue == answer.word }, "9000 or 69F3", answer.words)
    return answer
  }

  /// Requires that the token's clock goes on as this host's does, whatever `work` does meanwhile.
  ///
  /// Each reading is of a moment between two that are known here, so that nothing that holds this
  /// host up can make it wrong; beyond that, 50 ms and a fiftieth of the time are left for clocks,
  /// one of which may be being slewed.
  ///
  /// - Parameter mayBeSlow: whether a token that is behind is not judged, since it may be emulated, and
  ///   slower than this host. One whose clock went back is.
  func requireSteadyClock(
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
