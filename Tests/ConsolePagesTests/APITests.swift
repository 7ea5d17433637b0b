import Enrollment
import HTTPServer
import JSON
import Testing

@testable import ConsolePages

@Suite("The API")
struct APITests {
  let stage: Stage
  let tools: Browser

  init() throws {
    stage = try Stage()
    tools = Browser(stage)
  }

  /// Calls an operation; `status` is what has to be answered.
  @discardableResult
  private func call(
    _ method: String, _ path: String, _ body: JSON? = nil, bearer: String = "",
    _ status: Int = 200, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> JSON {
    var request = HTTPRequest(method: method, path: "/api/v1\(path)")
    request.headers = ["host": "127.0.0.1:8080"]
    if !bearer.isEmpty { request.headers["authorization"] = "Bearer \(bearer)" }
    if let body { request.body = .json(Array(body.text.utf8)) }
    let response = stage.console.answer(request)
    let text = String(decoding: response.body, as: UTF8.self)
    #expect(response.status == status, "\(text)", sourceLocation: sourceLocation)
    if status >= 400 {
      #expect(response.header("Content-Type") == "application/problem+json")
    }
    return text.isEmpty ? .null : try JSON.parse(text)
  }

  private func signUp() throws -> String {
    let person: JSON = ["email": "ann@example.com", "password": .string(Browser.password)]
    try call("POST", "/accounts", person, 204)
    return try #require(try call("POST", "/login", person)["session"]?.string)
  }

  @Test("the flows go through it: enable, log in, disable")
  func flows() throws {
    var session = try signUp()
    let enrolment = try call(
      "POST", "/mfa/enrolment", ["purpose": "enable"], bearer: session, 201)
    tools.key = try TypedKey(parsing: try #require(enrolment["key"]?.string)).secret
    let activation = try call(
      "POST", "/mfa/activation", ["code": .string(tools.code())], bearer: session)
    #expect(activation["backupCodes"]?.array?.count == 10)
    try call("GET", "/mfa", bearer: session, 401)
    session = try #require(activation["session"]?.string)
    #expect(try call("GET", "/mfa", bearer: session)["isOn"] == true)
    stage.clock.pass(30)
    let step = try call(
      "POST", "/login", ["email": "ann@example.com", "password": .string(Browser.password)])
    #expect(step["state"] == "codeNeeded")
    let ticket = try #require(step["ticket"]?.string)
    let wrong = try call(
      "POST", "/login/code", ["code": .string(tools.wrongCode)], bearer: ticket, 422)
    #expect(wrong["type"] == "urn:watchfob:problem:wrong-code")
    let signIn = try call(
      "POST", "/login/code", ["code": .string(tools.code())], bearer: ticket)
    let other = try #require(signIn["session"]?.string)
    try call("POST", "/mfa/disabling", ["confirmation": "no"], bearer: other, 422)
    try call("POST", "/mfa/disabling", ["confirmation": "DISABLE"], bearer: other)
  }

  @Test("a body that is not what the operation takes is refused, and says what is wrong with it")
  func bodies() throws {
    for (body, problem) in [
      ([] as JSON, "malformed"), (["email": "a@b"], "missing-member"),
      (["email": 7, "password": "x"], "wrong-member"),
      (["email": "a@b", "password": "x", "isOperator": true], "unknown-member"),
    ] {
      let answer = try call("POST", "/accounts", body, 400)
      #expect(answer["type"] == .string("urn:watchfob:problem:\(problem)"))
    }
    var request = HTTPRequest(method: "POST", path: "/api/v1/accounts")
    request.headers = ["host": "localhost"]
    request.body = .json([0xFF, 0x7B])
    #expect(stage.console.answer(request).status == 400)
    request.body = .form(HTTPForm())
    #expect(stage.console.answer(request).status == 415)
  }

  @Test("cookies mean nothing to it")
  func cookies() throws {
    try tools.signUp("eve")
    tools.get("/api/v1/account")
    #expect(tools.status == 401)
  }

  @Test("a member's role and permission are changed together, or neither is")
  func changeMember() throws {
    let session = try signUp()
    try call("POST", "/organizations", ["name": "Watchmakers"], bearer: session, 201)
    let own = "/organizations/1/members/1"
    let both: JSON = ["role": "member", "mayManageMFA": true]
    try call("PATCH", own, both, bearer: session, 409)
    let bob = Browser(stage)
    try bob.signUp("bob")
    try call(
      "POST", "/organizations/1/invitations", ["email": "bob@example.com", "role": "owner"],
      bearer: session, 204)
    bob.get("/organizations")
    try bob.submit("join-form-1")
    try call("PATCH", own, both, bearer: session, 204)
    let members = try call("GET", "/organizations/1/members", bearer: session).array
    let ann = try #require(members?.first { $0["email"] == "ann@example.com" })
    #expect(ann["role"] == "member" && ann["mayManageMFA"] == true)
    try call("PATCH", own, both, bearer: session, 403)
  }

  @Test("what is not there is 404, what is there in another way 405")
  func absent() throws {
    try call("GET", "/nothing", nil, 404)
    try call("PUT", "/login", nil, 405)
    let session = try signUp()
    try call("GET", "/organizations/7", bearer: session, 404)
    try call("GET", "/organizations/x", bearer: session, 404)
    try call("GET", "/audit", bearer: session, 403)
  }

  @Test("the description names every operation once, and every reference in it leads somewhere")
  func description() throws {
    let document = try call("GET", "/openapi.json")
    #expect(document["openapi"] == "3.1.0")
    var operations: [String] = []
    for (_, path) in try #require(document["paths"]?.object) {
      for (_, operation) in try #require(path.object) {
        operations.append(try #require(operation["operationId"]?.string))
        #expect(operation["responses"]?["default"] != nil)
      }
    }
    #expect(operations.sorted() == Operations.all.map(\.id).sorted())
    #expect(Set(operations).count == operations.count)
    for match in document.text.matches(of: /"\$ref":"#\/([^"]*)"/) {
      var place: JSON? = document
      for word in match.1.split(separator: "/") { place = place?[String(word)] }
      #expect(place != nil, "\(match.1)")
    }
  }

  @Test(
    "answers have the members that the description states",
    arguments: [
      ("/account", "Account"), ("/mfa", "MFA"),
    ])
  func answers(_ path: String, _ schema: String) throws {
    let answer = try call("GET", path, bearer: signUp())
    let stated = try #require(APISchemas.all.first { $0.name == schema }).properties
    #expect(answer.object?.keys.sorted() == stated.map(\.name).sorted())
  }
}
