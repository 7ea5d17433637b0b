import TokenCore

/// How many recovery codes a credential has.
public struct RecoveryCount: Hashable, Sendable {
  /// Not yet handed out, `0 ... stored`.
  public let left: Int
  /// Stored as a set, at most 16.
  public let stored: Int
}

/// The codes that a site showed once, kept with the credential that they stand in for.
extension TokenSession {
  /// Replaces a credential's recovery codes; without codes it wipes them.
  ///
  /// - Parameter codes: at most 16, each `1 ... 24` bytes of printable ASCII.
  public func storeRecoveryCodes(
    _ codes: [SecretBytes], for name: Credential.Name
  ) throws(TokenFailure) {
    guard codes.count <= AppletLimits.recoveryCodes else {
      throw .input(.tooManyRecoveryCodes(codes.count))
    }
    let command = CommandAPDU(.storeRecoveryCodes)
    command.append(.name, name.bytes)
    for (index, code) in codes.enumerated() {
      guard code.withBytes(Self.isRecoveryCode) else {
        throw .input(.recoveryCodeUnfit(position: index + 1))
      }
      command.append(.recoveryCode, code)
    }
    try performQuietly(command, about: name)
  }

  /// Hands out the first unused code. The token forgets it before it answers.
  public func takeRecoveryCode(
    for name: Credential.Name
  ) throws(TokenFailure) -> (code: SecretBytes, count: RecoveryCount) {
    let command = CommandAPDU(.takeRecoveryCode)
    command.append(.name, name.bytes)
    var fields: FieldReader
    do {
      fields = try perform(command, about: name)
    } catch .noSuchCredential {
      // One status word says both: no such credential, and no code left.
      _ = try countRecoveryCodes(for: name)
      throw .noRecoveryCodeLeft(name)
    }
    var bytes = try fields.value(of: .recoveryCode, 1...AppletLimits.recoveryCodeSize)
    guard Self.isRecoveryCode(bytes.span) else {
      throw .nonsense("it hands out a recovery code that none can be")
    }
    let code = SecretBytes(taking: &bytes)
    let count = try fields.recoveryCount()
    return (code, count)
  }

  public func countRecoveryCodes(
    for name: Credential.Name
  ) throws(TokenFailure) -> RecoveryCount {
    let command = CommandAPDU(.countRecoveryCodes)
    command.append(.name, name.bytes)
    var fields = try perform(command, about: name)
    return try fields.recoveryCount()
  }

  /// `1 ... 24` bytes of printable ASCII.
  private static func isRecoveryCode(_ bytes: Span<UInt8>) -> Bool {
    guard (1...AppletLimits.recoveryCodeSize).contains(bytes.count) else { return false }
    return bytes.indices.allSatisfy { (0x20...0x7E).contains(bytes[$0]) }
  }
}

extension FieldReader {
  /// `D9`: left ‖ stored, a byte each.
  fileprivate mutating func recoveryCount() throws(TokenFailure) -> RecoveryCount {
    let value = try value(of: .recoveryCount, 2...2)
    let count = RecoveryCount(left: Int(value.first ?? 0), stored: Int(value.last ?? 0))
    guard count.left <= count.stored, count.stored <= AppletLimits.recoveryCodes else {
      throw .nonsense("it counts more recovery codes than it can have")
    }
    try end()
    return count
  }
}
