import OATH

/// An account as an `otpauth:` address states it, the text in a site's QR code.
///
/// The format is Google's Key URI Format, which no standard fixes:
/// `otpauth://totp/ISSUER:ACCOUNT?secret=…&issuer=…&algorithm=SHA1&digits=6&period=30`, and
/// `counter` instead of `period` for `hotp`. What is read is what sites write, see
/// `init(parsing:)`; what is written is the form above, complete and percent-encoded.
///
/// The value holds a secret. It is not shown when the value is printed or dumped, and the one who
/// owns the value wipes it when it is no longer needed.
public struct OTPAuthURI: Sendable {
  /// The moving factor that the account's codes are made from.
  public enum Kind: Equatable, Sendable {
    /// RFC 6238: the time.
    case totp
    /// RFC 4226: a counter, and the value it starts with.
    case hotp(counter: UInt64)
  }

  public var kind: Kind
  /// Who the account is with; nil if the address does not say, never empty.
  public var issuer: String?
  /// Whose account it is, an e-mail address for the most part; empty if the address does not say.
  public var account: String
  /// The key in bytes, at least one if it was parsed.
  public var secret: [UInt8]
  public var algorithm: HashAlgorithm
  public var digits: Digits
  /// The length of a step for `totp`; without meaning for `hotp`.
  public var period: Seconds

  /// The periods that are taken, in seconds: up to a day.
  public static let periodRange = Int64(1)...86_400
  /// The period of an address that gives none.
  public static let defaultPeriod = Seconds(30)

  public init(
    kind: Kind = .totp, issuer: String?, account: String, secret: [UInt8],
    algorithm: HashAlgorithm = .sha1, digits: Digits = .six, period: Seconds = defaultPeriod
  ) {
    self.kind = kind
    self.issuer = issuer == "" ? nil : issuer
    self.account = account
    self.secret = secret
    self.algorithm = algorithm
    self.digits = digits
    self.period = period
  }

  /// The name used on a token: "issuer:account", or the one of them that there is; empty if the
  /// address names neither.
  public var label: String {
    guard let issuer else { return account }
    return account.isEmpty ? issuer : "\(issuer):\(account)"
  }

  /// The address written out, in ASCII, with nothing left to a reader's defaults. Parsing it gives
  /// an equal value, if the names have no spaces around them.
  public var text: String {
    let host: String
    var query = ["secret=\(Base32.encode(secret))"]
    if let issuer { query.append("issuer=\(PercentEncoding.encode(issuer))") }
    query.append("algorithm=\(algorithm.nameInAddresses)")
    query.append("digits=\(digits.rawValue)")
    switch kind {
    case .totp:
      host = "totp"
      query.append("period=\(period.rawValue)")
    case .hotp(let counter):
      host = "hotp"
      query.append("counter=\(counter)")
    }
    let path = AccountLabel(issuer: issuer, account: account).text
    return "otpauth://\(host)/\(path)?\(query.joined(separator: "&"))"
  }
}

extension OTPAuthURI: Equatable {
  /// Compares all of it, the secrets in constant time.
  public static func == (a: OTPAuthURI, b: OTPAuthURI) -> Bool {
    let sameSecret = ConstantTime.equal(a.secret.span, b.secret.span)
    return sameSecret && a.kind == b.kind && a.issuer == b.issuer && a.account == b.account
      && a.algorithm == b.algorithm && a.digits == b.digits && a.period == b.period
  }
}

extension OTPAuthURI: CustomStringConvertible, CustomReflectable {
  /// All of it but the secret.
  public var description: String {
    let factor =
      switch kind {
      case .totp: "every \(period.rawValue) s"
      case .hotp(let counter): "counter \(counter)"
      }
    return "'\(label)', \(algorithm.nameInAddresses), \(digits.rawValue) digits, \(factor), "
      + "a secret of \(secret.count) bytes"
  }

  /// What `dump` and a failed test's report show: the description, not the stored secret.
  public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}

extension HashAlgorithm {
  /// The value of `algorithm=`.
  var nameInAddresses: String {
    switch self {
    case .sha1: "SHA1"
    case .sha256: "SHA256"
    case .sha512: "SHA512"
    }
  }

  /// Reads the names that sites use: SHA1, SHA-1, sha_256, HmacSHA512, HMAC-SHA-256…
  init?(nameInAddresses name: some Sequence<UInt8>) {
    var letters = name.map { ASCII.lowercased($0) }
    letters.removeAll { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
    if letters.starts(with: "hmac".utf8) { letters.removeFirst("hmac".utf8.count) }
    switch String(decoding: letters, as: UTF8.self) {
    case "sha1": self = .sha1
    case "sha256": self = .sha256
    case "sha512": self = .sha512
    default: return nil
    }
  }
}
