import OATH

/// HMAC-SHA-256 under a key of this database, for what has to be found again but not read:
/// the bearer's bytes of tickets, and the names that tries are counted under. (A person may type
/// their password where the e-mail address belongs; it must not end up on disk in the clear.)
struct KeyedHash {
  /// Bytes of the key and of a digest.
  static let size = 32

  private let key: [UInt8]

  /// Takes the key from the database; the first caller makes it.
  init(of database: Database, random: RandomSource) throws(Refusal) {
    try database.run(
      "INSERT OR IGNORE INTO console (only_row, hash_key) VALUES (1, ?)",
      random.bytes(Self.size))
    key = try database.first("SELECT hash_key FROM console") { $0.bytes(0) } ?? []
  }

  func digest(_ bytes: [UInt8]) -> [UInt8] {
    let key = OATHKey(algorithm: .sha256, secret: key.span)
    var digest = [UInt8](repeating: 0, count: HashAlgorithm.sha512.digestSize)
    var span = digest.mutableSpan
    let size = key.authenticationCode(of: bytes.span, into: &span)
    return [UInt8](digest[..<size])
  }
}
