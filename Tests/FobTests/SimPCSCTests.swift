import Foundation
import Testing

@Suite("A simulated token in PC/SC's virtual reader")
struct SimPCSCTests {
  /// A port of the loopback at which nobody listens, and, once asked to, a reader.
  private final class Port {
    private let socket: Int32
    let number: UInt16

    init() throws {
      let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
      var size = socklen_t(MemoryLayout<sockaddr_in>.size)
      let isBound = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
        }
      }
      try #require(isBound)
      socket = descriptor
      number = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(socket) }

    /// Waits for a card and asks for its ATR.
    ///
    /// - Returns: its frame, 2 bytes of length and 10 of ATR.
    func answerToReset() -> [UInt8] {
      listen(socket, 1)
      let card = accept(socket, nil, nil)
      defer { close(card) }
      let question: [UInt8] = [0, 1, 4]
      send(card, question, question.count, Int32(MSG_NOSIGNAL))
      var answer = [UInt8](repeating: 0, count: 12)
      let count = recv(card, &answer, answer.count, Int32(MSG_WAITALL))
      return Array(answer.prefix(max(count, 0)))
    }
  }

  @Test("the card waits for the reader, goes in, and is controlled through its socket meanwhile")
  func card() throws {
    let desk = try Desk()
    let port = try Port()
    let socket = desk.folder + "/run/token"
    let session = try Session(
      desk, ["sim", "pcsc", "--memory", "--socket", socket, "--port", "\(port.number)"],
      token: nil)
    try session.waitFor("There is no reader at 127.0.0.1:\(port.number) yet")
    let token = "unix:" + socket
    #expect(try desk.run("clock", "sync", token: token).status == 0)
    #expect(try desk.run("sim", "button", "manual", token: token).status == 0)
    #expect(port.answerToReset().prefix(3) == [0, 10, 0x3B])
    try session.waitFor("The card is in the reader")
    try session.waitFor("The reader at 127.0.0.1:\(port.number) is gone")
    #expect(try desk.run("sim", "stop", token: token).status == 0)
    let outcome = session.finish()
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.output == "FOB_TOKEN=\(token)\n")
    #expect(outcome.errors.hasPrefix("A simulated token, software and no hardware"))
  }

  @Test("a host that nobody knows is refused before anything starts")
  func unknownHost() throws {
    let desk = try Desk()
    let outcome = try desk.run(
      "sim", "pcsc", "--memory", "--host", "no.such.host.invalid", token: nil)
    #expect(outcome.status == 1)
    #expect(outcome.complaints.count == 1, "\(outcome)")
    #expect(outcome.errors.contains("no.such.host.invalid"))
    #expect(outcome.output.isEmpty)
  }

  @Test("a port is a number that TCP has", arguments: ["0", "65536", "-1", "vpcd"])
  func ports(_ port: String) throws {
    #expect(try Desk().run("sim", "pcsc", "--port", port, token: nil).status == 2)
  }
}
