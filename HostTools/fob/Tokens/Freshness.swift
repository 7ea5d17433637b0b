import OATH
import TokenClient
import TokenCore

/// Whether a code lives long enough to be typed and sent.
enum Freshness {
  /// A code is about to end when less than this is left of it: 5 s, or a sixth of a shorter life.
  static func margin(of period: Seconds) -> Microseconds {
    Microseconds(min(5_000_000, period.rawValue * 1_000_000 / 6))
  }

  /// A code of `credential` that is not about to end; waits for the next one if it has to.
  static func code(
    of credential: Credential, on connection: Connection
  ) throws(FobError) -> IssuedCode {
    let issued = try connection.ask { session throws(TokenFailure) in
      try session.calculate(credential.name)
    }
    guard let validity = issued.validity,
      validity.remaining < margin(of: validity.period)
    else { return issued }
    let console = connection.console
    if console.isInteractive {
      console.note("Waiting \(DurationText.of(wholeSeconds(validity.remaining))) for a fresh code.")
    }
    try SignalHold.during { () throws(FobError) in
      // A little more, since the two clocks do not tick alike.
      try SignalHold.sleep(milliseconds: Int(validity.remaining.rawValue / 1000) + 50)
    }
    return try connection.ask { session throws(TokenFailure) in
      try session.calculate(credential.name)
    }
  }

  /// Rounded up, as a countdown shows it.
  static func wholeSeconds(_ length: Microseconds) -> Microseconds {
    Microseconds((length.rawValue + 999_999) / 1_000_000 * 1_000_000)
  }
}
