import OATH
import TokenCore

extension Credential {
  /// A credential's name as the wire has it: `1 ... 64` bytes, for TOTP with the period as a prefix
  /// (`60/issuer:account`) when it is not 30 seconds (Docs/protocol.md, section 5).
  ///
  /// Bytes from a token need not be UTF-8; two names are the same when their bytes are.
  public struct Name: Sendable {
    /// The periods that a name can state, in seconds.
    public static let periods = 1...Int(CredentialName.longestPeriod.rawValue)
    /// The period of a name without a prefix.
    public static let defaultPeriod = CredentialName.defaultPeriod

    /// What is on the wire.
    public let bytes: [UInt8]
    /// TOTP's period; `nil` for HOTP, whose names have no prefix.
    public let period: Seconds?
    /// Where in `bytes` the label begins, behind the prefix.
    private let labelStart: Int

    /// The name that a TOTP credential of this label and period gets. The prefix is written when it
    /// has to be: for another period than 30 s, and where the label itself looks like one with it.
    public init(label: String, period: Seconds) throws(TokenFailure) {
      let label = Array(label.utf8)
      guard let number = Int(exactly: period.rawValue), Self.periods.contains(number) else {
        throw .input(.periodOutOfRange(period))
      }
      let needsPrefix = period != Self.defaultPeriod || Self.prefix(of: label) != nil
      let prefix = needsPrefix ? Array("\(number)/".utf8) : []
      try self.init(prefix: prefix, label: label, period: period)
    }

    /// The name that an HOTP credential of this label gets.
    public init(hotpLabel label: String) throws(TokenFailure) {
      try self.init(prefix: [], label: Array(label.utf8), period: nil)
    }

    /// A name from a token. `nil` when it is empty or has more than 64 bytes.
    init?(wire bytes: some Sequence<UInt8>, type: CredentialType) {
      let bytes = Array(bytes)
      guard (1...AppletLimits.nameSize).contains(bytes.count) else { return nil }
      self.bytes = bytes
      switch type {
      case .hotp:
        period = nil
        labelStart = 0
      case .totp:
        let prefix = Self.prefix(of: bytes)
        period = prefix?.period ?? Self.defaultPeriod
        labelStart = prefix?.length ?? 0
      }
    }

    private init(prefix: [UInt8], label: [UInt8], period: Seconds?) throws(TokenFailure) {
      guard !label.isEmpty else { throw .input(.nameEmpty) }
      bytes = prefix + label
      guard bytes.count <= AppletLimits.nameSize else {
        throw .input(.nameTooLong(bytes: bytes.count))
      }
      self.period = period
      labelStart = prefix.count
    }

    /// The same label's name, for another label: the period, and so its prefix, stays.
    public func renamed(to label: String) throws(TokenFailure) -> Credential.Name {
      if let period {
        try Credential.Name(label: label, period: period)
      } else {
        try Credential.Name(hotpLabel: label)
      }
    }

    /// The prefix that `bytes` begin with, by the token's own rule.
    private static func prefix(of bytes: [UInt8]) -> (period: Seconds, length: Int)? {
      let period = CredentialName.period(of: bytes.span)
      let prefix = Array("\(period.rawValue)/".utf8)
      guard bytes.count > prefix.count, bytes.starts(with: prefix) else { return nil }
      return (period, prefix.count)
    }
  }
}

// MARK: - Parts

extension Credential.Name {
  /// The name without the prefix, for comparing with what a person typed. Bytes that are not
  /// UTF-8 are replaced; show `description` instead.
  public var label: String { String(decoding: bytes[labelStart...], as: UTF8.self) }

  /// What stands before the label's first colon.
  public var issuer: String? { parts.issuer }

  /// What stands behind the label's first colon, less leading spaces; the whole label without one.
  public var account: String { parts.account }

  private var parts: (issuer: String?, account: String) {
    let label = bytes[labelStart...]
    guard let colon = label.firstIndex(of: UInt8(ascii: ":")), colon > labelStart,
      colon + 1 < label.endIndex
    else { return (nil, self.label) }
    let account = label[(colon + 1)...].drop { $0 == UInt8(ascii: " ") }
    return (
      String(decoding: label[..<colon], as: UTF8.self), String(decoding: account, as: UTF8.self)
    )
  }
}

extension Credential.Name: Hashable {
  public static func == (a: Credential.Name, b: Credential.Name) -> Bool { a.bytes == b.bytes }

  public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

extension Credential.Name: CustomStringConvertible {
  /// The label, safe to show.
  public var description: String { DisplayText.escaped(bytes[labelStart...]) }
}
