import HTTPServer
import JSON
import RelyingParty

/// One call of an operation.
struct Call {
  let party: RelyingParty
  let request: HTTPRequest
  let client: Client
  let arguments: [String: String]
  /// The body's members; all of the shapes that the operation states.
  let members: JSON

  /// What the `Authorization` header bears (RFC 6750, section 2.1); empty without one.
  private var bearer: String {
    let words = (request.headers["authorization"] ?? "").split(separator: " ")
    return words.count == 2 && words[0].lowercased() == "bearer" ? String(words[1]) : ""
  }

  func session() throws(Refusal) -> Session { try party.resume(sessionCookie: bearer) }

  func ticket() throws(Refusal) -> LoginTicket { try party.resume(ticketCookie: bearer) }

  /// A text of the body; empty if it is not there.
  func text(_ name: String) -> String { members[name]?.string ?? "" }

  func flag(_ name: String) -> Bool? { members[name]?.bool }

  /// The file of a form, empty if the form has none; nil if the body is none.
  var document: Document? {
    guard case .form(let form) = request.body else { return nil }
    let file = form.files["document"]
    return Document(name: file?.name ?? "", content: file?.content ?? [])
  }

  func argument<ID>(_ name: String, _ parse: (String) -> ID?) throws -> ID {
    guard let id = arguments[name].flatMap(parse) else { throw NotFound() }
    return id
  }

  var organization: Organization.ID {
    get throws { try argument("organization", Organization.ID.init(parsing:)) }
  }

  var account: Account.ID { get throws { try argument("account", Account.ID.init(parsing:)) } }

  var item: RecoveryItem {
    get throws { try argument("item", RecoveryItem.init(rawValue:)) }
  }

  var recoveryCase: RecoveryCase.ID {
    get throws { try argument("case", RecoveryCase.ID.init(parsing:)) }
  }
}
