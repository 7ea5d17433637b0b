import Foundation
import Testing

/// A command line that has to be refused, with nothing changed.
struct BadRun: CustomTestStringConvertible, Sendable {
  let arguments: [String]
  var input = ""
  let status: Int32

  init(_ arguments: [String], input: String = "", _ status: Int32) {
    self.arguments = arguments
    self.input = input
    self.status = status
  }

  var testDescription: String {
    "fob " + arguments.map { String($0.prefix(40)) }.joined(separator: " ")
      + (input.isEmpty ? "" : " <<< \(input.prefix(40))")
  }
}

private let key = "JBSWY3DPEHPK3PXP\n"
private let long = String(repeating: "x", count: 65)

@Suite("Bad input")
struct BadInputTests {
  /// The token has 'Shop:ann' and 'Two' when these run.
  static let names: [BadRun] = [
    BadRun(["code", "nobody"], 4), BadRun(["login", "nobody"], 4), BadRun(["login", ""], 4),
    BadRun(["recover", "nobody"], 4), BadRun(["recover", "Shop:ann"], 4),
    BadRun(["remove", "nobody", "--yes"], 4), BadRun(["disable", "nobody", "--yes"], 4),
    BadRun(["rename", "nobody", "x"], 4), BadRun(["rename", "Shop:ann", "Two"], 5),
    BadRun(["rename", "Shop:ann", long], 9), BadRun(["rename", "Shop:ann", ""], 9),
    BadRun(["rename", "Shop:ann", "a\u{1B}[2J"], 9),
    BadRun(["update", "nobody", "--key", "-"], input: key, 4),
    BadRun(["add", "Two", "--key", "-"], input: key, 5),
    BadRun(["enable", "Two", "--key", "-"], input: key + "yes\n", 5),
    BadRun(["add", long, "--key", "-"], input: key, 9),
    BadRun(["add", String(long.dropLast(2)), "--key", "-", "--period", "60"], input: key, 9),
    BadRun(["add", "", "--key", "-"], input: key, 2),
    BadRun(["add", "a\nb", "--key", "-"], input: key, 9),
    BadRun(["add", "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP", "--key", "-"], input: key, 2),
  ]

  static let secrets: [BadRun] = [
    BadRun(["add", "x", "--key", "-"], 9), BadRun(["add", "x", "--key", "-"], input: "\n", 9),
    BadRun(["add", "x", "--key", "-"], input: "0189\n", 9),
    BadRun(["add", "x", "--key", "-"], input: "JBSWY3DPEHPK3PX!\n", 9),
    BadRun(["add", "x", "--key", "-"], input: String(repeating: "A", count: 1100) + "\n", 9),
    BadRun(["add", "x", "--key", "-"], input: String(repeating: "A", count: 9000), 9),
    BadRun(["add", "x", "--key", "-"], input: "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP\n", 9),
    BadRun(["add", "--key", "-"], input: key, 2),
    BadRun(["update", "Two", "--key", "-"], input: "0189\nyes\n", 9),
    BadRun(["update", "Two", "--key", "-", "--period", "60"], input: key + "yes\n", 9),
  ]

  static let addresses: [BadRun] = [
    "", "\n", "https://example.com/\n", "otpauth://totp/a\n", "otpauth://totp/a?secret=\n",
    "otpauth://totp/a?secret=01890189\n", "otpauth://push/a?secret=JBSWY3DPEHPK3PXP\n",
    "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&digits=5\n",
    "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&digits=eight\n",
    "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&period=0\n",
    "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&period=86401\n",
    "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&algorithm=MD5\n",
    "otpauth://hotp/a?secret=JBSWY3DPEHPK3PXP\n",
    "otpauth://hotp/a?secret=JBSWY3DPEHPK3PXP&counter=4294967296\n",
    "otpauth-migration://offline?data=AAAA\n",
    "otpauth://totp/a%1Bb?secret=JBSWY3DPEHPK3PXP\n",
  ].map { BadRun(["add", "--uri", "-"], input: $0, 9) }

  static let answers: [BadRun] = [
    BadRun(["remove", "Two"], 8), BadRun(["remove", "Two"], input: "no\n", 8),
    BadRun(["remove", "Two"], input: "maybe\n", 8), BadRun(["remove", "Two"], input: "\n", 8),
    BadRun(["disable", "Two"], 8), BadRun(["disable", "Two"], input: "disable\n", 8),
    BadRun(["reset"], 8), BadRun(["reset"], input: "yes\n", 8),
  ]

  static let files: [BadRun] = [
    BadRun(["add", "--qr", "missing.png"], 9), BadRun(["add", "--qr", "."], 9),
    BadRun(["add", "--qr", "text.png"], 9), BadRun(["add", "--qr", "empty"], 9),
    BadRun(["add", "--uri-file", "missing"], 9), BadRun(["add", "--uri-file", "."], 9),
    BadRun(["add", "--uri-file", "empty"], 9), BadRun(["add", "--uri-file", "huge"], 9),
    BadRun(["add", "--uri-file", "text.png"], 9),
    BadRun(["recover", "Two", "--store", "missing"], 9),
    BadRun(["recover", "Two", "--store", "empty"], 9),
    BadRun(["recover", "Two", "--store", "seventeen"], 9),
    BadRun(["recover", "Two", "--store", "wide"], 9),
    BadRun(["recover", "Two", "--store", "-"], 9),
    BadRun(["enable", "x", "--key", "-", "--backup-codes", "seventeen"], input: key + "yes\n", 9),
    BadRun(["update", "Two", "--key", "-", "--backup-codes", "wide"], input: key + "yes\n", 9),
    BadRun(["password", "set", "--new-password-file", "missing"], 9),
    BadRun(["password", "set", "--new-password-file", "empty"], 9),
    BadRun(["password", "set"], 9), BadRun(["password", "set"], input: "\n", 9),
    BadRun(["password", "set"], input: String(repeating: "x", count: 1025) + "\n", 9),
    BadRun(["password", "clear"], 1),
    BadRun(["sim", "restore", "missing"], 9), BadRun(["sim", "restore", "text.png"], 9),
    BadRun(["sim", "snapshot", "text.png"], 9), BadRun(["sim", "press"], 1),
    BadRun(["sim", "warp", "soon"], 2), BadRun(["sim", "button", "sometimes"], 2),
    BadRun(["sim", "run", "--image", "text.png"], 9),
    BadRun(["sim", "run", "--memory", "--", "no such program"], 1),
    BadRun(["sim", "run", "--memory", "--socket", long + long], 1),
    BadRun(["help", "nonesuch"], 2), BadRun(["completions", "csh"], 2),
  ]

  @Test(
    "is refused in one sentence, and nothing has changed",
    arguments: names + secrets + addresses + answers + files)
  func refused(_ bad: BadRun) throws {
    let desk = try Desk()
    try desk.add("Shop:ann")
    try desk.add("Two")
    _ = try desk.file("text.png", "This is no picture.\n")
    _ = try desk.file("empty", "")
    _ = try desk.file("huge", String(repeating: "x", count: 20_000))
    _ = try desk.file("seventeen", String(repeating: "1234\n", count: 17))
    _ = try desk.file("wide", "Ünicode\n")
    let before = try desk.list()
    let recovery = try desk.run("recover", "Two", "--count").output

    let outcome = try desk.run(bad.arguments, input: bad.input)
    #expect(outcome.status == bad.status, "\(outcome)")
    #expect(outcome.complaints.count == 1, "\(outcome)")
    #expect(outcome.output.isEmpty, "\(outcome)")
    #expect(!outcome.errors.contains("JBSWY3DPEHPK3PXP"))
    #expect(!outcome.errors.unicodeScalars.contains("\u{1B}"))
    #expect(try desk.list() == before)
    #expect(try desk.run("recover", "Two", "--count").output == recovery)
  }

  @Test("a full token takes no more, and keeps what it has")
  func full() throws {
    let desk = try Desk()
    for number in 1...64 { try desk.add("account \(number)") }
    let before = try desk.list()
    for command in ["add", "enable"] {
      let outcome = try desk.run(command, "one more", "--key", "-", input: key + "yes\n")
      #expect(outcome.status == 5, "\(outcome)")
      #expect(outcome.complaints.count == 1)
    }
    #expect(try desk.list() == before)
    #expect(try desk.run("code").output.split(separator: "\n").count == 64)
  }

  @Test("of several QR codes in a picture, one has to be picked")
  func pictures() throws {
    let two = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../EnrollmentTests/Pictures/two.png").path
    let desk = try Desk()
    let several = try desk.run("add", "--qr", two)
    #expect(several.status == 9)
    #expect(several.errors.contains("--pick: 1 is 'Left:u1', 2 is 'Right:u2'."))
    #expect(try desk.run("add", "--qr", two, "--pick", "3").status == 9)
    #expect(!FileManager.default.fileExists(atPath: desk.image))
    #expect(try desk.run("add", "--qr", two, "--pick", "2").status == 0)
    #expect(try desk.run("list", "--names").output == "Right:u2\n")
  }

  @Test("a QR code of something else is refused, and makes no token")
  func otherPictures() throws {
    guard let qrencode = Shell.path(of: "qrencode") else { return }
    let desk = try Desk()
    let made = try Shell.run(qrencode, ["-o", desk.folder + "/web.png", "https://example.com/"])
    try #require(made.status == 0)
    let outcome = try desk.run("add", "--qr", "web.png")
    #expect(outcome.status == 9)
    #expect(outcome.complaints.count == 1)
    #expect(try desk.run("add", "--qr", "web.png", "--pick", "2").status == 9)
    // Nothing was put on a token, and so there is none.
    #expect(!FileManager.default.fileExists(atPath: desk.image))
  }

  @Test("standard output that cannot be written is an error")
  func fullDisk() throws {
    let desk = try Desk()
    try desk.add("a")
    let outcome = try Shell.run(
      "/bin/sh", ["-c", "\"$0\" list >/dev/full", Desk.fob],
      environment: desk.environment(token: "sim"))
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("fob: Standard output cannot be written"))
  }
}
