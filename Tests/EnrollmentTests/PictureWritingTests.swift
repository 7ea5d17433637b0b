import Foundation
import Testing

@testable import Enrollment

@Suite("QR codes that are written")
struct PictureWritingTests {
  private let text = "otpauth://totp/Söhne:u1?secret=\(Pictures.key)&issuer=東京銀行"

  @Test("as PNG are read back, from the smallest scale to the largest", arguments: [1, 2, 3, 4, 5, 8, 16, 32])
  func scales(scale: Int) throws {
    let png = try QRPicture.png(encoding: text, scale: scale)
    #expect(try QRPicture.read(png, name: "written") == [text])
  }

  @Test(
    "as PNG are read by another program",
    .enabled(if: Tool.areInstalled("zbarimg"), "needs zbar-tools"))
  func otherReader() throws {
    let zbarimg = try #require(Tool("zbarimg"))
    let folder = try TemporaryFolder()
    let png = try QRPicture.png(encoding: text, scale: 4)
    try Data(png).write(to: URL(fileURLWithPath: folder.file("code.png")))
    let output = try zbarimg.run(
      ["--quiet", "--raw", "--nodbus", "-Sbinary", "--oneshot", folder.file("code.png")])
    #expect(String(decoding: output, as: UTF8.self) == text)
  }

  @Test("hold texts of any length up to the capacity, and no longer ones")
  func lengths() throws {
    for seed in Seeds.fresh(20) {
      var generator = SeededGenerator(seed: seed)
      let length = Int.random(in: 1...QRSymbol.capacity, using: &generator)
      let text = String(
        decoding: (0..<length).map { _ in UInt8.random(in: 0x20...0x7E, using: &generator) },
        as: UTF8.self)
      let back = try QRPicture.read(QRPicture.png(encoding: text, scale: 3), name: "written")
      #expect(back == [text], "\(Seeds.repeatLine(seed))")
    }
    let longest = String(repeating: "x", count: QRSymbol.capacity)
    #expect(try QRPicture.read(QRPicture.png(encoding: longest, scale: 3), name: "") == [longest])
    #expect(throws: QRPicture.Failure.tooLong(bytes: QRSymbol.capacity + 1)) {
      try QRPicture.png(encoding: longest + "x", scale: 3)
    }
    #expect(throws: QRPicture.Failure.tooLong(bytes: QRSymbol.capacity + 1)) {
      try QRPicture.terminal(encoding: longest + "x")
    }
  }

  @Test("have a size of module from 1 to 32 pixels", arguments: [-1, 0, 33, Int.max])
  func badScale(scale: Int) {
    #expect(throws: QRPicture.Failure.scale(scale)) {
      try QRPicture.png(encoding: "x", scale: scale)
    }
  }

  @Test("for a terminal can be scanned off it")
  func terminal() throws {
    let lines = try QRPicture.terminal(encoding: text).split(separator: "\n")
    let blackOnWhite = "\u{1B}[38;5;16;48;5;231m"
    let reset = "\u{1B}[0m"
    #expect(lines.allSatisfy { $0.hasPrefix(blackOnWhite) && $0.hasSuffix(reset) })
    let rows = lines.map { Array($0.dropFirst(blackOnWhite.count).dropLast(reset.count)) }
    #expect(Set(rows.map(\.count)).count == 1)

    // A terminal's cell as 4 by 8 pixels.
    var screen = GreyPicture(width: rows[0].count * 4, height: rows.count * 8)
    let width = screen.width
    screen.withMutablePixels { pixels in
      for index in pixels.indices {
        let (x, y) = (index % width, index / width)
        let character = rows[y / 8][x / 4]
        let isDark = character == "█" || character == (y % 8 < 4 ? "▀" : "▄")
        if isDark { pixels[index] = 0 }
      }
    }
    let findings = try QRScanner().findings(in: screen)
    #expect(findings.map { QRText.decode($0.bytes) } == [text])
  }
}
