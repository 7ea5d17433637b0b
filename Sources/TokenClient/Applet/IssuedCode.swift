import OATH
import TokenCore

/// A code that a token computed. Mind where it goes: it lets its bearer in as long as it is valid.
public struct IssuedCode: Sendable {
  /// When a TOTP code is the one to show, by the token's own clock.
  public struct Validity: Hashable, Sendable {
    public let step: Step
    public let period: Seconds
    /// The step's first moment.
    public let from: UnixTime
    /// The next step's first moment.
    public let until: UnixTime
    /// When the token computed it.
    public let issuedAt: UnixTime
    /// By how much the token's clock may be off, either way.
    public let bound: Microseconds

    /// What is left of the step from `time` on; 0 when it is over.
    public func remaining(at time: UnixTime) -> Microseconds { max(.zero, until - time) }

    /// What was left of the step when the token computed the code.
    public var remaining: Microseconds { remaining(at: issuedAt) }
  }

  public let name: Credential.Name
  public let code: Code
  /// `nil` for HOTP, whose codes hold until they are used.
  public let validity: Validity?

  /// The digits, leading zeros included.
  public var text: String { code.description }
}

extension IssuedCode.Validity {
  /// The step of `period` that `time` lies in.
  init(period: Seconds, issuedAt time: UnixTime, bound: Microseconds) throws(TokenFailure) {
    // A name's period is 1 s or more, and a time from a token is 1970 or later.
    guard let totp = TOTP(period: period), let step = totp.step(at: Seconds(time.seconds)) else {
      throw .nonsense("it computed a code for no time at all")
    }
    let start = totp.start(of: step).rawValue * 1_000_000
    self.step = step
    self.period = period
    from = UnixTime(microseconds: start)
    until = UnixTime(microseconds: start + period.rawValue * 1_000_000)
    issuedAt = time
    self.bound = bound
  }
}

/// What CALCULATE ALL says of one credential.
public struct CalculatedCredential: Sendable {
  public enum Outcome: Sendable {
    case code(IssuedCode)
    /// Its counter would move: ask for it by name.
    case eventBased
    /// It wants a press of the button: ask for it by name.
    case touchNeeded
    /// The token's clock may be off by more than half a period: it has to be corrected first.
    case clockUncertain
    /// The token's clock was never set.
    case clockUnset
    /// The token's clock was set, and has lost its count since.
    case clockLost
  }

  public let credential: Credential
  public let outcome: Outcome
}

extension FieldReader {
  /// `76`: digits ‖ truncated value, 4 bytes.
  mutating func code() throws(TokenFailure) -> Code {
    let value = try value(of: .truncatedResponse, 5...5)
    guard let digits = Digits(rawValue: Int(value[0])) else {
      throw .nonsense("it gives a code of \(value[0]) digits")
    }
    guard let truncation = Truncation(value: number(in: Array(value.dropFirst()))) else {
      throw .nonsense("it gives a code that no HMAC leads to")
    }
    return truncation.code(digits)
  }

  /// `D0` time, `D1` bound: the token's clock when it computed.
  mutating func reading() throws(TokenFailure) -> (time: UnixTime, bound: Microseconds) {
    (try time(of: .time), try length(of: .bound))
  }
}
