import Testing

@testable import OATH

@Suite("A hash that is named when the program runs")
struct RuntimeHashTests {
  @Test("is the one that is known when the program is compiled, for any message")
  func sameHash() {
    for seed in Seed.fresh(60) {
      var random = seed.generator
      // Every length around the ends of one and two blocks, and others.
      let message = random.bytes(.random(in: 0...300, using: &random))
      #expect(hash(.sha1, message) == OATHTests.hash(SHA1.self, message), "\(seed)")
      #expect(hash(.sha256, message) == OATHTests.hash(SHA256.self, message), "\(seed)")
      #expect(hash(.sha512, message) == OATHTests.hash(SHA512.self, message), "\(seed)")
    }
  }

  @Test("gives the same codes under any key, of any message")
  func sameCode() {
    for seed in Seed.fresh(60) {
      var random = seed.generator
      let key = random.bytes(.random(in: 0...300, using: &random))
      let message = random.bytes(.random(in: 0...300, using: &random))
      for (algorithm, code) in [
        (HashAlgorithm.sha1, hmac(SHA1.self, key: key, message: message)),
        (.sha256, hmac(SHA256.self, key: key, message: message)),
        (.sha512, hmac(SHA512.self, key: key, message: message)),
      ] {
        #expect(authenticationCode(algorithm, key: key, message: message) == code, "\(seed)")
      }
    }
  }

  @Test("truncates bytes as HOTP truncates words", arguments: HashAlgorithm.allCases)
  func sameTruncation(algorithm: HashAlgorithm) {
    for seed in Seed.fresh(100) {
      var random = seed.generator
      let secret = random.bytes(20)
      let counter = random.next()
      let key = OATHKey(algorithm: algorithm, secret: secret.span)
      let bytes = (0..<8).map { UInt8(truncatingIfNeeded: counter >> UInt64(56 - 8 * $0)) }
      let code = authenticationCode(algorithm, key: secret, message: bytes)
      #expect(
        Truncation(of: code.span).value
          == HOTP.truncation(key: key, at: MovingFactor(counter)).value, "\(seed)")
    }
  }

  private func hash(_ algorithm: HashAlgorithm, _ message: [UInt8]) -> [UInt8] {
    written(algorithm.digestSize) { digest in
      var hash = RuntimeHash(algorithm)
      hash.update(message.span)
      return hash.finish(into: &digest)
    }
  }
}
