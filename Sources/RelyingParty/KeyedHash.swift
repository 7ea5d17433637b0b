import OATH

/// HMAC-SHA-256 under a key of this database, for what has to be found again but not read:
/// the bearer's bytes of tickets, and the names that tries are counted under. (A person may type
/// their password where the e-mail address belongs; it must not end up on disk in the clear.)
struct KeyedHash {
  /// Bytes of the key and of a digest.
  static let size = 32

  let key: [UInt8]

  private static let place = "console hash_key"
  /// Where it is from when on every row that has a seal must have the right one.
  private static let placeOnceSealed = "console hash_key, rows sealed"

  /// Takes the key from the database, where it is sealed; the first caller makes it. That it opens
  /// shows that the key file is this database's.
  init(of database: Database, keys: SealingKeys, random: RandomSource) throws(Refusal) {
    let fresh = try keys.seal(
      random.bytes(Self.size), at: Self.placeOnceSealed, random: random)
    try database.run(
      "INSERT INTO console (only_row, hash_key) VALUES (1, ?) ON CONFLICT DO NOTHING", fresh)
    let stored = try Self.stored(in: database)
    if let opened = try? keys.open(stored, at: Self.placeOnceSealed) {
      key = opened.copy
      return
    }
    // An earlier layout: its rows are sealed now, once. Nobody can bring this about again who cannot
    // seal the key.
    let opened = try keys.open(stored, at: Self.place).copy
    key = opened
    let sealed = try keys.seal(opened, at: Self.placeOnceSealed, random: random)
    let hash = self
    try database.immediately { () throws(Refusal) in
      guard try Self.stored(in: database) == stored else { return }
      try AccountSeals(database: database, hash: hash).sealAll()
      try database.run("UPDATE console SET hash_key = ?", sealed)
    }
  }

  private static func stored(in database: Database) throws(Refusal) -> [UInt8] {
    try database.first("SELECT hash_key FROM console") { $0.bytes(0) } ?? []
  }

  /// Seals the key under the file's current one.
  func sealAnew(in database: Database, keys: SealingKeys, random: RandomSource) throws(Refusal) {
    let sealed = try keys.seal(key, at: Self.placeOnceSealed, random: random)
    try database.run("UPDATE console SET hash_key = ?", sealed)
  }

  /// What shows that somebody with the key wrote these values together, under this name: a writer of
  /// the database without the key cannot make it, nor take it from one row into another.
  func seal(_ name: String, _ values: [any Storable]) -> [UInt8] {
    var text = Array("seal:\(name)".utf8)
    for value in values {
      let (kind, bytes): (UInt8, [UInt8]) =
        switch value.stored {
        case .null: (0, [])
        case .integer(let number): (1, Array("\(number)".utf8))
        case .flag(let flag): (2, [flag ? 1 : 0])
        case .text(let words): (3, Array(words.utf8))
        case .bytes(let bytes): (4, bytes)
        }
      text += [0, kind] + Array("\(bytes.count):".utf8) + bytes
    }
    return digest(text)
  }

  /// A text's keyed digest, in hexadecimal digits.
  func text(of words: String) -> String {
    String(decoding: Hexadecimal.text(of: digest(Array(words.utf8))), as: UTF8.self)
  }

  func digest(_ bytes: [UInt8]) -> [UInt8] {
    let key = OATHKey(algorithm: .sha256, secret: key.span)
    var digest = [UInt8](repeating: 0, count: HashAlgorithm.sha512.digestSize)
    var span = digest.mutableSpan
    let size = key.authenticationCode(of: bytes.span, into: &span)
    return [UInt8](digest[..<size])
  }
}
