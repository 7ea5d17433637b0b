import Glibc
import Testing

@testable import TokenSimulator

@Suite("A server's connection")
struct ConnectionTests {
  /// The server's end, and the client's descriptor.
  private func pair() throws -> (Connection, client: Int32) {
    var ends: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    try #require(socketpair(AF_UNIX, type, 0, &ends) == 0)
    return (Connection(FileDescriptor(owning: ends[0])), ends[1])
  }

  private func drain(_ client: Int32) -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(client, &buffer, buffer.count, 0)
      guard count > 0 else { return all }
      all += buffer.prefix(count)
    }
  }

  @Test("it keeps whole reports up to its limit for a client that does not read, and no more")
  func bounded() throws {
    let (connection, client) = try pair()
    defer { close(client) }
    var taken: [UInt8] = []
    var isFull = false
    for round in 0..<1_000_000 where !isFull {
      let report = [UInt8](repeating: UInt8(truncatingIfNeeded: round), count: 64)
      isFull = !connection.send(report)
      if !isFull { taken += report }
      connection.flush()
    }
    #expect(isFull)
    #expect(connection.wantsToWrite)
    #expect(!connection.isClosed)
    // What the client reads in the end is what was taken, in order and whole.
    var read: [UInt8] = []
    while connection.wantsToWrite {
      read += drain(client)
      connection.flush()
    }
    read += drain(client)
    #expect(read == taken)
    #expect(connection.send([1]))
  }

  @Test("it takes a portion at a time of a client that sends without end")
  func portions() throws {
    let (connection, client) = try pair()
    defer { close(client) }
    let bytes = [UInt8](repeating: 3, count: 3 * Connection.inputPortion)
    #expect(send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
    connection.receive()
    #expect(connection.input.count == Connection.inputPortion)
    connection.receive()
    #expect(connection.input.count == 2 * Connection.inputPortion)
  }

  @Test("a client that goes away, or is finished with, closes it; silence does not")
  func closing() throws {
    let (connection, client) = try pair()
    connection.receive()
    #expect(!connection.isClosed)
    connection.send([1, 2, 3])
    connection.finish()
    #expect(!connection.isClosed)
    connection.flush()
    #expect(connection.isClosed)
    #expect(drain(client) == [1, 2, 3])
    close(client)
    let (other, gone) = try pair()
    close(gone)
    other.send([1])
    other.flush()
    #expect(other.isClosed)
  }
}
