import CCrypt
import Enrollment
import OATH

/// An account that another system had.
public struct ImportedAccount: Sendable {
  public let email: String
  /// As crypt(5) writes it, in any of the forms that the system's libcrypt takes and does not
  /// advise against. It is made anew at the first login.
  public let passwordHash: String
  /// The key that the person's token has, if MFA was on.
  public let key: OTPAuthURI?

  public init(email: String, passwordHash: String, key: OTPAuthURI?) {
    self.email = email
    self.passwordHash = passwordHash
    self.key = key
  }
}

extension RelyingParty {
  /// Takes accounts over from another system, all or none, for whoever runs the console. They have no
  /// backup codes until the person updates MFA.
  public func importAccounts(_ accounts: [ImportedAccount]) throws(Refusal) {
    try database.immediately { () throws(Refusal) in
      for account in accounts { try importAccount(account) }
    }
  }

  private func importAccount(_ imported: ImportedAccount) throws(Refusal) {
    guard let address = EmailAddress(imported.email) else { throw .emailMalformed }
    guard crypt_checksalt(imported.passwordHash) == CRYPT_SALT_OK else {
      throw .cannotHash(reason: "a hash to be imported is of a form that it does not take")
    }
    guard try findAccount(email: address.text) == nil else { throw .emailTaken }
    let account = Account.ID(
      try database.insert(
        "INSERT INTO account (email, password_hash, created_at) VALUES (?, ?, ?) RETURNING id",
        address.text, imported.passwordHash, clock()))
    try accountSeals.sealNew(account)
    if let key = imported.key {
      guard case .totp = key.kind, let totp = TOTP(period: key.period) else {
        throw .keyNotTimeBased
      }
      try credentials.insert(
        key.secret, key.algorithm, key.digits, totp, for: account, isActive: true, until: clock())
    }
    try log.record(.accountImported, subject: account)
  }
}
