import OATH
import TokenCore
import TokenSimulator

/// A rule about who may set a token's clock, and the token of somebody who relies on it.
///
/// All of them are the same core on the simulated board. The two that are not Watchfob's are what
/// other firmware does: anybody may set the clock. That is played by an access key that everybody
/// knows; and where secrets go when the clock is set, by a firmware that sends itself DELETE next.
enum ClockRule: String, CaseIterable {
  case naive
  case setThenWipe = "set, then wipe"
  case refuse = "Watchfob, refuse"
  case wipe = "Watchfob, wipe"

  static let credential = Array("console:ann".utf8)
  static let secret = Array("12345678901234567890".utf8)
  static let period: Int64 = 30
  static let publicKey = [UInt8](repeating: 0x2A, count: 16)
  /// How long its owner has not synchronised it: a week, in which a crystal may have drifted 12 s.
  private static let ownersWeek: Int64 = 7 * 86_400

  var summary: String {
    switch self {
    case .naive: "anybody may set the clock"
    case .setThenWipe: "anybody may set the clock, and the secrets are wiped after that"
    case .refuse: "time beyond the crystal's drift takes the access key"
    case .wipe: "time beyond the crystal's drift wipes the secrets, and then sets the clock"
    }
  }

  var isWatchfob: Bool { self == .refuse || self == .wipe }

  /// Whether anybody may set the clock because a key is known to all.
  var hasPublicKey: Bool { !isWatchfob }

  /// A token that its owner has used for a week, at `now`.
  func token(at now: UnixTime) -> HeldToken {
    let board = SimulatedBoard(
      serialNumber: SerialNumber(rawValue: 0x57), entropy: .seeded(1))
    let token = HeldToken(board, now: now + Microseconds(-Self.ownersWeek * 1_000_000))
    if hasPublicKey {
      token.send(.setCode, HeldToken.accessKey(Self.publicKey))
      token.validate(Self.publicKey)
    }
    if self == .wipe {
      token.send(.setClockPolicy, HeldToken.field(.clockPolicy, [ClockPolicy.wipe.rawValue]))
    }
    token.send(.clockSync, HeldToken.time(token.now, uncertainty: Microseconds(10_000)))
    let kind = CredentialKind(type: .totp, algorithm: .sha1).rawValue
    token.send(
      .put,
      HeldToken.field(.name, Self.credential) + HeldToken.field(.key, [kind, 6] + Self.secret))
    token.pass(seconds: Self.ownersWeek)
    return token
  }

  /// What the firmware does when it is told a time: the commands that it carries out, one after the
  /// other.
  func force(_ time: UnixTime, on token: HeldToken) {
    switch self {
    case .naive:
      _ = token.setClock(to: time, with: Self.publicKey)
    case .setThenWipe:
      _ = token.setClock(to: time, with: Self.publicKey)
      token.send(.delete, HeldToken.field(.name, Self.credential))
    case .refuse, .wipe:
      // CLOCK SET as the policy 'wipe' has it; 'refuse' wants a key's code.
      token.send(.clockSet, HeldToken.time(time))
    }
  }
}
