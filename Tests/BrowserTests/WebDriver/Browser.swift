import Foundation
import JSON

/// A browser of its own, with an empty profile: its cookies and downloads are nobody else's.
final class Browser {
  /// A window in CSS pixels.
  struct Window {
    let width: Int
    let height: Int
    static let desktop = Window(width: 1200, height: 900)
    /// The narrowest that pages have to fit in (WCAG 2.2, 1.4.10 has 320; phones have 360).
    static let phone = Window(width: 360, height: 740)
  }

  enum Scheme: String, CaseIterable { case light, dark }

  /// The member of an element's JSON that has its reference (W3C WebDriver, section 11).
  static let elementKey = "element-6066-11e4-a52e-4f735466cecf"
  /// How long a condition is waited for. Only a test that fails waits so long.
  static let patience: TimeInterval = 20

  private let wire: DriverWire
  private let session: String
  /// Where downloads arrive.
  let folder: String

  /// - Parameters:
  ///   - folder: has to exist; downloads go there.
  ///   - scripts: whether pages may run scripts.
  init(folder: String, window: Window = .desktop, scripts: Bool = true) throws {
    self.folder = folder
    wire = try Driver.wire()
    var arguments: JSON = [
      "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
      "--disable-extensions", "--force-device-scale-factor=1", "--hide-scrollbars",
      "--lang=en-US", .string("--window-size=\(window.width),\(window.height)"),
    ]
    // Chromium's sandbox refuses to run as root.
    if getuid() == 0 { arguments = .array((arguments.array ?? []) + ["--no-sandbox"]) }
    var preferences: JSON.Members = [
      "download.default_directory": .string(folder), "download.prompt_for_download": false,
      "credentials_enable_service": false, "profile.password_manager_leak_detection": false,
    ]
    if !scripts {
      preferences = JSON.Members(
        preferences.map { ($0.key, $0.value) }
          + [("profile.managed_default_content_settings.javascript", 2)])
    }
    let answer = try wire.send(
      .post, "session",
      [
        "capabilities": [
          "alwaysMatch": [
            "browserName": "chrome",
            "unhandledPromptBehavior": "ignore",
            "goog:chromeOptions": [
              "binary": .string(Driver.browser), "args": arguments, "prefs": .object(preferences),
            ],
          ]
        ]
      ])
    guard let session = answer["sessionId"]?.string else {
      throw WebDriverFailure(.noAnswer, "a session without a number: \(answer)")
    }
    self.session = session
    try resize(window)
  }

  deinit {
    _ = try? wire.send(.delete, "session/\(session)")
  }

  @discardableResult
  func send(_ method: DriverWire.Method, _ path: String, _ body: JSON? = nil) throws -> JSON {
    try wire.send(method, "session/\(session)" + (path.isEmpty ? "" : "/" + path), body)
  }

  /// A command of Chromium's own protocol, for what WebDriver has no command for.
  @discardableResult
  func chromium(_ command: String, _ parameters: JSON = [:]) throws -> JSON {
    try send(
      .post, "goog/cdp/execute", ["cmd": .string(command), "params": parameters])
  }

  // MARK: The window

  /// Makes the page's view so large, also where a window could not be so narrow.
  func resize(_ window: Window) throws {
    try chromium(
      "Emulation.setDeviceMetricsOverride",
      [
        "width": .integer(window.width), "height": .integer(window.height),
        "deviceScaleFactor": 1, "mobile": false,
      ])
  }

  /// What the person's system prefers.
  func prefer(_ scheme: Scheme) throws {
    try chromium(
      "Emulation.setEmulatedMedia",
      [
        "features": [["name": "prefers-color-scheme", "value": .string(scheme.rawValue)]]
      ])
  }

  /// Opens a tab, and turns to it. Returns its handle.
  @discardableResult
  func openTab() throws -> String {
    let handle = try send(.post, "window/new", ["type": "tab"])["handle"]?.string ?? ""
    try turn(to: handle)
    return handle
  }

  var tab: String {
    get throws { try send(.get, "window").string ?? "" }
  }

  func turn(to tab: String) throws {
    try send(.post, "window", ["handle": .string(tab)])
  }

  // MARK: The page

  func open(_ address: String) throws {
    try send(.post, "url", ["url": .string(address)])
  }

  func back() throws { try send(.post, "back") }
  func reload() throws { try send(.post, "refresh") }

  var address: String {
    get throws { try send(.get, "url").string ?? "" }
  }

  var title: String {
    get throws { try send(.get, "title").string ?? "" }
  }

  /// What a person can read on the page.
  var text: String {
    get throws { try element("body").text }
  }

  /// Runs the body of a function in the page, and returns what it returns.
  @discardableResult
  func run(_ script: String, _ arguments: JSON...) throws -> JSON {
    try send(.post, "execute/sync", ["script": .string(script), "args": .array(arguments)])
  }

  /// The cookies of the page, by name.
  func cookies() throws -> [String: JSON] {
    let list = try send(.get, "cookie").array ?? []
    return Dictionary(list.map { ($0["name"]?.string ?? "", $0) }, uniquingKeysWith: { $1 })
  }

  func setCookie(_ cookie: JSON) throws { try send(.post, "cookie", ["cookie": cookie]) }
  func deleteCookies() throws { try send(.delete, "cookie") }

  // MARK: Elements

  /// The first element that a CSS selector finds.
  func element(_ selector: String) throws -> WebElement {
    try WebElement(self, send(.post, "element", Self.css(selector)))
  }

  func elements(_ selector: String) throws -> [WebElement] {
    try (send(.post, "elements", Self.css(selector)).array ?? []).map { try WebElement(self, $0) }
  }

  func has(_ selector: String) throws -> Bool { try !elements(selector).isEmpty }

  private static func css(_ selector: String) -> JSON {
    ["using": "css selector", "value": .string(selector)]
  }

  /// Does something in the page within a frame of this page.
  func inFrame<T>(_ selector: String, _ body: () throws -> T) throws -> T {
    try send(.post, "frame", ["id": element(selector).json])
    defer { _ = try? send(.post, "frame", ["id": nil]) }
    return try body()
  }

  // MARK: Waiting

  /// Asks until the condition holds. A page that is just being replaced counts as not yet.
  func wait(for name: String, _ condition: () throws -> Bool) throws {
    let deadline = Date(timeIntervalSinceNow: Self.patience)
    while true {
      do {
        if try condition() { return }
      } catch let failure as WebDriverFailure where failure.isOfAChangingPage {}
      guard Date() < deadline else {
        throw WebDriverFailure(.timedOut, "\(name); the page says: \((try? text) ?? "nothing")")
      }
      usleep(20_000)
    }
  }

  /// Does what leads to another page, and waits until that is there.
  func follow(_ action: () throws -> Void) throws {
    let before = try element("html")
    try action()
    try wait(for: "another page") {
      do {
        _ = try before.name
        return false
      } catch let failure as WebDriverFailure where failure.name == .staleElement {
        return true
      }
    }
    try wait(for: "the page to be complete") {
      try run("return document.readyState").string == "complete"
    }
  }

  // MARK: Pictures

  /// The part of the page that is in view, as a PNG.
  func screenshot() throws -> Data {
    try Self.picture(send(.get, "screenshot"))
  }

  /// The whole page, as a PNG.
  func screenshotOfPage() throws -> Data {
    let answer = try chromium(
      "Page.captureScreenshot", ["format": "png", "captureBeyondViewport": true])
    return try Self.picture(answer["data"] ?? nil)
  }

  static func picture(_ value: JSON) throws -> Data {
    guard let text = value.string, let data = Data(base64Encoded: text) else {
      throw WebDriverFailure(.noAnswer, "a picture that is none")
    }
    return data
  }
}

extension WebDriverFailure {
  fileprivate var isOfAChangingPage: Bool {
    switch name {
    case .noSuchElement, .staleElement, .clickIntercepted, .notInteractable: true
    default: false
    }
  }
}
