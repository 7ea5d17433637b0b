import Glibc
import HTTPServer
import Testing

@Suite("The web server")
struct HTTPServerTests {
  /// Answers with what it was asked, in words.
  private static func server(_ limits: HTTPServer.Limits = HTTPServer.Limits()) throws -> HTTPServer
  {
    try HTTPServer(
      port: 0, limits: limits,
      fault: { fault, _ in
        HTTPResponse(status: fault.status, type: "text/plain", body: Array(fault.sentence.utf8))
      },
      handler: { request in
        let form = request.form
        let fields = form.fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let files = form.files.map { "\($0.key):\($0.value.name):\($0.value.content.count)" }
        var words = [request.method, request.path] + fields + files
        if case .json(let bytes) = request.body { words.append("json \(bytes.count)") }
        words += request.query.map { "\($0.key)?\($0.value)" }
        words += request.cookies.map { "\($0.key)@\($0.value)" }
        return HTTPResponse(type: "text/plain", body: Array(words.joined(separator: "|").utf8))
      })
  }

  /// Sends bytes as they are, and gives back all that comes until the server closes.
  private static func talk(_ server: HTTPServer, _ text: String) -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = server.port.bigEndian
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { return "no connection" }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard sent > 0 else { break }
      rest.removeFirst(sent)
    }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { break }
      answer += buffer[..<count]
    }
    return String(decoding: answer, as: UTF8.self)
  }

  private static func post(_ type: String, _ body: String, length: Int? = nil) -> String {
    """
    POST /form HTTP/1.1\r
    Host: localhost\r
    Connection: close\r
    Content-Type: \(type)\r
    Content-Length: \(length ?? body.utf8.count)\r
    \r
    \(body)
    """
  }

  private static let urlEncoded = "application/x-www-form-urlencoded"

  @Test("path, query and cookies arrive decoded")
  func get() throws {
    let server = try Self.server()
    let answer = Self.talk(
      server,
      "GET /a%20b?q=%C3%A9 HTTP/1.1\r\nHost: x\r\nCookie: c=1\r\nConnection: close\r\n\r\n")
    #expect(answer.hasPrefix("HTTP/1.1 200"))
    #expect(answer.hasSuffix("GET|/a b|q?é|c@1"))
  }

  @Test("a path with a zero byte is not cut there, nor a query", arguments: ["", "a", "a%20b/"])
  func zeroByte(_ start: String) throws {
    let server = try Self.server()
    let answer = Self.talk(
      server,
      "GET /\(start)%00c?q=x%00y&r=%C3%A9 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    #expect(answer.contains("\r\n\r\nGET|/\(start)%00c|"))
    #expect(answer.contains("|q?x%00y") && answer.contains("|r?é"))
  }

  @Test("a form arrives field by field; of two of one name the first counts")
  func form() throws {
    let server = try Self.server()
    let answer = Self.talk(server, Self.post(Self.urlEncoded, "a=1+2&b=%3C%26%3E&a=other&empty="))
    #expect(answer.hasSuffix("POST|/form|a=1 2|b=<&>|empty="))
  }

  @Test("files arrive apart from fields")
  func multipart() throws {
    let server = try Self.server()
    let body = """
      --xyz\r
      Content-Disposition: form-data; name="text"\r
      \r
      words\r
      --xyz\r
      Content-Disposition: form-data; name="file"; filename="a.pdf"\r
      Content-Type: application/pdf\r
      \r
      \(String(repeating: "%", count: 100_000))\r
      --xyz--\r

      """
    let answer = Self.talk(server, Self.post("multipart/form-data; boundary=xyz", body))
    #expect(answer.hasSuffix("POST|/form|text=words|file:a.pdf:100000"))
  }

  @Test("a body of another type is refused", arguments: ["text/xml", "text/plain", ""])
  func type(_ type: String) throws {
    let server = try Self.server()
    #expect(Self.talk(server, Self.post(type, "<a/>")).hasPrefix("HTTP/1.1 415"))
  }

  @Test("what is too large is refused, and the server goes on")
  func tooLarge() throws {
    var limits = HTTPServer.Limits()
    limits.body = 50_000
    limits.field = 1_000
    limits.json = 2_000
    limits.fields = 3
    let server = try Self.server(limits)
    let many = (0..<9).map { "f\($0)=1" }.joined(separator: "&")
    for (type, body) in [
      (Self.urlEncoded, "a=" + String(repeating: "x", count: 1_001)),
      (Self.urlEncoded, "a=" + String(repeating: "x", count: 60_000)), (Self.urlEncoded, many),
      ("application/json", String(repeating: " ", count: 2_001)),
    ] {
      #expect(Self.talk(server, Self.post(type, body)).hasPrefix("HTTP/1.1 413"), "\(type)")
    }
    #expect(Self.talk(server, Self.post(Self.urlEncoded, "a=1")).hasSuffix("a=1"))
  }

  @Test("text that is not UTF-8 is refused")
  func encoding() throws {
    let server = try Self.server()
    #expect(Self.talk(server, Self.post(Self.urlEncoded, "a=%FF%FE")).hasPrefix("HTTP/1.1 400"))
  }

  @Test(
    "what is no request at all is refused, and the server goes on",
    arguments: [
      "\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5x\r\n\r\n",
    ])
  func noRequest(_ text: String) throws {
    var limits = HTTPServer.Limits()
    limits.patience = 1
    let server = try Self.server(limits)
    let answer = Self.talk(server, text)
    #expect(!answer.contains(" 200 "))
    #expect(Self.talk(server, Self.post(Self.urlEncoded, "a=1")).hasSuffix("a=1"))
  }

  @Test("a port that is taken is said so")
  func taken() throws {
    let server = try Self.server()
    #expect(throws: ServerFailure.self) {
      try HTTPServer(
        port: server.port, fault: { _, _ in HTTPResponse(seeOther: "/") },
        handler: { _ in HTTPResponse(seeOther: "/") })
    }
  }

  @Test("no text makes two headers out of one")
  func splitting() {
    var response = HTTPResponse(seeOther: "/a\r\nSet-Cookie: planted=1")
    #expect(response.header("Location") == "/aSet-Cookie: planted=1")
    response.setCookie("a", "", isSecure: true)
    #expect(
      response.header("Set-Cookie") == "a=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0")
  }
}
