import OATH
import Testing

@Suite("What holds for any message and any key")
struct HashPropertyTests {
  @Test("a hash does not depend on how its message is cut into pieces")
  func pieces() {
    for seed in Seed.fresh(60) {
      var random = seed.generator
      let message = random.bytes(.random(in: 0...400, using: &random))
      pieces(SHA1.self, message, seed, &random)
      pieces(SHA256.self, message, seed, &random)
      pieces(SHA512.self, message, seed, &random)
    }
  }

  @Test("a code does not depend on how its message is cut into pieces")
  func codePieces() {
    for seed in Seed.fresh(30) {
      var random = seed.generator
      let secret = random.bytes(.random(in: 0...300, using: &random))
      let message = random.bytes(.random(in: 0...300, using: &random))
      let key = HMAC<SHA512>.Key(secret.span)
      var running = HMAC<SHA512>(key: key)
      for piece in cut(message, &random) { running.update(piece.span) }
      var code = [UInt8](repeating: 0, count: 64)
      var span = code.mutableSpan
      running.finalize(into: &span)
      #expect(code == hmac(SHA512.self, key: secret, message: message), "\(seed)")
    }
  }

  @Test("a key longer than a block is worth its hash, and zeros at its end nothing, as HMAC has it")
  func longKeys() {
    for seed in Seed.fresh(20) {
      var random = seed.generator
      let message = random.bytes(9)
      let long = random.bytes(.random(in: 129...500, using: &random))
      let short = random.bytes(.random(in: 0...40, using: &random))
      for algorithm in HashAlgorithm.allCases {
        let hashed =
          switch algorithm {
          case .sha1: hash(SHA1.self, long)
          case .sha256: hash(SHA256.self, long)
          case .sha512: hash(SHA512.self, long)
          }
        #expect(
          authenticationCode(algorithm, key: long, message: message)
            == authenticationCode(algorithm, key: hashed, message: message), "\(seed)")
        #expect(
          authenticationCode(algorithm, key: short, message: message)
            == authenticationCode(algorithm, key: short + [0, 0, 0], message: message), "\(seed)")
      }
    }
  }

  @Test("a code is the four bytes of the HMAC that its last four bits point to")
  func truncation() {
    var offsets: Set<Int> = []
    for seed in Seed.fresh(400) {
      var random = seed.generator
      let secret = random.bytes(.random(in: 1...64, using: &random))
      let counter = UInt64.random(in: 0...UInt64.max, using: &random)
      let message = (0..<8).map { UInt8(truncatingIfNeeded: counter >> (56 - 8 * $0)) }
      let algorithm = HashAlgorithm.allCases.randomElement(using: &random)!
      let code = authenticationCode(algorithm, key: secret, message: message)
      let offset = Int(code.last! & 15)
      offsets.insert(offset)
      let value = code[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
      let key = OATHKey(algorithm: algorithm, secret: secret.span)
      #expect(HOTP.truncation(key: key, at: MovingFactor(counter)).value == value, "\(seed)")
    }
    // With one repeated seed there is only one offset to be seen.
    if offsets.count > 1 { #expect(offsets == Set(0...15)) }
  }

  private func pieces<H: HashFunction>(
    _ type: H.Type, _ message: [UInt8], _ seed: Seed, _ random: inout SplitMix64
  ) {
    var running = H()
    for piece in cut(message, &random) { running.update(piece.span) }
    let digest = written(H.digestSize) { running.finalize(into: &$0) }
    #expect(digest == hash(type, message), "\(H.algorithm), \(seed)")
  }

  /// The message in pieces of 0 to 150 bytes.
  private func cut(_ message: [UInt8], _ random: inout SplitMix64) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    var rest = message[...]
    while !rest.isEmpty {
      let size = Int.random(in: 0...150, using: &random)
      pieces.append(Array(rest.prefix(size)))
      rest = rest.dropFirst(size)
    }
    return pieces
  }
}
