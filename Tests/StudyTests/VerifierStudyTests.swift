import OATH
import RelyingParty
import Testing

@testable import study

@Suite("The study of verifiers, with few tokens")
struct VerifierStudyTests {
  @Test("following a clock refuses fewer of its codes than a wide window, and is harder to guess")
  func population() {
    let narrow = VerifierStudy("", VerifierStudy.fixed(1), tokens: 30, seed: 7)
    let wide = VerifierStudy("", VerifierStudy.fixed(6), tokens: 30, seed: 7)
    let ours = VerifierStudy("", Policy().tokenClock, tokens: 30, seed: 7)
    #expect(narrow.logins > 1_000)
    #expect(narrow.guessable.mean == 3)
    #expect(wide.guessable.mean == 13)
    #expect(ours.guessable.mean < 13 / 2)
    #expect(ours.guessable.most < 13)
    #expect(ours.refusals < wide.refusals / 3, "repeat with: seed 7")
    #expect(wide.refusals < narrow.refusals, "repeat with: seed 7")
    #expect(ours.tokensShutOut < wide.tokensShutOut, "repeat with: seed 7")
  }

  @Test("however codes come, no step is taken twice, and none from before the last login")
  func neverTwice() {
    let rules = Policy().tokenClock
    for seed in 0..<200 as Range<UInt64> {
      var random = SeededSteps(state: seed)
      var clock = TokenClock()
      var taken: Set<UInt64> = []
      var lastLogin: UInt64 = 0
      var present: UInt64 = 1_000_000
      for _ in 0..<300 {
        present += UInt64.random(in: 0...2, using: &random)
        let submitted = Step(present &+ UInt64.random(in: 0...60, using: &random) &- 30)
        let verdict = clock.verdict(at: Step(present), rules) { window, around in
          let distance = Int(submitted.rawValue) - Int(around.rawValue)
          return (-window.behind...window.ahead).contains(distance) ? submitted : nil
        }
        clock.note(verdict)
        if case .right(let step, _) = verdict {
          #expect(taken.insert(step.rawValue).inserted, "repeat with: seed \(seed)")
          if step < Step(lastLogin) { #expect(clock.drift < 0, "repeat with: seed \(seed)") }
          lastLogin = present
        }
      }
      #expect(taken.count > 2, "repeat with: seed \(seed)")
    }
  }
}

/// SplitMix64.
private struct SeededSteps: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
