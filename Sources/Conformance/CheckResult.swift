import TokenClient
import TokenCore

/// What became of a check.
public struct CheckResult: Equatable, Sendable {
  public enum Outcome: Equatable, Sendable {
    case passed
    case failed(Deviation)
    /// It means nothing for this token, or could not be done here: why, as the end of
    /// 'not checked: …'.
    case skipped(String)
  }

  public let id: String
  public let title: String
  public let section: String
  public let outcome: Outcome
  public let duration: Duration

  public var group: String { String(id.prefix { $0 != "." }) }
}

/// What the token says of itself.
public struct TokenFacts: Equatable, Sendable {
  public let serialNumber: SerialNumber
  public internal(set) var body: Body
  /// Credentials that were on it before.
  public let credentials: Int
}

/// What became of all checks.
public struct CheckReport: Equatable, Sendable {
  public internal(set) var place: String
  /// `nil` when only the framing was checked, which asks nothing of the applet.
  public internal(set) var facts: TokenFacts?
  public internal(set) var results: [CheckResult] = []
  /// Whether the person stopped it.
  public internal(set) var wasInterrupted = false
  /// Why the rest was not checked: the token is gone, and did not come back.
  public internal(set) var loss: TransportFailure?
  /// What the suite's credentials that could not be taken off the token have in their names.
  public internal(set) var leftBehind: String?

  public init(place: String, facts: TokenFacts? = nil, results: [CheckResult] = []) {
    self.place = place
    self.facts = facts
    self.results = results
  }

  public var passed: Int { results.filter { $0.outcome == .passed }.count }

  public var failed: Int {
    results.filter { if case .failed = $0.outcome { true } else { false } }.count
  }

  public var skipped: Int { results.count - passed - failed }
}
