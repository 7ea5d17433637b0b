import TokenClient
import TokenCore

/// Runs checks on a token, one after the other, whatever it does.
///
/// What was on the token before stays as it is: the suite works with names of its own, takes them off
/// again after each check and when it is stopped, and looks at the end whether all is as it was.
public final class Suite {
  /// How many credentials the suite has on the token at one time, at most.
  public static let neededSlots = 4
  /// The password that the checks set for a moment on a token that has none, so that whoever reads
  /// the help can open a token whose cable was pulled just then.
  public static let ownPassword = "fob check"
  /// The check that comes last, whichever were chosen.
  public static let lastCheck = (
    id: "kept.inventory", title: "What was on the token before is there, unchanged", section: "5, 8"
  )

  /// What the person sees of a run while it goes on.
  public enum Event {
    /// What the token says of itself; not told when only the framing is checked.
    case introduced(TokenFacts)
    case starting(Check, number: Int, of: Int)
    case finished(CheckResult)
  }

  private let transport: any TokenTransport
  private let hands: any Hands
  private let password: SecretBytes?
  /// How long the token may take for an answer.
  public var patience = Duration.seconds(2)
  /// Asked again and again; `true` ends the run, when everything has been tidied up.
  public var isCancelled: (() -> Bool)?
  /// What the token is made of, given what it claims: whoever chose the way to it may know better.
  public var judgeBody: (Body) -> Body = { $0 }

  private var report: CheckReport
  /// How often in a row the token did not answer to INIT, connected anew as it was.
  private var silences = 0
  /// After as many there is nobody to check.
  private static let longestSilence = 3

  /// - Parameters:
  ///   - transport: not yet open.
  ///   - password: opens the token if it is locked.
  public init(_ transport: any TokenTransport, hands: any Hands, password: SecretBytes? = nil) {
    self.transport = transport
    self.hands = hands
    self.password = password
    report = CheckReport(place: transport.place)
  }

  /// The checks with `pattern` in their id.
  ///
  /// - Parameter pattern: `*` stands for anything; nil for all checks.
  public static func checks(matching pattern: String? = nil) -> [Check] {
    guard let pattern else { return Check.all }
    return Check.all.filter { Pattern(pattern).isFound(in: $0.id) }
  }

  /// Runs the checks with `pattern` in their id; the slow ones only if asked for.
  public func run(
    only pattern: String? = nil, slow: Bool = false, _ tell: (Event) -> Void = { _ in }
  ) throws(Refusal) -> CheckReport {
    let checks = Self.checks(matching: pattern)
    guard !checks.isEmpty else { throw .nothingChosen(pattern: pattern ?? "") }
    do throws(TransportFailure) {
      try transport.open()
    } catch {
      throw .transport(error)
    }
    defer { transport.close() }
    let wire = Wire(transport, patience: patience)
    wire.isCancelled = isCancelled
    wire.deadline = Deadline(in: Bench.tidyingLimit)
    let bench = Bench(wire, hands: hands)
    defer {
      bench.leave()
      hands.letGo()
    }
    try Refusal.unless { () throws(CheckEnd) in try bench.connect() }
    let touchesApplet = !checks.allSatisfy(\.isAboutFraming)
    report = CheckReport(place: transport.place)
    if touchesApplet {
      var facts = try bench.getReady(password: password)
      facts.body = judgeBody(facts.body)
      report.facts = facts
      tell(.introduced(facts))
    }

    for (index, check) in checks.enumerated() {
      tell(.starting(check, number: index + 1, of: checks.count))
      let result = result(of: check, slow, on: bench)
      report.results.append(result)
      tell(.finished(result))
      if report.wasInterrupted || report.loss != nil { break }
    }
    if touchesApplet { tell(.finished(finish(bench))) }
    return report
  }

  // MARK: One check

  private func result(of check: Check, _ slow: Bool, on bench: Bench) -> CheckResult {
    let start = ContinuousClock.now
    let outcome = check.isSlow && !slow ? .skipped("it is slow") : run(check, on: bench)
    return CheckResult(
      id: check.id, title: check.title, section: check.section, outcome: outcome,
      duration: ContinuousClock.now - start)
  }

  private func run(_ check: Check, on bench: Bench) -> CheckResult.Outcome {
    let outcome = outcome(on: bench, within: check.limit) { () throws(CheckEnd) in
      try bench.prepare(for: check)
      try check.body(bench)
      try bench.wire.expectNoMore()
    }
    guard !report.wasInterrupted, report.loss == nil else { return outcome }
    let tidying = self.outcome(on: bench, within: Bench.tidyingLimit) { () throws(CheckEnd) in
      try bench.tidy(hasFailed: outcome != .passed)
    }
    if report.wasInterrupted { return outcome }
    if tidying != .passed { reopen(bench) }
    // What a check leaves behind is its own failure, unless it has failed already.
    if outcome == .passed, tidying != .passed { return tidying }
    return outcome
  }

  /// What became of `work`. Losing the token, and the person's wish to stop, are noted in the report.
  private func outcome(
    on bench: Bench, within limit: Duration, _ work: () throws(CheckEnd) -> Void
  ) -> CheckResult.Outcome {
    bench.wire.deadline = Deadline(in: limit)
    do throws(CheckEnd) {
      try work()
      return .passed
    } catch {
      switch error {
      case .deviation(let deviation): return .failed(deviation)
      case .skipped(let reason): return .skipped(reason)
      case .interrupted:
        report.wasInterrupted = true
        return .skipped("it was interrupted")
      case .transport(let failure):
        let sent = bench.wire.lastSent
        reopen(bench)
        return .failed(
          Deviation(sent: sent, expected: "an answer", received: "\(failure)"))
      }
    }
  }

  /// Connects anew to a token that went away, or that does not answer to INIT.
  private func reopen(_ bench: Bench) {
    guard report.loss == nil else { return }
    bench.wire.deadline = Deadline(in: Bench.tidyingLimit)
    transport.close()
    do throws(TransportFailure) {
      try transport.open()
    } catch {
      report.loss = error
      return
    }
    do throws(CheckEnd) {
      bench.wire.forgetChannels()
      try bench.connect()
      silences = 0
      try bench.tidy(hasFailed: true)
    } catch {
      if case .transport(let failure) = error { report.loss = failure }
      silences += 1
      if silences == Self.longestSilence {
        report.loss = .unusable(place: transport.place, reason: "it does not answer any more")
      }
    }
  }

  // MARK: The end

  /// Takes everything of the suite's off the token, and looks whether the rest is as it was.
  private func finish(_ bench: Bench) -> CheckResult {
    let start = ContinuousClock.now
    // Nobody waits longer for it than this, and stopping in the middle would leave things behind.
    bench.wire.isCancelled = nil
    var outcome = CheckResult.Outcome.skipped("the token is gone")
    if report.loss == nil {
      // Nor does a person who wants to stop wait long for a token that does not answer.
      let limit = report.wasInterrupted ? Bench.interruptedLimit : Bench.tidyingLimit
      outcome = self.outcome(on: bench, within: limit) { () throws(CheckEnd) in
        try bench.tidy(hasFailed: true)
        try bench.verifyInventory()
      }
    }
    if !bench.ownNames.isEmpty || bench.ownKey != nil { report.leftBehind = bench.prefix }
    let result = CheckResult(
      id: Self.lastCheck.id, title: Self.lastCheck.title, section: Self.lastCheck.section,
      outcome: outcome, duration: ContinuousClock.now - start)
    report.results.append(result)
    return result
  }
}
