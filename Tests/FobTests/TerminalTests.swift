import Foundation
import Loopback
import OATH
import Testing
import TokenClient
import TokenCore

@Suite("On a terminal")
struct TerminalTests {
  @Test("a key that is typed is not shown")
  func keyIsHidden() throws {
    let desk = try Desk()
    let terminal = try Terminal(desk, ["add", "a", "--key", "-"])
    try terminal.waitFor("Key (it is not shown):")
    #expect(!terminal.echoes)
    terminal.type("JBSWY3DPEHPK3PXP\n")
    #expect(terminal.finish() == 0)
    #expect(!terminal.shown.contains("JBSWY3DP"))
    #expect(terminal.echoes)
  }

  @Test("Ctrl-C at a hidden question puts the echo on again")
  func echoComesBack() throws {
    let desk = try Desk()
    try desk.add("a")
    let terminal = try Terminal(desk, ["password", "set"])
    try terminal.waitFor("New password of sim:")
    #expect(!terminal.echoes)
    terminal.interrupt()
    #expect(terminal.finish() == 130)
    #expect(terminal.echoes)
    #expect(try desk.run("list").status == 0)
  }

  @Test("two passwords that differ change nothing")
  func passwordTwice() throws {
    let desk = try Desk()
    try desk.add("a")
    let terminal = try Terminal(desk, ["password", "set"])
    try terminal.waitFor("New password of sim:")
    terminal.type("one\n")
    try terminal.waitFor("The same again:")
    terminal.type("two\n")
    #expect(terminal.finish() == 9)
    #expect(try desk.run("list").status == 0)
  }

  @Test("the password is asked for when the token wants it")
  func passwordIsAskedFor() throws {
    let desk = try Desk()
    try desk.add("a")
    try desk.run("password", "set", input: "correct horse\n")
    let terminal = try Terminal(desk, ["list"])
    try terminal.waitFor("Password of sim:")
    terminal.type("correct horse\n")
    #expect(terminal.finish() == 0)
    #expect(terminal.shown.contains("every 30 s"))
  }

  @Test("an answer that is none is asked for again")
  func asksAgain() throws {
    let desk = try Desk()
    try desk.add("a")
    let terminal = try Terminal(desk, ["remove", "a"])
    try terminal.waitFor("[yes/no]")
    terminal.type("perhaps\n")
    try terminal.waitFor("perhaps\r\nRemove 'a' for good? [yes/no]")
    terminal.type("y\n")
    #expect(terminal.finish() == 0)
  }

  @Test("backup codes are asked for after the site took the code")
  func backupCodes() throws {
    let desk = try Desk()
    let terminal = try Terminal(desk, ["enable", "a", "--key", "-"])
    try terminal.waitFor("Key (it is not shown):")
    terminal.type("JBSWY3DPEHPK3PXP\n")
    try terminal.waitFor("Did the site take it?")
    terminal.type("yes\n")
    try terminal.waitFor("Keep the site's backup codes")
    terminal.type("yes\n")
    try terminal.waitFor("an empty line after the last")
    terminal.type("1111\n2222\n\n")
    #expect(terminal.finish() == 0)
    #expect(try desk.run("recover", "a", "--count").output == "2 of 2 left\n")
  }

  @Test("a watch draws over itself, and gives the cursor back")
  func watch() throws {
    let desk = try Desk()
    try desk.add("Shop:ann")
    let terminal = try Terminal(desk, ["code", "--watch"])
    try terminal.waitFor("█")
    try terminal.waitFor("\u{1B}[2A")  // The name and the hint.
    terminal.interrupt()
    #expect(terminal.finish() == 0)
    #expect(terminal.shown.contains("\u{1B}[?25l"))
    #expect(terminal.shown.hasSuffix("\u{1B}[?25h"))
  }

  @Test("NO_COLOR is honoured")
  func noColour() throws {
    let desk = try Desk()
    try desk.add("a")
    let coloured = try Terminal(desk, ["code"])
    #expect(coloured.finish() == 0)
    #expect(coloured.shown.contains("\u{1B}["))
    let plain = try Terminal(desk, ["code"], environment: ["NO_COLOR": "1"])
    #expect(plain.finish() == 0)
    #expect(!plain.shown.contains("\u{1B}"))
    #expect(try !desk.run("code").output.contains("\u{1B}"))
  }

  @Test("a name that a hostile program put on the token cannot act on the terminal")
  func hostileNames() throws {
    let desk = try Desk()
    try desk.add("a")
    do {
      let transport = LoopbackTransport(.image(file: desk.image, createIfMissing: false))
      let session = try TokenSession(over: transport)
      var secret = [UInt8](repeating: 1, count: 20)
      try session.put(
        NewCredential(
          name: Credential.Name(label: "b\u{1B}[2J\u{202E}\n", period: Seconds(30)),
          secret: SecretBytes(taking: &secret)))
      session.close()
    }
    for command in [["list"], ["code"], ["list", "--names"], ["code", "b"], ["remove", "b"]] {
      let outcome = try desk.run(command)
      for scalar: Unicode.Scalar in ["\u{1B}", "\u{202E}"] {
        #expect(!(outcome.output + outcome.errors).unicodeScalars.contains(scalar))
      }
    }
    #expect(try desk.run("list", "--names").output == "a\n")
  }
}
