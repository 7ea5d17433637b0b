import JSON

/// The driver's side of the wire: commands as HTTP requests with JSON in them (W3C WebDriver,
/// section 6). A command blocks until it is answered, so that a test reads from top to bottom, and
/// so that no more tests run at once than the machine has cores.
struct DriverWire: Sendable {
  enum Method: String {
    case get = "GET"
    case post = "POST"
    case delete = "DELETE"
  }

  /// Pictures of a long page come in one answer.
  private static let largestAnswer = 64 << 20

  /// On loopback.
  let port: UInt16

  /// Sends a command, and returns the `value` of its answer.
  ///
  /// - Parameter path: without a slash in front.
  @discardableResult
  func send(_ method: Method, _ path: String, _ body: JSON? = nil) throws -> JSON {
    let answer = try HTTPRequest(
      method: method.rawValue, path: "/" + path,
      headers: ["Content-Type": "application/json; charset=utf-8"],
      body: method == .post ? (body ?? [:]).text : ""
    ).send(to: port)
    guard
      let value = try? JSON.parse(answer.body, limits: JSON.Limits(size: Self.largestAnswer))[
        "value"]
    else {
      throw WebDriverFailure(
        .noAnswer, "\(method.rawValue) \(path): \(answer.status) \(answer.body.prefix(200))")
    }
    guard answer.status == 200 else { throw WebDriverFailure(answer: value, to: path) }
    return value
  }
}
