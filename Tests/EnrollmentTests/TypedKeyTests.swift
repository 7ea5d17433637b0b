import Testing

@testable import Enrollment

@Suite("keys that are typed")
struct TypedKeyTests {
  @Test(
    "in groups, lower case, with dashes, padding, line breaks and the spaces of web pages",
    arguments: [
      "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
      "gezd gnbv gy3t qojq gezd gnbv gy3t qojq",
      "GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ",
      "  gezdgnbvgy3tqojq\n  gezdgnbvgy3tqojq\r\n",
      "GEZD\u{A0}GNBV\u{202F}GY3T\u{2009}QOJQ\u{200B}GEZD\u{AD}GNBV\tGY3T\u{FEFF}QOJQ",
      "GEZD–GNBV—GY3T‑QOJQ−GEZDGNBVGY3TQOJQ",
    ])
  func accepted(text: String) throws {
    #expect(try TypedKey(parsing: text).secret == Pictures.secret)
  }

  @Test("padding is taken")
  func padding() throws {
    #expect(try TypedKey(parsing: "mzxw 6ytb oi== ====").secret == Array("foobar".utf8))
  }

  @Test(
    "what is no key is refused, the character counted from 1",
    arguments: [
      ("", TypedKey.Failure.empty),
      (" - ", .empty),
      ("GEZD GN8V", .character(position: 8)),
      ("0EZDGNBV", .character(position: 1)),
      ("GEZDö", .character(position: 5)),
      ("GEZD\u{1B}[2J", .character(position: 5)),
      ("GEZDGNBVG", .cutShort),
      ("GEZDGNBV=", .padding(position: 9)),
      ("otpauth://totp/u1?secret=GEZDGNBV", .address),
      (" OTPAuth-Migration://offline", .address),
      (String(repeating: "A", count: 1025), .tooLong(bytes: 1025)),
    ])
  func refused(text: String, failure: TypedKey.Failure) {
    #expect(throws: failure) { try TypedKey(parsing: text) }
  }

  @Test("a refusal does not quote the key")
  func discretion() throws {
    let failure = try #require(throws: TypedKey.Failure.self) {
      try TypedKey(parsing: "GEZDGNBVGY3T!OJQ")
    }
    #expect(!failure.description.contains("GEZD") && !failure.description.contains("!"))
    #expect(failure.description.contains("Character 13"))
  }
}
