import Foundation
import OATH
import Testing
import TokenClient
import TokenCore
import TokenSimulator

@Suite("The simulator's server")
struct ServerTests {
  private let folder = TemporaryFolder()
  private var socket: String { folder.file("token") }

  private func manualBoard() -> SimulatedBoard {
    var board = SimulatedBoard.new()
    board.button.mode = .manual
    return board
  }

  @Test("its two sockets are this user's alone, and gone when it stops")
  func sockets() throws {
    let server = try RunningServer(at: socket)
    #expect(folder.names == ["token", "token.control"])
    #expect(permissions(socket) == 0o600)
    #expect(permissions(socket + ".control") == 0o600)
    try server.stop()
    #expect(folder.names.isEmpty)
  }

  @Test("every report of the token goes to every client")
  func broadcast() throws {
    let server = try RunningServer(at: socket)
    let clients = [try server.client(), try server.client(), try server.client()]
    // An answer each, so that all three are known to be connected.
    for (index, client) in clients.enumerated() {
      client.send(initReport(nonce: UInt8(index)))
      #expect(client.receive(64).count == 64)
    }
    clients[0].send(initReport(nonce: 9))
    for client in clients {
      var last: [UInt8] = []
      repeat { last = client.receive(64) } while last.count == 64 && last[7] != 9
      #expect(last.count == 64)
      #expect(last[4] == 0x86)
    }
    try server.stop()
  }

  @Test("two programs have a session each with one token")
  func sessions() throws {
    let server = try RunningServer(at: socket)
    let first = try TokenSession(over: UnixSocketTransport(path: socket))
    let second = try TokenSession(over: UnixSocketTransport(path: socket))
    for _ in 0..<5 {
      try first.ping([UInt8](repeating: 1, count: FramingLimits.messageSize))
      try second.ping([UInt8](repeating: 2, count: 300))
    }
    #expect(try first.information().serialNumber == second.information().serialNumber)
    try server.stop()
    #expect(throws: TokenFailure.self) { try first.ping([1]) }
  }

  @Test("pulling the cable closes the wire, and plugging it in lets clients in again")
  func cable() throws {
    let server = try RunningServer(at: socket)
    let client = try server.client()
    client.send(initReport(nonce: 1))
    #expect(client.receive(64).count == 64)
    #expect(try server.control.perform(.unplug).isPlugged == false)
    #expect(client.isClosedByServer())
    let refused = try server.client()
    refused.send(initReport(nonce: 2))
    #expect(refused.isClosedByServer())
    #expect(try server.control.perform(.plug).isPlugged)
    let again = try server.client()
    again.send(initReport(nonce: 3))
    #expect(again.receive(64).count == 64)
    try server.stop()
  }

  @Test("a code that wants a touch comes when the button is pressed through the control channel")
  func touch() throws {
    let server = try RunningServer(at: socket, board: manualBoard())
    let session = try TokenSession(over: UnixSocketTransport(path: socket))
    _ = try session.syncClock()
    let name = try Credential.Name(label: "bank", period: Seconds(30))
    try session.put(try touchCredential(name))
    let pressing = Thread {
      // Until the token has asked, nothing comes of a press.
      while (try? server.control.perform(.status).indication) != .wantsTouch { usleep(1_000) }
      _ = try? server.control.perform(.press)
    }
    pressing.start()
    #expect(try session.calculate(name).text.count == 6)
    try server.stop()
  }

  @Test("a press is refused where it would do nothing")
  func uselessPress() throws {
    let server = try RunningServer(at: socket)
    let failure = ControlFailure.buttonNotManual(.automatic)
    #expect(throws: ControlFailure.refused(failure.description)) {
      try server.control.perform(.press)
    }
    #expect(try server.control.perform(.button(.manual)).button == .manual)
    try server.control.perform(.press)
    try server.stop()
  }

  @Test("warped time passes for the token alone")
  func warp() throws {
    let server = try RunningServer(at: socket)
    let before = try server.control.perform(.status)
    let after = try server.control.perform(.warp(Microseconds(86_400_000_000)))
    let (earlier, later) = (try #require(before.ticks), try #require(after.ticks))
    #expect(later.elapsed(since: earlier) >= 86_400 * 32_768)
    #expect(after.epoch == before.epoch)
    try server.control.perform(.battery(present: false))
    let lost = try server.control.perform(.unplug)
    #expect(lost.epoch != before.epoch)
    #expect(lost.ticks == Ticks(0))
    try server.stop()
  }

  @Test("a snapshot puts everything back, and disconnects those who talked to what is gone")
  func snapshot() throws {
    let image = folder.file("image")
    let copy = folder.file("copy")
    try TokenImage.create(at: image, board: .new())
    let server = try RunningServer(at: socket, image: image)
    try putCredential("kept", socket)
    try server.control.perform(.snapshot(file: copy))
    #expect(permissions(copy) == 0o600)
    let exists = ImageFailure.exists(path: copy).description
    #expect(throws: ControlFailure.refused(exists)) {
      try server.control.perform(.snapshot(file: copy))
    }
    try putCredential("dropped", socket)
    let client = try server.client()
    client.send(initReport(nonce: 1))
    _ = client.receive(64)
    try server.control.perform(.restore(file: copy))
    #expect(client.isClosedByServer())
    #expect(try names(socket) == ["kept"])
    try server.stop()
    // The file went the same way.
    let again = try RunningServer(at: socket, image: image)
    #expect(try names(socket) == ["kept"])
    try again.stop()
  }

  @Test("a snapshot of another token, and a file that is none, are refused and change nothing")
  func foreignSnapshot() throws {
    let server = try RunningServer(at: socket)
    try putCredential("kept", socket)
    let other = folder.file("other")
    try TokenImage.create(at: other, board: .new())
    let junk = folder.file("junk")
    #expect(FileManager.default.createFile(atPath: junk, contents: Data([1, 2, 3])))
    chmod(junk, 0o600)
    for file in [other, junk, folder.file("nothing")] {
      #expect(throws: ControlFailure.self) { try server.control.perform(.restore(file: file)) }
    }
    #expect(try names(socket) == ["kept"])
    try server.stop()
  }

  @Test("what a client was told survives the server, and so does the clock")
  func persistence() throws {
    let image = folder.file("image")
    try TokenImage.create(at: image, board: .new())
    let server = try RunningServer(at: socket, image: image)
    try putCredential("kept", socket)
    let before = try server.control.perform(.status)
    try server.control.perform(.stop)
    try server.waitForEnd()
    #expect(folder.names == ["image"])
    let again = try RunningServer(at: socket, image: image)
    let after = try again.control.perform(.status)
    #expect(try names(socket) == ["kept"])
    #expect(after.epoch == before.epoch)
    let (earlier, later) = (try #require(before.ticks), try #require(after.ticks))
    #expect(later >= earlier)
    try again.stop()
  }

  @Test("a second server does not disturb the first, and what a killed one left is cleared away")
  func startingTwice() throws {
    let server = try RunningServer(at: socket)
    #expect(throws: ServerFailure.inUse(path: socket)) { try RunningServer(at: socket) }
    #expect(try server.control.perform(.status).isPlugged)
    try server.stop()
    try leaveStaleSocket(socket)
    try leaveStaleSocket(socket + ".control")
    #expect(folder.names == ["token", "token.control"])
    try RunningServer(at: socket).stop()
    #expect(folder.names.isEmpty)
  }

  @Test("a file in the socket's place, an open folder and a long path are refused")
  func badPlaces() throws {
    #expect(FileManager.default.createFile(atPath: socket, contents: Data("mine".utf8)))
    #expect(throws: ServerFailure.notASocket(path: socket)) { try RunningServer(at: socket) }
    #expect(contents(socket) == Array("mine".utf8))
    let open = folder.file("open")
    mkdir(open, 0o700)
    chmod(open, 0o777)
    #expect(throws: ServerFailure.folderNotPrivate(folder: open)) {
      try RunningServer(at: open + "/token")
    }
    // Whoever made the link would choose where the sockets are.
    let link = folder.file("link")
    symlink(folder.file("."), link)
    #expect(throws: ServerFailure.folderNotPrivate(folder: link)) {
      try RunningServer(at: link + "/token")
    }
    let long = folder.file(String(repeating: "x", count: 100))
    #expect(throws: ServerFailure.self) { try RunningServer(at: long) }
    try RunningServer(at: folder.file("new/folder/token")).stop()
    #expect(permissions(folder.file("new/folder")) == 0o700)
  }

  @Test("without a server there is a clear answer")
  func notRunning() throws {
    let control = SimulatorControl(.server(socket: socket))
    #expect(throws: ControlFailure.notRunning(path: socket + ".control")) {
      try control.perform(.status)
    }
    try leaveStaleSocket(socket + ".control")
    #expect(throws: ControlFailure.notRunning(path: socket + ".control")) {
      try control.perform(.status)
    }
  }
}

private func leaveStaleSocket(_ path: String) throws {
  let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  let status = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
  close(descriptor)
  try #require(status == 0)
}
