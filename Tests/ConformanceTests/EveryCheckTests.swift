import Testing
import TokenClient
import TokenCore

@testable import Conformance

@Suite("Every check can fail")
struct EveryCheckTests {
  @Test("one wrong report among those that a check has asked for makes it fail")
  func oneWrongReport() {
    let checks = Check.all.filter { !$0.isSlow }
    let seeds = checks.map { _ in UInt64.random(in: .min ... .max) }
    let undetected = together(Array(zip(checks, seeds))) { check, seed in
      try Self.result(of: check, seed: seed)
    }
    #expect(undetected == [])
  }

  /// - Returns: what is wrong; nil when the check failed as it has to.
  private static func result(of check: Check, seed: UInt64) throws -> String? {
    var random = SplitMix(seed: seed)
    let isOfApplet = !check.isAboutFraming
    let clean = Mutant(Mutant.Change(isAboutApplet: isOfApplet))
    let before = try run(check.id, on: clean, patience: .seconds(5))
    let count = isOfApplet ? clean.receivedAnswers : clean.receivedReports
    guard before.failures == [], count > 0 else { return "\(before.failures), without a fault" }
    // Timing decides how many there are of some: one of the first is there in any case, and if a check
    // that had to try again did not this time, one of those that came.
    var wrong = Int(random.next() % UInt64(min(count, 16)))
    while true {
      let (hasFailed, seen) = try hasFailed(check, withReport: wrong)
      if hasFailed { return nil }
      guard seen > 0, seen <= wrong else { break }
      wrong %= seen
    }
    return "\(check.id) with report \(wrong) of \(count) wrong; repeat with: \(seed)"
  }

  /// - Returns: whether the check fails with that answer or report wrong, and how many came.
  private static func hasFailed(
    _ check: Check, withReport wrong: Int
  ) throws -> (Bool, seen: Int) {
    let isOfApplet = !check.isAboutFraming
    var index = 0
    var change = Mutant.Change(isAboutApplet: isOfApplet)
    if isOfApplet {
      change.answer = { _, answer in
        defer { index += 1 }
        return index == wrong ? [answer[0] ^ 0x0F] + answer.dropFirst() : answer
      }
    } else {
      change.received = { frame in
        defer { index += 1 }
        return index == wrong ? [frame.changed(at: 4) { $0 ^ 0x22 }] : [frame]
      }
    }
    let outcome = try run(check.id, on: Mutant(change)).outcome(of: check.id)
    return (outcome?.isFailure == true, index)
  }
}

/// A generator of numbers that one seed makes again.
struct SplitMix {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
