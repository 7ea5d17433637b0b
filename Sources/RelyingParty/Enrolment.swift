import Enrollment
import OATH

/// A new key, to be shown once as a picture and as text. It does nothing until
/// `RelyingParty.activate` takes its first code; let it lie, and it never will.
public struct Enrolment: Sendable {
  /// The URI in the picture.
  public let uri: OTPAuthURI
  /// When it is given up.
  public let expires: Seconds

  /// The key as text, Base32 (RFC 4648) without padding, for who types rather than scans.
  public var key: String {
    String(Base32.encode(uri.secret).prefix { $0 != "=" })
  }

  /// The QR code as a PNG file.
  /// - Parameter scale: pixels of a module's side, 1 or more.
  public func png(scale: Int = 6) throws(QRPicture.Failure) -> [UInt8] {
    try QRPicture.png(encoding: uri.text, scale: scale)
  }
}

extension Enrolment: CustomStringConvertible {
  /// Without the key.
  public var description: String { "a new key for \(uri.label)" }
}

/// How an account stands with MFA.
public struct MFAStatus: Equatable, Sendable {
  public let isOn: Bool
  /// Nil while MFA is off.
  public let backupCodesLeft: Int?
  /// Whether a new key waits for its first code.
  public let isEnrolling: Bool
  /// Organizations of the person that enforce MFA, each with its date; while there are any it cannot be
  /// disabled.
  public let enforcedBy: [Organization]
  /// Those whose date has come while MFA is off: until it is on, nothing else can be done.
  public let confinedBy: [Organization]
  /// Organizations in which the person is neither Owner nor allowed to manage MFA; while there are
  /// any it cannot be updated.
  public let updateForbiddenBy: [Organization]
}

extension RelyingParty {
  /// How the account of a session stands with MFA.
  public func mfaStatus(_ session: Session) throws(Refusal) -> MFAStatus {
    let account = try enrollingAccount(of: session)
    let pending = try credentials.pending(of: account)
    return MFAStatus(
      isOn: try credentials.isActive(of: account),
      backupCodesLeft: try backupCodes.left(of: account),
      isEnrolling: pending.map { clock() < $0.expires } ?? false,
      enforcedBy: try enforcers(of: account), confinedBy: try confiners(of: account),
      updateForbiddenBy: try updateForbidders(of: account))
  }

  /// Enable MFA: a new key for an account whose MFA is off. Asked again, it gives another one in
  /// the place of the first.
  public func beginEnable(_ session: Session) throws(Refusal) -> Enrolment {
    let secret = try newSecret()
    return try database.immediately { () throws(Refusal) in
      try checkFresh(session)
      let account = try enrollingAccount(of: session)
      guard try !credentials.isActive(of: account) else { throw .mfaAlreadyOn }
      try log.record(.enableBegun, actor: account, subject: account)
      return try stage(secret, for: account)
    }
  }

  /// Update MFA: a new key beside the old one, for an account whose MFA is on, and only for one
  /// who is Owner or allowed to manage MFA in every Organization they belong to. (Who belongs to
  /// none is their own Owner.) The old key and its backup codes stay good until the new key's
  /// first code is accepted.
  public func beginUpdate(_ session: Session) throws(Refusal) -> Enrolment {
    let account = try account(of: session)
    guard try credentials.isActive(of: account) else { throw .mfaNotOn }
    try checkMayUpdate(account, record: true)
    try checkFresh(session)
    let secret = try newSecret()
    return try database.immediately { () throws(Refusal) in
      guard try credentials.isActive(of: account) else { throw .mfaNotOn }
      try checkMayUpdate(account, record: false)
      try log.record(.updateBegun, actor: account, subject: account)
      return try stage(secret, for: account)
    }
  }

  /// The new key that waits for its first code, to show it again; nil if none does.
  public func pendingEnrolment(_ session: Session) throws(Refusal) -> Enrolment? {
    try checkFresh(session)
    let account = try enrollingAccount(of: session)
    guard let pending = try credentials.pending(of: account), clock() < pending.expires else {
      return nil
    }
    return Enrolment(
      uri: OTPAuthURI(
        kind: .totp, issuer: policy.issuer, account: try findAccount(account)?.email ?? "",
        secret: pending.secret.copy, algorithm: pending.algorithm, digits: pending.digits,
        period: pending.totp.period),
      expires: pending.expires)
  }

  /// Gives up a new key that waits for its first code; nothing else changes.
  public func abandonEnrolment(_ session: Session) throws(Refusal) {
    try database.immediately { () throws(Refusal) in
      let account = try enrollingAccount(of: session)
      guard try credentials.discardPending(of: account) else { throw .noEnrolment }
      try log.record(.enrolmentAbandoned, actor: account, subject: account)
    }
    database.emptyLog()
  }

  /// Refuses one who may not update MFA, and notes that in the audit log if asked to (which a
  /// transaction that is about to be rolled back cannot).
  func checkMayUpdate(_ account: Account.ID, record: Bool) throws(Refusal) {
    let forbidders = try updateForbidders(of: account)
    if forbidders.isEmpty { return }
    if record { try log.record(.updateRefused, actor: account, subject: account) }
    throw .updateNotPermitted(forbidders.map(\.name))
  }

  private func newSecret() throws(Refusal) -> [UInt8] {
    try random.bytes(policy.algorithm.digestSize)
  }

  private func stage(_ secret: [UInt8], for account: Account.ID) throws(Refusal) -> Enrolment {
    let expires = clock().later(by: policy.enrolmentLifetime.rawValue)
    try credentials.stage(secret, policy: policy, for: account, until: expires)
    return Enrolment(
      uri: OTPAuthURI(
        kind: .totp, issuer: policy.issuer, account: try findAccount(account)?.email ?? "",
        secret: secret, algorithm: policy.algorithm, digits: policy.digits, period: policy.period),
      expires: expires)
  }
}
