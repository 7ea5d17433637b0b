import JSON

/// Why a command to the browser failed.
struct WebDriverFailure: Error, CustomStringConvertible {
  /// The names of errors that the tests tell apart (W3C WebDriver, section 6.6).
  enum Name: String {
    case noSuchElement = "no such element"
    case staleElement = "stale element reference"
    case clickIntercepted = "element click intercepted"
    case notInteractable = "element not interactable"
    case noSuchAlert = "no such alert"
    /// Ours: the driver did not answer, or not in its protocol.
    case noAnswer = "no answer"
    /// Ours: what a test waited for did not come.
    case timedOut = "timed out"
  }

  /// Nil for an error that no test tells apart; `description` has its name.
  let name: Name?
  let description: String

  init(_ name: Name, _ text: String) {
    self.name = name
    description = "\(name.rawValue): \(text)"
  }

  /// From the `value` of an answer whose status is not 200.
  init(answer value: JSON, to command: String) {
    let error = value["error"]?.string ?? "an error without a name"
    let message = value["message"]?.string?.split(separator: "\n").first ?? ""
    // chromium-driver has no name of its own for an element whose page is just being left.
    let isLeft = message.contains("does not belong to the document")
    name = isLeft ? .staleElement : Name(rawValue: error)
    description = "\(command): \(error): \(message)"
  }
}
