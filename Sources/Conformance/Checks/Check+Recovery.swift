import TokenCore

// Docs/protocol.md, section 8, recovery codes; and section 9, INFORMATION.
extension Check {
  static let recovery: [Check] = [
    Check("recovery.order", "TAKE hands out each code once, in their order, then 6984", "8") {
      bench throws(CheckEnd) in
      let sample = bench.sample("recovery")
      try bench.put(sample)
      let codes = ["first-1", "2", "third 3 ~!"]
      try bench.perform(bench.storing(codes, for: sample))
      try bench.requireRecoveryCodes(left: 3, of: 3, for: sample)
      for (index, code) in codes.enumerated() {
        try bench.requireTaken(code, left: UInt8(2 - index), of: 3, from: sample)
        try bench.requireRecoveryCodes(left: UInt8(2 - index), of: 3, for: sample)
      }
      try bench.refuse(Command(.takeRecoveryCode, sample.nameField), .noSuchObject)
      try bench.requireRecoveryCodes(left: 0, of: 3, for: sample)
    },
    Check(
      "recovery.none", "A credential without recovery codes counts 0 of 0, and TAKE is 6984", "8"
    ) {
      bench throws(CheckEnd) in
      let sample = bench.sample("none")
      try bench.put(sample)
      try bench.requireRecoveryCodes(left: 0, of: 0, for: sample)
      try bench.refuse(Command(.takeRecoveryCode, sample.nameField), .noSuchObject)
    },
    Check("recovery.replaced", "STORE replaces the set, and without codes it wipes it", "8") {
      bench throws(CheckEnd) in
      let sample = bench.sample("replaced")
      try bench.put(sample)
      try bench.perform(bench.storing(["a", "b", "c"], for: sample))
      try bench.requireTaken("a", left: 2, of: 3, from: sample)
      try bench.perform(bench.storing(["d", "e"], for: sample))
      try bench.requireTaken("d", left: 1, of: 2, from: sample)
      try bench.perform(bench.storing([], for: sample))
      try bench.requireRecoveryCodes(left: 0, of: 0, for: sample)
    },
    Check("recovery.limits", "There are up to 16 codes of 1 to 24 printable bytes", "8") {
      bench throws(CheckEnd) in
      let sample = bench.sample("limits")
      try bench.put(sample)
      let codes = (0..<16).map { number in
        String(repeating: "x", count: 22) + "\(10 + number)"
      }
      try bench.perform(bench.storing(codes, for: sample))
      try bench.refuse(bench.storing([String](repeating: "a", count: 17), for: sample), .noSpace)
      for wrong in ["", codes[0] + "y", "a\u{1F}", "\u{7F}", "é"] {
        try bench.refuse(bench.storing(["good", wrong], for: sample), .wrongData)
      }
      // What was refused has changed nothing.
      try bench.requireRecoveryCodes(left: 16, of: 16, for: sample)
      for (index, code) in codes.enumerated() {
        try bench.requireTaken(code, left: UInt8(15 - index), of: 16, from: sample)
      }
    },
    Check("recovery.own", "Each credential has its own codes", "8") { bench throws(CheckEnd) in
      let first = bench.sample("one")
      let second = bench.sample("two")
      for sample in [first, second] { try bench.put(sample) }
      try bench.perform(bench.storing(["of one"], for: first))
      try bench.perform(bench.storing(["of two", "2"], for: second))
      try bench.requireTaken("of one", left: 0, of: 1, from: first)
      try bench.requireTaken("of two", left: 1, of: 2, from: second)
      // A name's next credential inherits nothing.
      try bench.delete(second)
      try bench.put(second)
      try bench.requireRecoveryCodes(left: 0, of: 0, for: second)
    },
  ]

  static let information: [Check] = [
    Check("information.counts", "INFORMATION counts what PUT adds and DELETE takes", "9") {
      bench throws(CheckEnd) in
      let before = try bench.tokenInformation()
      try bench.wire.require(
        before.room == AppletLimits.credentials && before.stored == bench.inventory.entries.count,
        "\(bench.inventory.entries.count) of \(AppletLimits.credentials)",
        "\(before.stored) of \(before.room)")
      let sample = bench.sample("counted")
      for isThere in [true, false] {
        if isThere { try bench.put(sample) } else { try bench.delete(sample) }
        let after = try bench.tokenInformation()
        let expected = before.stored + (isThere ? 1 : 0)
        try bench.wire.require(
          after.stored == expected && after.serialNumber == before.serialNumber
            && after.body == before.body,
          "\(expected) credentials on the same token", "\(after.stored), or another token")
      }
    },
    Check("information.key", "INFORMATION tells whether an access key is set, as SELECT does", "9")
    {
      bench throws(CheckEnd) in
      let isLocked = try bench.select().lock != nil
      let said = try bench.tokenInformation().isLocked
      try bench.wire.require(said == isLocked, "DD \(isLocked ? 1 : 0)", "DD \(said ? 1 : 0)")
    },
  ]
}

extension Bench {
  /// TAKE, which has to give `code`.
  func requireTaken(
    _ code: String, left: UInt8, of stored: UInt8, from sample: Sample, waits: Bool = false
  ) throws(CheckEnd) {
    let expected = Array(code.utf8)
    let values = try values(
      Command(.takeRecoveryCode, sample.nameField),
      [(.recoveryCode, expected.count), (.recoveryCount, 2)], waits: waits)
    try wire.require(
      values == [expected, [left, stored]], "'\(code)', \(left) left of \(stored)",
      "'\(String(decoding: values[0], as: UTF8.self))', \(values[1][0]) left of \(values[1][1])")
  }
}
