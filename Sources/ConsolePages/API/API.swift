import HTTPServer
import JSON
import RelyingParty

/// The console as an API for programs: the same operations as the pages, in JSON.
///
/// A session or login ticket is borne in the `Authorization` header. Cookies mean nothing here, so no
/// page of another site can call it in somebody's name. Errors are problem details (RFC 9457).
struct API {
  static let root = "/api/"
  static let version = "/api/v1"

  let party: RelyingParty

  func answer(_ request: HTTPRequest) -> HTTPResponse {
    do {
      return try routed(request)
    } catch let refusal as Refusal {
      return Self.problem(
        Console.problem(refusal, wasSaved: party.hasChanged),
        slug: refusal.isInternal && party.hasChanged ? "saved-unshown" : refusal.slug)
    } catch let fault as Fault {
      return Self.problem(
        Problem(status: fault.status, cause: fault.sentence), slug: fault.slug)
    } catch is NotFound {
      return Self.problem(Problem(status: 404, cause: "There is no such thing."), slug: "not-found")
    } catch {
      return Self.problem(Console.problem(error), slug: "internal")
    }
  }

  /// What is wrong with a call itself.
  struct Fault: Error {
    let status: Int
    let slug: String
    let sentence: String
  }

  private func routed(_ request: HTTPRequest) throws -> HTTPResponse {
    guard request.path.hasPrefix(Self.version + "/") else { throw NotFound() }
    let words = request.path.dropFirst(Self.version.count).split(separator: "/")
    let there = Operations.all.filter { $0.arguments(in: words) != nil }
    guard !there.isEmpty else { throw NotFound() }
    guard let operation = there.first(where: { $0.method == request.method }),
      let arguments = operation.arguments(in: words)
    else {
      return Self.methodNotAllowed(there.map(\.method))
    }
    let call = Call(
      party: party, request: request,
      client: Client(address: request.address, agent: request.headers["user-agent"] ?? ""),
      arguments: arguments, members: try Self.members(of: request, for: operation))
    if case .file = operation.answer { return try Operations.document(call) }
    let value = try operation.perform(call)
    guard case .value(let status, _) = operation.answer else {
      var response = HTTPResponse(status: 204, type: "application/json", body: [])
      response.remove("Content-Type")
      return response
    }
    return Self.json(status, value)
  }

  /// The description of the API, which needs no database.
  static func document(_ request: HTTPRequest) -> HTTPResponse? {
    guard request.path == version + "/openapi.json" else { return nil }
    guard request.method == "GET" || request.method == "HEAD" else {
      return methodNotAllowed(["GET"])
    }
    return json(200, OpenAPI.document)
  }

  private static func methodNotAllowed(_ methods: [String]) -> HTTPResponse {
    var response = problem(
      Problem(status: 405, cause: "This cannot be done with that method."),
      slug: "method-not-allowed")
    response.set("Allow", methods.joined(separator: ", "))
    return response
  }

  /// The members of the body, if it is what the operation takes: nothing unknown, nothing missing.
  private static func members(of request: HTTPRequest, for operation: Operation) throws -> JSON {
    let properties: [Property]
    switch (operation.body, request.body) {
    case (.nothing, _): return [:]
    case (.evidence, .form): return [:]
    case (.evidence, _): properties = [Property("text", .text)]
    case (.object(let stated), _): properties = stated
    }
    var value: JSON = [:]
    switch request.body {
    case .json(let bytes):
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw Fault(status: 400, slug: "malformed", sentence: "The body is not UTF-8.")
      }
      do throws(JSON.Failure) {
        value = try JSON.parse(text, limits: JSON.Limits(depth: 4))
      } catch {
        throw Fault(status: 400, slug: "malformed", sentence: "The body: \(error).")
      }
    case .none: break
    case .form:
      throw Fault(status: 415, slug: "unsupported-type", sentence: "The body has to be JSON.")
    }
    guard let members = value.object else {
      throw Fault(status: 400, slug: "malformed", sentence: "The body has to be a JSON object.")
    }
    for key in members.keys where !properties.contains(where: { $0.name == key }) {
      throw Fault(
        status: 400, slug: "unknown-member", sentence: "The body has a member too many: \(key).")
    }
    for property in properties {
      guard let member = members[property.name] else {
        if !property.isRequired { continue }
        throw Fault(
          status: 400, slug: "missing-member", sentence: "The body lacks \(property.name).")
      }
      guard property.shape.fits(member) else {
        throw Fault(
          status: 400, slug: "wrong-member",
          sentence: "The body's \(property.name) is of another kind than it has to be.")
      }
    }
    return value
  }

  static func json(_ status: Int, _ value: JSON) -> HTTPResponse {
    HTTPResponse(status: status, type: "application/json", body: Array(value.text.utf8))
  }

  /// Problem details (RFC 9457).
  static func problem(_ problem: Problem, slug: String) -> HTTPResponse {
    var value: JSON = [
      "type": .string("urn:watchfob:problem:\(slug)"),
      "title": .string(problem.cause),
      "status": .integer(problem.status),
    ]
    if !problem.wayOut.isEmpty { value["detail"] = .string(problem.wayOut) }
    if let field = problem.field { value["member"] = .string(field) }
    if let wait = problem.wait { value["retryAfter"] = .integer(Int(wait)) }
    var response = HTTPResponse(
      status: problem.status, type: "application/problem+json", body: Array(value.text.utf8))
    if let pause = problem.pause { response.set("Retry-After", "\(pause)") }
    if problem.status == 401 { response.set("WWW-Authenticate", "Bearer realm=\"console\"") }
    return response
  }
}
