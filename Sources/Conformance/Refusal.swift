import TokenClient

/// Why no check was made at all: each case says, as a sentence, what is the matter and what to do.
public enum Refusal: Error, Equatable, Sendable {
  /// No check has an id that the pattern is found in.
  case nothingChosen(pattern: String)
  case transport(TransportFailure)
  /// It does not answer as a token does; none of its secrets could be kept safe.
  case unfit(Deviation)
  /// It has a password, and none was given.
  case locked
  case wrongPassword
  /// It has a PIN, which most checks would have to be told at each step, with a press for each.
  case hasPIN
  /// Its access key is of a kind that no password leads to.
  case unknownKey
  /// There is not enough room for the suite's own credentials.
  case noRoom(free: Int)
  /// An update is staged, which the checks would take the place of.
  case updateWaiting
  case interrupted
}

extension Refusal {
  init(_ end: CheckEnd) {
    self =
      switch end {
      case .deviation(let deviation): .unfit(deviation)
      case .transport(let failure): .transport(failure)
      case .interrupted: .interrupted
      case .skipped(let reason):
        .unfit(Deviation(sent: "nothing", expected: "a token", received: reason))
      }
  }

  static func unless<Result>(
    _ work: () throws(CheckEnd) -> Result
  ) throws(Refusal) -> Result {
    do throws(CheckEnd) {
      return try work()
    } catch {
      throw Refusal(error)
    }
  }
}

extension Refusal: CustomStringConvertible {
  public var description: String {
    switch self {
    case .nothingChosen(let pattern):
      "No check has '\(pattern)' in its id; '--list' shows them all."
    case .transport(let failure):
      failure.description
    case .unfit(let deviation):
      "The token does not answer as one does, so that nothing on it could be kept safe: to "
        + "\(deviation.sent) it has to answer \(deviation.expected), and it answered "
        + "\(deviation.received). '--only' with a group of the framing's checks goes without that."
    case .locked:
      "The token is locked; give its password with --password-file FILE. (If an earlier run of the "
        + "checks was torn off, the password is '\(Suite.ownPassword)', and "
        + "'fob password clear' removes it.)"
    case .wrongPassword:
      "That is not the token's password."
    case .hasPIN:
      "The token has a PIN, and the checks are made without one. Take it off for the time with "
        + "'fob pin remove', or check another token. Nothing was changed."
    case .unknownKey:
      "The token's access key is of a kind that no password leads to, so it cannot be opened."
    case .noRoom(let free):
      "The checks need room for \(Suite.neededSlots) credentials of their own, and the token has "
        + "room for \(free). Nothing was changed."
    case .updateWaiting:
      "An update is waiting on the token, which the checks would take the place of. Confirm it or "
        + "roll it back, then try again."
    case .interrupted:
      "The checks were interrupted before they began."
    }
  }
}
