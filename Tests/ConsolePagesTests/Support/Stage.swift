import Enrollment
import Foundation
import HTTPServer
import OATH
import RelyingParty
import Synchronization

@testable import ConsolePages

/// A console in a folder of its own, with a clock that is moved by hand.
final class Stage: Sendable {
  let folder: URL
  let console: Console
  let pool: PartyPool
  let clock: Clock

  init() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "console-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    self.folder = folder
    let file = folder.appending(path: "console.db").path
    let clock = Clock()
    self.clock = clock
    pool = try Self.pool(file, clock)
    console = Console(pool: pool)
  }

  private static func pool(_ file: String, _ clock: Clock) throws -> PartyPool {
    var policy = Policy()
    policy.hashCost = 1
    policy.recoveryWait = Seconds(0)
    return PartyPool(try RelyingParty(opening: file, policy: policy, clock: { clock.time }))
  }

  /// What a console knows that was started anew on the same file, after the other was killed.
  func restarted() throws -> Console {
    Console(pool: try Self.pool(folder.appending(path: "console.db").path, clock))
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// The time on the wall.
  final class Clock: Sendable {
    private let now = Mutex<Int64>(1_700_000_010)
    var time: Seconds { Seconds(now.withLock { $0 }) }
    func pass(_ seconds: Int64) { now.withLock { $0 += seconds } }
  }

  /// What the relying party itself says.
  func party<Result>(_ body: (RelyingParty) throws -> Result) throws -> Result {
    try pool.lend(body)
  }
}

/// A browser: it keeps cookies, follows redirections, and sends the forms that pages have.
final class Browser {
  static let password = "four plain words here"

  let stage: Stage
  /// The server that it talks to.
  var console: Console
  var cookies: [String: String] = [:]
  var headers = ["host": "127.0.0.1:8080", "user-agent": "Test <b>browser</b>"]
  /// The page that is shown.
  private(set) var path = "/"
  /// The id of the element that the last redirection led to.
  private(set) var fragment: String?
  private(set) var response = HTTPResponse(type: "", body: [])
  /// The key on this person's token.
  var key: [UInt8] = []

  init(_ stage: Stage) {
    self.stage = stage
    console = stage.console
  }

  var status: Int { response.status }
  var page: String { String(decoding: response.body, as: UTF8.self) }

  // MARK: Asking

  func get(_ path: String) {
    send(request("GET", path))
  }

  /// Sends a form of the page that is shown, as its button would; `fields` are what is typed.
  func submit(
    _ form: String, _ fields: [String: String] = [:],
    files: [String: HTTPForm.File] = [:]
  ) throws {
    guard let markup = page.firstMatch(of: try Regex("(?s)<form id=\"\(form)\".*?</form>")) else {
      throw Missing(what: form, page: page)
    }
    let text = String(page[markup.range])
    guard let action = text.firstMatch(of: /action="([^"]*)"/) else {
      throw Missing(what: "action of \(form)", page: text)
    }
    var values = fields
    for hidden in text.matches(of: /type="hidden" name="([^"]*)" value="([^"]*)"/)
    where values[String(hidden.1)] == nil {
      values[String(hidden.1)] = String(hidden.2)
    }
    post(String(action.1), values, files: files)
  }

  func post(_ path: String, _ fields: [String: String], files: [String: HTTPForm.File] = [:]) {
    var request = request("POST", path)
    request.body = .form(HTTPForm(fields: fields, files: files))
    send(request)
  }

  private func request(_ method: String, _ address: String) -> HTTPRequest {
    let parts = address.prefix { $0 != "#" }.split(separator: "?", maxSplits: 1)
    var request = HTTPRequest(method: method, path: String(parts[0]))
    if parts.count > 1 {
      for pair in parts[1].split(separator: "&") {
        let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
        request.query[sides[0]] = sides.count > 1 ? sides[1] : ""
      }
    }
    return request
  }

  func send(_ asked: HTTPRequest) {
    var request = asked
    request.headers.merge(headers) { own, _ in own }
    request.cookies = cookies
    response = console.answer(request)
    path = request.path
    for (name, value) in response.headers where name == "Set-Cookie" {
      let pair = value.prefix { $0 != ";" }.split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      cookies[String(pair[0])] = pair[1].isEmpty ? nil : String(pair[1])
    }
    if response.status == 303, let location = response.header("Location") {
      fragment = location.split(separator: "#").dropFirst().first.map(String.init)
      get(location)
    }
  }

  // MARK: Looking

  /// The content of the element with this id, without the markup in it.
  func text(_ id: String) -> String? {
    guard let regex = try? Regex("(?s)<(\\w+)[^>]* id=\"\(id)\"[^>]*>(.*?)</\\1>"),
      let match = page.firstMatch(of: regex), let range = match.output[2].range
    else { return nil }
    return String(page[range]).replacing(/<[^>]*>/, with: "")
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  var title: String { text("page-title") ?? "" }
  var problem: String? { text("problem") }

  var backupCodes: [String] {
    (text("backup-codes-text") ?? "").split(separator: "\n").map(String.init)
  }

  // MARK: The flows

  /// What the token shows now.
  func code(ahead: Int64 = 0) -> String {
    let step = TOTP(period: Seconds(30))!.step(at: Seconds(stage.clock.time.rawValue + ahead))!
    let secret = key
    let key = OATHKey(algorithm: .sha1, secret: secret.span)
    return HOTP.code(key: key, at: MovingFactor(step), digits: .six).description
  }

  /// A code that is none of those near this time.
  var wrongCode: String {
    let near = (-20...20).map { code(ahead: $0 * 30) }
    return (0...).lazy.map { String(format: "%06d", $0) }.first { !near.contains($0) }!
  }

  func signUp(_ name: String) throws {
    get("/signup")
    try submit("signup-form", ["email": "\(name)@example.com", "password": Self.password])
    try logIn(name)
  }

  func logIn(_ name: String, password: String = password) throws {
    get("/login")
    try submit("login-form", ["email": "\(name)@example.com", "password": password])
  }

  /// Reads the key off the page.
  func scan() throws {
    guard let text = text("key-text") else { throw Missing(what: "key-text", page: page) }
    key = try TypedKey(parsing: text).secret
  }

  /// From My Profile to the backup codes, which are shown then.
  func enable() throws {
    get("/profile")
    try submit("enable-mfa-form")
    try scan()
    try submit("activate-form", ["code": code()])
    stage.clock.pass(30)
  }
}

/// A page lacks what a person would have used on it.
struct Missing: Error {
  let what: String
  let page: String
}
