import OATH
import Testing

@Suite("HOTP and TOTP against the vectors of their RFCs")
struct OATHVectorTests {
  @Test("HOTP agrees with RFC 4226, appendix D, step by step")
  func rfc4226() throws {
    let records = try VectorFile.records("rfc/rfc-4226.txt").filter { $0["HOTP"] != nil }
    #expect(records.count == 10)
    for record in records {
      let secret = Array(try record.value("SECRET").utf8)
      let counter: UInt64 = try record.number("COUNTER")
      let key = OATHKey(algorithm: .sha1, secret: secret.span)
      let message = (0..<8).map { UInt8(truncatingIfNeeded: counter >> (56 - 8 * $0)) }
      let intermediate = authenticationCode(.sha1, key: secret, message: message)
      #expect(hex(intermediate) == record["INTERMEDIATE"])
      let truncation = HOTP.truncation(key: key, at: MovingFactor(counter))
      #expect(String(truncation.value, radix: 16) == record["TRUNCATED"])
      #expect(truncation.code(.six).description == record["HOTP"])
      let code = HOTP.code(key: key, at: MovingFactor(counter), digits: .six)
      #expect(code == truncation.code(.six))
    }
  }

  @Test("TOTP agrees with RFC 6238, appendix B, for all three hashes")
  func rfc6238() throws {
    let records = try VectorFile.records("rfc/rfc-6238.txt").filter { $0["TOTP"] != nil }
    #expect(records.count == 18)
    let totp = try #require(TOTP(period: Seconds(30)))
    for record in records {
      let algorithm: HashAlgorithm =
        switch try record.value("MODE") {
        case "SHA1": .sha1
        case "SHA256": .sha256
        default: .sha512
        }
      let time = Seconds(try record.number("TIME"))
      let key = OATHKey(
        algorithm: algorithm, secret: Array(try record.value("SECRET").utf8).span)
      let step = try #require(totp.step(at: time))
      let code = HOTP.code(key: key, at: MovingFactor(step), digits: .eight)
      #expect(code.description == record["TOTP"], "\(record)")
    }
  }
}
