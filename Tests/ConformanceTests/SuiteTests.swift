import Foundation
import Loopback
import Testing
import TokenClient
import TokenCore
import TokenSimulator

@testable import Conformance

@Suite("The conformance suite")
struct SuiteTests {
  @Test("every check passes against a token within the process")
  func loopbackPasses() throws {
    let transport = loopback()
    let report = try Suite(transport, hands: transport.hands).run(slow: true)
    #expect(report.failures == [])
    #expect(report.skips == [])
    #expect(report.results.map(\.id) == Check.all.map(\.id) + [Suite.lastCheck.id])
    #expect(report.leftBehind == nil)
  }

  @Test("every check passes against a token that a simulator serves at a socket")
  func socketPasses() throws {
    let server = try ServedToken()
    defer { server.stop() }
    let control = SimulatorControl(.server(socket: server.path))
    let hands = SimulatorHands { request throws(ControlFailure) in try control.perform(request) }
    let report = try Suite(UnixSocketTransport(path: server.path), hands: hands).run()
    #expect(report.failures == [])
    let slow = Check.all.filter(\.isSlow).map { "\($0.id): it is slow" }
    #expect(report.skips == slow)
  }

  @Test("every check passes against a token with a password, or says why it is left out")
  func lockedPasses() throws {
    let token = try FilledToken(credentials: 3, password: "correct horse")
    let report = try Suite(
      token.transport, hands: token.transport.hands, password: secret("correct horse")
    ).run()
    #expect(report.failures == [])
    let left = Set(report.results.filter { $0.outcome != .passed }.map(\.id))
    #expect(
      left == [
        // They take time, or somebody's clock.
        "put.full", "all.large", "touch.timeout", "unset.codes", "unset.all", "unset.sync",
        "unset.free", "clock.slew", "clock.unpaid", "clock.paid", "session.idle", "session.longest",
        "nonce.expires",
        // They set a password or a PIN of their own, or reset the token.
        "key.algorithms", "session.replaced", "session.cleared", "proof.clearing", "proof.pin",
        "proof.code", "pin.listed", "clock.set.keyless", "clock.set.late", "clock.set.replaced",
        "clock.set.proof", "clock.floor", "reset.button", "reset.wipes", "reset.new",
        "reset.counted",
      ])
  }

  @Test(
    "a token full of others' credentials is as it was, byte for byte, with and without password")
  func keepsOthers() throws {
    for password in [nil, "correct horse"] {
      let token = try FilledToken(credentials: 60, password: password)
      let before = try token.contents()
      let report = try Suite(
        token.transport, hands: token.transport.hands, password: password.map(secret)
      ).run(slow: false)
      #expect(report.failures == [])
      #expect(report.outcome(of: Suite.lastCheck.id) == .passed)
      #expect(report.facts?.credentials == 60)
      #expect(try token.contents() == before)
    }
  }

  @Test("others' credentials are as they were after checks that failed")
  func keepsOthersAfterFailures() throws {
    let token = try FilledToken(credentials: 20, password: nil)
    let before = try token.contents()
    // Every third answer of the applet is a refusal that it was not.
    var count = 0
    let mutant = Mutant(
      Mutant.Change(
        answer: { _, answer in
          count += 1
          return count % 3 == 0 ? [0x6F, 0x00] : answer
        }, isAboutApplet: true), token.transport)
    let suite = Suite(mutant, hands: token.transport.hands)
    suite.patience = .milliseconds(200)
    let report = try suite.run(only: "p") { event in
      switch event {
      case .starting: mutant.isArmed = true
      case .finished: mutant.isArmed = false
      case .introduced: break
      }
    }
    #expect(report.failed > 10)
    #expect(report.outcome(of: Suite.lastCheck.id) == .passed, "\(report.failures.last ?? "")")
    #expect(report.leftBehind == nil)
    #expect(try token.contents() == before)
  }

  @Test(
    "a run that is stopped takes its credentials off again",
    arguments: [60, 150, 300, 450, 600, 750])
  func stopped(after looks: Int) throws {
    let token = try FilledToken(credentials: 5, password: nil)
    let before = try token.contents()
    let suite = Suite(token.transport, hands: token.transport.hands)
    var count = 0
    suite.isCancelled = {
      count += 1
      return count > looks
    }
    // Not those whose waiting looks often.
    let report = try suite.run(only: "e*.*e")
    #expect(report.wasInterrupted && report.results.count < Suite.checks(matching: "e*.*e").count)
    #expect(report.failures == [])
    #expect(report.outcome(of: Suite.lastCheck.id) == .passed)
    #expect(report.leftBehind == nil)
    #expect(try token.contents() == before)
  }

  @Test("a token that hangs until INIT fails each check in time, and the suite goes on")
  func hanging() throws {
    let mutant = Mutant(Mutant.Change(received: { $0.isCommand(.initialize) ? [$0] : [] }))
    let report = try runArmed(mutant, "report")
    #expect(report.failed == Suite.checks(matching: "report").count)
    #expect(report.loss == nil && !report.wasInterrupted)
  }

  @Test("a token that never answers again ends the run, and the report says so")
  func silent() throws {
    let report = try runArmed(Mutant(Mutant.Change(received: { _ in [] })), "report")
    #expect(report.loss == .unusable(place: "memory", reason: "it does not answer any more"))
    #expect(report.failed == report.results.count)
    #expect(report.results.count < Suite.checks(matching: "report").count)
  }

  private func runArmed(_ mutant: Mutant, _ pattern: String) throws -> CheckReport {
    let suite = Suite(mutant, hands: mutant.base.hands)
    suite.patience = .milliseconds(50)
    return try suite.run(only: pattern) { event in
      if case .starting = event { mutant.isArmed = true }
    }
  }

  @Test("a token that sends without end fails the check by its deadline")
  func endless() throws {
    let check = Check("report.endless", "", "", limit: .milliseconds(300)) {
      bench throws(CheckEnd) in
      while try bench.wire.next(before: .never) != nil {}
    }
    let transport = loopback()
    try transport.open()
    defer { transport.close() }
    let wire = Wire(transport, patience: .seconds(1))
    let bench = Bench(wire, hands: NoHands())
    try bench.connect()
    wire.deadline = Deadline(in: check.limit)
    #expect(throws: CheckEnd.self) { try check.body(bench) }
  }

  @Test("a token that goes away ends the run, and the report says so")
  func unplugged() throws {
    let transport = loopback()
    var count = 0
    let report = try Suite(transport, hands: NoHands()).run(only: "apdu") { event in
      guard case .starting(let check, _, _) = event, check.id == "apdu.limit" else { return }
      count += 1
      _ = try? transport.perform(.unplug)
    }
    #expect(count == 1)
    #expect(report.outcome(of: "apdu.limit")?.isFailure == true)
    // It comes back, as the transport is opened anew, and the rest is checked.
    #expect(report.outcome(of: "apdu.parameters") == .passed)
    #expect(report.outcome(of: Suite.lastCheck.id) == .passed)
  }

  @Test("checks that need hands are skipped where there are none")
  func noHands() throws {
    let report = try Suite(loopback(), hands: NoHands()).run(only: "replug")
    #expect(report.skipped == 3)
    #expect(report.failed == 0)
  }
}

@Suite("The suite refuses")
struct RefusalTests {
  private func refusal(_ body: () throws -> CheckReport) -> Refusal? {
    do {
      _ = try body()
      return nil
    } catch {
      return error as? Refusal
    }
  }

  @Test("a token without room for its own credentials")
  func noRoom() throws {
    let token = try FilledToken(credentials: 61, password: nil)
    let before = try token.contents()
    let refusal = refusal { try Suite(token.transport, hands: NoHands()).run() }
    #expect(refusal == .noRoom(free: 3))
    #expect(refusal?.description.contains("room for 3") == true)
    #expect(try token.contents() == before)
  }

  @Test("a locked token whose password was not given, or is another")
  func locked() throws {
    let token = try FilledToken(credentials: 1, password: "right")
    #expect(refusal { try Suite(token.transport, hands: NoHands()).run() } == .locked)
    #expect(
      refusal {
        try Suite(token.transport, hands: NoHands(), password: secret("wrong")).run()
      } == .wrongPassword)
    // What the framing does has no secrets.
    #expect(try Suite(token.transport, hands: NoHands()).run(only: "init.").failed == 0)
  }

  @Test("a token on which an update waits")
  func updateWaiting() throws {
    let token = try FilledToken(credentials: 1, password: nil)
    let session = try TokenSession(over: token.transport)
    try session.stage(
      NewCredential(name: session.list()[0].name, secret: secret("another secret")))
    // The cable would end the update: the suite gets the transport as it is.
    let refusal = refusal { try Suite(Shared(token.transport), hands: NoHands()).run() }
    #expect(refusal == .updateWaiting)
    withExtendedLifetime(session) {}
  }

  @Test("a pattern that no check has")
  func nothingChosen() throws {
    #expect(
      refusal { try Suite(loopback(), hands: NoHands()).run(only: "nonsense") }
        == .nothingChosen(pattern: "nonsense"))
  }

  @Test("a token that is not there")
  func absent() throws {
    let place = "/nonexistent/socket"
    #expect(
      refusal { try Suite(UnixSocketTransport(path: place), hands: NoHands()).run() }
        == .transport(.notFound(place: "unix:" + place)))
  }

  @Test("patterns find what has their parts in order")
  func patterns() {
    #expect(Suite.checks(matching: "lock.exp").map(\.id) == ["lock.expires"])
    #expect(Suite.checks(matching: "*").count == Check.all.count)
    #expect(
      Set(Suite.checks(matching: "lock*limit").map(\.id)) == ["lock.limit"])
    #expect(Suite.checks(matching: "limit*lock").isEmpty)
  }
}
