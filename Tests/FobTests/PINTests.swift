import Foundation
import JSON
import Testing

@testable import fob

@Suite("The PIN")
struct PINTests {
  private static func desk() throws -> Desk {
    let desk = try Desk()
    try desk.add("a")
    _ = try desk.file("right", "31415926\n")
    _ = try desk.file("wrong", "27182818\n")
    let outcome = try desk.run("pin", "set", input: "31415926\n")
    try #require(outcome.status == 0, "\(outcome)")
    return desk
  }

  private func tries(_ desk: Desk) throws -> Int? {
    try JSON.parse(desk.run("info", "--json").output)["pinTries"]?.integer
  }

  @Test("a token with a PIN gives codes to who knows it, and to nobody else")
  func codes() throws {
    let desk = try Self.desk()
    for command in [["code"], ["login", "a"], ["list"], ["remove", "a", "--yes"]] {
      let without = try desk.run(command)
      #expect(without.status == 6, "\(without)")
      #expect(without.errors.contains("--pin-file"))
      let wrong = try desk.run(command + ["--pin-file", "wrong"])
      #expect(wrong.status == 6, "\(wrong)")
      let right = try desk.run(command + ["--pin-file", "right"])
      #expect(right.status == 0, "\(right)")
    }
    #expect(try desk.run("code", "--pin-file", "-", input: "31415926\n").status == 0)
  }

  @Test("a PIN that is too short or too long is refused, and costs no try")
  func lengths() throws {
    let desk = try Self.desk()
    for pin in ["123", "äöü", String(repeating: "1", count: 65)] {
      let outcome = try desk.run("pin", "verify", "--pin-file", "-", input: pin + "\n")
      #expect(outcome.status == 9, "\(outcome)")
    }
    #expect(try tries(desk) == 8)
  }

  @Test("wrong PINs are counted down to the blocked token, and a reset helps")
  func blocked() throws {
    let desk = try Self.desk()
    for left in (0..<8).reversed() {
      let outcome = try desk.run("pin", "verify", "--pin-file", "wrong")
      #expect(outcome.status == 6)
      #expect(try tries(desk) == left)
    }
    for command in [["pin", "verify"], ["code"], ["pin", "change"], ["pin", "remove"]] {
      let outcome = try desk.run(command + ["--pin-file", "right"])
      #expect(outcome.status == 6)
      #expect(outcome.errors.contains("fob reset"), "\(outcome)")
    }
    #expect(try desk.run("reset", "--yes").status == 0)
    #expect(try tries(desk) == nil)
    try desk.add("a")
    #expect(try desk.run("code", "a").status == 0)
  }

  @Test("it is changed, and taken off, by who knows it")
  func changing() throws {
    let desk = try Self.desk()
    let again = try desk.run("pin", "set", input: "31415926\n")
    #expect(again.status == 5, "\(again)")
    let change = ["pin", "change", "--pin-file"]
    #expect(try desk.run(change + ["wrong"], input: "27182818\n").status == 6)
    #expect(try desk.run(change + ["right"], input: "27182818\n").status == 0)
    #expect(try desk.run("code", "--pin-file", "right").status == 6)
    #expect(try desk.run("pin", "remove", "--pin-file", "wrong").status == 0)
    #expect(try desk.run("code").status == 0)
    #expect(try desk.run("pin", "remove", "--pin-file", "wrong").status == 1)
  }

  @Test("with a password as well, the PIN is for codes and the password for provisioning")
  func both() throws {
    let desk = try Self.desk()
    _ = try desk.file("password", "correct horse\n")
    let set = try desk.run(
      "password", "set", "--pin-file", "right", "--new-password-file", "password")
    #expect(set.status == 0, "\(set)")
    let key = "JBSWY3DPEHPK3PXP\n"
    #expect(try desk.run("add", "b", "--key", "-", "--pin-file", "right", input: key).status == 6)
    let added = try desk.run("add", "b", "--key", "-", "--password-file", "password", input: key)
    #expect(added.status == 0, "\(added)")
    #expect(try desk.run("code", "--password-file", "password").status == 6)
    #expect(try desk.run("code", "--pin-file", "right").status == 0)
    #expect(try desk.run("list", "--pin-file", "right").status == 0)
    #expect(try desk.run("list", "--password-file", "password").status == 0)
  }

  @Test("nothing but the right purpose asks for a secret", arguments: [false, true])
  func purposes(isAtHand: Bool) {
    for purpose: Purpose in [[], .use, .look, .provisioning, [.use, .provisioning]] {
      for hasPIN in [false, true] {
        // Where one of the two is set, it stands for both.
        let password = purpose.wantsPassword(hasPIN: hasPIN, isAtHand: isAtHand)
        let pin = purpose.wantsPIN(hasPassword: true, isPasswordAtHand: isAtHand)
        if purpose.isEmpty {
          #expect(!password && !pin)
        } else {
          #expect(password || (hasPIN && pin))
        }
      }
    }
  }
}
