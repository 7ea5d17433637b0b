import Foundation
import JSON
import Testing

@testable import fob

@Suite("Two tokens and the inventory")
struct InventoryTests {
  private static let key = "JBSWY3DPEHPK3PXP\n"

  private func names(on token: String, _ desk: Desk) throws -> [String] {
    try JSON.parse(desk.list(token: token)).array?.compactMap { $0["name"]?.string } ?? []
  }

  private func inventory(_ desk: Desk, token: String? = "sim") throws -> [JSON] {
    let outcome = try desk.run("inventory", "--json", token: token)
    try #require(outcome.status == 0, "\(outcome)")
    return try JSON.parse(outcome.output)["tokens"]?.array ?? []
  }

  @Test("two tokens get one enrolment, and show the same codes")
  func both() throws {
    let desk = try Desk()
    let added = try desk.run("add", "a", "--key", "-", "--also", "sim:second", input: Self.key)
    #expect(added.status == 0, "\(added)")
    #expect(added.errors.contains("sim:second"))
    // A step may end in between.
    let isSame = try (0..<3).contains { _ in
      let codes = try ["sim", "sim:second"].map {
        try JSON.parse(desk.run("code", "a", "--json", token: $0).output)[0]?["code"]
          ?? JSON.parse(desk.run("code", "a", "--json", token: $0).output)["code"]
      }
      return codes[0] == codes[1] && codes[0] != nil
    }
    #expect(isSame)
  }

  @Test("what the second token refuses is on neither")
  func refused() throws {
    let desk = try Desk()
    try desk.add("taken", token: "sim:second")
    try desk.add("other")
    let taken = try desk.run("add", "taken", "--key", "-", "--also", "sim:second", input: Self.key)
    #expect(taken.status == 5, "\(taken)")
    #expect(try names(on: "sim", desk) == ["other"])

    // Its flash fills up with what there is room for, which is only found out when it is put there.
    for index in 0..<63 { try desk.add("n\(index)", token: "sim:second") }
    let full = try desk.run("add", "new", "--key", "-", "--also", "sim:second", input: Self.key)
    #expect(full.status == 5, "\(full)")
    #expect(full.errors.contains("removed"), "\(full)")
    #expect(try names(on: "sim", desk) == ["other"])
  }

  @Test("a token is no backup of itself, and counting codes have none")
  func unfit() throws {
    let desk = try Desk()
    try desk.add("other")
    let itself = try desk.run("add", "a", "--key", "-", "--also", "sim", input: Self.key)
    #expect(itself.status == 2, "\(itself)")
    let counting = try desk.run(
      "add", "a", "--key", "-", "--hotp", "--also", "sim:second", input: Self.key)
    #expect(counting.status == 9, "\(counting)")
    #expect(try names(on: "sim", desk) == ["other"])
  }

  @Test("an enrolment that the site does not take is on neither token", arguments: [true, false])
  func enable(isTaken: Bool) throws {
    let desk = try Desk()
    try desk.add("old")
    try desk.add("old", token: "sim:second")
    let outcome = try desk.run(
      "enable", "a", "--key", "-", "--also", "sim:second",
      input: Self.key + (isTaken ? "yes\n" : "no\n"))
    #expect((outcome.status == 0) == isTaken, "\(outcome)")
    for token in ["sim", "sim:second"] {
      #expect(try names(on: token, desk).contains("a") == isTaken)
    }
  }

  @Test("a lost token's accounts are listed, with the tokens that have them too")
  func lost() throws {
    let desk = try Desk()
    try desk.run("add", "a", "--key", "-", "--also", "sim:second", input: Self.key)
    try desk.add("b", token: "sim:second")
    try FileManager.default.removeItem(atPath: desk.folder + "/second")
    let tokens = try inventory(desk)
    #expect(tokens.count == 2)
    let lost = try #require(tokens.first { $0["connected"]?.bool == false })
    let kept = try #require(tokens.first { $0["connected"]?.bool == true })
    #expect(lost["token"]?.string == "sim:second")
    let accounts = try #require(lost["credentials"]?.array)
    #expect(accounts.compactMap { $0["name"]?.string } == ["a", "b"])
    #expect(accounts[0]["alsoOn"]?.array == [try #require(kept["serial"])])
    #expect(accounts[1]["alsoOn"]?.array == [])
    let text = try desk.run("inventory")
    #expect(text.output.contains("not connected"), "\(text)")

    let serial = try #require(lost["serial"]?.string)
    #expect(try desk.run("inventory", "--forget", serial).status == 0)
    #expect(try desk.run("inventory", "--forget", serial).status == 3)
    #expect(try inventory(desk).count == 1)
  }

  @Test("a locked token is listed as it was seen, and removals are noticed")
  func locked() throws {
    let desk = try Desk()
    try desk.add("a")
    try desk.add("b")
    #expect(try desk.run("remove", "a", "--yes").status == 0)
    #expect(try desk.run("password", "set", input: "correct horse\n").status == 0)
    let token = try #require(inventory(desk).first)
    #expect(token["locked"]?.bool == true)
    #expect(token["credentials"]?.array?.compactMap { $0["name"]?.string } == ["b"])
  }

  @Test("the file has names and no keys, and is for its owner alone")
  func file() throws {
    let desk = try Desk()
    try desk.add("a")
    let path = desk.folder + "/.local/state/watchfob/inventory.json"
    var status = stat()
    #expect(stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains("\"a\""))
    #expect(!text.contains("JBSWY3DP") && !text.contains("Hello!"))
    try "{}".write(toFile: path, atomically: false, encoding: .utf8)
    let outcome = try desk.run("inventory")
    #expect(outcome.status == 9, "\(outcome)")
    #expect(outcome.errors.contains("inventory.json"))
    // Other commands go on.
    let added = try desk.run("add", "b", "--key", "-", input: Self.key)
    #expect(added.status == 0)
    #expect(added.errors.contains("Warning"))
  }
}
