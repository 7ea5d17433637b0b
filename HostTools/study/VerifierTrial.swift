import OATH
import RelyingParty
import TokenSimulator

/// A person with a token that nobody ever sets, and a verifier, over five years of logins.
///
/// The token counts true time with a watch crystal indoors. How often its person logs in is theirs:
/// every day on average, or once in two months, or anything between. A code takes 3 to 20 s
/// from the token's display to the verifier. Who is refused tries again in the next step, twice;
/// then somebody at a desk helps, and the person goes on with a token that is right.
struct VerifierTrial {
  static let years = 5.0
  static let period = 30.0
  static let tries = 3

  struct Outcome {
    var logins = 0
    /// Logins whose first code was refused although it was the token's.
    var refused = 0
    /// Logins that no try got through.
    var shutOut = 0
    /// Steps that a guess would have been right for, at every eighth login.
    var guessable: [Int] = []
  }

  let rules: TokenClock.Rules
  private var random: SeededRandom
  private var counter: CrystalCounter
  private let meanInterval: Double
  /// What the token's clock is corrected by, seconds.
  private var correction = 0.0
  private var clock = TokenClock()

  init(_ rules: TokenClock.Rules, seed: UInt64) {
    self.rules = rules
    random = SeededRandom(seed)
    counter = CrystalCounter(.drawn(.watch, &random), in: .indoors(&random))
    // Evenly over the logarithm, from a day to 60.
    var interval = 1.0
    for _ in 0..<Int.random(in: 0...59, using: &random) { interval *= 1.072 }
    meanInterval = interval * 86_400
  }

  mutating func run() -> Outcome {
    var outcome = Outcome()
    while true {
      // Never within the same step, and in the mean after `meanInterval`.
      let interval = 60 + Double.random(in: 0...2, using: &random) * meanInterval
      counter.run(until: counter.seconds + interval)
      guard counter.seconds < Self.years * 31_557_600 else { return outcome }
      outcome.logins += 1
      if outcome.logins.isMultiple(of: 8) { outcome.guessable.append(guessable) }
      var isIn = false
      for number in 0..<Self.tries where !isIn {
        isIn = logIn()
        if number == 0 && !isIn { outcome.refused += 1 }
      }
      if !isIn {
        outcome.shutOut += 1
        correction = -counter.ahead
        clock = TokenClock(lastStep: clock.lastStep.map { min($0, present) })
      }
    }
  }

  private var present: Step { Step(UInt64(counter.seconds / Self.period)) }

  /// Shows a code, types it, and says whether it was taken.
  private mutating func logIn() -> Bool {
    let shown = Step(UInt64(max(0, counter.seconds + counter.ahead + correction) / Self.period))
    counter.run(until: counter.seconds + Double.random(in: 3...20, using: &random))
    let verdict = clock.verdict(at: present, rules) { window, around in
      let distance = Int(shown.rawValue) - Int(around.rawValue)
      return (-window.behind...window.ahead).contains(distance) ? shown : nil
    }
    clock.note(verdict)
    // The next code, if this one was refused.
    let next = Double(shown.rawValue + 1) * Self.period - counter.ahead - correction
    counter.run(until: max(counter.seconds, next) + 1)
    if case .right = verdict { return true }
    return false
  }

  /// How many steps' codes would be taken now.
  private var guessable: Int {
    let far = rules.driftLimit + rules.widestTolerance
    let now = Int(present.rawValue)
    return (max(0, now - far)...now + far).count { number in
      let verdict = clock.verdict(at: present, rules) { window, around in
        let distance = number - Int(around.rawValue)
        return (-window.behind...window.ahead).contains(distance) ? Step(UInt64(number)) : nil
      }
      if case .right = verdict { return true }
      return false
    }
  }
}

/// Many tokens under one verifier's rules.
struct VerifierStudy {
  let name: String
  private let outcomes: [VerifierTrial.Outcome]

  init(_ name: String, _ rules: TokenClock.Rules, tokens: Int, seed: UInt64) {
    self.name = name
    outcomes = (0..<UInt64(tokens)).map { number in
      var trial = VerifierTrial(rules, seed: seed &* 1_000_003 &+ number)
      return trial.run()
    }
  }

  static func fixed(_ steps: Int) -> TokenClock.Rules {
    TokenClock.Rules(
      tolerance: steps, wideningSteps: .max, widestTolerance: steps, resynchronisation: 0,
      driftLimit: 0)
  }

  var logins: Int { outcomes.reduce(0) { $0 + $1.logins } }
  var tokens: Int { outcomes.count }
  var refused: Int { outcomes.reduce(0) { $0 + $1.refused } }
  /// Share of first codes that were refused.
  var refusals: Double { Double(refused) / Double(logins) }
  /// Logins that no try got through.
  var shutOut: Int { outcomes.reduce(0) { $0 + $1.shutOut } }
  /// Tokens to which that happened.
  var tokensShutOut: Int { outcomes.count { $0.shutOut > 0 } }
  /// Steps that a guess is right for, in the mean over all logins and at most.
  var guessable: (mean: Double, most: Int) {
    let all = outcomes.flatMap(\.guessable)
    return (Double(all.reduce(0, +)) / Double(max(all.count, 1)), all.max() ?? 0)
  }
}
