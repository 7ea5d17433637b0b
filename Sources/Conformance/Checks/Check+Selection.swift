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
    Check("select.eight", "SELECT takes the application's 7 bytes, and all 8", "5") {
      bench throws(CheckEnd) in
      let short = try bench.select()
      let command = Command(.selectOrCalculateAll, p1: 4, Bench.selecting.data + [1])
      let whole = try bench.selection(in: try bench.ask(command))
      try bench.wire.require(
        short.identifier == whole.identifier && short.version == whole.version,
        "the same application", "another")
    },
    Check("select.other", "SELECT of another application is 6A82", "4") { bench throws(CheckEnd) in
      let own = Bench.selecting.data
      let others: [[UInt8]] = [
        own.dropLast(), own + [0], own + [2], own + [1, 1], own.dropLast() + [2], [0xA0],
      ]
      for data in others {
        try bench.refuse(Command(.selectOrCalculateAll, p1: 4, data), .applicationNotFound)
      }
    },
  ]

  static let unset: [Check] = [
    Check(
      "unset.codes",
      "Without a clock there is no code: 69F0 if it was never set, 69F6 if it was lost, or 6982",
      "4, 5", limit: .seconds(30)
    ) {
      bench throws(CheckEnd) in
      let state = try bench.requireLostClock()
      let sample = bench.sample("unset")
      try bench.put(sample)
      let word = state == .lost ? StatusWord.clockLost : .clockUnset
      for challenge in [[], bigEndian(UInt64(1))] {
        for form in CodeForm.all {
          try bench.refuse(
            Command(.calculate, p2: form.p2, sample.calculation(challenge: challenge)),
            form.refusal(word))
        }
      }
    },
    Check("unset.all", "Without a clock CALCULATE ALL answers, without a code", "5") {
      bench throws(CheckEnd) in
      _ = try bench.requireStoppedClock()
      let plain = bench.sample("unset")
      var touch = bench.sample("touch")
      touch.properties = .touch
      for sample in [plain, touch] { try bench.put(sample) }
      for form in CodeForm.all {
        for challenge in [[], bigEndian(UInt64(1))] {
          let (entries, tail) = try bench.overview(form, challenge: challenge)
          try bench.wire.require(tail.isEmpty, "no time behind the credentials", tail.words)
          try bench.require(entries, plain, Field(.noResponse, [plain.digits]))
          try bench.require(entries, touch, Field(.touch, [touch.digits]))
        }
      }
    },
    Check("unset.sync", "With a credential stored, a clock that was lost is 69F3", "6") {
      bench throws(CheckEnd) in
      guard try bench.requireLostClock() == .lost else {
        throw .skipped("the token's clock was never set")
      }
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
  /// Has a clock that does not run: never set, or lost. A clock that runs is stopped on an empty token.
  fileprivate func requireStoppedClock() throws(CheckEnd) -> ClockState {
    if try clock().reading != nil {
      try loseClock()
      try open(main)
    }
    return try clock().state == ClockState.lost.rawValue ? .lost : .unset
  }

  /// The same, lost if that can be had.
  fileprivate func requireLostClock() throws(CheckEnd) -> ClockState {
    let found = try requireStoppedClock()
    guard found == .unset, inventory.isEmpty else { return found }
    try setClockFreely()
    try loseClock()
    try open(main)
    let state = try clock().state
    try wire.require(state == ClockState.lost.rawValue, "a clock that is lost", "\(state)")
    return .lost
  }
}
