import Foundation
import JSON
import Testing
import TokenCore

@testable import fob

/// Who is told a secret, with a token that lies beside the person's own.
@Suite("A secret goes to the token that was named")
struct SecretsAndTokensTests {
  private static let pin = "31415926"
  private static let password = "correct horse"
  private static let key = "JBSWY3DPEHPK3PXP"
  private static let rawKey: [UInt8] = Array("Hello!".utf8) + [0xDE, 0xAD, 0xBE, 0xEF]

  private func desk() throws -> Desk {
    let desk = try Desk()
    _ = try desk.file("pin", Self.pin + "\n")
    _ = try desk.file("password", Self.password + "\n")
    return desk
  }

  /// `fob list` has put the token into the inventory, so that it is looked for.
  private func serial(_ desk: Desk, token: String = "sim") throws -> String {
    try #require(JSON.parse(desk.run("info", "--json", token: token).output)["serial"]?.string)
  }

  private func tokens(_ outcome: Outcome) throws -> [JSON] {
    try #require(
      JSON.parse(outcome.output, limits: .init(size: 4 << 20))["tokens"]?.array, "\(outcome)")
  }

  @Test("the inventory tells a PIN and a password to no token but the one that is named")
  func inventory() throws {
    let desk = try desk()
    try desk.add("a")
    #expect(try desk.run("pin", "set", input: Self.pin + "\n").status == 0)
    let impostors = try [
      Impostor(desk, "pin", .init(serial: 1, pinTries: 8)),
      Impostor(desk, "password", .init(serial: 2, asksForPassword: true)),
      Impostor(desk, "both", .init(serial: 3, asksForPassword: true, pinTries: 8)),
    ]
    defer { for impostor in impostors { impostor.end() } }

    // Nobody is named.
    let unnamed = try desk.run("inventory", "--pin-file", "pin", token: nil)
    #expect(unnamed.status == 2, "\(unnamed)")
    #expect(unnamed.errors.contains("--token"))
    let plain = try desk.run("inventory", "--json", token: nil)
    #expect(plain.status == 0, "\(plain)")
    #expect(plain.errors.contains("--pin-file") && plain.errors.contains("--password-file"))
    #expect(plain.errors.contains("0000000000000002) is locked"), "\(plain)")

    let named = try desk.run(
      "inventory", "--json", "--pin-file", "pin", "--token", "sim", token: nil)
    #expect(named.status == 0, "\(named)")
    #expect(
      try tokens(named).contains { $0["connected"]?.bool == true && $0["locked"]?.bool == false })
    for impostor in impostors {
      #expect(!impostor.commands.isEmpty)
      #expect(!impostor.knows(Self.pin) && !impostor.got(.validate) && !impostor.got(.verifyPIN))
    }
  }

  @Test("a token that does not ask for the password that is given gets nothing")
  func declined() throws {
    let desk = try desk()
    let impostor = try Impostor(desk)
    defer { impostor.end() }
    for command in [
      ["add", "a", "--key", "-"], ["enable", "a", "--key", "-"], ["list"], ["code"],
      ["password", "set"], ["recover", "a"], ["pin", "set"],
    ] {
      let outcome = try desk.run(
        command + ["--password-file", "password"], input: Self.key + "\n", token: impostor.token)
      #expect(outcome.status == 6, "\(command): \(outcome)")
      #expect(outcome.errors.contains("does not ask for one"), "\(outcome)")
      #expect(outcome.errors.contains("0123456789abcdef"), "\(outcome)")
    }
    let pin = try desk.run("code", "--pin-file", "pin", token: impostor.token)
    #expect(pin.status == 6, "\(pin)")
    #expect(!impostor.knows(Self.rawKey) && !impostor.knows(Self.pin))
    #expect(!impostor.got(.setCode) && !impostor.got(.put) && !impostor.got(.setPIN))
  }

  @Test("a token proves that it knows the password before it is told a PIN or a key")
  func order() throws {
    let desk = try desk()
    let impostor = try Impostor(desk, "both", .init(asksForPassword: true, pinTries: 8))
    defer { impostor.end() }
    for command in [
      ["add", "a", "--key", "-"], ["enable", "a", "--key", "-"], ["list"], ["code"], ["code", "a"],
      ["login", "a"], ["pin", "verify"], ["pin", "remove"], ["pin", "change"],
    ] {
      let outcome = try desk.run(
        command + ["--password-file", "password", "--pin-file", "pin"], input: Self.key + "\n",
        token: impostor.token)
      #expect(outcome.status == 6, "\(command): \(outcome)")
      #expect(outcome.errors.contains("did not prove"), "\(outcome)")
    }
    #expect(impostor.got(.validate))
    #expect(!impostor.knows(Self.rawKey) && !impostor.knows(Self.pin))
  }

  @Test("a token that had a password is noticed when it has none, until it is forgotten")
  func memory() throws {
    let desk = try desk()
    try desk.add("a")
    #expect(try desk.run("password", "set", input: Self.password + "\n").status == 0)
    let number = try serial(desk)
    let impostor = try Impostor(
      desk, "impostor", .init(serial: try #require(UInt64(number, radix: 16))))
    defer { impostor.end() }
    for command in [["add", "b", "--key", "-"], ["code"], ["list"], ["recover", "a"]] {
      let outcome = try desk.run(command, input: Self.key + "\n", token: impostor.token)
      #expect(outcome.status == 6, "\(command): \(outcome)")
      #expect(outcome.errors.contains("had a password when it was seen last"), "\(outcome)")
      #expect(outcome.errors.contains("fob inventory --forget \(number)"))
    }
    #expect(!impostor.knows(Self.rawKey))
    // The person's own is used as before, and the list of what it holds is its own.
    #expect(try desk.run("list", "--names", "--password-file", "password").output == "a\n")
    let all = try desk.run("inventory", "--json", token: nil)
    #expect(all.errors.contains("had a password"), "\(all)")
    #expect(try tokens(all).count == 1)
    #expect(try desk.run("inventory", "--forget", number).status == 0)
    #expect(try desk.run("list", token: impostor.token).status == 0)
  }

  @Test("whoever takes the password off, or resets the token, is not warned of it")
  func ownDoing() throws {
    let desk = try desk()
    try desk.add("a")
    for way in [["password", "clear", "--password-file", "password"], ["reset", "--yes"]] {
      #expect(try desk.run("password", "set", input: Self.password + "\n").status == 0)
      #expect(try desk.run(way).status == 0)
      let list = try desk.run("list")
      #expect(list.status == 0 && list.complaints.isEmpty, "\(list)")
      #expect(try tokens(desk.run("inventory", "--json")).count == 1)
    }
  }

  @Test("a password or PIN that a token claims to have set has to show")
  func readBack() throws {
    let desk = try desk()
    let liar = try Impostor(desk, "liar")
    defer { liar.end() }
    let unkept = try desk.run("password", "set", input: Self.password + "\n", token: liar.token)
    #expect(unkept.status == 1, "\(unkept)")
    #expect(unkept.errors.contains("does not ask for it"))
    let pin = try desk.run("pin", "set", input: Self.pin + "\n", token: liar.token)
    #expect(pin.status == 1, "\(pin)")
    #expect(pin.errors.contains("does not ask for it"))
    // One that asks for a password afterwards, but does not know it.
    let forgetful = try Impostor(desk, "forgetful", .init(serial: 5, keepsSecrets: true))
    defer { forgetful.end() }
    let wrong = try desk.run("password", "set", input: Self.password + "\n", token: forgetful.token)
    #expect(wrong.status == 6, "\(wrong)")
  }

  @Test("a token does not take another's place in the inventory by its serial number")
  func overwriting() throws {
    let desk = try desk()
    try desk.add("mine")
    let number = try serial(desk)
    let impostor = try Impostor(
      desk, "impostor",
      .init(serial: try #require(UInt64(number, radix: 16)), credentials: ["theirs"]))
    defer { impostor.end() }
    #expect(try desk.run("list", token: impostor.token).status == 0)
    let found = try tokens(desk.run("inventory", "--json"))
    #expect(found.count == 2)
    for (token, names) in [("sim:" + desk.image, ["mine"]), (impostor.token, ["theirs"])] {
      let entry = try #require(found.first { $0["token"]?.string == token })
      #expect(entry["credentials"]?.array?.compactMap { $0["name"]?.string } == names)
      #expect(entry["connected"]?.bool == true)
    }
  }

  @Test("prompts name the token that asks")
  func prompts() throws {
    let desk = try desk()
    try desk.add("a")
    let number = try serial(desk)
    let title = "sim:\(desk.image) (simulated, \(number))"
    let set = try Terminal(desk, ["password", "set"])
    try set.waitFor("New password of \(title):")
    set.type(Self.password + "\n")
    try set.waitFor("The same again:")
    set.type(Self.password + "\n")
    #expect(set.finish() == 0)
    let list = try Terminal(desk, ["list"])
    try list.waitFor("Password of \(title):")
    list.interrupt()
    _ = list.finish()
    let impostor = try Impostor(desk, "impostor", .init(body: .hardware, pinTries: 8))
    defer { impostor.end() }
    let code = try Terminal(desk, ["code"], token: impostor.token)
    try code.waitFor("PIN of \(impostor.token) (simulated, 0123456789abcdef):")
    code.interrupt()
    _ = code.finish()
  }

  @Test("two commands at once both leave their mark in the inventory")
  func atOnce() throws {
    let desk = try desk()
    for index in 0..<6 { try desk.add("a", token: "sim:\(index)") }
    try FileManager.default.removeItem(
      atPath: desk.folder + "/.local/state/watchfob/inventory.json")
    let sessions = try (0..<6).map { try Session(desk, ["list"], token: "sim:\($0)") }
    for session in sessions { #expect(session.finish().status == 0) }
    #expect(try tokens(desk.run("inventory", "--json", token: nil)).count >= 6)
  }

  @Test("an inventory of many tokens is read again")
  func many() throws {
    let desk = try desk()
    let entries = (0..<300).map { index in
      let names = (0..<64).map { "\"\(index)-\($0)-" + String(repeating: "n", count: 50) + "\"" }
      return
        "{\"serial\":\"\(String(index + 0x1000_0000, radix: 16))00000000\",\"token\":\"sim:/none/\(index)\","
        + "\"body\":\"simulated\",\"seen\":\(index),\"credentials\":[\(names.joined(separator: ","))]}"
    }
    let folder = desk.folder + "/.local/state/watchfob"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    try "{\"version\":1,\"tokens\":[\(entries.joined(separator: ","))]}"
      .write(toFile: folder + "/inventory.json", atomically: false, encoding: .utf8)
    try desk.add("a")
    let outcome = try desk.run("inventory", "--json")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let found = try tokens(outcome)
    #expect(found.count == Inventory.mostTokens)
    #expect(found.contains { $0["token"]?.string == "sim:" + desk.image })
  }
}
