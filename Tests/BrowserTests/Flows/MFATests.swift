import Foundation
import Testing

@Suite("MFA, clicked through", .enabled(if: Driver.isInstalled))
struct MFATests {
  @Test("enabling: the key is read from the screen, the code turns MFA on, backup codes come once")
  func enable() throws {
    let scene = try Scene()
    let ann = try scene.person()
    #expect(try ann.mfaState() == "Off")
    try ann.scanNewKey("enable-mfa")
    let key = try ann.text("key-text")
    // Nothing is on before the first code.
    #expect(try ann.mfaState() == "Off")
    try ann.open("/mfa/key")
    #expect(try ann.text("key-text") == key)
    try ann.fill("code", ann.wrongCode())
    try ann.press("activate-mfa")
    #expect(try ann.problem.contains("wrong"))
    #expect(try ann.text("key-text") == key)
    #expect(try ann.mfaState() == "Off")

    try ann.open("/mfa/key")
    try ann.activate()
    #expect(ann.backupCodes.count == 10)
    #expect(Set(ann.backupCodes).count == 10)
    try download(ann)
    try copy(ann)
    try ann.browser.back()
    try ann.browser.reload()
    try expectNoCodes(ann)
    #expect(try ann.mfaState() == "On")
    #expect(try ann.text("backup-codes-left") == "10")
    try ann.open("/mfa/key")
    try expectNoCodes(ann)
  }

  private func download(_ ann: Person) throws {
    try ann.browser.element("#download-codes").click()
    var file = ""
    try ann.browser.wait(for: "the download") {
      let folder = ann.console.room.downloads
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      guard let name = names.first(where: { $0.hasSuffix(".txt") }) else { return false }
      file = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
      return !file.isEmpty
    }
    let lines = file.split(separator: "\n").map(String.init)
    #expect(lines.filter { ann.backupCodes.contains($0) } == ann.backupCodes)
  }

  private func copy(_ ann: Person) throws {
    try ann.browser.element("#copy-codes").click()
    try ann.browser.chromium(
      "Browser.grantPermissions", ["permissions": ["clipboardReadWrite"]])
    var copied = ""
    try ann.browser.wait(for: "the copy") {
      copied = try ann.browser.run("return navigator.clipboard.readText()").string ?? ""
      return !copied.isEmpty
    }
    #expect(ann.backupCodes.allSatisfy { copied.contains($0) })
  }

  private func expectNoCodes(_ ann: Person) throws {
    let source = try ann.browser.run("return document.documentElement.outerHTML").string ?? ""
    #expect(!ann.backupCodes.contains { source.contains($0) })
  }

  @Test("the key typed by hand gives the same codes as the picture")
  func typedKey() throws {
    let scene = try Scene()
    let ann = try scene.person()
    try ann.scanNewKey("enable-mfa")
    let typed = Fob(scene.console.room, token: "typed")
    try typed.add("by hand", key: ann.text("key-text"))
    ann.fob = typed
    try ann.activate()
    #expect(try ann.mfaState() == "On")
  }

  @Test("logging in takes a code of the token's, each once, or a backup code, each once")
  func logIn() throws {
    let scene = try Scene()
    let ann = try scene.person()
    try ann.enable()
    try ann.signOut()

    try ann.typePassword()
    #expect(try ann.path == "/login/code")
    try ann.enter(code: ann.wrongCode())
    #expect(try ann.problem.contains("wrong"))
    let code = try ann.nextCode()
    try ann.enter(code: code)
    #expect(try ann.path == "/profile")
    try ann.signOut()

    try ann.typePassword()
    try ann.enter(code: code)
    #expect(try ann.problem.contains("used already"))
    let backup = ann.backupCodes[3]
    // As a person may type it.
    try ann.enter(code: " " + backup.uppercased() + " ")
    #expect(try ann.path == "/profile")
    #expect(try ann.text("notice").contains("backup code"))
    #expect(try ann.text("backup-codes-left") == "9")
    try ann.signOut()

    try ann.typePassword()
    try ann.enter(code: backup)
    #expect(try ann.problem.contains("unused backup codes"))
    try ann.enter(code: ann.backupCodes[0])
    #expect(try ann.path == "/profile")
    #expect(try ann.text("backup-codes-left") == "8")
  }

  @Test("without the code one is not in, whatever page is asked for")
  func noWayAround() throws {
    let scene = try Scene()
    let ann = try scene.person()
    try ann.enable()
    try ann.signOut()
    try ann.typePassword()
    for path in ["/profile", "/sessions", "/organizations", "/history", "/mfa/disable", "/cases"] {
      try ann.open(path)
      #expect(try ann.browser.has("#login-form, #code-form"), "\(path)")
      #expect(try !ann.browser.has("#sign-out"), "\(path)")
    }
  }

  @Test("updating: the old key and codes are good until the new code, and not after")
  func update() throws {
    let scene = try Scene()
    let ann = try scene.person()
    try ann.enable()
    let old = (fob: ann.fob, codes: ann.backupCodes)
    try ann.scanNewKey("update-mfa")
    let new = ann.fob
    try ann.fill("code", ann.wrongCode())
    try ann.press("activate-mfa")
    #expect(try ann.problem.contains("wrong"))

    // In another browser, the old ones are still what lets one in.
    let other = try Person(scene.console)
    other.fob = old.fob
    try other.logIn()
    try other.signOut()
    try other.typePassword()
    try other.enter(code: old.codes[0])
    #expect(try other.path == "/profile")
    try other.signOut()

    try ann.open("/mfa/key")
    try ann.activate()
    try other.typePassword()
    try other.enter(code: old.fob.nextCode(other.accountOnToken))
    #expect(try other.path == "/login/code")
    #expect(try other.problem.contains("wrong"))
    try other.enter(code: old.codes[1])
    #expect(try other.problem.contains("unused backup codes"))
    try other.enter(code: new.nextCode(ann.accountOnToken))
    #expect(try other.path == "/profile")
    try other.signOut()
    try other.typePassword()
    try other.enter(code: ann.backupCodes[0])
    #expect(try other.path == "/profile")
  }

  @Test("an update that is cancelled leaves everything as it was")
  func cancelledUpdate() throws {
    let scene = try Scene()
    let ann = try scene.person()
    try ann.enable()
    let old = ann.fob
    try ann.scanNewKey("update-mfa")
    try ann.press("cancel-mfa")
    #expect(try ann.mfaState() == "On")
    ann.fob = old
    try ann.signOut()
    try ann.logIn()
  }

  @Test("disabling takes the word DISABLE")
  func disable() throws {
    let scene = try Scene()
    let ann = try scene.person()
    try ann.enable()
    for word in ["disable", "yes", "DISABLE MFA"] {
      try ann.press("disable-mfa")
      try ann.fill("confirmation", word)
      try ann.press("disable-mfa-now")
      #expect(try ann.problem.contains("DISABLE"))
      #expect(try ann.mfaState() == "On")
    }
    try ann.press("disable-mfa")
    try ann.fill("confirmation", "DISABLE")
    try ann.press("disable-mfa-now")
    #expect(try ann.mfaState() == "Off")
    try ann.signOut()
    try ann.typePassword()
    #expect(try ann.path == "/profile")
  }

  @Test("every flow works in a browser that runs no scripts")
  func withoutScripts() throws {
    let scene = try Scene()
    let ann = try Person(scene.console, scripts: false)
    try ann.signUp()
    try ann.logIn()
    #expect(try ann.browser.run("return document.documentElement.className").string == "")
    try ann.enable()
    try ann.signOut()
    try ann.logIn()
    try ann.update()
    try ann.press("disable-mfa")
    try ann.confirmIfAsked()
    try ann.fill("confirmation", "DISABLE")
    try ann.press("disable-mfa-now")
    #expect(try ann.mfaState() == "Off")
  }
}
