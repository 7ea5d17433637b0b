import OATH
import Testing

@testable import Enrollment

@Suite("otpauth addresses, many of them")
struct OTPAuthPropertyTests {
  private typealias Generator = SeededGenerator

  @Test("an address that is written out and parsed again is equal")
  func roundTrip() throws {
    for seed in Seeds.fresh(2000) {
      var generator = Generator(seed: seed)
      let uri = Self.uri(&generator)
      let back = try? OTPAuthURI(parsing: uri.text)
      #expect(back == uri, "\(uri.text) \(Seeds.repeatLine(seed))")
      let isASCII = uri.text.utf8.allSatisfy { $0 < 0x80 }
      #expect(isASCII, "\(Seeds.repeatLine(seed))")
    }
  }

  @Test("a mutated address gives a value that can be written out, or a failure without its secret")
  func mutations() {
    for seed in Seeds.fresh(5000) {
      var generator = Generator(seed: seed)
      let uri = Self.uri(&generator)
      let mutated = Self.mutated(uri.text, &generator)
      do {
        let value = try OTPAuthURI(parsing: mutated)
        #expect(!value.secret.isEmpty, "\(Seeds.repeatLine(seed))")
        #expect(OTPAuthURI.periodRange.contains(value.period.rawValue))
        #expect((try? OTPAuthURI(parsing: value.text)) == value, "\(Seeds.repeatLine(seed))")
      } catch {
        let sentence = error.description
        #expect(sentence.hasSuffix("."), "\(Seeds.repeatLine(seed))")
        let secret = Base32.encode(uri.secret)
        if secret.count >= 8 {
          #expect(!sentence.contains(secret.prefix(8)), "\(Seeds.repeatLine(seed))")
        }
      }
    }
  }

  @Test("noise gives a typed failure")
  func noise() {
    for seed in Seeds.fresh(2000) {
      var generator = Generator(seed: seed)
      let bytes = (0..<Int.random(in: 0...300, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(throws: OTPAuthURI.Failure.notOTPAuth, "\(Seeds.repeatLine(seed))") {
        try OTPAuthURI(parsing: text)
      }
      _ = try? OTPAuthURI(parsing: "otpauth://totp/\(text)")
      _ = try? OTPAuthURI(parsing: "otpauth://totp/?secret=\(Pictures.key)&\(text)")
      _ = try? TypedKey(parsing: text)
    }
  }

  // MARK: Generators

  private static func uri(_ generator: inout Generator) -> OTPAuthURI {
    let isTOTP = Bool.random(using: &generator)
    let secret = (0..<Int.random(in: 1...80, using: &generator)).map { _ in
      UInt8.random(in: 0...255, using: &generator)
    }
    return OTPAuthURI(
      kind: isTOTP ? .totp : .hotp(counter: .random(in: 0...UInt64.max, using: &generator)),
      issuer: Int.random(in: 0..<4, using: &generator) == 0 ? nil : name(&generator),
      account: name(&generator), secret: secret,
      algorithm: HashAlgorithm.allCases.randomElement(using: &generator)!,
      digits: Digits(rawValue: .random(in: Digits.range, using: &generator))!,
      period: isTOTP
        ? Seconds(.random(in: OTPAuthURI.periodRange, using: &generator))
        : OTPAuthURI.defaultPeriod)
  }

  /// Up to 12 characters, those with a meaning in addresses more often than others, without
  /// spaces around.
  private static func name(_ generator: inout Generator) -> String {
    let alphabet = Array("ab: :%+&?=/#@.öß東é👍%3A\"'<>\\")
    let characters = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
      alphabet.randomElement(using: &generator)!
    }
    return AccountLabel.trimmed(String(characters))
  }

  /// The text with one to four bytes changed, left out, doubled or put in.
  private static func mutated(_ text: String, _ generator: inout Generator) -> String {
    var bytes = Array(text.utf8)
    for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
      let index = Int.random(in: bytes.indices, using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes.remove(at: index)
      case 2: bytes.insert(Array("&=?%/:#+".utf8).randomElement(using: &generator)!, at: index)
      default: bytes.insert(bytes[index], at: index)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
