import Foundation
import Loopback
import PasswordClient
import Testing
import TokenClient
import TokenCore
import TokenSimulator

@Suite("A simulated token's proofs end with the client that gave them")
struct BusEventTests {
  private let folder = TemporaryFolder()
  private var socket: String { folder.file("token") }

  /// A program at the server's socket. Its connection ends with the last who holds it.
  private func program(_ client: RawClient) throws -> PasswordClient {
    try PasswordClient(
      send: { client.send($0) },
      receive: { [client.receive(Report.size)].first { $0.count == Report.size } })
  }

  /// Whether the proof given on `other`'s channel is gone, as another program sees it. The server
  /// comes to know of a closed connection in its own time.
  private func isForgotten(_ other: PasswordClient, seenBy client: RawClient) throws -> Bool {
    let intruder = PasswordClient(
      other, send: { client.send($0) },
      receive: { [client.receive(Report.size)].first { $0.count == Report.size } })
    for _ in 0..<1_000 {
      guard try intruder.list() == 0x9000 else { return true }
      usleep(1_000)
    }
    return false
  }

  @Test("a proof ends with the connection of its client, and not with another's")
  func oneOfTwo() throws {
    let server = try RunningServer(at: socket)
    let stays = try server.client()
    let other = try program(stays)
    var leaving: RawClient? = try server.client()
    var first: PasswordClient? = try program(leaving!)
    try first!.secure()
    #expect(try other.prove() == 0x9000)
    let seen = PasswordClient(first!, send: { _ in }, receive: { nil })
    leaving = nil
    first = nil
    #expect(try isForgotten(seen, seenBy: stays))
    #expect(try other.list() == 0x9000)
    try server.stop()
  }

  @Test("a proof ends when the last client leaves")
  func last() throws {
    let server = try RunningServer(at: socket)
    var leaving: RawClient? = try server.client()
    var first: PasswordClient? = try program(leaving!)
    try first!.secure()
    let seen = PasswordClient(first!, send: { _ in }, receive: { nil })
    leaving = nil
    first = nil
    #expect(try isForgotten(seen, seenBy: server.client()))
    try server.stop()
  }

  @Test("a proof ends when its client has to make room for others")
  func evicted() throws {
    let server = try RunningServer(at: socket)
    let silent = try server.client()
    let first = try program(silent)
    try first.secure()
    var others: [RawClient] = []
    for _ in 0..<SimulatorServer.wireLimit {
      others.append(try server.client())
      _ = try program(others.last!)
    }
    #expect(silent.isClosedByServer())
    #expect(try isForgotten(first, seenBy: others.last!))
    try server.stop()
  }

  @Test("a client that takes more channels than a token has loses what it proved on the first")
  func manyChannels() throws {
    let server = try RunningServer(at: socket)
    let client = try server.client()
    let first = try program(client)
    try first.secure()
    for _ in 0..<64 { _ = try program(client) }
    #expect(try isForgotten(first, seenBy: client))
    try server.stop()
  }

  @Test("a command that waits for the button ends with the connection of its client")
  func waiting() throws {
    var board = SimulatedBoard.new()
    board.button.mode = .manual
    let server = try RunningServer(at: socket, board: board)
    let stays = try program(server.client())
    var leaving: RawClient? = try server.client()
    var first: PasswordClient? = try program(leaving!)
    let name = PasswordClient.field(.name, [0x61])
    let put =
      name + PasswordClient.field(.key, [0x11, 6] + (1...20)) + [Tag.property.rawValue, 2]
    #expect(try first!.command(.put, put).status == 0x9000)
    first!.begin(.calculate, p2: 1, name + PasswordClient.field(.challenge, []))
    while try server.control.perform(.status).indication != .wantsTouch { usleep(1_000) }
    leaving = nil
    first = nil
    // The button is not awaited for as long as this.
    var isServed = false
    for _ in 0..<1_000 where !isServed {
      isServed = stays.isServed()
      usleep(1_000)
    }
    #expect(isServed)
    try server.stop()
  }

  @Test("a bus that sleeps for a moment ends every proof, and nobody's connection")
  func sleep() throws {
    let server = try RunningServer(at: socket)
    let first = try program(server.client())
    try first.secure()
    let second = try program(server.client())
    #expect(try second.prove() == 0x9000)
    try server.control.perform(.suspend)
    #expect(try first.list() == 0x6982)
    #expect(try second.list() == 0x6982)
    try server.stop()
  }

  @Test("pulling the cable ends every proof")
  func cable() throws {
    let server = try RunningServer(at: socket)
    let first = try program(server.client())
    try first.secure()
    try server.control.perform(.unplug)
    try server.control.perform(.plug)
    let again = try server.client()
    #expect(try program(again).list() == 0x6982)
    let intruder = PasswordClient(
      first, send: { again.send($0) }, receive: { again.receive(Report.size) })
    #expect((try? intruder.list()) != 0x9000)
    try server.stop()
  }

  @Test("over the loopback, a bus that changes ends a proof, and a message of which half has come")
  func loopback() throws {
    let transport = LoopbackTransport(.memory(.new(), .byHand))
    try transport.open()
    func program() throws -> PasswordClient {
      try PasswordClient(
        send: { try? transport.write(Report($0[...])) },
        receive: { (try? transport.read(before: .now)).flatMap { $0 }?.array })
    }
    let first = try program()
    try first.secure()
    transport.changeBus()
    #expect(try first.list() == 0x6982)
    first.beginMessage()
    transport.changeBus()
    #expect(try program().isServed())
    transport.close()
  }
}
