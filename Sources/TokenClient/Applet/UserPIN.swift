import TokenCore

/// A person's PIN for a token: at least 4 characters, and at most 64 bytes of UTF-8.
public final class UserPIN: Sendable {
  let bytes: SecretBytes

  /// - Parameter text: UTF-8.
  /// - Throws: `input(.pinUnfit)`; then no try of a token's is spent.
  public init(_ text: SecretBytes) throws(TokenFailure) {
    // A byte 10xxxxxx goes on with a character.
    let characters = text.withBytes { bytes in
      var count = 0
      for index in bytes.indices where bytes[index] & 0xC0 != 0x80 { count += 1 }
      return count
    }
    guard characters >= AppletLimits.shortestPIN, text.count <= AppletLimits.longestPIN else {
      throw .input(.pinUnfit(characters: characters, bytes: text.count))
    }
    bytes = text
  }
}
