import OATH

extension OTPAuthURI {
  /// The longest address that is read, in bytes. A QR code holds at most 2,953.
  public static let sizeLimit = 4096

  /// Reads an address as sites write it.
  ///
  /// - The scheme, the kind and the keys may be in any case, white space may surround the whole.
  /// - `issuer=` wins over the issuer in the label, an empty one counts for nothing.
  /// - The secret is Base32 with or without padding, of any length.
  /// - `digits` is 6 to 10 (6 if absent), `period` 1 to 86,400 s (30), `algorithm` SHA1, SHA256
  ///   or SHA512 in several spellings (SHA1); `counter` is required for hotp.
  /// - `counter` of a totp address, `period` of a hotp one, and unknown keys are passed over.
  /// - A '#' is itself: no site writes fragments, but some forget to escape it.
  ///
  /// Throws a `Failure` that never quotes any part of the address, as a misplaced character could
  /// put the secret anywhere in it.
  public init(parsing text: String) throws(Failure) {
    guard text.utf8.count <= Self.sizeLimit else { throw .tooLong(bytes: text.utf8.count) }
    let (host, path, queryText) = try Self.parts(of: Array(text.utf8))
    let query = try OTPAuthQuery(parsing: queryText)
    let issuer = try query.string(of: .issuer).map { AccountLabel.trimmed($0) }
    let label: AccountLabel
    do {
      label = try AccountLabel(parsing: path, issuer: issuer)
    } catch {
      throw Failure(error, in: "label")
    }
    try Self.check(label.issuer ?? "", as: "issuer")
    try Self.check(label.account, as: "account")

    let kind = try Self.kind(host, in: query)
    self.init(
      kind: kind, issuer: label.issuer, account: label.account,
      secret: try Self.secret(in: query), algorithm: try Self.algorithm(in: query),
      digits: try Self.digits(in: query),
      period: kind == .totp ? try Self.period(in: query) : Self.defaultPeriod)
  }

  /// Divides `otpauth://HOST/PATH?QUERY`; the path may be missing.
  private static func parts(
    of address: [UInt8]
  ) throws(Failure) -> (host: [UInt8], path: ArraySlice<UInt8>, query: ArraySlice<UInt8>) {
    var rest = address.drop(while: ASCII.isWhitespace)
    while let last = rest.last, ASCII.isWhitespace(last) { rest.removeLast() }

    let scheme = rest.prefix { $0 != UInt8(ascii: ":") }.map(ASCII.lowercased)
    rest = rest.dropFirst(scheme.count)
    if scheme == Array("otpauth-migration".utf8) { throw .migration }
    guard scheme == Array("otpauth".utf8), rest.starts(with: "://".utf8) else {
      throw .notOTPAuth
    }
    rest = rest.dropFirst("://".utf8.count)

    let beforeQuery = rest.prefix { $0 != UInt8(ascii: "?") }
    let host = beforeQuery.prefix { $0 != UInt8(ascii: "/") }
    return (
      host: host.map(ASCII.lowercased), path: beforeQuery[host.endIndex...].dropFirst(),
      query: rest[beforeQuery.endIndex...].dropFirst()
    )
  }

  private static func kind(_ host: [UInt8], in query: OTPAuthQuery) throws(Failure) -> Kind {
    switch String(decoding: host, as: UTF8.self) {
    case "totp": return .totp
    case "hotp":
      guard let counter: UInt64 = try query.number(of: .counter, invalid: .counter) else {
        throw .counterMissing
      }
      return .hotp(counter: counter)
    default: throw .kind
    }
  }

  private static func secret(in query: OTPAuthQuery) throws(Failure) -> [UInt8] {
    guard var text = try query.bytes(of: .secret), !text.isEmpty else { throw .secretMissing }
    defer { wipe(&text) }
    let secret: [UInt8]
    do {
      secret = try KeyText.decode(text)
    } catch {
      throw .secret(error)
    }
    guard !secret.isEmpty else { throw .secretMissing }
    return secret
  }

  private static func algorithm(in query: OTPAuthQuery) throws(Failure) -> HashAlgorithm {
    guard let name = try query.bytes(of: .algorithm) else { return .sha1 }
    guard let algorithm = HashAlgorithm(nameInAddresses: name) else { throw .algorithm }
    return algorithm
  }

  private static func digits(in query: OTPAuthQuery) throws(Failure) -> Digits {
    guard let number: Int = try query.number(of: .digits, invalid: .digits) else { return .six }
    guard let digits = Digits(rawValue: number) else { throw .digits }
    return digits
  }

  private static func period(in query: OTPAuthQuery) throws(Failure) -> Seconds {
    guard let number: Int64 = try query.number(of: .period, invalid: .period) else {
      return defaultPeriod
    }
    guard periodRange.contains(number) else { throw .period }
    return Seconds(number)
  }

  /// Throws `unsafeName` for what could act on a terminal or pass for another name.
  private static func check(_ name: String, as part: String) throws(Failure) {
    guard !name.unicodeScalars.contains(where: NameCharacters.isUnsafe) else {
      throw .unsafeName(part)
    }
  }
}
