import OATH
import Testing

@Suite("The hash functions against NIST's vectors")
struct HashVectorTests {
  @Test("SHA-1 agrees with NIST's short messages")
  func sha1() throws { try shortMessages(SHA1.self, "SHA1", count: 65) }

  @Test("SHA-256 agrees with NIST's short messages")
  func sha256() throws { try shortMessages(SHA256.self, "SHA256", count: 65) }

  @Test("SHA-512 agrees with NIST's short messages")
  func sha512() throws { try shortMessages(SHA512.self, "SHA512", count: 129) }

  @Test("SHA-1 agrees with NIST's Monte Carlo chain")
  func sha1MonteCarlo() throws { try monteCarlo(SHA1.self, "SHA1") }

  @Test("SHA-256 agrees with NIST's Monte Carlo chain")
  func sha256MonteCarlo() throws { try monteCarlo(SHA256.self, "SHA256") }

  @Test("SHA-512 agrees with NIST's Monte Carlo chain")
  func sha512MonteCarlo() throws { try monteCarlo(SHA512.self, "SHA512") }

  /// Every message length in bytes from 0 to a block, so `count` is the block size and one.
  private func shortMessages<H: HashFunction>(
    _ type: H.Type, _ name: String, count: Int
  ) throws {
    let records = try VectorFile.records("nist-sha/\(name)ShortMsg.rsp").filter { $0["MD"] != nil }
    #expect(records.count == count)
    for record in records {
      let length: Int = try record.number("Len")
      let message = try bytes(hex: try record.value("Msg")).prefix(length / 8)
      #expect(hex(hash(type, Array(message))) == record["MD"], "Len = \(length)")
    }
  }

  /// SHAVS, 6.4: a thousand digests on, each over the last three, give the next checkpoint.
  private func monteCarlo<H: HashFunction>(_ type: H.Type, _ name: String) throws {
    let records = try VectorFile.records("nist-sha/\(name)Monte.rsp")
    var seed = try bytes(hex: try #require(records.compactMap { $0["Seed"] }.first))
    let checkpoints = records.filter { $0["COUNT"] != nil }
    #expect(checkpoints.count == 100)
    for checkpoint in checkpoints {
      var (first, second, third) = (seed, seed, seed)
      for _ in 0..<1000 {
        (first, second, third) = (second, third, hash(type, first + second + third))
      }
      seed = third
      #expect(hex(seed) == checkpoint["MD"], "COUNT = \(checkpoint["COUNT"] ?? "?")")
    }
  }
}
