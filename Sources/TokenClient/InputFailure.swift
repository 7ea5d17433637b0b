import OATH
import TokenCore

/// Why something cannot be put to a token at all: found before anything was sent.
public enum InputFailure: Error, Equatable, Sendable {
  case nameEmpty
  /// `bytes` in UTF-8, with the period's prefix.
  case nameTooLong(bytes: Int)
  case periodOutOfRange(Seconds)
  case keyEmpty
  /// HOTP's first counter has 32 bits on the wire.
  case counterTooLarge(UInt64)
  case tooManyRecoveryCodes(Int)
  /// `position` counts from 1.
  case recoveryCodeUnfit(position: Int)
  case passwordEmpty
  /// `characters` in `bytes` of UTF-8.
  case pinUnfit(characters: Int, bytes: Int)
  case lockTooLong(seconds: Int)
  case pingTooLong(bytes: Int)
}

extension InputFailure: CustomStringConvertible {
  public var description: String {
    switch self {
    case .nameEmpty:
      "A credential needs a name."
    case .nameTooLong(let bytes):
      "The name has \(bytes) bytes; a token takes \(AppletLimits.nameSize). Shorten it "
        + "(letters with accents count double)."
    case .periodOutOfRange(let period):
      "A period is \(Credential.Name.periods.lowerBound) to "
        + "\(Credential.Name.periods.upperBound) seconds, not \(period.rawValue)."
    case .keyEmpty:
      "The key is empty. Copy it again from where it is shown."
    case .counterTooLarge(let counter):
      "The counter \(counter) is too large; a token takes up to \(UInt32.max)."
    case .tooManyRecoveryCodes(let count):
      "\(count) recovery codes are too many; a token keeps \(AppletLimits.recoveryCodes) for each "
        + "credential."
    case .recoveryCodeUnfit(let position):
      "Recovery code number \(position) cannot be stored: a code has 1 to "
        + "\(AppletLimits.recoveryCodeSize) letters, digits or signs of ASCII."
    case .passwordEmpty:
      "The password of an access key cannot be empty."
    case .pinUnfit(let characters, let bytes):
      characters < AppletLimits.shortestPIN
        ? "A PIN has at least \(AppletLimits.shortestPIN) characters, not \(characters)."
        : "A PIN has at most \(AppletLimits.longestPIN) bytes, not \(bytes) (letters with accents "
          + "count double)."
    case .lockTooLong(let seconds):
      "A token can be kept to oneself for up to \(FramingLimits.longestLock) seconds, not "
        + "\(seconds)."
    case .pingTooLong(let bytes):
      "A ping carries up to \(FramingLimits.messageSize) bytes, not \(bytes)."
    }
  }
}
