import Foundation
import OATH
import Testing

@testable import Enrollment

/// Pictures that qrencode and ImageMagick make while the tests run.
@Suite(
  "pictures made at the time of the test",
  .enabled(if: Tool.areInstalled("qrencode", "convert"), "needs qrencode and imagemagick"))
struct PictureToolTests {
  private let folder: TemporaryFolder
  private let qrencode: Tool
  private let convert: Tool

  init() throws {
    folder = try TemporaryFolder()
    qrencode = try #require(Tool("qrencode"))
    convert = try #require(Tool("convert"))
  }

  /// Any account, with names that are not escaped.
  private func account(_ generator: inout SeededGenerator) -> OTPAuthURI {
    let names = ["Söhne", "東京銀行", "Judge Bank", "127.0.0.1:8102", "Ωmega", "Банк"]
    return OTPAuthURI(
      issuer: names.randomElement(using: &generator)!, account: "u1@example.com",
      secret: (0..<20).map { _ in UInt8.random(in: 0...255, using: &generator) })
  }

  @Test("any account comes through, in any rotation, polarity, size and format")
  func accounts() throws {
    let treatments: [[String]] = [
      ["plain.png"],
      ["-negate", "dark.png"],
      ["-background", "white", "-rotate", "90", "turned.png"],
      ["-background", "white", "-rotate", "31", "-quality", "80", "turned.jpg"],
      ["-resize", "400%", "large.png"],
      ["-filter", "point", "-resize", "50%", "small.png"],
      ["-bordercolor", "gray70", "-border", "900", "-quality", "60", "page.jpg"],
      ["-alpha", "set", "-transparent", "white", "clear.png"],
      ["-depth", "16", "-interlace", "PNG", "deep.png"],
      ["-colorspace", "sRGB", "-type", "TrueColor", "-negate", "-quality", "90", "dark.jpg"],
    ]
    for seed in Seeds.fresh(4) {
      var generator = SeededGenerator(seed: seed)
      let uri = account(&generator)
      let code = folder.file("code.png")
      try qrencode.run(["-8", "-s", "4", "-o", code, uri.text])
      for treatment in treatments {
        let picture = folder.file(treatment.last!)
        try convert.run([code] + treatment.dropLast() + [picture])
        let texts = try QRPicture.read(file: picture)
        #expect(texts == [uri.text], "\(treatment) \(Seeds.repeatLine(seed))")
      }
    }
  }

  @Test("text in UTF-8 comes through byte by byte")
  func unicode() throws {
    let alphabet = Array("aZ1 öäüßéñ東京銀行花子あいうえΩБанк한국어👍中文")
    for seed in Seeds.fresh(40) {
      var generator = SeededGenerator(seed: seed)
      let text = String(
        (0..<Int.random(in: 1...40, using: &generator)).map { _ in
          alphabet.randomElement(using: &generator)!
        })
      let code = folder.file("\(seed).png")
      try qrencode.run(["-8", "-s", "3", "-o", code], input: Data(text.utf8))
      #expect(try QRPicture.read(file: code) == [text], "\(Seeds.repeatLine(seed))")
    }
  }

  @Test("dark and light codes on one page are all read, row by row")
  func page() throws {
    let texts = ["one", "two", "three", "four"]
    let files = texts.map { folder.file("\($0).png") }
    for (text, file) in zip(texts, files) {
      try qrencode.run(["-s", "5", "-v", "2", "-o", file, text])
    }
    let page = folder.file("page.png")
    try convert.run(
      ["(", files[0], "(", files[1], "-negate", ")", "+append", ")"]
        + ["(", "(", files[2], "-negate", ")", files[3], "+append", ")", "-append", page])
    #expect(try QRPicture.read(file: page) == texts)
  }

  @Test("noise that hides a code's edges in a large photograph is averaged out")
  func noise() throws {
    let code = folder.file("code.png")
    let photo = folder.file("photo.jpg")
    try qrencode.run(["-s", "24", "-o", code, "a code of many pixels and much noise"])
    try convert.run(
      [code, "-seed", "1", "-attenuate", "0.8", "+noise", "Gaussian", "-quality", "70", photo])
    #expect(
      try QRPicture.read(file: photo) == ["a code of many pixels and much noise"])
  }

  @Test("a picture comes through a pipe")
  func pipe() throws {
    let fifo = folder.file("pipe")
    #expect(mkfifo(fifo, 0o600) == 0)
    let bytes = try Pictures.bytes("account.png")
    let writer = Thread {
      FileHandle(forWritingAtPath: fifo)?.write(Data(bytes))
    }
    writer.start()
    #expect(try QRPicture.read(file: fifo).count == 1)
  }

  @Test(
    "the code of a scanned account is oathtool's",
    .enabled(if: Tool.areInstalled("oathtool"), "needs oathtool"))
  func oathtool() throws {
    let oathtool = try #require(Tool("oathtool"))
    for seed in Seeds.fresh(3) {
      var generator = SeededGenerator(seed: seed)
      let uri = account(&generator)
      let code = folder.file("code.png")
      try qrencode.run(["-s", "4", "-o", code, uri.text])
      let scanned = try OTPAuthURI(parsing: QRPicture.read(file: code)[0])
      let now = Int64.random(in: 0...4_000_000_000, using: &generator)
      let step = try #require(TOTP(period: scanned.period)?.step(at: Seconds(now)))
      let key = OATHKey(algorithm: scanned.algorithm, secret: scanned.secret.span)
      let ours = HOTP.code(key: key, at: MovingFactor(step), digits: scanned.digits)
      let theirs = try oathtool.run(
        ["--totp", "--base32", "--now", "@\(now)", Base32.encode(uri.secret)])
      #expect(
        "\(ours)\n" == String(decoding: theirs, as: UTF8.self), "\(Seeds.repeatLine(seed))")
    }
  }
}
