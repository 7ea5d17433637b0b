import Foundation
import JSON
import Testing

@Suite("Clock and password")
struct ClockAndPasswordTests {
  private func clock(_ desk: Desk) throws -> JSON {
    try JSON.parse(desk.run("clock", "--json").output)
  }

  @Test("a new token gets its time when it is first provisioned, and goes on between two runs")
  func firstTime() throws {
    let desk = try Desk()
    let added = try desk.run("add", "a", "--key", "-", input: "JBSWY3DPEHPK3PXP\n")
    #expect(added.status == 0)
    #expect(!added.errors.contains("Warning"))
    let status = try clock(desk)
    #expect(status["state"]?.string == "running")
    #expect(abs(try #require(status["difference"]?.number)) < 1)
  }

  @Test("codes come without a word about the clock as long as it is right")
  func silence() throws {
    let desk = try Desk()
    try desk.add("a")
    for _ in 0..<3 { #expect(try desk.run("code", "a").errors.isEmpty) }
  }

  @Test("a clock that is far off is told about, and gives codes all the same")
  func farOff() throws {
    let desk = try Desk()
    try desk.add("a")
    #expect(try desk.run("sim", "warp", "1h").status == 0)
    for command in [["code"], ["code", "a"], ["login", "a"]] {
      let outcome = try desk.run(command)
      #expect(outcome.status == 0, "\(outcome)")
      #expect(outcome.errors.contains("Warning"), "\(outcome)")
      #expect(outcome.errors.contains("fob help clock sync"))
      #expect(!outcome.output.isEmpty)
    }
    let sync = try desk.run("clock", "sync")
    #expect(sync.status == 7, "\(sync)")
    #expect(sync.complaints.count == 1)
    #expect(try #require(try clock(desk)["difference"]?.number) > 3599)
  }

  @Test("a difference that makes no code wrong is not worth a word")
  func smallDifference() throws {
    let desk = try Desk()
    try desk.add("a")
    #expect(try desk.run("sim", "warp", "5s").status == 0)
    let outcome = try desk.run("code", "a")
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
  }

  @Test("a token that lost its time gives no codes")
  func lost() throws {
    let desk = try Desk()
    try desk.add("a")
    #expect(try desk.run("sim", "battery", "out").status == 0)
    for command in [["code"], ["code", "a"], ["login", "a"], ["clock", "sync"]] {
      let outcome = try desk.run(command)
      #expect(outcome.status == 7, "\(command): \(outcome)")
      #expect(outcome.complaints.count == 1)
      #expect(outcome.output.isEmpty)
    }
    #expect(try clock(desk)["state"]?.string == "lost")
  }

  @Test("what is said of a clock that does not run fits its state, and names what helps")
  func words() throws {
    let desk = try Desk()
    try desk.add("a")
    #expect(try desk.run("sim", "battery", "out").status == 0)
    #expect(try desk.run("sim", "battery", "in").status == 0)
    for command in [["code", "a"], ["code"], ["clock", "sync"]] {
      let outcome = try desk.run(command)
      #expect(outcome.errors.contains("lost the time"), "\(outcome)")
      #expect(outcome.errors.contains("'fob reset' erases"), "\(outcome)")
    }
    #expect(try desk.run("clock").output.contains("lost the time"))
    // Wiped, it is like one that never had a time, and takes its first one.
    #expect(try desk.run("reset", "--yes").status == 0)
    let unset = try desk.run("clock")
    #expect(unset.output.contains("never set; 'fob clock sync' sets it"), "\(unset)")
    #expect(try desk.run("clock", "sync").status == 0)

    try desk.run("sim", "battery", "out")
    #expect(try desk.run("reset", "--yes").status == 0)
    let added = try desk.run(
      "add", "counts", "--key", "-", "--hotp", input: "JBSWY3DPEHPK3PXP\n")
    #expect(added.status == 0, "\(added)")
    #expect(try desk.run("code", "counts").status == 0)
  }

  @Test("enabling on a token without the time changes nothing")
  func enableWithoutClock() throws {
    let desk = try Desk()
    try desk.add("a")
    try desk.run("sim", "battery", "out")
    let before = try desk.list()
    let outcome = try desk.run("enable", "b", "--key", "-", input: "JBSWY3DPEHPK3PXP\nyes\n")
    #expect(outcome.status == 7)
    #expect(try desk.list() == before)
  }

  @Test("with a password set on the empty token, its clock can be set")
  func setClock() throws {
    let desk = try Desk()
    _ = try desk.file("password", "correct horse\n")
    try desk.add("temporary")
    #expect(try desk.run("reset", "--yes").status == 0)
    let set = try desk.run("password", "set", "--new-password-file", "password")
    #expect(set.status == 0, "\(set)")
    try desk.add("a", "--password-file", "password")
    try desk.run("sim", "warp", "1h")
    let refused = try desk.run("clock", "sync", "--password-file", "password", input: "no\n")
    #expect(refused.status == 8, "\(refused)")
    let outcome = try desk.run("clock", "sync", "--password-file", "password", "--yes")
    #expect(outcome.status == 0, "\(outcome)")
    #expect(abs(try #require(try clock(desk)["difference"]?.number)) < 2)
  }

  @Test("a correction says what the clock was before and is now")
  func beforeAndNow() throws {
    let desk = try Desk()
    try desk.add("a")
    let outcome = try desk.run("clock", "sync")
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.errors.contains("  before: ") && outcome.errors.contains("  now:    "))
  }

  @Test("under the policy 'wipe' the clock is set at the price of all that the token holds")
  func wipe() throws {
    let desk = try Desk()
    try desk.add("a")
    #expect(try desk.run("clock", "policy").output == "refuse\n")
    #expect(try desk.run("clock", "policy", "wipe").status == 0)
    #expect(try desk.run("clock", "policy").output == "wipe\n")
    #expect(try desk.run("clock", "policy", "refuse").status == 1)
    try desk.run("sim", "warp", "1h")
    #expect(try desk.run("clock", "sync", input: "no\n").status == 8)
    #expect(try desk.run("list", "--names").output == "a\n")
    #expect(try desk.run("clock", "sync", "--yes").status == 0)
    #expect(try desk.run("list", "--names").output.isEmpty)
    #expect(abs(try #require(try clock(desk)["difference"]?.number)) < 2)
  }

  @Test("a token with a password tells nobody else what it holds")
  func password() throws {
    let desk = try Desk()
    try desk.add("a")
    _ = try desk.file("right", "correct horse\n")
    _ = try desk.file("wrong", "battery staple\n")
    #expect(try desk.run("password", "set", input: "correct horse\n").status == 0)
    for command in [
      ["list"], ["code"], ["login", "a"], ["remove", "a", "--yes"], ["recover", "a"],
    ] {
      let without = try desk.run(command)
      #expect(without.status == 6)
      #expect(without.complaints.count == 1)
      #expect(without.errors.contains("--password-file"))
      #expect(try desk.run(command + ["--password-file", "wrong"]).status == 6)
    }
    #expect(try desk.run("list", "--names", "--password-file", "right").output == "a\n")
    #expect(try desk.run("code", "--password-file", "-", input: "correct horse\n").status == 0)
    // What a locked token takes from anybody.
    for command in [["info"], ["clock"]] { #expect(try desk.run(command).status == 0) }

    let changed = try desk.run(
      "password", "set", "--password-file", "right", "--new-password-file", "wrong")
    #expect(changed.status == 0, "\(changed)")
    #expect(try desk.run("list", "--password-file", "right").status == 6)
    #expect(try desk.run("password", "clear", "--password-file", "wrong").status == 0)
    #expect(try desk.run("list", "--names").output == "a\n")
  }

  @Test("a forgotten password is got rid of by a reset, and the credentials with it")
  func forgotten() throws {
    let desk = try Desk()
    try desk.add("a")
    try desk.run("password", "set", input: "forgotten\n")
    #expect(try desk.run("reset", "--yes").status == 0)
    #expect(try JSON.parse(desk.list()).array?.isEmpty == true)
  }
}
