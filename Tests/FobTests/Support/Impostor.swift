import Foundation
import Testing
import TokenCore

/// A token that lies, at a Unix socket: it says of itself whatever the test wants, accepts everything,
/// and keeps all that it is told. Its framing is written apart from the client's.
final class Impostor: @unchecked Sendable {
  // Unchecked: what changes is guarded by the lock.

  /// What it says of itself.
  struct Claims {
    var serial: UInt64 = 0x0123_4567_89AB_CDEF
    var identifier: UInt64 = 7
    var body = Body.simulated
    /// Whether it asks for a password. It never proves that it knows it.
    var asksForPassword = false
    var pinTries: UInt8?
    /// TOTP credentials, as on the wire.
    var credentials: [String] = []
    /// Whether what it has accepted shows in what it says afterwards.
    var keepsSecrets = false
  }

  /// What it does for a command instead of answering.
  enum Conduct {
    /// Says for ever that it is at work.
    case keepsAlive
    /// Says for ever that it waits for its button.
    case wantsTouch
    /// Sends reports without sense for ever.
    case garbage
    case silence
    /// Does not even read.
    case deafness
  }

  let token: String
  private let path: String
  private let listener: Int32
  private let lock = NSLock()
  private var claims: Claims
  private var conduct: (Conduct, Instruction?)?
  private var log: [[UInt8]] = []
  private var connections: Set<Int32> = []
  private var isOver = false

  /// - Parameters:
  ///   - conduct: instead of answers from `instruction` on, or from INIT on.
  init(
    _ desk: Desk, _ name: String = "impostor", _ claims: Claims = Claims(),
    _ conduct: Conduct? = nil, from instruction: Instruction? = nil
  ) throws {
    try FileManager.default.createDirectory(
      atPath: desk.folder + "/run/watchfob", withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    path = desk.folder + "/run/watchfob/" + name
    token = "unix:" + path
    self.claims = claims
    self.conduct = conduct.map { ($0, instruction) }
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(result == 0 && listen(listener, 16) == 0)
    chmod(path, 0o600)
    Thread.detachNewThread { [self] in serve() }
  }

  /// Ends it. The thread holds on to it until then.
  func end() {
    lock.withLock {
      isOver = true
      shutdown(listener, Int32(SHUT_RDWR))
      for connection in connections { shutdown(connection, Int32(SHUT_RDWR)) }
    }
  }

  /// The commands that it got, whole.
  var commands: [[UInt8]] { lock.withLock { log } }

  func got(_ instruction: Instruction) -> Bool {
    commands.contains { $0.count > 1 && $0[1] == instruction.rawValue }
  }

  /// Whether it was told `secret`.
  func knows(_ secret: String) -> Bool { knows(Array(secret.utf8)) }

  func knows(_ secret: [UInt8]) -> Bool {
    commands.contains { command in
      command.count >= secret.count
        && (0...command.count - secret.count).contains { command[$0...].starts(with: secret) }
    }
  }

  private func serve() {
    signal(SIGPIPE, SIG_IGN)
    while true {
      let connection = accept(listener, nil, nil)
      let goesOn = lock.withLock {
        if connection >= 0, !isOver { connections.insert(connection) }
        return !isOver && connection >= 0
      }
      guard goesOn else { break }
      Thread.detachNewThread { [self] in converse(connection) }
    }
    close(listener)
    unlink(path)
  }

  // MARK: A conversation

  private func converse(_ connection: Int32) {
    defer {
      lock.withLock { _ = connections.remove(connection) }
      close(connection)
    }
    if let conduct = lock.withLock({ conduct }), conduct.1 == nil {
      return misbehave(conduct.0, on: connection, channel: [255, 255, 255, 255])
    }
    var command: UInt8 = 0
    var message: [UInt8] = []
    var missing = 0
    while let report = report(from: connection) {
      if report[4] & 0x80 != 0 {
        command = report[4] & 0x7F
        missing = Int(report[5]) << 8 | Int(report[6])
        message = Array(report[7...].prefix(missing))
      } else {
        message += report[5...].prefix(missing)
      }
      missing -= min(missing, report[4] & 0x80 != 0 ? 57 : 59)
      guard missing == 0 else { continue }
      switch command {
      case FramingCommand.initialize.rawValue:
        send(command, message + [1, 2, 3, 4, 2, 0, 1, 0, 9], on: connection, Array(report[..<4]))
      case FramingCommand.applet.rawValue:
        let conduct = lock.withLock { () -> (Conduct, Instruction?)? in
          log.append(message)
          return self.conduct
        }
        if let conduct, message[1] == conduct.1?.rawValue {
          return misbehave(conduct.0, on: connection, channel: Array(report[..<4]))
        }
        let answer = lock.withLock { self.answer(to: message) }
        send(command, answer, on: connection, Array(report[..<4]))
      default: break
      }
    }
  }

  private func misbehave(_ conduct: Conduct, on connection: Int32, channel: [UInt8]) {
    func isStill() -> Bool { !lock.withLock { isOver } }
    switch conduct {
    case .keepsAlive, .wantsTouch:
      let status = conduct == .wantsTouch ? KeepAliveStatus.touchNeeded : .processing
      while isStill(),
        send(FramingCommand.keepAlive.rawValue, [status.rawValue], on: connection, channel)
      {
        usleep(20_000)
      }
    case .garbage:
      let noise = [UInt8](repeating: 0x55, count: 64 * 64)
      while isStill(), write(connection, noise, noise.count) > 0 {}
    case .silence:
      while report(from: connection) != nil {}
    case .deafness:
      while isStill() { usleep(20_000) }
    }
  }

  private func report(from connection: Int32) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 64)
    return recv(connection, &bytes, 64, Int32(MSG_WAITALL)) == 64 ? bytes : nil
  }

  @discardableResult
  private func send(
    _ command: UInt8, _ payload: [UInt8], on connection: Int32, _ channel: [UInt8]
  ) -> Bool {
    var reports =
      channel + [0x80 | command, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
      + payload.prefix(57)
    var rest = payload.dropFirst(57)
    var sequence: UInt8 = 0
    while !rest.isEmpty {
      reports += [UInt8](repeating: 0, count: (64 - reports.count % 64) % 64)
      reports += channel + [sequence] + rest.prefix(59)
      rest = rest.dropFirst(59)
      sequence += 1
    }
    reports += [UInt8](repeating: 0, count: (64 - reports.count % 64) % 64)
    return write(connection, reports, reports.count) == reports.count
  }

  // MARK: The applet

  private func answer(to command: [UInt8]) -> [UInt8] {
    let done: [UInt8] = [0x90, 0x00]
    switch Instruction(rawValue: command[1]) {
    case .selectOrCalculateAll where command[2] == 4:
      let lock: [UInt8] =
        claims.asksForPassword ? [0x74, 8, 1, 1, 1, 1, 1, 1, 1, 1, 0x7B, 1, 1] : []
      return done + [0x79, 3, 5, 4, 3, 0x71, 8] + Self.bytes(claims.identifier) + lock + pinTries
    case .information:
      return done + [0x79, 3, 5, 4, 3, Tag.serialNumber.rawValue, 8] + Self.bytes(claims.serial)
        + [Tag.body.rawValue, 1, claims.body.rawValue, Tag.capacity.rawValue, 2]
        + [UInt8(claims.credentials.count), 64, Tag.accessKeySet.rawValue, 1]
        + [claims.asksForPassword ? 1 : 0] + pinTries
    case .list:
      return done
        + claims.credentials.flatMap { name in
          [0x72, UInt8(name.utf8.count + 2), 0x21] + Array(name.utf8) + [0]
        }
    case .setCode:
      if claims.keepsSecrets { claims.asksForPassword = true }
      return done
    case .setPIN:
      if claims.keepsSecrets { claims.pinTries = 8 }
      return done
    case .clockStatus:
      return done + [Tag.clockState.rawValue, 1, ClockState.unset.rawValue, 0x74, 8]
        + Self.bytes(0)
    case .clockSync, .clockSet:
      return [0x69, 0xF0]
    case .validate:
      return done + [0x75, 20] + [UInt8](repeating: 9, count: 20)
    default:
      return done
    }
  }

  private var pinTries: [UInt8] { claims.pinTries.map { [Tag.pinTries.rawValue, 1, $0] } ?? [] }

  private static func bytes(_ number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
  }
}
