import Foundation
import HTTPServer
import JSON
import Testing

@testable import ConsolePages
@testable import RelyingParty

@Suite("A database that is not well")
struct UnwellDatabaseTests {
  /// Runs `body` while another connection keeps everybody from writing.
  private func held(_ stage: Stage, _ body: () throws -> Void) throws {
    let holder = try Database(opening: stage.folder.appending(path: "console.db").path)
    var failure: (any Error)?
    try holder.immediately { () throws(Refusal) in
      do { try body() } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private func impatient(_ stage: Stage) throws -> ConsolePages.Console {
    var limits = PartyPool.Limits()
    (limits.patience, limits.impatience, limits.connections) = (300, 300, 2)
    return try stage.party { party in
      ConsolePages.Console(pool: PartyPool(try party.another(), limits: limits))
    }
  }

  private func request(_ method: String, _ path: String, _ body: String? = nil) -> HTTPRequest {
    var request = HTTPRequest(method: method, path: path, address: "127.0.0.1")
    request.headers["host"] = "127.0.0.1:8080"
    if let body { request.body = .json(Array(body.utf8)) }
    return request
  }

  private static let login = #"{"email":"ann@example.com","password":"four plain words here"}"#

  @Test("the answer is 503 with Retry-After, says what is the matter, and nothing was changed")
  func saysSo() throws {
    let stage = try Stage()
    let console = try impatient(stage)
    try held(stage) {
      let answer = console.answer(request("POST", "/api/v1/login", Self.login))
      #expect(answer.status == 503 && answer.header("Retry-After") == "5")
      let text = String(decoding: answer.body, as: UTF8.self)
      #expect(text.contains("urn:watchfob:problem:unavailable"))
      #expect(text.contains("Nothing was changed"))
    }
    let after = console.answer(request("POST", "/api/v1/login", Self.login))
    #expect(after.status == 401)
  }

  @Test("what needs no database is answered while others wait for it")
  func servesTheRest() throws {
    let stage = try Stage()
    let console = try impatient(stage)
    try held(stage) {
      let done = DispatchGroup()
      for _ in 0..<8 {
        done.enter()
        Thread.detachNewThread {
          let answer = console.answer(self.request("POST", "/api/v1/login", Self.login))
          #expect(answer.status == 503 && answer.header("Retry-After") != nil)
          done.leave()
        }
      }
      for path in ["/assets/console.css", "/assets/icon.svg", "/api/v1/openapi.json"] {
        #expect(console.answer(request("GET", path)).status == 200, "\(path)")
      }
      done.wait()
    }
  }

  @Test("no failure of the machine's is said to have changed nothing if it may have")
  func unknownOutcomes() {
    let unknown = ConsolePages.Console.problem(Refusal.storage(.outcomeUnknown))
    #expect(unknown.status == 503 && unknown.cause.contains("may have been saved"))
    for failure in [
      StorageFailure.unreachable(reason: "x"), .busy, .failed(code: "1", reason: "x"),
    ] {
      let saved = ConsolePages.Console.problem(Refusal.storage(failure), wasSaved: true)
      #expect(saved.cause.contains("was saved") && !saved.wayOut.contains("Nothing was changed"))
    }
    let failed = ConsolePages.Console.problem(Refusal.storage(.failed(code: "1", reason: "x")))
    #expect(failed.status == 500 && !failed.wayOut.contains("Nothing was changed"))
  }
}
