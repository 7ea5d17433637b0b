import OATH
import Testing
import TokenCore

@testable import TokenClient

@Suite("A credential's name")
struct CredentialNameTests {
  @Test("states a period that is not 30 seconds, and no other")
  func prefix() throws {
    #expect(try name("GitHub:ann", 30).bytes == Array("GitHub:ann".utf8))
    #expect(try name("GitHub:ann", 60).bytes == Array("60/GitHub:ann".utf8))
    #expect(try name("GitHub:ann", 86_400).bytes == Array("86400/GitHub:ann".utf8))
  }

  @Test("states 30 seconds where the label itself would be read as a period")
  func disguise() throws {
    let name = try name("60/minutes", 30)
    #expect(name.bytes == Array("30/60/minutes".utf8))
    #expect(name.label == "60/minutes")
  }

  @Test("is read back from the wire with the same label and period, whatever the label")
  func roundTrip() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix(seed: seed)
    let alphabet = Array("0123456/:aé ")
    for _ in 0..<5_000 {
      let label = String(
        (0..<Int.random(in: 1...12, using: &random)).map { _ in
          alphabet.randomElement(using: &random)!
        })
      let period = [1, 30, 60, 86_400, Int64.random(in: 1...86_400, using: &random)]
        .randomElement(using: &random)!
      let name = try name(label, period)
      let read = try #require(Credential.Name(wire: name.bytes, type: .totp))
      #expect(read.label == label, "repeat with: \(seed)")
      #expect(read.period == Seconds(period), "repeat with: \(seed)")
      let hotp = try Credential.Name(hotpLabel: label)
      #expect(Credential.Name(wire: hotp.bytes, type: .hotp)?.label == label)
      #expect(hotp.period == nil)
    }
  }

  @Test(
    "takes for a period only digits without leading zero, 1 to 86400, before more",
    arguments: ["030/a", "0/a", "86401/a", "60/", "/a", "6x/a", "60", "999999/a", "-1/a"])
  func noPrefix(_ text: String) throws {
    let name = try #require(Credential.Name(wire: text.utf8, type: .totp))
    #expect(name.period == Seconds(30))
    #expect(name.label == text)
  }

  @Test("keeps its period when the label changes")
  func renamed() throws {
    let name = try name("a:b", 60).renamed(to: "c:d")
    #expect(name.period == Seconds(60))
    #expect(name.label == "c:d")
    #expect(try Credential.Name(hotpLabel: "a").renamed(to: "b").period == nil)
  }

  @Test("is split into issuer and account at the first colon")
  func parts() throws {
    #expect(try name("GitHub:ann@example.com", 60).issuer == "GitHub")
    #expect(try name("GitHub: ann", 30).account == "ann")
    #expect(try name("A:b:c", 30).account == "b:c")
    for whole in ["ann", ":ann", "ann:"] {
      #expect(try name(whole, 30).issuer == nil)
      #expect(try name(whole, 30).account == whole)
    }
  }

  @Test("has 1 to 64 bytes, prefix included, and a period of 1 to 86400 seconds")
  func limits() throws {
    let label = String(repeating: "x", count: 62)
    #expect(try name(label, 30).bytes.count == 62)
    #expect(throws: TokenFailure.input(.nameTooLong(bytes: 65))) { try name(label, 60) }
    #expect(throws: TokenFailure.input(.nameEmpty)) { try name("", 30) }
    for period in [0, -1, 86_401, Int64.max] {
      #expect(throws: TokenFailure.input(.periodOutOfRange(Seconds(period)))) {
        try name("a", period)
      }
    }
    #expect(Credential.Name(wire: [], type: .totp) == nil)
    #expect(Credential.Name(wire: [UInt8](repeating: 65, count: 65), type: .totp) == nil)
  }

  @Test("is shown so that it cannot hide anything")
  func display() throws {
    let bytes = Array("30/evil\u{202E}cod\u{1B}[2J".utf8) + [0xFF, 0x41]
    let name = try #require(Credential.Name(wire: bytes, type: .totp))
    #expect(name.description == "evil\\u{202E}cod\\u{1B}[2J\\xFFA")
  }

  private func name(_ label: String, _ period: Int64) throws -> Credential.Name {
    try Credential.Name(label: label, period: Seconds(period))
  }
}

@Suite("Text to show")
struct DisplayTextTests {
  @Test(
    "is left as it is where it is harmless", arguments: ["", "Zürich ✓ 東京", "a\\b", "שלום", "👍🏽"])
  func harmless(_ text: String) {
    #expect(DisplayText.escaped(text) == text)
  }

  @Test("never contains a character that moves, reorders or hides, whatever the bytes")
  func property() {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix(seed: seed)
    let spices = Array("\u{202E}\u{2066}\u{200F}\u{7}\u{9B}\u{2028}\u{FEFF}é𐍈".utf8)
    for _ in 0..<3_000 {
      var bytes = random.bytes(Int.random(in: 0...24, using: &random))
      if Bool.random(using: &random) { bytes.insert(contentsOf: spices, at: 0) }
      for scalar in DisplayText.escaped(bytes).unicodeScalars {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse:
          Issue.record("U+\(String(scalar.value, radix: 16)), repeat with: \(seed)")
        default: break
        }
      }
    }
  }
}
