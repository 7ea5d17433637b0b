import Foundation
import JSON
import Testing
import TokenClient
import TokenCore

@testable import fob

@Suite("Names that could be taken for one another")
struct NameTests {
  private static let theirs = "GEZDGNBVGY3TQOJQ"

  private func names(_ desk: Desk, token: String = "sim") throws -> [String] {
    try JSON.parse(desk.list(token: token)).array?.compactMap {
      "\($0["period"]?.integer ?? 0)/\($0["name"]?.string ?? "")"
    } ?? []
  }

  @Test("an address with a label that there is, of another period or type, is not added")
  func twins() throws {
    let desk = try Desk()
    try desk.add("Bank:ann")
    try desk.add("Bank:ann", token: "sim:second")
    let addresses = [
      "otpauth://totp/Bank:ann?secret=\(Self.theirs)&period=60",
      "otpauth://hotp/Bank:ann?secret=\(Self.theirs)&counter=0",
      "otpauth://totp/Bank:ann?secret=\(Self.theirs)&period=60&algorithm=SHA256&digits=8",
      "otpauth://totp/bank:Ann?secret=\(Self.theirs)",
      "otpauth://totp/Bank:%20ann%20?secret=\(Self.theirs)&period=45",
      "otpauth://totp/Bank:ann%C2%A0?secret=\(Self.theirs)",
      "otpauth://totp/%EF%BC%A2ank:%EF%BD%81nn?secret=\(Self.theirs)",
      "otpauth://totp/30/Bank:ann?secret=\(Self.theirs)",
    ]
    for address in addresses {
      for command in ["add", "enable"] {
        let outcome = try desk.run(command, "--uri", "-", input: address + "\nyes\n")
        #expect(outcome.status == 5, "\(address): \(outcome)")
        #expect(outcome.errors.contains("'Bank:ann'"), "\(outcome)")
      }
    }
    try desk.add("other")
    #expect(try desk.run("rename", "other", "Bank:Ann").status == 5)
    #expect(try desk.run("rename", "Bank:ann", "Bank:Ann").status == 0)
    #expect(try desk.run("rename", "Bank:Ann", "Bank:ann").status == 0)
    let also = try desk.run(
      "add", "bank:ann", "--key", "-", "--also", "sim:second", input: Self.theirs + "\n",
      token: "sim:third")
    #expect(also.status == 5, "\(also)")
    #expect(try names(desk).sorted() == ["30/Bank:ann", "30/other"])
    #expect(try names(desk, token: "sim:third").isEmpty)
  }

  @Test("a name that several credentials have changes none of them, and the choices are named")
  func ambiguous() throws {
    let desk = try Desk()
    // A token that got both from elsewhere.
    let impostor = try Impostor(
      desk, "both", .init(credentials: ["Bank:ann", "60/Bank:ann", "30/60/Bank:ann", "shop"]))
    defer { impostor.end() }
    for command in [
      ["disable", "Bank:ann", "--yes"], ["remove", "Bank:ann", "--yes"],
      ["rename", "Bank:ann", "x"],
      ["recover", "Bank:ann"], ["code", "Bank:ann"], ["login", "Bank:ann"],
      ["update", "Bank:ann", "--key", "-"], ["remove", "60/Bank:ann", "--yes"],
    ] {
      let outcome = try desk.run(command, input: Self.theirs + "\n", token: impostor.token)
      #expect(outcome.status == 4, "\(command): \(outcome)")
      #expect(outcome.errors.contains("'60/Bank:ann' (every 60 s, SHA-1)"), "\(outcome)")
    }
    #expect(!impostor.got(.delete) && !impostor.got(.rename) && !impostor.got(.stage))
    for (name, wire) in [("30/Bank:ann", "Bank:ann"), ("30/60/Bank:ann", "30/60/Bank:ann")] {
      #expect(try desk.run("remove", name, "--yes", token: impostor.token).status == 0)
      let command = try #require(
        impostor.commands.last { $0[1] == Instruction.delete.rawValue })
      #expect(command.suffix(wire.utf8.count) == Array(wire.utf8))
      #expect(command[command.count - wire.utf8.count - 1] == UInt8(wire.utf8.count))
    }
  }

  @Test("what nobody sees is refused in names, however the name comes")
  func hidden() throws {
    let desk = try Desk()
    try desk.add("Bank:ann")
    for scalar in [
      0x3164, 0x2800, 0x200B, 0x200D, 0x202E, 0x2066, 0xFEFF, 0x115F, 0xFFA0, 0xAD, 0x34F,
      0xFE0F, 0x180B, 0xE0041, 0x7F, 0x85, 0x2028,
    ] {
      let name = "Bank:ann" + String(Character(Unicode.Scalar(UInt32(scalar))!))
      let escaped = name.utf8.dropFirst(8).map { "%" + String($0, radix: 16, uppercase: true) }
      let runs = [
        try desk.run("add", name, "--key", "-", input: Self.theirs + "\n"),
        try desk.run("rename", "Bank:ann", name),
        try desk.run(
          "add", "--uri", "-",
          input: "otpauth://totp/Bank:ann\(escaped.joined())?secret=\(Self.theirs)\n"),
      ]
      for outcome in runs { #expect(outcome.status == 9, "\(scalar): \(outcome)") }
    }
    #expect(try names(desk) == ["30/Bank:ann"])
  }

  @Test("addresses are refused for the same characters as are hidden when shown")
  func oneRule() {
    for value in UInt32(0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value), value > 0x7F || value == 0x1B else { continue }
      // A few of each block do: each needs an address of its own.
      guard value % 61 == 0 || value < 0x3200 else { continue }
      let escaped = Array(String(Character(scalar)).utf8).map { byte in
        "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
      let address = "otpauth://totp/a\(escaped.joined())b?secret=\(Self.theirs)"
      let isTaken = (try? Issued.parse(address)) != nil
      #expect(isTaken == !HiddenCharacters.contain(scalar), "\(value)")
    }
  }
}
