import OATH
import Testing

@testable import Enrollment

@Suite("otpauth addresses that are refused")
struct OTPAuthRefusalTests {
  private static let key = Pictures.key
  private static let start = "otpauth://totp/Site:u1?secret=\(key)"

  @Test(
    "each with its cause",
    arguments: [
      ("", OTPAuthURI.Failure.notOTPAuth),
      ("https://example.com/", .notOTPAuth),
      (key, .notOTPAuth),
      ("otpauth:totp/u1?secret=\(key)", .notOTPAuth),
      ("xotpauth://totp/u1?secret=\(key)", .notOTPAuth),
      ("otpauth-migration://offline?data=CiUKFDEy", .migration),
      ("OTPAUTH-MIGRATION://offline", .migration),
      ("otpauth://", .kind),
      ("otpauth://steam/u1?secret=\(key)", .kind),
      ("otpauth:///totp/u1?secret=\(key)", .kind),
      ("otpauth://totp", .secretMissing),
      ("otpauth://totp/Site:u1", .secretMissing),
      ("otpauth://totp/Site:u1?secret", .secretMissing),
      ("otpauth://totp/Site:u1?secret=", .secretMissing),
      ("otpauth://totp/Site:u1?secret=%20-", .secretMissing),
      ("\(start)&digits=5", .digits),
      ("\(start)&digits=11", .digits),
      ("\(start)&digits=", .digits),
      ("\(start)&digits=-6", .digits),
      ("\(start)&digits=+6", .digits),
      ("\(start)&digits=six", .digits),
      ("\(start)&digits=6.0", .digits),
      ("\(start)&digits=99999999999999999999999", .digits),
      ("\(start)&digits=%D9%A6", .digits),
      ("\(start)&period=0", .period),
      ("\(start)&period=-30", .period),
      ("\(start)&period=86401", .period),
      ("\(start)&period=99999999999999999999999", .period),
      ("\(start)&period=", .period),
      ("\(start)&algorithm=MD5", .algorithm),
      ("\(start)&algorithm=SHA3-256", .algorithm),
      ("\(start)&algorithm=", .algorithm),
      ("otpauth://hotp/u1?secret=\(key)", .counterMissing),
      ("otpauth://hotp/u1?secret=\(key)&counter=", .counter),
      ("otpauth://hotp/u1?secret=\(key)&counter=-1", .counter),
      ("otpauth://hotp/u1?secret=\(key)&counter=18446744073709551616", .counter),
      ("\(start)&secret=\(key)", .duplicate("secret")),
      ("\(start)&SECRET=MFRGG", .duplicate("secret")),
      ("\(start)&digits=6&digits=8", .duplicate("digits")),
      ("\(start)&issuer=a&issuer=b", .duplicate("issuer")),
      ("\(start)&issuer=100%", .badEscape("issuer")),
      ("otpauth://totp/a%2?secret=\(key)", .badEscape("label")),
      ("\(start)&issuer=S%F6hne", .notUTF8("issuer")),
      ("otpauth://totp/S%F6hne?secret=\(key)", .notUTF8("label")),
      ("\(start)&issuer=a%00b", .unsafeName("issuer")),
      ("\(start)&issuer=a%1B%5B2J", .unsafeName("issuer")),
      ("otpauth://totp/a%0Ab?secret=\(key)", .unsafeName("account")),
      ("otpauth://totp/a\u{7}b?secret=\(key)", .unsafeName("account")),
      ("otpauth://totp/a%C2%85b?secret=\(key)", .unsafeName("account")),
      ("otpauth://totp/a%E2%80%AEb?secret=\(key)", .unsafeName("account")),
      ("otpauth://totp/a\u{2028}b?secret=\(key)", .unsafeName("account")),
    ])
  func refused(address: String, failure: OTPAuthURI.Failure) {
    #expect(throws: failure) { try OTPAuthURI(parsing: address) }
  }

  @Test(
    "a damaged secret, with the place of the damage",
    arguments: [
      ("GEZDGNB1GY3TQOJQ", 7, Base32.Failure.Cause.foreignCharacter),
      ("0EZDGNBVGY3TQOJQ", 0, .foreignCharacter),
      ("GEZD%20GN%C3%B6VGY3TQOJQ", 7, .foreignCharacter),
      ("GEZDGNBVGY3TQOJQG", 17, .cutShort),
      ("GEZDGNBVGY3TQ=OJQ", 14, .characterAfterPadding),
      ("GEZDGNBVGY3TQOJQ=", 16, .wrongPadding),
    ])
  func damaged(secret: String, position: Int, cause: Base32.Failure.Cause) throws {
    let address = "otpauth://totp/Site:u1?secret=\(secret)&issuer=Site"
    let failure = try #require(throws: OTPAuthURI.Failure.self) {
      try OTPAuthURI(parsing: address)
    }
    guard case .secret(let detail) = failure else {
      Issue.record("not the secret's failure: \(failure)")
      return
    }
    #expect(detail.position == position && detail.cause == cause)
    #expect(!failure.description.contains(secret.prefix(4)))
  }

  @Test("an address is read up to its limit of length and no further")
  func length() throws {
    let filler = OTPAuthURI.sizeLimit - Self.start.utf8.count - "&note=".utf8.count
    let longest = "\(Self.start)&note=\(String(repeating: "x", count: filler))"
    #expect(longest.utf8.count == OTPAuthURI.sizeLimit)
    #expect(try OTPAuthURI(parsing: longest).secret == Pictures.secret)
    #expect(throws: OTPAuthURI.Failure.tooLong(bytes: OTPAuthURI.sizeLimit + 1)) {
      try OTPAuthURI(parsing: "\(longest)x")
    }
  }

  @Test("the sentence for an export says that it is one, and what to do")
  func export() {
    let sentence = OTPAuthURI.Failure.migration.description
    #expect(sentence.contains("otpauth-migration") && sentence.contains("one by one"))
  }
}
