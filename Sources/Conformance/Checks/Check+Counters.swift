import OATH
import TokenCore

// Docs/protocol.md, section 5: HOTP credentials.
extension Check {
  static let counters: [Check] = [
    Check("hotp.counts", "HOTP codes are RFC 4226's, each counter once", "5") {
      bench throws(CheckEnd) in
      for algorithm in HashAlgorithm.allCases {
        var sample = bench.sample("hotp")
        sample.type = .hotp
        sample.algorithm = algorithm
        try bench.put(sample)
        for counter: UInt64 in 0..<4 {
          try bench.requireCode(sample, at: counter, isFull: counter == 2)
        }
        try bench.delete(sample)
      }
    },
    Check("hotp.first", "Counting starts where PUT says, and goes on beyond 32 bits", "5") {
      bench throws(CheckEnd) in
      for first: UInt32 in [1, 1_000_000, .max] {
        var sample = bench.sample("first")
        sample.type = .hotp
        sample.counter = first
        try bench.put(sample)
        try bench.requireCode(sample, at: UInt64(first))
        try bench.requireCode(sample, at: UInt64(first) + 1)
        try bench.delete(sample)
      }
    },
    Check("hotp.challenge", "An HOTP credential ignores the challenge", "5") {
      bench throws(CheckEnd) in
      var sample = bench.sample("ignores")
      sample.type = .hotp
      try bench.put(sample)
      for counter: UInt64 in 0..<3 {
        try bench.requireCode(sample, at: counter, challenge: randomBytes(8))
      }
    },
    Check("hotp.replaced", "PUT over an HOTP credential starts a new count", "5") {
      bench throws(CheckEnd) in
      var sample = bench.sample("again")
      sample.type = .hotp
      try bench.put(sample)
      try bench.requireCode(sample, at: 0)
      try bench.requireCode(sample, at: 1)
      sample.key = randomBytes(20)
      try bench.put(sample, replacing: true)
      try bench.requireCode(sample, at: 0)
    },
  ]

  // CALCULATE ALL.
  static let overviews: [Check] = [
    Check(
      "all.own", "CALCULATE ALL computes for the token's time, and counts and presses nothing", "5"
    ) { bench throws(CheckEnd) in
      let samples = try bench.putVariety()
      for isFull in [false, true] {
        let form = CodeForm(isFull: isFull, isOwn: true)
        let (entries, tail) = try bench.overview(form)
        let moment = try bench.values(tail, [(.time, 8), (.bound, 8)])
        let seconds = number(moment[0]) / 1_000_000
        for sample in samples {
          let code = form.code(of: sample, at: seconds / sample.period)
          try bench.require(
            entries, sample,
            sample.type == .hotp
              ? Field(.noResponse, [sample.digits])
              : sample.properties == .touch ? Field(.touch, [sample.digits]) : code)
        }
      }
      // Asked for in the overview, it is as it was.
      try bench.requireCode(samples[2], at: 0)
    },
    Check(
      "all.step", "CALCULATE ALL with a step computes where it is the token's or a neighbour", "5"
    ) {
      bench throws(CheckEnd) in
      let samples = try bench.putVariety()
      for sample in [samples[0], samples[1], samples[3]] { try bench.delete(sample) }
      let short = bench.sample("short", period: 7)
      try bench.put(short)
      let daily = bench.sample("daily", period: 86_400)
      let day = try bench.putForSteadyStep(daily)
      let steady = bench.sample("steady")
      let own = try bench.putForSteadyStep(steady)
      for (step, isNear) in [
        (own, true), (own + 1, true), (own - 2, false), (0, false), (.max, false),
      ] {
        for form in CodeForm.all {
          let (entries, tail) = try bench.overview(form, challenge: bigEndian(step))
          try bench.requireAnswer(tail, [], form)
          let none = { (sample: Sample) in Field(.noResponse, [sample.digits]) }
          try bench.require(
            entries, steady, isNear ? form.code(of: steady, at: step) : none(steady))
          // The challenge counts steps of 30 s, whatever the period. There is a code of another one only if
          // CALCULATE would have one for a client whose clock shows any time of that step.
          let isDaily = step != 0 && step != .max
          try bench.require(
            entries, daily, isDaily ? form.code(of: daily, at: day) : none(daily))
          try bench.require(entries, short, none(short))
          try bench.require(entries, samples[2], none(samples[2]))
        }
      }
    },
    Check(
      "all.bare", "CALCULATE ALL tells the token's time only to a client that asks for it", "5"
    ) {
      bench throws(CheckEnd) in
      _ = try bench.putVariety()
      for form in CodeForm.all {
        let (_, tail) = try bench.overview(form)
        try bench.requireAnswer(tail, [], form)
      }
    },
    Check(
      "all.large", "CALCULATE ALL with more than a message holds is 6A84, and the token lives on",
      "3, 5", isSlow: true, limit: .seconds(180)
    ) {
      bench throws(CheckEnd) in
      try bench.requireTime()
      let samples = try bench.fill()
      let largest = samples.count * (66 + 67)
      for p2: UInt8 in [0, 0x80] {
        let command = Command(.selectOrCalculateAll, p2: p2, Field(.challenge, []).bytes)
        let answer = try bench.ask(command)
        let isRefused = answer.word == StatusWord.noSpace.rawValue && answer.data.isEmpty
        let isWhole = answer.word == StatusWord.success.rawValue && answer.data.count >= largest
        let fits = largest + 2 <= FramingLimits.messageSize
        try bench.wire.require(
          isRefused || fits && isWhole, fits ? "6A84 or all codes" : "6A84", answer.words)
      }
      try bench.wire.expectEcho(on: bench.main)
      let (entries, tail) = try bench.overview(CodeForm(isOwn: true))
      let moment = try bench.values(tail, [(.time, 8), (.bound, 8)])
      for sample in samples {
        let step = number(moment[0]) / 30_000_000
        try bench.require(entries, sample, CodeForm().code(of: sample, at: step))
      }
    },
  ]
}

extension Bench {
  /// Two TOTP credentials, an HOTP one, and one that wants a touch.
  fileprivate func putVariety() throws(CheckEnd) -> [Sample] {
    try requireTime()
    var samples = [
      sample("plain"), sample("minute", period: 60), sample("counting"), sample("touch"),
    ]
    samples[1].algorithm = .sha512
    samples[1].digits = 8
    samples[2].type = .hotp
    samples[3].properties = .touch
    for sample in samples { try put(sample) }
    return samples
  }

  /// Fills the token with the largest credentials that there are.
  fileprivate func fill() throws(CheckEnd) -> [Sample] {
    let information = try tokenInformation()
    var samples: [Sample] = []
    for number in information.stored..<information.room {
      var sample = sample("\(100 + number)")
      sample.name += [UInt8](
        repeating: UInt8(ascii: "n"), count: AppletLimits.nameSize - sample.name.count)
      sample.algorithm = .sha512
      sample.key = randomBytes(AppletLimits.keySize)
      try put(sample)
      samples.append(sample)
    }
    return samples
  }

  /// CALCULATE ALL: the suite's own entries by name, and the fields behind the last entry.
  func overview(
    _ form: CodeForm, challenge: [UInt8] = []
  ) throws(CheckEnd) -> (entries: [[UInt8]: Field], tail: [Field]) {
    let fields = try fields(
      Command(.selectOrCalculateAll, p2: form.p2, Field(.challenge, challenge).bytes))
    var entries: [[UInt8]: Field] = [:]
    var index = 0
    while index + 1 < fields.count, fields[index].tag == Tag.name.rawValue {
      if ownNames.contains(fields[index].value) { entries[fields[index].value] = fields[index + 1] }
      index += 2
    }
    let count = index / 2
    let stored = try tokenInformation().stored
    try wire.require(count == stored, "\(stored) credentials", "\(count)")
    return (entries, Array(fields[index...]))
  }

  func require(
    _ entries: [[UInt8]: Field], _ sample: Sample, _ expected: Field
  ) throws(CheckEnd) {
    let found = entries[sample.name]
    let name = String(decoding: sample.name, as: UTF8.self)
    try wire.require(
      found == expected, "\(hexadecimal(expected.bytes, limit: 72)) for '\(name)'",
      found.map { hexadecimal($0.bytes, limit: 72) } ?? "no such name")
  }
}
