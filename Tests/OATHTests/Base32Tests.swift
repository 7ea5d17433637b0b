import OATH
import Testing

@Suite("Base32")
struct Base32Tests {
  @Test("it agrees with RFC 4648, section 10")
  func rfc4648() throws {
    let vectors = [
      ("", ""), ("f", "MY======"), ("fo", "MZXQ===="), ("foo", "MZXW6==="), ("foob", "MZXW6YQ="),
      ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI======"),
    ]
    for (plain, encoded) in vectors {
      #expect(try Base32.decode(encoded) == Array(plain.utf8))
      #expect(Base32.encode(Array(plain.utf8)) == encoded.replacing("=", with: ""))
      let padded = [UInt8](capacity: 16) {
        Base32.encode(Array(plain.utf8).span, into: &$0, padded: true)
      }
      #expect(padded == Array(encoded.utf8))
      #expect(Base32.encodedSize(plain.utf8.count, padded: true) == encoded.utf8.count)
    }
  }

  @Test("any bytes come back, in lower case, in groups, with hyphens and with padding")
  func roundTrip() throws {
    for seed in Seed.fresh(200) {
      var random = seed.generator
      let bytes = random.bytes(.random(in: 0...70, using: &random))
      let text = Base32.encode(bytes)
      #expect(text.utf8.count == Base32.encodedSize(bytes.count))
      #expect(try Base32.decode(text) == bytes, "\(seed)")
      var spoilt = ""
      for character in text {
        if Bool.random(using: &random) {
          spoilt += [" ", "-", "- "].randomElement(using: &random)!
        }
        spoilt += Bool.random(using: &random) ? character.lowercased() : String(character)
      }
      #expect(try Base32.decode(spoilt) == bytes, "\(seed)")
      let padding = String(repeating: "=", count: (8 - text.count % 8) % 8)
      #expect(try Base32.decode(spoilt + " " + padding) == bytes, "\(seed)")
    }
  }

  @Test(
    "what is not Base32 is refused with its position",
    arguments: [
      ("JBSW0Y3D", 4, Base32.Failure.Cause.foreignCharacter),
      ("JBSW1Y3D", 4, .foreignCharacter),
      ("jbsw8y3d", 4, .foreignCharacter),
      ("JBSWY3D9", 7, .foreignCharacter),
      ("!", 0, .foreignCharacter),
      ("JBSW\tY3D", 4, .foreignCharacter),
      ("JBSWY3Dé", 7, .foreignCharacter),
      ("MY======A", 8, .characterAfterPadding),
      ("MY=A====", 3, .characterAfterPadding),
      ("=", 0, .wrongPadding),
      ("MZXW6YTB=", 8, .wrongPadding),
      ("MY=====", 6, .wrongPadding),
      ("MY=======", 8, .wrongPadding),
      ("M", 1, .cutShort),
      ("MZX", 3, .cutShort),
      ("MZXW6Y", 6, .cutShort),
      ("MZXW6YTB O", 10, .cutShort),
      ("MZ", 1, .strayBits),
      ("MZXW7", 4, .strayBits),
      ("MZXW6YR", 6, .strayBits),
      ("m z - -", 2, .strayBits),
    ])
  func refusals(text: String, position: Int, cause: Base32.Failure.Cause) {
    #expect(throws: Base32.Failure(position: position, cause: cause)) { try Base32.decode(text) }
  }

  @Test("every byte outside of the alphabet is refused where it stands")
  func alphabet() {
    let taken = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz234567".utf8)
    for byte in UInt8.min...UInt8.max where !taken.contains(byte) && !" -=".utf8.contains(byte) {
      let text = Array("MZXW".utf8) + [byte] + Array("YTB".utf8)
      #expect(throws: Base32.Failure(position: 4, cause: .foreignCharacter), "\(byte)") {
        _ = try [UInt8](capacity: 8) { (bytes) throws(Base32.Failure) in
          try Base32.decode(text.span, into: &bytes)
        }
      }
    }
  }

  @Test("bytes for which there is no room are refused, and nothing is written")
  func room() throws {
    var count = -1
    let bytes = [UInt8](capacity: 8) { output in
      output.append(1)
      do throws(Base32.Failure) {
        try Base32.decode(Array("MZXW6YTBMZXW6YTB".utf8).span, into: &output)
      } catch {
        count = output.count
        #expect(error == Base32.Failure(position: 16, cause: .noRoom))
      }
    }
    #expect(bytes == [1])
    #expect(count == 1)
  }

  @Test("a refusal names the place and not the text")
  func description() throws {
    let secret = "JBSWY3DPEHPK3PX0"
    let failure = #expect(throws: Base32.Failure.self) { try Base32.decode(secret) }
    let sentence = try #require(failure).description
    #expect(sentence.contains("16"))
    #expect(!sentence.contains("JBSW"))
  }
}
