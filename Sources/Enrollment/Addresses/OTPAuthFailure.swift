import OATH

extension OTPAuthURI {
  /// Why an address is not taken. None of them holds any of its text.
  public enum Failure: Error, Equatable, Sendable, CustomStringConvertible {
    /// Some other text or address.
    case notOTPAuth
    /// An export of several accounts, `otpauth-migration:`.
    case migration
    /// More than `sizeLimit` bytes.
    case tooLong(bytes: Int)
    /// Neither totp nor hotp.
    case kind
    /// A parameter that is there twice.
    case duplicate(String)
    /// A '%' in this part that two hexadecimal digits do not follow.
    case badEscape(String)
    /// Escapes in this part that are not UTF-8.
    case notUTF8(String)
    /// Control characters, line breaks, changes of direction or invisible characters in this name.
    case unsafeName(String)
    case secretMissing
    /// The secret is not Base32: where, and why.
    case secret(Base32.Failure)
    case algorithm
    /// Not a number of 6 to 10.
    case digits
    /// Not a number of 1 to 86,400.
    case period
    /// A hotp address has to say where its counter starts.
    case counterMissing
    /// Not a number of 64 bits.
    case counter

    init(_ failure: PercentEncoding.Failure, in part: String) {
      self =
        switch failure {
        case .badEscape: .badEscape(part)
        case .notUTF8: .notUTF8(part)
        }
    }

    public var description: String {
      "\(cause) \(wayOut)"
    }

    private var cause: String {
      switch self {
      case .notOTPAuth:
        "This is not the address of an account: that starts with otpauth://totp/ or "
          + "otpauth://hotp/."
      case .migration:
        "This is an export of several accounts (otpauth-migration:), which cannot be read yet."
      case .tooLong(let bytes):
        "The address has \(bytes) bytes, more than the \(OTPAuthURI.sizeLimit) that are read."
      case .kind:
        "The address asks for a kind of code other than totp and hotp."
      case .duplicate(let key):
        "The address gives '\(key)' twice, and it is not clear which one counts."
      case .badEscape(let part):
        "In the address's \(part), a '%' is not followed by two hexadecimal digits."
      case .notUTF8(let part):
        "The address's \(part) is not text in UTF-8."
      case .unsafeName(let part):
        "The address's \(part) has control characters or invisible ones in it."
      case .secretMissing:
        "The address has no secret."
      case .secret(let failure):
        "The address's secret is damaged: \(failure)."
      case .algorithm:
        "The address asks for an algorithm other than SHA1, SHA256 and SHA512."
      case .digits:
        "The address asks for a number of digits other than \(Digits.range.lowerBound) to "
          + "\(Digits.range.upperBound)."
      case .period:
        "The address asks for a period other than \(OTPAuthURI.periodRange.lowerBound) to "
          + "\(OTPAuthURI.periodRange.upperBound) seconds."
      case .counterMissing:
        "The address is of the kind hotp, but does not say where its counter starts."
      case .counter:
        "The address's counter is not a number of 0 to \(UInt64.max)."
      }
    }

    private var wayOut: String {
      switch self {
      case .notOTPAuth:
        "Take the QR code, or the address, that the site shows for an authenticator app."
      case .migration:
        "Add the accounts one by one, each with a QR code or key from its site."
      case .kind, .algorithm, .digits, .period:
        "The site has to offer another kind, or the account cannot be on this token."
      case .tooLong, .duplicate, .badEscape, .notUTF8, .unsafeName, .secretMissing, .secret,
        .counterMissing, .counter:
        "Copy all of it again, ask the site for a new one, or enter the key that it shows as text."
      }
    }
  }
}
