import Testing

@testable import Enrollment

@Suite("pictures made by other programs")
struct PictureReadingTests {
  @Test(
    "a QR code is read from PNG and JPEG, turned, in colour, progressive or transparent",
    arguments: ["account.png", "photo.jpg", "progressive.jpg", "transparent.png"])
  func account(name: String) throws {
    let texts = try QRPicture.read(file: Pictures.path(name))
    #expect(texts.count == 1)
    let uri = try OTPAuthURI(parsing: texts[0])
    #expect(
      uri
        == OTPAuthURI(
          issuer: "Judge Bank", account: "u1@example.com", secret: Pictures.secret,
          digits: .eight, period: .init(60)))
  }

  @Test("UTF-8 that is not escaped is read as UTF-8")
  func unicode() throws {
    let soehne = try OTPAuthURI(parsing: QRPicture.read(file: Pictures.path("soehne.png"))[0])
    #expect(soehne.issuer == "Söhne")
    let japanese = try OTPAuthURI(parsing: QRPicture.read(file: Pictures.path("japanese.png"))[0])
    #expect(japanese.issuer == "東京銀行" && japanese.account == "花子")
  }

  @Test("so are the standard's own encodings")
  func legacyEncodings() throws {
    #expect(try QRPicture.read(file: Pictures.path("latin1.png")) == ["Söhne"])
    #expect(try QRPicture.read(file: Pictures.path("kanji.png")) == ["東京銀行"])
  }

  @Test(
    "all codes of a picture are read, as one reads a page",
    arguments: [
      ("two.png", ["Left", "Right"]), ("dark.png", ["Left", "Right"]),
      ("three.png", ["Left", "Right", "Below"]),
    ])
  func several(name: String, issuers: [String]) throws {
    let texts = try QRPicture.read(file: Pictures.path(name))
    #expect(try texts.map { try OTPAuthURI(parsing: $0).issuer } == issuers)
  }

  @Test("one message over several codes is one text, if all of them are there")
  func structuredAppend() throws {
    let message = Array(repeating: "a long message", count: 12).joined(separator: " ") + " "
    #expect(try QRPicture.read(file: Pictures.path("parts.png")) == [message])
    let part = try Pictures.path("part.png")
    #expect(throws: QRPicture.Failure.partOfCode(file: part)) { try QRPicture.read(file: part) }
  }

  @Test("a QR code of something else is read, and is no account")
  func website() throws {
    let texts = try QRPicture.read(file: Pictures.path("website.png"))
    #expect(texts == ["https://example.com/"])
    #expect(throws: OTPAuthURI.Failure.notOTPAuth) { try OTPAuthURI(parsing: texts[0]) }
  }

  @Test("an app's export is recognised")
  func export() throws {
    let texts = try QRPicture.read(file: Pictures.path("export.png"))
    #expect(throws: OTPAuthURI.Failure.migration) { try OTPAuthURI(parsing: texts[0]) }
  }

  @Test("a picture in memory is read as the file is")
  func memory() throws {
    let fromFile = try QRPicture.read(file: Pictures.path("two.png"))
    #expect(try QRPicture.read(Pictures.bytes("two.png"), name: "memory") == fromFile)
  }
}

@Suite("pictures that are refused")
struct PictureRefusalTests {
  /// The failure of reading a committed picture.
  private func failure(_ name: String) throws -> QRPicture.Failure {
    let path = try Pictures.path(name)
    return try #require(throws: QRPicture.Failure.self) { try QRPicture.read(file: path) }
  }

  @Test("without a code in it")
  func blank() throws {
    let path = try Pictures.path("blank.png")
    #expect(try failure("blank.png") == .noCode(file: path, damage: nil))
  }

  @Test("cut off in the middle, with the decoder's reason")
  func truncated() throws {
    guard case .undecodable(_, "PNG", let reason) = try failure("truncated.png") else {
      Issue.record("not undecodable")
      return
    }
    #expect(!reason.isEmpty)
    guard case .noCode(_, let damage) = try failure("truncated.jpg") else {
      Issue.record("not without code")
      return
    }
    #expect(damage?.isEmpty == false)
  }

  @Test("that are no PNG or JPEG, whatever their names say")
  func foreign() throws {
    let text = try Pictures.path("text-inside.png")
    #expect(try failure("text-inside.png") == .notAPicture(file: text, kind: nil))
    let gif = try Pictures.path("gif-inside.png")
    #expect(try failure("gif-inside.png") == .notAPicture(file: gif, kind: "a GIF picture"))
    #expect(throws: QRPicture.Failure.notAPicture(file: "none", kind: "empty")) {
      try QRPicture.read([], name: "none")
    }
  }

  @Test("in printing colours")
  func printing() throws {
    guard case .undecodable(_, "JPEG", _) = try failure("printing.jpg") else {
      Issue.record("not undecodable")
      return
    }
  }

  @Test("that claim too many pixels, before they are decoded")
  func bombs() throws {
    let huge = try Pictures.path("huge.png")
    #expect(try failure("huge.png") == .tooManyPixels(file: huge, width: 8400, height: 8400))

    var jpeg = try Pictures.bytes("photo.jpg")
    // SOF0: marker FF C0, length 00 11, precision 08, then height and width, 16 bits each.
    let frame: [UInt8] = [0xFF, 0xC0, 0x00, 0x11, 0x08]
    let start = try #require(
      jpeg.indices.first { jpeg[$0...].starts(with: frame) })
    jpeg.replaceSubrange(start + 5..<start + 9, with: [0xFF, 0xDC, 0xFF, 0xDC])
    #expect(throws: QRPicture.Failure.tooManyPixels(file: "bomb", width: 65500, height: 65500)) {
      try QRPicture.read(jpeg, name: "bomb")
    }
  }

  @Test("that are too large as files, even without an end")
  func tooLarge() {
    #expect(throws: QRPicture.Failure.tooLarge(file: "/dev/zero")) {
      try QRPicture.read(file: "/dev/zero")
    }
    let limit = PictureFile.sizeLimit
    #expect(throws: QRPicture.Failure.tooLarge(file: "zeros")) {
      try QRPicture.read([UInt8](repeating: 0, count: limit + 1), name: "zeros")
    }
  }

  @Test("that are missing, or folders, with the system's reason")
  func unreadable() throws {
    let folder = try TemporaryFolder()
    #expect(
      throws: QRPicture.Failure.unreadable(
        file: folder.file("missing.png"), reason: "no such file or directory")
    ) { try QRPicture.read(file: folder.file("missing.png")) }
    #expect(
      throws: QRPicture.Failure.unreadable(file: folder.path, reason: "is a directory")
    ) { try QRPicture.read(file: folder.path) }
  }

  @Test("with a sentence that cannot act on a terminal")
  func terminalSafety() throws {
    let name = "a\u{1B}[2J\u{202E}.png"
    let failure = try #require(throws: QRPicture.Failure.self) { try QRPicture.read(file: name) }
    #expect(!failure.description.unicodeScalars.contains("\u{1B}"))
    #expect(failure.description.contains("'a?[2J?.png'"))
  }

  @Test("or read: damage at random places never does more than that")
  func damage() throws {
    let originals = try ["account.png", "photo.jpg", "progressive.jpg"].map(Pictures.bytes)
    for seed in Seeds.fresh(60) {
      var generator = SeededGenerator(seed: seed)
      var bytes = originals.randomElement(using: &generator)!
      for _ in 0..<Int.random(in: 1...5, using: &generator) {
        let index = Int.random(in: bytes.indices, using: &generator)
        bytes[index] = UInt8.random(in: 0...255, using: &generator)
      }
      if Bool.random(using: &generator) {
        bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
      }
      do {
        let texts = try QRPicture.read(bytes, name: "damaged")
        #expect(!texts.isEmpty, "\(Seeds.repeatLine(seed))")
      } catch {
        #expect(error.description.contains("'damaged'"), "\(Seeds.repeatLine(seed))")
      }
    }
  }
}
