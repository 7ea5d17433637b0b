import Foundation
import JSON
import OATH
import Testing

@Suite("What a person does")
struct FlowTests {
  /// RFC 4226's secret, 'the ASCII string 12345678901234567890', in Base32.
  private let key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
  private let other = "JBSWY3DPEHPK3PXP"

  /// The code that `oath` computes from a key for the step of a code that `fob` gave.
  private func expected(_ json: JSON, key: String, algorithm: HashAlgorithm = .sha1) throws
    -> String
  {
    let from = try #require(json["validFrom"]?.integer)
    let period = try #require(json["period"]?.integer)
    let code = try #require(json["code"]?.string)
    let digits = try #require(Digits(rawValue: code.count))
    let secret = try Base32.decode(key)
    let oathKey = OATHKey(algorithm: algorithm, secret: secret.span)
    return HOTP.code(key: oathKey, at: MovingFactor(UInt64(from / period)), digits: digits)
      .description
  }

  private func code(_ name: String, _ desk: Desk, token: String = "sim") throws -> JSON {
    let outcome = try desk.run("code", name, "--json", token: token)
    try #require(outcome.status == 0, "\(outcome)")
    #expect(outcome.errors.isEmpty)
    return try JSON.parse(outcome.output)
  }

  @Test("a credential that was added gives its codes")
  func add() throws {
    let desk = try Desk()
    let added = try desk.run("add", "Shop:ann", "--key", "-", input: key + "\n")
    #expect(added.status == 0)
    #expect(added.output.isEmpty)
    #expect(added.errors.contains("A new simulated token is made"))
    let json = try code("Shop:ann", desk)
    #expect(json["code"]?.string == (try expected(json, key: key)))
  }

  @Test("a typed key comes with the settings that the site names")
  func settings() throws {
    let desk = try Desk()
    try desk.add("Bank", key: key, "--algorithm", "sha256", "--digits", "8", "--period", "60")
    let json = try code("Bank", desk)
    #expect(json["period"]?.integer == 60)
    #expect(json["code"]?.string?.count == 8)
    #expect(json["code"]?.string == (try expected(json, key: key, algorithm: .sha256)))
  }

  @Test("a picture of a QR code, made by another program, is enough")
  func picture() throws {
    guard let qrencode = Shell.path(of: "qrencode") else { return }
    let desk = try Desk()
    let address = "otpauth://totp/Shop:ann?secret=\(key)&issuer=Shop&digits=8"
    let made = try Shell.run(qrencode, ["-o", desk.folder + "/shop.png", address])
    try #require(made.status == 0)
    #expect(try desk.run("add", "--qr", "shop.png").status == 0)
    let json = try code("Shop:ann", desk)
    #expect(json["code"]?.string == (try expected(json, key: key)))
    guard let oathtool = Shell.path(of: "oathtool") else { return }
    let theirs = try Shell.run(
      oathtool, ["--totp", "-d", "8", "-b", "-N", "@\(json["validFrom"]?.integer ?? 0)", key])
    #expect(theirs.output == (json["code"]?.string ?? "") + "\n")
  }

  @Test("an address is read from standard input and from a file")
  func addresses() throws {
    let desk = try Desk()
    let address = "otpauth://hotp/Count?secret=\(key)&counter=0"
    let path = try desk.file("uri.txt", address + "\n")
    #expect(try desk.run("add", "--uri-file", path).status == 0)
    #expect(try desk.run("add", "two", "--uri", "-", input: address).status == 0)
    // RFC 4226, appendix D.
    for code in ["755224", "287082", "359152"] {
      #expect(try desk.run("login", "Count").output == code + "\n")
    }
    #expect(try desk.run("code", "two").output == "755224\n")
  }

  @Test("a counter starts where it is told to")
  func counter() throws {
    let desk = try Desk()
    try desk.add("Count", key: key, "--hotp", "--counter", "9")
    #expect(try desk.run("code", "Count").output == "520489\n")  // RFC 4226, appendix D.
  }

  @Test("login prints a code, and nothing else")
  func login() throws {
    let desk = try Desk()
    try desk.add("Shop:ann")
    let outcome = try desk.run("login", "Shop:ann")
    #expect(outcome.status == 0)
    #expect(outcome.output.count == 7 && outcome.output.last == "\n")
    #expect(outcome.output.dropLast().allSatisfy { $0.isASCII && $0.isNumber })
    #expect(outcome.errors.isEmpty)
  }

  @Test("the issuer or the account is enough to log in, if only one credential has it")
  func partialNames() throws {
    let desk = try Desk()
    try desk.add("Shop:ann")
    try desk.add("Bank:ann")
    #expect(try desk.run("login", "shop").status == 0)
    let several = try desk.run("login", "ann")
    #expect(several.status == 4)
    #expect(several.errors.contains("'Shop:ann', 'Bank:ann'"))
    #expect(try desk.run("remove", "shop", "--yes").status == 4)
  }

  @Test("enabling keeps the credential once the site took its code, and the backup codes with it")
  func enable() throws {
    let desk = try Desk()
    let outcome = try desk.run(
      "enable", "Shop:ann", "--key", "-", "--backup-codes", "-",
      input: "\(key)\nyes\n1111-aaaa\n  2222-bbbb  \n\nnot one of them\n")
    #expect(outcome.status == 0)
    let json = try code("Shop:ann", desk)
    // Standard output had the code, and nothing else.
    #expect(outcome.output.count == 7)
    #expect(json["code"]?.string?.count == 6)
    #expect(try desk.run("recover", "Shop:ann", "--count").output == "2 of 2 left\n")
    let first = try desk.run("recover", "Shop:ann")
    #expect(first.output == "1111-aaaa\n")
    #expect(first.errors.contains("1 of 2"))
    #expect(try desk.run("recover", "Shop:ann").output == "2222-bbbb\n")
    #expect(try desk.run("recover", "Shop:ann").status == 4)
  }

  @Test("enabling shows a new code when asked for one")
  func anotherCode() throws {
    let desk = try Desk()
    let outcome = try desk.run("enable", "a", "--key", "-", input: "\(key)\n\n\nyes\n")
    #expect(outcome.status == 0)
    #expect(outcome.output.split(separator: "\n").count == 3)
  }

  @Test(
    "enabling removes the credential again unless the answer is yes",
    arguments: ["no\n", "", "perhaps\n"])
  func enableNot(_ answer: String) throws {
    let desk = try Desk()
    try desk.add("other")
    let before = try desk.list()
    let outcome = try desk.run("enable", "a", "--key", "-", input: "\(key)\n\(answer)")
    #expect(outcome.status == 8)
    #expect(outcome.complaints.count == 1)
    #expect(outcome.errors.contains("'a' was removed from the token again"))
    #expect(try desk.list() == before)
  }

  @Test("an update replaces the secret, and the backup codes go with the old one")
  func update() throws {
    let desk = try Desk()
    try desk.add("a", key: other)
    let codes = try desk.file("codes.txt", "1111\n2222\n")
    #expect(try desk.run("recover", "a", "--store", codes).status == 0)
    let outcome = try desk.run("update", "a", "--key", "-", input: "\(key)\nyes\n")
    #expect(outcome.status == 0, "\(outcome)")
    let json = try code("a", desk)
    #expect(json["code"]?.string == (try expected(json, key: key)))
    #expect(try desk.run("recover", "a", "--count").output == "0 of 0 left\n")
  }

  @Test("an update keeps that the button is wanted")
  func updateKeepsTouch() throws {
    let desk = try Desk()
    try desk.add("a", key: other, "--touch")
    #expect(try desk.run("update", "a", "--key", "-", "--yes", input: key + "\n").status == 0)
    #expect(try JSON.parse(desk.list())[0]?["touch"]?.bool == true)
  }

  @Test(
    "an update leaves the old secret unless the answer is yes",
    arguments: ["no\n", "", "perhaps\n"])
  func updateNot(_ answer: String) throws {
    let desk = try Desk()
    try desk.add("a", key: other)
    let codes = try desk.file("codes.txt", "1111\n")
    try desk.run("recover", "a", "--store", codes)
    let outcome = try desk.run("update", "a", "--key", "-", input: "\(key)\n\(answer)")
    #expect(outcome.status == 8)
    #expect(outcome.complaints.count == 1)
    #expect(outcome.errors.contains("The old secret of 'a' is intact."))
    let json = try code("a", desk)
    #expect(json["code"]?.string == (try expected(json, key: other)))
    #expect(try desk.run("recover", "a", "--count").output == "1 of 1 left\n")
  }

  @Test("disabling takes the word DISABLE, and wipes credential and backup codes")
  func disable() throws {
    let desk = try Desk()
    try desk.add("a")
    for answer in ["disable\n", "yes\n", ""] {
      #expect(try desk.run("disable", "a", input: answer).status == 8)
    }
    #expect(try desk.list().contains("\"a\""))
    #expect(try desk.run("disable", "a", input: "DISABLE\n").status == 0)
    #expect(try JSON.parse(desk.list()).array?.isEmpty == true)
    #expect(try desk.run("recover", "a").status == 4)
  }

  @Test("a name can be changed, and taken off")
  func renameAndRemove() throws {
    let desk = try Desk()
    try desk.add("a", key: key, "--period", "60")
    #expect(try desk.run("rename", "a", "b").status == 0)
    let json = try code("b", desk)
    #expect(json["code"]?.string == (try expected(json, key: key)))
    #expect(try desk.run("code", "a").status == 4)
    #expect(try desk.run("remove", "b", input: "no\n").status == 8)
    #expect(try desk.run("remove", "b", input: "yes\n").status == 0)
    #expect(try JSON.parse(desk.list()).array?.isEmpty == true)
  }

  @Test("a reset takes the word RESET, and leaves an empty token")
  func reset() throws {
    let desk = try Desk()
    try desk.add("a")
    #expect(try desk.run("reset", input: "reset\n").status == 8)
    #expect(try desk.run("reset", input: "RESET\n").status == 0)
    #expect(try JSON.parse(desk.list()).array?.isEmpty == true)
  }

  @Test("info and devices say first that the token is simulated")
  func simulated() throws {
    let desk = try Desk()
    try desk.add("a")
    for command in [["info"], ["devices"], ["help"], ["--help"], ["sim", "status"]] {
      let outcome = try desk.run(command)
      #expect(outcome.status == 0)
      #expect(
        outcome.output.lowercased().split(separator: "\n").first?.contains("simulated") == true)
    }
    #expect(try JSON.parse(desk.run("info", "--json").output)["body"]?.string == "simulated")
  }

  @Test("what is meant for other programs is JSON")
  func json() throws {
    let desk = try Desk()
    try desk.add("a")
    try desk.add("b", "--hotp")
    let codes = try desk.file("codes.txt", "1111\n")
    try desk.run("recover", "a", "--store", codes)
    for command in [
      ["devices"], ["info"], ["list"], ["code"], ["code", "a"], ["clock"], ["sim", "status"],
      ["recover", "a", "--count"], ["recover", "a"],
    ] {
      let outcome = try desk.run(command + ["--json"])
      #expect(outcome.status == 0, "\(command): \(outcome)")
      #expect(throws: Never.self) { try JSON.parse(outcome.output) }
    }
  }

  @Test("--watch with no terminal prints a line for each new code, until Ctrl-C")
  func watch() throws {
    let desk = try Desk()
    let simulator = try Simulator(desk)
    try desk.add("a", token: simulator.token)
    let session = try Session(desk, ["code", "--watch", "--json"], token: simulator.token)
    try session.waitFor("\"code\"")
    session.kill(SIGINT)
    let outcome = session.finish()
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
    for line in outcome.output.split(separator: "\n") {
      #expect(try JSON.parse(String(line))["name"]?.string == "a")
    }
  }

  @Test("--wait gives a code that is not about to end")
  func wait() throws {
    let desk = try Desk()
    try desk.add("a", "--period", "4")
    let outcome = try desk.run("code", "a", "--wait", "--json")
    let remaining = try #require(try JSON.parse(outcome.output)["remaining"]?.number)
    #expect(remaining >= 4.0 / 6)
  }
}
