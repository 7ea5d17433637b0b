import HTTPServer
import JSON

/// One operation of the API: how it is asked for and what it answers. The description of the API is
/// written from these, so that the two cannot differ.
struct Operation: Sendable {
  /// What the `Authorization` header has to bear.
  enum Bearer: Sendable { case nothing, ticket, session }

  /// What is sent.
  enum Body: Sendable {
    case nothing
    case object([Property])
    /// A form with a file in the field "document", or JSON with "text".
    case evidence
  }

  /// What is answered.
  enum Answer: Sendable {
    /// 204.
    case nothing
    case value(Int, Shape)
    /// A document as it was handed in.
    case file
  }

  let method: String
  /// Below `/api/v1`, with its parameters in braces.
  let path: String
  /// The name that programs made from the description call it by.
  let id: String
  let summary: String
  let bearer: Bearer
  let body: Body
  let answer: Answer
  let perform: @Sendable (Call) throws -> JSON

  init(
    _ method: String, _ path: String, _ id: String, _ summary: String,
    _ bearer: Bearer = .session, _ body: Body = .nothing, _ answer: Answer = .nothing,
    _ perform: @escaping @Sendable (Call) throws -> JSON
  ) {
    self.method = method
    self.path = path
    self.id = id
    self.summary = summary
    self.bearer = bearer
    self.body = body
    self.answer = answer
    self.perform = perform
  }

  private var words: [Substring] { path.split(separator: "/") }

  /// The names of its parameters.
  var parameters: [String] {
    words.filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
  }

  /// What the parameters are in the words of a path; nil if it is another one.
  func arguments(in asked: [Substring]) -> [String: String]? {
    guard words.count == asked.count else { return nil }
    var found: [String: String] = [:]
    for (own, word) in zip(words, asked) {
      if own.hasPrefix("{") {
        found[String(own.dropFirst().dropLast())] = String(word)
      } else if own != word {
        return nil
      }
    }
    return found
  }
}
