import OATH
import Testing

@testable import Enrollment

@Suite("otpauth addresses as sites write them")
struct OTPAuthParsingTests {
  private let key = Pictures.key

  @Test("an address with all its parts")
  func complete() throws {
    let uri = try OTPAuthURI(
      parsing: "otpauth://totp/Site%20Name:u1@example.com?secret=\(key)&issuer=Site%20Name"
        + "&algorithm=SHA256&digits=8&period=60")
    #expect(
      uri
        == OTPAuthURI(
          kind: .totp, issuer: "Site Name", account: "u1@example.com", secret: Pictures.secret,
          algorithm: .sha256, digits: .eight, period: Seconds(60)))
    #expect(uri.label == "Site Name:u1@example.com")
  }

  @Test("what an address leaves out is SHA-1, six digits and 30 seconds")
  func defaults() throws {
    let uri = try OTPAuthURI(parsing: "otpauth://totp/u1?secret=\(key)")
    #expect(uri == OTPAuthURI(issuer: nil, account: "u1", secret: Pictures.secret))
    #expect(uri.digits == .six && uri.period == Seconds(30) && uri.algorithm == .sha1)
    #expect(uri.label == "u1")
  }

  @Test(
    "the issuer and the account are found",
    arguments: [
      // UTF-8 and '&' in the issuer, none in the label
      ("u1?issuer=Judge%20Bank%20%26%20S%C3%B6hne", "Judge Bank & Söhne", "u1"),
      // a colon inside the issuer, ': ' after it
      ("127.0.0.1%3A8102%3A%20u1?issuer=127.0.0.1%3A8102", "127.0.0.1:8102", "u1"),
      ("127.0.0.1%3A8102%3A%20u1?", "127.0.0.1:8102", "u1"),
      ("127.0.0.1%3a8102%3au1?", "127.0.0.1:8102", "u1"),
      ("127.0.0.1%3A8102:u1?", "127.0.0.1:8102", "u1"),
      ("127.0.0.1:8102:u1?", "127.0.0.1:8102", "u1"),
      ("127.0.0.1:8102:u1?issuer=127.0.0.1:8102", "127.0.0.1:8102", "u1"),
      // bare ':' and '@', the escaped forms of them, and spaces
      ("Site%20Name:u1@example.com?issuer=Site%20Name", "Site Name", "u1@example.com"),
      ("Site%20Name%3Au1%40example.com?", "Site Name", "u1@example.com"),
      ("Site Name: u1@example.com?issuer=Site Name", "Site Name", "u1@example.com"),
      ("Site:%20%20u1?issuer=%20Site%20", "Site", "u1"),
      // only one of the two, or an empty one
      ("Site:u1?", "Site", "u1"),
      ("Site:u1?issuer=", "Site", "u1"),
      (":u1?issuer=", nil, "u1"),
      ("u1?issuer=", nil, "u1"),
      ("Site:?issuer=Site", "Site", ""),
      ("?issuer=Site", "Site", ""),
      // a contradiction: the parameter wins
      ("Old:u1?issuer=New", "New", "u1"),
      // a colon in the account
      ("Site:a%3Ab?issuer=Site", "Site", "a:b"),
      ("Site:a:b?issuer=Site", "Site", "a:b"),
      // plus signs
      ("Site+Name:u1+tag@example.com?issuer=Site+Name", "Site Name", "u1+tag@example.com"),
      ("C++:u1?issuer=C++", "C++", "u1"),
      ("u1?issuer=C%2B%2B", "C++", "u1"),
      // what should have been escaped
      ("Söhne:jörg?issuer=Söhne", "Söhne", "jörg"),
      ("C#:u1/2?issuer=C#", "C#", "u1/2"),
      ("u1?issuer=a=b", "a=b", "u1"),
      ("%E6%9D%B1%E4%BA%AC:u1?", "東京", "u1"),
    ])
  func names(tail: String, issuer: String?, account: String) throws {
    let uri = try OTPAuthURI(parsing: "otpauth://totp/\(tail)&secret=\(key)")
    #expect(uri.issuer == issuer)
    #expect(uri.account == account)
    #expect(uri.secret == Pictures.secret)
  }

  @Test("unknown parameters are passed over")
  func unknown() throws {
    let uri = try OTPAuthURI(
      parsing: "otpauth://totp/TOTP1?secret=\(key)&algorithm=SHA256&period=60&digits=8"
        + "&creator=x&serial=%zz&image=https%3A%2F%2Fexample.com&creator=y&flag&=z&&")
    #expect(uri.account == "TOTP1" && uri.algorithm == .sha256)
    #expect(uri.period == Seconds(60) && uri.digits == .eight)
  }

  @Test("the scheme, the kind and the keys may be in any case, with white space around")
  func letterCase() throws {
    let uri = try OTPAuthURI(
      parsing: "\n OTPAUTH://TOTP/u1?SECRET=\(key.lowercased())&Issuer=Site&DIGITS=8\r\n")
    #expect(
      uri == OTPAuthURI(issuer: "Site", account: "u1", secret: Pictures.secret, digits: .eight))
  }

  @Test("ampersands that are escaped as in HTML still separate")
  func markup() throws {
    let uri = try OTPAuthURI(parsing: "otpauth://totp/u1?secret=\(key)&amp;digits=8&amp;period=60")
    #expect(uri.digits == .eight && uri.period == Seconds(60))
  }

  @Test(
    "algorithms are known by all their spellings",
    arguments: [
      ("SHA1", HashAlgorithm.sha1), ("sha1", .sha1), ("SHA-1", .sha1), ("HmacSHA1", .sha1),
      ("SHA256", .sha256), ("sha-256", .sha256), ("HMAC-SHA-256", .sha256), ("SHA_256", .sha256),
      ("HmacSHA512", .sha512), ("hmac_sha512", .sha512), ("SHA512", .sha512),
    ])
  func spellings(name: String, algorithm: HashAlgorithm) throws {
    let uri = try OTPAuthURI(parsing: "otpauth://totp/u1?secret=\(key)&algorithm=\(name)")
    #expect(uri.algorithm == algorithm)
  }

  @Test("a hotp address has its counter, up to 64 bits")
  func counter() throws {
    let start = "otpauth://hotp/u1?secret=\(key)&counter="
    #expect(try OTPAuthURI(parsing: "\(start)0").kind == .hotp(counter: 0))
    #expect(try OTPAuthURI(parsing: "\(start)\(UInt64.max)").kind == .hotp(counter: .max))
  }

  @Test("what belongs to the other kind is passed over")
  func otherKind() throws {
    #expect(
      try OTPAuthURI(parsing: "otpauth://totp/u1?secret=\(key)&counter=x").kind == .totp)
    #expect(
      try OTPAuthURI(parsing: "otpauth://hotp/u1?secret=\(key)&counter=7&period=0").period
        == OTPAuthURI.defaultPeriod)
  }

  @Test("secrets of every length from 1 to 128 bytes, padded or not, in groups or not")
  func secretLengths() throws {
    for length in 1...128 {
      let secret = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
      let bare = Base32.encode(secret)
      let padding = String(repeating: "=", count: (8 - bare.count % 8) % 8)
      let grouped = bare.enumerated().map { $0 > 0 && $0 % 4 == 0 ? "%20\($1)" : "\($1)" }
      let plussed = bare.enumerated().map { $0 > 0 && $0 % 4 == 0 ? "+\($1)" : "\($1)" }
      for text in [bare, bare.lowercased(), bare + padding, grouped.joined(), plussed.joined()] {
        let uri = try OTPAuthURI(parsing: "otpauth://totp/u1?secret=\(text)")
        #expect(uri.secret == secret, "\(text)")
      }
    }
  }

  @Test("bits of a secret's last character that belong to no byte count for nothing")
  func strayBits() throws {
    // 26 characters have 130 bits; Z ends with ones where the strict form has zeros.
    let drawn = String(repeating: "A", count: 25) + "Z"
    let uri = try OTPAuthURI(parsing: "otpauth://totp/u1?secret=\(drawn)")
    let typed = try TypedKey(parsing: drawn)
    let expected = [UInt8](repeating: 0, count: 15) + [0b0000_0110]
    #expect(uri.secret == expected)
    #expect(typed.secret == expected)
  }

  @Test("nothing that prints a value shows its secret")
  func printing() throws {
    let uri = try OTPAuthURI(parsing: "otpauth://totp/Site:u1?secret=\(key)")
    var dumped = ""
    dump(uri, to: &dumped)
    let typed = try TypedKey(parsing: key)
    dump(typed, to: &dumped)
    let digits = "49, 50, 51"
    for text in [dumped, "\(uri)", String(reflecting: uri), "\(typed)", String(reflecting: typed)] {
      #expect(!text.contains(key) && !text.contains(digits) && !text.contains("secret: ["))
    }
    #expect("\(uri)" == "'Site:u1', SHA1, 6 digits, every 30 s, a secret of 20 bytes")
  }
}
