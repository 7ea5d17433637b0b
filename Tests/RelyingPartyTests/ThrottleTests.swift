import OATH
import Testing

@testable import RelyingParty

@Suite("Throttling and lock-out", .onEachStore)
struct ThrottleTests {
  /// Tries wrong ones until one has to wait; returns how many were taken and the wait.
  private func tries(_ attempt: () throws -> Void) throws -> (taken: Int, wait: Wait) {
    for taken in 0..<100 {
      do {
        try attempt()
        throw Unexpected()
      } catch Refusal.tooManyTries(let wait) {
        return (taken, wait)
      } catch Refusal.wrongCode, Refusal.wrongNameOrPassword, Refusal.wrongBackupCode {}
    }
    throw Unexpected()
  }

  @Test("the waits grow up to the lock, and no wait ends a second early")
  func growingWaits() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let limit = console.policy.codeTries
    func attempt() throws {
      _ = try console.party.logIn(ann.ticket(), code: ann.wrongCode())
    }
    var failures = try tries(attempt).taken
    #expect(failures == limit.free + 1)
    var last = Seconds(0)
    while failures < limit.lockAfter + 3 {
      let wait = try tries(attempt).wait
      #expect(wait.length == limit.wait(after: failures))
      #expect(wait.length > last)
      #expect(wait.isLocked == (failures >= limit.lockAfter))
      #expect(wait.until.rawValue == console.now.rawValue + wait.length.rawValue)
      last = wait.length
      console.pass(wait.length.rawValue - 1)
      #expect(try tries(attempt).wait.length == Seconds(1))
      console.pass(1)
      #expect(try tries(attempt).taken == 1)
      failures += 1
    }
  }

  @Test("a wait refuses the right password and the right code too, and says until when")
  func refusesRightOnes() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let ticket = try ann.ticket()
    let codeWait = try tries { _ = try console.party.logIn(ticket, code: ann.wrongCode()) }.wait
    try console.refuses(.tooManyTries(codeWait)) {
      try console.party.logIn(ticket, code: ann.token!.code(console.now))
    }
    try console.refuses(.tooManyTries(codeWait)) {
      try console.party.logIn(ticket, code: ann.backupCodes[0])
    }
    let wait = try tries { _ = try console.party.logIn(email: ann.email, password: "wrong") }.wait
    try console.refuses(.tooManyTries(wait)) { try ann.passwordStep() }
    #expect(
      Refusal.tooManyTries(wait).description
        == "There were several wrong tries. Try again in 5 seconds.")
    console.pass(wait.length.rawValue)
    try ann.logIn()
  }

  @Test("a restart forgets neither the count nor the wait")
  func outlivesRestart() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let ticket = try ann.ticket()
    let wait = try tries {
      try console.restart()
      _ = try console.party.logIn(ticket, code: ann.wrongCode())
    }.wait
    try console.restart()
    try console.refuses(.tooManyTries(wait)) {
      try console.party.logIn(ticket, code: ann.token!.code(console.now))
    }
  }

  @Test("a right password does not clear wrong codes, nor does waiting for a month")
  func codesAreCountedApart() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let first = try tries { _ = try console.party.logIn(ann.ticket(), code: ann.wrongCode()) }
    console.pass(30 * 86_400)
    let second = try tries { _ = try console.party.logIn(ann.ticket(), code: ann.wrongCode()) }
    #expect(second.taken == 1)
    #expect(second.wait.length > first.wait.length)
  }

  @Test("a right code clears the count")
  func successClears() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let first = try tries { _ = try console.party.logIn(ann.ticket(), code: ann.wrongCode()) }
    console.pass(first.wait.length.rawValue)
    try ann.logIn()
    let second = try tries { _ = try console.party.logIn(ann.ticket(), code: ann.wrongCode()) }
    #expect(second.taken == first.taken)
  }

  @Test("wrong backup codes count as wrong codes do")
  func backupCodesCount() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let ticket = try ann.ticket()
    #expect(
      try tries { _ = try console.party.logIn(ticket, code: "AAAAA-AAAAA") }.taken
        == console.policy.codeTries.free + 1)
  }

  @Test("one account's wrong tries do not hold another one up")
  func accountsAreApart() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let bob = try Person(console, "bob", mfa: true)
    _ = try tries { _ = try console.party.logIn(ann.ticket(), code: ann.wrongCode()) }
    _ = try tries { _ = try console.party.logIn(email: ann.email, password: "wrong") }
    try bob.logIn()
  }

  @Test("tries at the same moment, on many connections, are all counted")
  func countsRacingTries() async throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let ticket = try ann.ticket()
    let wrong = ann.wrongCode()
    let (store, keyFile) = (console.store, console.keyFile)
    let (policy, now) = (console.policy, console.now)
    let taken = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let party = try RelyingParty(
            opening: store, keyFile: keyFile, policy: policy, clock: { now })
          return (0..<10).count { _ in
            do {
              _ = try party.logIn(ticket, code: wrong)
            } catch {
              return error as? Refusal == .wrongCode
            }
            return false
          }
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(taken == policy.codeTries.free + 1)
  }

  @Test("what a person is told is rounded up to the next full unit")
  func words() {
    func words(_ length: Int64) -> String {
      Wait(until: Seconds(0), length: Seconds(length), isLocked: false).inWords
    }
    #expect(words(1) == "1 second")
    #expect(words(119) == "119 seconds")
    #expect(words(121) == "3 minutes")
    #expect(words(900) == "15 minutes")
    #expect(words(7201) == "3 hours")
  }

  @Test("the lock doubles up to its longest and never beyond")
  func longestLock() {
    let limit = Policy().codeTries
    let waits = (0...200).map(limit.wait(after:))
    #expect(waits == waits.sorted())
    #expect(waits.last == limit.longestLock)
    #expect(waits[limit.free] == Seconds(0))
    #expect(waits[limit.lockAfter] == limit.firstLock)
  }
}
