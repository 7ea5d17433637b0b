import OATH

/// What a verifier knows of one token's clock, and which steps it therefore takes from it (RFC 6238,
/// section 6).
///
/// It follows the drift from login to login. It widens its window with the time since the last
/// login, because the clock went on drifting unseen, but only so far. And it finds a clock again
/// that is farther off by two codes of consecutive steps, where a guess has to be right twice.
///
/// A code is good for one login, whatever the drift: no step is taken twice, and none before the last
/// one taken. There is one exception to the latter: a token that was ahead and is set right shows
/// steps that it was past already. Around our own time those are taken, if they come after our time at
/// the last login and their code was not submitted before. So steps are remembered one by one.
public struct TokenClock: Equatable, Sendable {
  /// The numbers of this, in steps.
  public struct Rules: Equatable, Sendable {
    /// Steps taken on either side right after a login: 0 or more.
    public var tolerance: Int
    /// One step more on either side for each of these that passed since the last login: 1 or more.
    public var wideningSteps: Int
    /// Where widening ends: `tolerance` or more.
    public var widestTolerance: Int
    /// How far ahead of where it is believed to be a clock is found again by two codes: 0 for never.
    /// Behind it is half of that: codes of the past may have been seen by somebody.
    public var resynchronisation: Int
    /// The most steps, ahead or behind, that a clock is followed to: 0 or more.
    public var driftLimit: Int

    public init(
      tolerance: Int, wideningSteps: Int, widestTolerance: Int, resynchronisation: Int,
      driftLimit: Int
    ) {
      precondition(tolerance >= 0 && widestTolerance >= tolerance && wideningSteps >= 1)
      precondition(resynchronisation >= 0 && driftLimit >= 0)
      self.tolerance = tolerance
      self.wideningSteps = wideningSteps
      self.widestTolerance = widestTolerance
      self.resynchronisation = resynchronisation
      self.driftLimit = driftLimit
    }
  }

  /// How a submitted code stands to this clock.
  public enum Verdict: Equatable, Sendable {
    case wrong
    /// Right, but its step is not after the last one accepted.
    case replayed
    /// Too far off to be taken alone; the code of the step after this one would be taken.
    case firstOfTwo(Step)
    /// Right, and how many steps its token's clock is ahead.
    case right(Step, drift: Int)
  }

  /// Where the token's clock is believed to be, in steps; positive: ahead of ours.
  public var drift: Int
  /// The step of the last code accepted, nil before the first.
  public var lastStep: Step?
  /// The step of the last code submitted, if it was the first of two.
  public var candidate: Step?
  /// Steps whose codes were accepted, or submitted as the first of two, as far back as matters.
  public private(set) var spent: Set<Step>

  public init(
    drift: Int = 0, lastStep: Step? = nil, candidate: Step? = nil, spent: Set<Step> = []
  ) {
    self.drift = drift
    self.lastStep = lastStep
    self.candidate = candidate
    self.spent = spent
  }

  /// How many steps are taken on either side of where the clock is believed to be.
  public func tolerance(at present: Step, _ rules: Rules) -> Int {
    guard let lastStep else { return rules.tolerance }
    // Where our own clock stood at the last login.
    let lastLogin = Int64(clamping: lastStep.rawValue) - Int64(drift)
    let passed = max(0, Int64(clamping: present.rawValue) - lastLogin)
    let widened = Int64(rules.tolerance) + passed / Int64(rules.wideningSteps)
    return Int(min(widened, Int64(rules.widestTolerance)))
  }

  /// Judges a code by the step that it belongs to.
  ///
  /// Beside the window where the clock is believed to be, the one of `tolerance` around our own
  /// time is looked at, so that a token whose clock was set right since, or another token under
  /// the same key, is not shut out. All windows are looked at, whatever the first ones find.
  ///
  /// - Parameters:
  ///   - others: further places, in steps from our time, where the clock may be.
  ///   - match: which step of a window around a step the code belongs to.
  public func verdict(
    at present: Step, _ rules: Rules, others: [Int] = [],
    match: (VerificationWindow, _ around: Step) -> Step?
  ) -> Verdict {
    let widest = tolerance(at: present, rules)
    var windows = [(centre: drift, reach: widest)]
    for other in [0] + others where !windows.contains(where: { $0.centre == other }) {
      windows.append((other, rules.tolerance))
    }
    var verdict = Verdict.wrong
    for (centre, reach) in windows {
      guard let around = present.advanced(by: centre),
        let step = match(VerificationWindow(behind: reach, ahead: reach), around)
      else { continue }
      if case .right = verdict { continue }
      let isNew = isNew(step) || (centre == 0 && isSetRight(step))
      verdict = isNew ? right(step, at: present, rules) : .replayed
    }
    guard rules.resynchronisation > 0 else { return verdict }
    let distant = distantStep(at: present, rules, match)
    guard case .wrong = verdict, let distant else { return verdict }
    // The first of two may be submitted again.
    if distant == candidate { return .firstOfTwo(distant) }
    guard isNew(distant) else { return spent.contains(distant) ? .replayed : .wrong }
    if let candidate, candidate.advanced(by: 1) == distant {
      return right(distant, at: present, rules)
    }
    return .firstOfTwo(distant)
  }

  /// Remembers what became of a code.
  public mutating func note(_ verdict: Verdict) {
    candidate = nil
    switch verdict {
    case .right(let step, let drift):
      lastStep = step
      self.drift = drift
      spend(step)
    case .firstOfTwo(let step):
      candidate = step
      spend(step)
    case .wrong, .replayed: break
    }
  }

  /// How many steps back one that was spent can still matter: more than from as far ahead as a clock is
  /// followed, and found, to as far behind.
  static func memory(_ rules: Rules) -> Int {
    2 * (rules.driftLimit + rules.widestTolerance + rules.resynchronisation + 1)
  }

  private mutating func spend(_ step: Step) {
    // A server keeps them in its database; here the newest do.
    let most = 1000
    if spent.count >= most, let oldest = spent.min() { spent.remove(oldest) }
    spent.insert(step)
  }

  private func isNew(_ step: Step) -> Bool {
    !spent.contains(step) && lastStep.map { $0 < step } ?? true
  }

  /// Whether a step before the last one is our own time's, on a token that was ahead.
  private func isSetRight(_ step: Step) -> Bool {
    guard let lastStep, drift > 0, let lastLogin = lastStep.advanced(by: -drift) else {
      return false
    }
    return step > lastLogin && !spent.contains(step)
  }

  private func distantStep(
    at present: Step, _ rules: Rules, _ match: (VerificationWindow, Step) -> Step?
  ) -> Step? {
    guard let around = present.advanced(by: drift) else { return nil }
    let window = VerificationWindow(
      behind: rules.resynchronisation / 2, ahead: rules.resynchronisation)
    // The one that is waited for first: it may share its code with a nearer step.
    if let expected = candidate?.advanced(by: 1),
      let step = match(VerificationWindow(behind: 0, ahead: 0), expected)
    {
      let distance = Int64(clamping: step.rawValue) - Int64(clamping: around.rawValue)
      if (-Int64(window.behind)...Int64(window.ahead)).contains(distance) { return step }
    }
    return match(window, around)
  }

  private func right(_ step: Step, at present: Step, _ rules: Rules) -> Verdict {
    let ahead = Int(Int64(clamping: step.rawValue) - Int64(clamping: present.rawValue))
    return .right(step, drift: max(-rules.driftLimit, min(rules.driftLimit, ahead)))
  }
}
