import OATH
import TokenCore

// Docs/protocol.md, section 5: CALCULATE of TOTP credentials. What is right is computed here, for the
// time that the token says it computed at.
extension Check {
  static let codes: [Check] = [
    codes(.sha1, "SHA-1"), codes(.sha256, "SHA-256"), codes(.sha512, "SHA-512"),
    Check("code.periods", "A name's prefix is the period of its codes", "5") {
      bench throws(CheckEnd) in
      try bench.requireTime()
      for period: UInt64 in [31, 60, 300, 3_600, 86_399, 86_400] {
        let sample = bench.sample("period", period: period)
        try bench.put(sample)
        try bench.requireOwnCode(sample)
        try bench.delete(sample)
      }
    },
    Check("code.plain", "A name that only looks as if it had a period has 30 s", "5") {
      bench throws(CheckEnd) in
      try bench.requireTime()
      for front in ["0/", "060/", "86401/", "100000/", "-60/", "6x/", "60", "/60/"] {
        var sample = bench.sample("plain")
        sample.name = Array(front.utf8) + sample.name
        try bench.put(sample)
        try bench.requireOwnCode(sample)
        try bench.delete(sample)
      }
    },
    Check("code.time", "A code comes with the time that CLOCK STATUS tells", "5, 6") {
      bench throws(CheckEnd) in
      try bench.requireTime()
      let sample = bench.sample("time")
      try bench.put(sample)
      let before = try bench.requireTime()
      let moment = try bench.requireOwnCode(sample)
      let after = try bench.requireTime()
      try bench.wire.require(
        (before.time...max(before.time, after.time)).contains(moment.time),
        "a time from \(before.time) to \(after.time) µs", "\(moment.time) µs")
      // It grows with the time, or shrinks while the clock is being slewed.
      let bounds = min(before.bound, after.bound)...max(before.bound, after.bound)
      try bench.wire.require(
        bounds.contains(moment.bound),
        "a bound from \(bounds.lowerBound) to \(bounds.upperBound) µs", "\(moment.bound) µs")
    },
    Check("code.neighbours", "A step that is the token's own or a neighbour is computed for", "5") {
      bench throws(CheckEnd) in
      let sample = bench.sample("neighbours", period: 86_400)
      let own = try bench.putForSteadyStep(sample)
      for step in [own, own - 1, own + 1] {
        for form in CodeForm.all {
          let command = Command(
            .calculate, p2: form.p2, sample.calculation(challenge: bigEndian(step)))
          try bench.requireAnswer(
            try bench.fields(command), [form.code(of: sample, at: step)], form)
        }
      }
    },
    Check(
      "code.bare", "A code is answered alone, and with the token's time if that is asked for", "5"
    ) {
      bench throws(CheckEnd) in
      let sample = bench.sample("bare", period: 86_400)
      let own = try bench.putForSteadyStep(sample)
      var counting = bench.sample("counting")
      counting.type = .hotp
      try bench.put(counting)
      for (count, form) in CodeForm.all.enumerated() {
        try bench.requireAnswer(
          try bench.fields(Command(.calculate, p2: form.p2, sample.calculation())),
          [form.code(of: sample, at: own)], form)
        // A counter has nothing to do with the time.
        let command = Command(.calculate, p2: form.p2, counting.calculation())
        let code = form.code(of: counting, at: UInt64(count))
        let answer = try bench.fields(command)
        try bench.wire.require(
          answer == [code], "\(hexadecimal(code.bytes, limit: 72)) alone", answer.words)
      }
    },
    Check("code.refused", "Any other step is 69F2, and 6982 to a client of YKOATH", "5") {
      bench throws(CheckEnd) in
      let sample = bench.sample("refused", period: 86_400)
      let own = try bench.putForSteadyStep(sample)
      for step in [own - 2, own + 2, own + 365, 0, 1, UInt64.max, own | 1 << 32, own | 1 << 63] {
        for form in CodeForm.all {
          try bench.refuse(
            Command(.calculate, p2: form.p2, sample.calculation(challenge: bigEndian(step))),
            form.refusal(.stepRefused))
        }
      }
    },
    Check(
      "code.uncertain", "A bound beyond half a period is 69F1, and 6982 to a client of YKOATH",
      "4, 5"
    ) {
      bench throws(CheckEnd) in
      let reading = try bench.requireTime()
      let sample = bench.sample("uncertain", period: 1)
      try bench.put(sample)
      // It cannot be made larger here, but one second is short enough for many a clock.
      if reading.bound > 500_000 {
        for form in CodeForm.all {
          try bench.refuse(
            Command(.calculate, p2: form.p2, sample.calculation()), form.refusal(.clockUncertain))
        }
      } else if reading.bound < 499_000 {
        try bench.requireOwnCode(sample)
      } else {
        throw .skipped("the clock's bound is at half a second just now")
      }
    },
  ]

  private static func codes(_ algorithm: HashAlgorithm, _ name: String) -> Check {
    Check("code.\(algorithm)", "Codes of \(name) are RFC 6238's, truncated and in full", "5") {
      bench throws(CheckEnd) in
      try bench.requireTime()
      for size in [20, 32, 64] {
        var sample = bench.sample("code")
        sample.algorithm = algorithm
        sample.key = randomBytes(size)
        try bench.put(sample)
        try bench.requireOwnCode(sample)
        try bench.requireOwnCode(sample, isFull: true)
        try bench.delete(sample)
      }
    }
  }
}

extension Bench {
  /// Requires those fields, and behind them time and bound where the form asks for them.
  func requireAnswer(
    _ answer: [Field], _ expected: [Field], _ form: CodeForm
  ) throws(CheckEnd) {
    let tail = answer.dropFirst(expected.count)
    try wire.require(
      Array(answer.prefix(expected.count)) == expected,
      hexadecimal(expected.bytes, limit: 72), hexadecimal(answer.bytes, limit: 72))
    _ = try values(Array(tail), form.isOwn ? [(.time, 8), (.bound, 8)] : [])
  }

  /// PUTs a credential with a long period, and gives the token's own step, which lasts for some
  /// seconds yet.
  func putForSteadyStep(_ sample: Sample) throws(CheckEnd) -> UInt64 {
    var reading = try requireTime()
    let period = Int64(sample.period) * 1_000_000
    let margin: Int64 = 4_000_000
    if period - reading.time % period < margin {
      wire.rest(.microseconds(margin))
      reading = try requireTime()
    }
    try put(sample)
    return UInt64(reading.time / period)
  }
}
