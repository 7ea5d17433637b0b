import Foundation
import OATH
import Testing

@testable import RelyingParty

@Suite("Logins that race", .onEachStore)
struct RaceTests {
  /// One login of a race.
  struct Entrant {
    let ticket: LoginTicket
    let code: String
  }

  /// Lets all entrants in at once, each on a thread and a connection of its own; returns how many
  /// came through.
  private func race(_ console: Console, _ entrants: [Entrant]) throws -> Int {
    let (store, keyFile) = (console.store, console.keyFile)
    let (policy, now) = (console.policy, console.now)
    let results = Results()
    let gate = NSCondition()
    nonisolated(unsafe) var waiting = 0
    let done = DispatchGroup()
    for entrant in entrants {
      done.enter()
      Thread.detachNewThread {
        defer { done.leave() }
        do {
          let party = try RelyingParty(
            opening: store, keyFile: keyFile, policy: policy, clock: { now })
          gate.withLock {
            waiting += 1
            if waiting == entrants.count { gate.broadcast() }
            while waiting < entrants.count { gate.wait() }
          }
          _ = try party.logIn(entrant.ticket, code: entrant.code)
          results.add(nil)
        } catch {
          results.add(error as? Refusal ?? .storage(.busy))
        }
      }
    }
    done.wait()
    #expect(results.refusals.count == entrants.count)
    for refusal in results.refusals.compactMap({ $0 }) {
      #expect([.codeUsed, .wrongBackupCode, .ticketEnded].contains(refusal))
    }
    return results.refusals.count { $0 == nil }
  }

  @Test("one code lets exactly one of several logins in")
  func oneCode() throws {
    let console = try Console { $0.codeTries = .never }
    let ann = try Person(console, "ann", mfa: true)
    for _ in 0..<10 {
      let code = ann.token!.code(console.now)
      let entrants = try (0..<4).map { _ in Entrant(ticket: try ann.ticket(), code: code) }
      #expect(try race(console, entrants) == 1)
      console.passStep()
    }
  }

  @Test("one backup code lets exactly one of several logins in")
  func oneBackupCode() throws {
    let console = try Console { $0.codeTries = .never }
    let ann = try Person(console, "ann", mfa: true)
    for code in ann.backupCodes {
      let entrants = try (0..<4).map { _ in Entrant(ticket: try ann.ticket(), code: code) }
      #expect(try race(console, entrants) == 1)
    }
    #expect(try console.party.mfaStatus(ann.session).backupCodesLeft == 0)
  }

  @Test("one ticket makes exactly one session, with whatever codes it is used")
  func oneTicket() throws {
    let console = try Console { $0.codeTries = .never }
    let ann = try Person(console, "ann", mfa: true)
    for _ in 0..<10 {
      let ticket = try ann.ticket()
      // As many backup codes are used up as sessions are made: one.
      let left = try #require(try console.party.mfaStatus(ann.session).backupCodesLeft)
      let codes = ann.backupCodes.suffix(4) + [ann.token!.code(console.now)]
      #expect(try race(console, codes.map { Entrant(ticket: ticket, code: $0) }) == 1)
      let now = try #require(try console.party.mfaStatus(ann.session).backupCodesLeft)
      #expect(now == left || now == left - 1)
      console.passStep()
      if now < left {
        try ann.prove()
        try ann.update()
      }
    }
  }

  /// A connection that makes hashes anew at a higher cost, and runs `meanwhile` once while it does.
  private func interrupted(
    _ console: Console, _ meanwhile: @escaping () throws -> Void
  ) throws -> RelyingParty {
    var policy = console.policy
    policy.hashCost += 1
    var isArmed = false
    let random = RandomSource { (buffer) throws(Refusal) in
      for index in buffer.indices { buffer[index] = .random(in: 0...255) }
      guard isArmed else { return }
      isArmed = false
      #expect(throws: Never.self) { try meanwhile() }
    }
    let party = try RelyingParty(
      opening: console.store, keyFile: console.keyFile, policy: policy, clock: { console.now },
      random: random)
    isArmed = true
    return party
  }

  @Test("a password that is changed while its login is looked at lets nobody in")
  func changedMeanwhile() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    let party = try interrupted(console) {
      ann.session = try console.party.changePassword(ann.session, to: "another long password")
    }
    #expect(throws: Refusal.wrongNameOrPassword) {
      try party.logIn(email: ann.email, password: ann.password)
    }
    #expect(try console.party.sessions(ann.session).count == 1)
  }

  @Test("two logins that make one hash anew at the same moment both come through")
  func renewedMeanwhile() throws {
    let console = try Console()
    let ann = try Person(console, "ann")
    var policy = console.policy
    policy.hashCost += 1
    let other = try RelyingParty(
      opening: console.store, keyFile: console.keyFile, policy: policy, clock: { console.now })
    let party = try interrupted(console) {
      _ = try other.logIn(email: ann.email, password: ann.password)
    }
    _ = try party.logIn(email: ann.email, password: ann.password)
    #expect(try party.sessions(ann.session).count == 3)
  }

  @Test("two logins that both found the code right, before either took it, are told apart")
  func bothVerified() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let (one, other) = (try console.party, try console.open())
    let code = Array(ann.token!.code(console.now).utf8)
    let steps = try [one, other].map { party in
      let credential = try #require(try party.credentials.active(of: ann.id))
      let verdict = credential.verify(code, at: console.now, console.policy.tokenClock)
      guard case .right(let step, _) = verdict else { throw Unexpected() }
      return (credential, step)
    }
    let rules = console.policy.tokenClock
    #expect(try one.credentials.advance(steps[0].0, to: steps[0].1, drift: 0, rules))
    #expect(try !other.credentials.advance(steps[1].0, to: steps[1].1, drift: 0, rules))

    let backup = try #require(BackupCode(parsing: ann.backupCodes[0]))
    let rows = try [one, other].map {
      try #require(try $0.backupCodes.find(backup, of: steps[0].0.id))
    }
    #expect(try one.backupCodes.use(rows[0], at: console.now))
    #expect(try !other.backupCodes.use(rows[1], at: console.now))
  }

  @Test("a code that was right for the old key is refused once the update is through")
  func loginRacesUpdate() throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    // A login that has verified its code with the old key when the update goes through.
    let old = try #require(try console.party.credentials.active(of: ann.id))
    let verdict = old.verify(
      Array(ann.token!.code(console.now).utf8), at: console.now, console.policy.tokenClock)
    guard case .right(let step, _) = verdict else { throw Unexpected() }
    let row = try console.party.backupCodes.find(
      #require(BackupCode(parsing: ann.backupCodes[0])), of: old.id)
    try ann.update()
    #expect(
      try !console.party.credentials.advance(old, to: step, drift: 0, console.policy.tokenClock))
    #expect(try !console.party.backupCodes.use(#require(row), at: console.now))
    let active = try #require(try console.party.credentials.active(of: ann.id))
    #expect(active.id != old.id)
  }

  @Test("each code lets exactly one of two processes in, round after round")
  func twoProcesses() async throws {
    let console = try Console()
    let ann = try Person(console, "ann", mfa: true)
    let rounds = 8
    // A round is a code and a ticket for each process. All are made before the race.
    var codes: [String] = []
    let first = console.now.rawValue
    for _ in 0..<rounds {
      codes.append(ann.token!.code(console.now))
      console.passStep()
    }
    func entry() throws -> String {
      let tickets = try codes.map { _ in try ann.ticket().cookie }
      return zip(codes, tickets).map { "\($0) \($1)" }.joined(separator: "\n")
    }
    console.now = Seconds(first)
    let entries = try (entry(), entry())
    let results = (console.folder.path + "/one", console.folder.path + "/other")
    let setting = "\(console.store)\n\(console.keyFile)\n\(first)"
    async let one = #expect(processExitsWith: .success) {
      [setting = setting as String, entry = entries.0 as String, file = results.0 as String] in
      try enter(setting, entry, writing: file)
    }
    async let other = #expect(processExitsWith: .success) {
      [setting = setting as String, entry = entries.1 as String, file = results.1 as String] in
      try enter(setting, entry, writing: file)
    }
    _ = await (one, other)
    func outcome(_ file: String) throws -> [Substring] {
      try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    }
    let (ones, others) = (try outcome(results.0), try outcome(results.1))
    #expect(ones.count == rounds && others.count == rounds)
    for round in 0..<min(ones.count, others.count) {
      #expect([ones[round], others[round]].sorted() == ["in", "used"], "round \(round)")
    }
    #expect(try console.events().count { $0 == .codeAccepted } == rounds)
  }
}

/// One process of the race: logs in once in each round, at the moment that both begin it, and writes
/// what came of each.
private func enter(_ setting: String, _ entry: String, writing file: String) throws {
  let settings = setting.split(separator: "\n").map(String.init)
  let first = try #require(Int64(settings[2]))
  nonisolated(unsafe) var now = Seconds(first)
  var policy = Policy.quick
  policy.codeTries = .never
  let party = try RelyingParty(
    opening: settings[0], keyFile: settings[1], policy: policy, clock: { now })
  var outcome = ""
  for (round, line) in entry.split(separator: "\n").enumerated() {
    let words = line.split(separator: " ").map(String.init)
    now = Seconds(first + Int64(round) * Policy.quick.period.rawValue)
    let ticket = try party.resume(ticketCookie: words[1])
    meet()
    outcome += outcomeOfLogin(party, ticket, words[0]) + "\n"
  }
  try outcome.write(toFile: file, atomically: true, encoding: .utf8)
}

private func outcomeOfLogin(_ party: RelyingParty, _ ticket: LoginTicket, _ code: String) -> String
{
  do {
    _ = try party.logIn(ticket, code: code)
    return "in"
  } catch {
    return error == .codeUsed ? "used" : "\(error)"
  }
}

/// Waits for the next full 50 ms of the system's clock: the other process does too.
private func meet() {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  usleep(useconds_t(50_000 - time.tv_nsec / 1000 % 50_000))
}

/// What the threads of a race came to.
private final class Results: @unchecked Sendable {
  private let lock = NSLock()
  private var values: [Refusal?] = []

  func add(_ refusal: Refusal?) { lock.withLock { values.append(refusal) } }
  var refusals: [Refusal?] { lock.withLock { values } }
}
