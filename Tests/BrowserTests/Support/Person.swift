import Foundation
import JSON
import Testing

/// A person with a browser and a token, who does what the pages say.
final class Person {
  let console: ConsoleProcess
  let browser: Browser
  let email: String
  var password: String
  /// The token that has the key of the account.
  var fob: Fob
  private(set) var backupCodes: [String] = []
  private var tokens = 1

  /// - Parameter scripts: whether their browser runs scripts.
  init(_ console: ConsoleProcess, _ name: String = "ann", scripts: Bool = true) throws {
    self.console = console
    email = "\(name)@example.com"
    password = "the long password of \(name)"
    browser = try Browser(folder: console.room.downloads, scripts: scripts)
    fob = Fob(console.room, token: name)
  }

  /// A person who has an account and is logged in.
  convenience init(signedUpAt console: ConsoleProcess, _ name: String = "ann") throws {
    try self.init(console, name)
    try signUp()
    try logIn()
  }

  // MARK: Pages

  func open(_ path: String) throws { try browser.open(console.address(path)) }

  /// The path of the page that is shown.
  var path: String {
    get throws { URL(string: try browser.address)?.path ?? "" }
  }

  func fill(_ field: String, _ text: String) throws {
    try browser.element("#" + field).fill(text)
  }

  /// Clicks on what leads to another page.
  func press(_ id: String) throws {
    try browser.follow { try browser.element("#" + id).click() }
  }

  func text(_ id: String) throws -> String { try browser.element("#" + id).text }

  /// The sentence of a refusal.
  var problem: String {
    get throws { try text("problem") }
  }

  /// The number at the end of an element's id: `organization-7`.
  func number(_ selector: String) throws -> String {
    let id = try browser.element(selector).attribute("id") ?? ""
    return String(id.suffix(while: \.isNumber))
  }

  // MARK: The flows

  func signUp() throws {
    try open("/signup")
    try fill("email", email)
    try fill("password", password)
    try press("sign-up")
    try #require(try path == "/login")
  }

  /// The first step of a login.
  func typePassword() throws {
    try open("/login")
    try fill("email", email)
    try fill("password", password)
    try press("log-in")
  }

  func enter(code: String) throws {
    try fill("code", code)
    try press("submit-code")
  }

  /// Logs in; with MFA on, by the token's next code.
  func logIn() throws {
    try typePassword()
    if try path == "/login/code" { try enter(code: nextCode()) }
    let (path, text) = (try path, try browser.text)
    try #require(path == "/profile", "\(text)")
  }

  func signOut() throws { try press("sign-out") }

  var accountOnToken: String {
    get throws {
      let names = try fob.names()
      return try #require(names.first)
    }
  }

  func nextCode() throws -> String { try fob.nextCode(accountOnToken) }

  /// A code that is no code of this token's for now.
  func wrongCode() throws -> String {
    let code = try fob.code(accountOnToken)
    return code.dropLast() + (code.last == "0" ? "1" : "0")
  }

  /// From My Profile to the page with the new key, whose picture goes on an empty token.
  func scanNewKey(_ button: String) throws {
    try open("/profile")
    try press(button)
    // It leads back to the page, and the button is pressed once more.
    if try confirmIfAsked(), try browser.has("#" + button) { try press(button) }
    tokens += 1
    fob = Fob(console.room, token: "\(email)-\(tokens)")
    try fob.add(screenshot: browser.screenshot())
  }

  /// Confirms who one is if the page asks for it: an earlier proof ends with a new key, a new password and
  /// Disable MFA.
  @discardableResult
  func confirmIfAsked() throws -> Bool {
    guard try browser.has("#confirm-form") else { return false }
    try fill("password", password)
    if try browser.has("#code") { try fill("code", nextCode()) }
    try press("confirm-identity")
    return true
  }

  /// From the page with the new key to the one with the backup codes, which the person keeps.
  func activate() throws {
    try fill("code", nextCode())
    try press("activate-mfa")
    backupCodes = try browser.elements("#backup-codes code").map { try $0.text }
    let text = try browser.text
    try #require(!backupCodes.isEmpty, "\(text)")
  }

  func enable() throws {
    try scanNewKey("enable-mfa")
    try activate()
    try press("codes-done")
  }

  func update() throws {
    try scanNewKey("update-mfa")
    try activate()
    try press("codes-done")
  }

  /// "On" or "Off", as My Profile says.
  func mfaState() throws -> String {
    try open("/profile")
    return try text("mfa-state")
  }

  /// Makes an Organization, and returns its number.
  func createOrganization(_ name: String) throws -> String {
    try open("/organizations")
    try fill("name", name)
    try press("create-organization")
    let text = try browser.text
    try #require(try browser.has("#members"), "\(text)")
    return try String(path.split(separator: "/").last ?? "")
  }

  /// Invites another person, who accepts.
  func admit(_ other: Person, to organization: String) throws {
    try open("/organizations/\(organization)")
    try fill("email", other.email)
    try press("invite")
    try other.open("/organizations")
    try other.press("accept-invitation-\(organization)")
  }
}

extension String {
  fileprivate func suffix(while holds: (Character) -> Bool) -> Substring {
    self[(lastIndex { !holds($0) }.map { index(after: $0) } ?? startIndex)...]
  }
}

/// A console and its room, for one test.
struct Scene {
  let console: ConsoleProcess

  init() throws { console = try ConsoleProcess(Room()) }

  func person(_ name: String = "ann") throws -> Person {
    try Person(signedUpAt: console, name)
  }
}
