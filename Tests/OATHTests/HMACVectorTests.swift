import OATH
import Testing

@Suite("HMAC and PBKDF2 against published vectors")
struct HMACVectorTests {
  @Test("HMAC-SHA-1 agrees with RFC 2202")
  func rfc2202() throws { try rfc(SHA1.self, "rfc/rfc-2202-sha1.txt", count: 7) }

  @Test("HMAC-SHA-256 agrees with RFC 4231")
  func rfc4231SHA256() throws { try rfc(SHA256.self, "rfc/rfc-4231-sha256.txt", count: 6) }

  @Test("HMAC-SHA-512 agrees with RFC 4231")
  func rfc4231SHA512() throws { try rfc(SHA512.self, "rfc/rfc-4231-sha512.txt", count: 6) }

  @Test("HMAC-SHA-1 agrees with Wycheproof, and tells tampered tags apart")
  func wycheproofSHA1() throws { try wycheproof(SHA1.self, "hmac_sha1_test.json") }

  @Test("HMAC-SHA-256 agrees with Wycheproof, and tells tampered tags apart")
  func wycheproofSHA256() throws { try wycheproof(SHA256.self, "hmac_sha256_test.json") }

  @Test("HMAC-SHA-512 agrees with Wycheproof, and tells tampered tags apart")
  func wycheproofSHA512() throws { try wycheproof(SHA512.self, "hmac_sha512_test.json") }

  @Test("PBKDF2 with HMAC-SHA-256 agrees with Wycheproof")
  func wycheproofPBKDF2() throws {
    let vectors = try VectorFile.wycheproof(
      "pbkdf2_hmacsha256_test.json", of: DerivationVector.self)
    #expect(vectors.count == 60)
    for vector in vectors {
      #expect(vector.result == "valid")
      let key = pbkdf2(
        SHA256.self, password: try bytes(hex: vector.password), salt: try bytes(hex: vector.salt),
        iterations: vector.iterationCount, size: vector.dkLen)
      #expect(hex(key) == vector.dk, "tcId \(vector.tcId)")
    }
  }

  private func rfc<H: HashFunction>(_ type: H.Type, _ path: String, count: Int) throws {
    let records = try VectorFile.records(path).filter { $0["MD"] != nil }
    #expect(records.count == count)
    for record in records {
      let key = try bytes(hex: try record.value("Key"))
      let message = try bytes(hex: try record.value("Msg"))
      #expect(hex(hmac(type, key: key, message: message)) == record["MD"])
      #expect(hex(authenticationCode(H.algorithm, key: key, message: message)) == record["MD"])
    }
  }

  private func wycheproof<H: HashFunction>(_ type: H.Type, _ path: String) throws {
    let vectors = try VectorFile.wycheproof(path, of: TagVector.self)
    #expect(vectors.count >= 170)
    #expect(Set(vectors.map(\.result)) == ["valid", "invalid"])
    for vector in vectors {
      let key = try bytes(hex: vector.key)
      let message = try bytes(hex: vector.msg)
      let tag = try bytes(hex: vector.tag)
      let code = hmac(type, key: key, message: message)
      #expect(authenticationCode(H.algorithm, key: key, message: message) == code)
      let agrees = ConstantTime.equal(Array(code.prefix(tag.count)).span, tag.span)
      #expect(agrees == (vector.result == "valid"), "tcId \(vector.tcId)")
    }
  }
}

/// Wycheproof's test of a tag, perhaps one cut short.
private struct TagVector: Decodable {
  let tcId: Int
  let key, msg, tag, result: String
}

/// Wycheproof's test of a key derived from a password.
private struct DerivationVector: Decodable {
  let tcId, iterationCount, dkLen: Int
  let password, salt, dk, result: String
}
