import Foundation
import OATH
import Testing

@testable import RelyingParty

@Suite("Logins that race")
struct RaceTests {
  /// Logs in with each ticket at once, each on a thread and a connection of its own; returns how
  /// many came through.
  private func race(_ console: Console, _ tickets: [LoginTicket], code: String) throws -> Int {
    let (file, policy, now) = (console.file, console.policy, console.now)
    let parties = try tickets.map { _ in
      try RelyingParty(opening: file, policy: policy, clock: { now })
    }
    let results = Results(count: tickets.count)
    nonisolated(unsafe) let each = parties
    DispatchQueue.concurrentPerform(iterations: tickets.count) { index in
      do {
        _ = try each[index].logIn(tickets[index], code: code)
        results.set(index, nil)
      } catch {
        results.set(index, error as? Refusal ?? .storage(.busy))
      }
    }
    let refusals = results.refusals
    for refusal in refusals.compactMap({ $0 }) {
      #expect([.codeUsed, .wrongBackupCode, .ticketEnded].contains(refusal))
    }
    return refusals.count { $0 == nil }
  }

  @Test("one code lets exactly one of several logins in")
  func oneCode() throws {
    let console = try Console { $0.codeTries = .never }
    let ann = try Person(console, "ann", mfa: true)
    for _ in 0..<20 {
      let tickets = try (0..<4).map { _ in try ann.ticket() }
      #expect(try race(console, tickets, code: ann.token!.code(console.now)) == 1)
      console.passStep()
    }
  }

  @Test("one backup code lets exactly one of several logins in")
  func oneBackupCode() throws {
    let console = try Console { $0.codeTries = .never }
    let ann = try Person(console, "ann", mfa: true)
    for code in ann.backupCodes {
      let tickets = try (0..<4).map { _ in try ann.ticket() }
      #expect(try race(console, tickets, code: code) == 1)
    }
    #expect(try console.party.mfaStatus(ann.session).backupCodesLeft == 0)
  }

  @Test("one ticket makes exactly one session, with whatever it is used")
  func oneTicket() throws {
    let console = try Console { $0.codeTries = .never }
    let ann = try Person(console, "ann", mfa: true)
    for _ in 0..<20 {
      let ticket = try ann.ticket()
      let code = ann.token!.code(console.now)
      #expect(try race(console, [ticket, ticket, ticket], code: code) == 1)
      console.passStep()
    }
  }

  @Test("a code that was right for the old key is refused once the update is through")
  func loginRacesUpdate() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    // A login that has verified its code with the old key when the update goes through.
    let old = try #require(try console.party.credentials.active(of: ann.id))
    let verdict = old.verify(
      Array(ann.token!.code(console.now).utf8), at: console.now, tolerance: 1, driftLimit: 10)
    guard case .right(let step, _) = verdict else { throw Unexpected() }
    let row = try console.party.backupCodes.find(
      #require(BackupCode(parsing: ann.backupCodes[0])), of: old.id)
    try ann.update()
    #expect(try !console.party.credentials.advance(old.id, to: step, drift: 0))
    #expect(try !console.party.backupCodes.use(#require(row), at: console.now))
    let active = try #require(try console.party.credentials.active(of: ann.id))
    #expect(active.id != old.id)
  }

  @Test("one code lets exactly one of two processes in")
  func twoProcesses() async throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let (file, now) = (console.file, console.now.rawValue)
    let code = ann.token!.code(console.now)
    let tickets = try (0..<2).map { _ in try ann.ticket().bearer.bytes }
    let (first, second) = (tickets[0], tickets[1])
    // Each child ends with 10 when it was let in, and with 20 when the code was used.
    async let one = #expect(processExitsWith: .failure) {
      [file = file as String, code = code as String, now = now as Int64, bearer = first as [UInt8]]
      in
      exit(logInStatus(file, bearer, code, now))
    }
    async let other = #expect(processExitsWith: .failure) {
      [file = file as String, code = code as String, now = now as Int64, bearer = second as [UInt8]]
      in
      exit(logInStatus(file, bearer, code, now))
    }
    let ends = await [one?.exitStatus, other?.exitStatus]
    #expect(ends.contains(.exitCode(10)))
    #expect(ends.contains(.exitCode(20)))
  }
}

private func logInStatus(_ file: String, _ bearer: [UInt8], _ code: String, _ now: Int64) -> Int32 {
  do {
    let party = try RelyingParty(opening: file, policy: .quick, clock: { Seconds(now) })
    let ticket = LoginTicket(
      bearer: BearerBytes(bytes: bearer), expires: Seconds(now), digits: 6)
    _ = try party.logIn(ticket, code: code)
    return 10
  } catch {
    return error == .codeUsed ? 20 : 30
  }
}

/// What each thread of a race came to.
private final class Results: @unchecked Sendable {
  private let lock = NSLock()
  private var values: [Refusal?]

  init(count: Int) { values = [Refusal?](repeating: .sessionEnded, count: count) }

  func set(_ index: Int, _ refusal: Refusal?) { lock.withLock { values[index] = refusal } }
  var refusals: [Refusal?] { lock.withLock { values } }
}
