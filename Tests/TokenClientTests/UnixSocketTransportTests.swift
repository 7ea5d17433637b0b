import Foundation
import Testing
import TokenClient
import TokenCore

@Suite("A token behind a Unix socket", .timeLimit(.minutes(1)))
struct UnixSocketTransportTests {
  @Test("gets and gives whole reports, however they are cut on their way")
  func reports() throws {
    let peer = try ListeningPeer()
    let transport = UnixSocketTransport(path: peer.path)
    try transport.open()
    let connection = try peer.accept()
    defer { close(connection) }

    try transport.write(report(7))
    #expect(receive(64, from: connection) == bytes(of: report(7)))

    let two = bytes(of: report(1)) + bytes(of: report(2))
    send(Array(two[..<40]), to: connection)
    #expect(try transport.read(before: Deadline(in: .milliseconds(5))) == nil)
    send(Array(two[40...]), to: connection)
    for number: UInt8 in [1, 2] {
      let read = try transport.read(before: Deadline(in: .seconds(30)))
      #expect(read.map(bytes) == bytes(of: report(number)))
    }
  }

  @Test("delivers what has arrived even when the deadline has passed")
  func lateReading() throws {
    let peer = try ListeningPeer()
    let transport = UnixSocketTransport(path: peer.path)
    try transport.open()
    let connection = try peer.accept()
    defer { close(connection) }
    send(bytes(of: report(3)), to: connection)
    #expect(try transport.read(before: .now) != nil)
    #expect(try transport.read(before: .now) == nil)
  }

  @Test("is said to have gone away when the other end hangs up, in reading and in writing")
  func vanished() throws {
    let peer = try ListeningPeer()
    let transport = UnixSocketTransport(path: peer.path)
    try transport.open()
    let connection = try peer.accept()
    send([1, 2, 3], to: connection)
    close(connection)
    let failure = TransportFailure.vanished(place: "unix:" + peer.path)
    #expect(throws: failure) { try transport.read(before: .never) }
    #expect(throws: failure) {
      for _ in 0..<3 { try transport.write(report(1)) }
    }
    transport.close()
    #expect(throws: failure) { try transport.write(report(1)) }
    #expect(throws: failure) { try transport.read(before: .now) }
  }

  @Test("is not there when nothing, or nobody any more, listens")
  func notFound() throws {
    let peer = try ListeningPeer()
    let path = peer.path
    peer.stopListening()
    for path in [path, path + "x", path + "/x", ""] {
      #expect(throws: TransportFailure.notFound(place: "unix:" + path)) {
        try UnixSocketTransport(path: path).open()
      }
    }
  }

  @Test("is refused when its path is longer than any socket's")
  func longPath() {
    let path = "/" + String(repeating: "x", count: UnixSocketTransport.longestPath)
    #expect {
      try UnixSocketTransport(path: path).open()
    } throws: {
      if case .unusable = $0 as? TransportFailure { true } else { false }
    }
  }

  @Test("takes a path of just that length")
  func longestPath() {
    let path = "/" + String(repeating: "x", count: UnixSocketTransport.longestPath - 1)
    #expect(throws: TransportFailure.notFound(place: "unix:" + path)) {
      try UnixSocketTransport(path: path).open()
    }
  }

  private func report(_ number: UInt8) -> Report {
    var report = Report()
    for index in 0..<Report.size { report.bytes[index] = number &+ UInt8(index) }
    return report
  }

  private func bytes(of report: Report) -> [UInt8] { (0..<Report.size).map { report.bytes[$0] } }

  private func send(_ bytes: [UInt8], to connection: Int32) {
    #expect(write(connection, bytes, bytes.count) == bytes.count)
  }

  private func receive(_ count: Int, from connection: Int32) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let received = recv(connection, &bytes, count, Int32(MSG_WAITALL))
    return Array(bytes.prefix(max(0, received)))
  }
}

/// A listening socket in a folder of its own, which goes with it.
final class ListeningPeer {
  let path: String
  private let folder: String
  private var listener: Int32

  init() throws {
    folder = NSTemporaryDirectory() + "fob-" + UUID().uuidString.prefix(8)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    path = folder + "/token"
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(result == 0 && listen(listener, 4) == 0)
  }

  deinit {
    stopListening()
    try? FileManager.default.removeItem(atPath: folder)
  }

  func accept() throws -> Int32 {
    let connection = Glibc.accept(listener, nil, nil)
    try #require(connection >= 0)
    return connection
  }

  /// Leaves the socket's file behind, as a process that was killed does.
  func stopListening() {
    guard listener >= 0 else { return }
    close(listener)
    listener = -1
  }
}

@Suite("A deadline")
struct DeadlineTests {
  @Test("is never early, never wraps round, and has a poll(2) timeout to match")
  func edges() {
    #expect(Deadline(in: .seconds(-1)).hasPassed)
    #expect(Deadline(in: .zero).pollTimeout == 0)
    #expect(Deadline(in: .seconds(Int64.max)) == .never)
    #expect(Deadline.never.pollTimeout == -1)
    #expect(!Deadline.never.hasPassed)
    #expect(Deadline(in: .seconds(1_000_000_000)).pollTimeout == .max)
    #expect(Deadline.never.atMost(.seconds(1)) < .never)
    #expect(Deadline.now.atMost(.seconds(1)) <= .now)
  }
}
