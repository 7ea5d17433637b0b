import Foundation
import JSON

/// An element of a page, until that page is left.
struct WebElement {
  let browser: Browser
  private let reference: String

  /// From the JSON of an answer.
  init(_ browser: Browser, _ value: JSON) throws {
    guard let reference = value[Browser.elementKey]?.string else {
      throw WebDriverFailure(.noAnswer, "an element without a reference: \(value)")
    }
    self.browser = browser
    self.reference = reference
  }

  private var path: String { "element/\(reference)" }

  /// As an argument of a script.
  var json: JSON { [Browser.elementKey: .string(reference)] }

  /// In lower case: `input`.
  var name: String {
    get throws { try browser.send(.get, path + "/name").string ?? "" }
  }

  /// As a person reads it.
  var text: String {
    get throws { try browser.send(.get, path + "/text").string ?? "" }
  }

  /// The value of a field.
  var value: String {
    get throws { try browser.send(.get, path + "/property/value").string ?? "" }
  }

  var isVisible: Bool {
    get throws { try browser.send(.get, path + "/displayed").bool ?? false }
  }

  /// As the page has it; nil if it has none.
  func attribute(_ name: String) throws -> String? {
    try browser.run("return arguments[0].getAttribute(arguments[1])", json, .string(name)).string
  }

  /// Scrolls to it and clicks in its middle, as a person does: refused where something covers it.
  func click() throws { try browser.send(.post, path + "/click") }

  /// Types, key by key, after what is there; in a file field, chooses the file of that path.
  func type(_ text: String) throws {
    try browser.send(.post, path + "/value", ["text": .string(text)])
  }

  func clear() throws { try browser.send(.post, path + "/clear") }

  func fill(_ text: String) throws {
    try clear()
    try type(text)
  }

  /// As a PNG.
  func screenshot() throws -> Data {
    try Browser.picture(browser.send(.get, path + "/screenshot"))
  }
}
