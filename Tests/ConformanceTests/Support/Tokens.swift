import Foundation
import Loopback
import OATH
import Synchronization
import Testing
import TokenClient
import TokenCore
import TokenSimulator

func secret(_ text: String) -> SecretBytes {
  SecretBytes([UInt8](text.utf8).span)
}

/// A token that somebody uses: credentials of every kind, with counters that have moved and recovery
/// codes of which some are used.
final class FilledToken {
  let transport = loopback()
  private let password: String?

  init(credentials: Int, password: String?) throws {
    self.password = password
    let session = try TokenSession(over: transport)
    defer { session.close() }
    _ = try session.syncClock()
    for number in 0..<credentials {
      let name = try Self.name(number)
      try session.put(Self.credential(number))
      if name.period == nil { _ = try session.calculate(name) }
      if number % 5 == 0 {
        try session.storeRecoveryCodes((0..<8).map { secret("code-\(number)-\($0)") }, for: name)
        _ = try session.takeRecoveryCode(for: name)
      }
    }
    if let password {
      try session.setAccessKey(session.accessKey(password: secret(password)))
    }
  }

  private static func name(_ number: Int) throws -> Credential.Name {
    let label = "Issuer \(number):person@example.org"
    if number % 4 == 1 { return try Credential.Name(hotpLabel: label) }
    return try Credential.Name(label: label, period: Seconds(number % 4 == 2 ? 60 : 30))
  }

  private static func key(_ number: Int) -> [UInt8] {
    Array("the secret of number \(number)".utf8)
  }

  private static func credential(_ number: Int) throws -> NewCredential {
    try NewCredential(
      name: name(number), algorithm: HashAlgorithm.allCases[number % 3],
      digits: number % 2 == 0 ? .six : .eight, secret: SecretBytes(key(number).span),
      properties: number % 4 == 3 ? .touch : [], counter: number % 4 == 1 ? 1_000 : 0)
  }

  /// All that there is to see of it.
  struct Contents: Equatable {
    var information = ""
    /// What LIST answers, and COUNT RECOVERY CODES for each, byte by byte.
    var answers: [[UInt8]] = []
    /// Codes by the counter, and whether those by the time are the key's own.
    var codes: [String] = []
    var recoveryCodes: [String] = []
  }

  func contents() throws -> Contents {
    // Of a copy, since looking at counters and recovery codes uses them up.
    let copy = LoopbackTransport(.memory(try #require(transport.board), .real))
    let session = try TokenSession(over: copy)
    defer { session.close() }
    if let password { try session.validate(session.accessKey(password: secret(password))) }
    var contents = Contents()
    let information = try session.information()
    contents.information =
      "\(information.stored) \(information.isAccessKeySet) \(information.staging)"
    contents.answers.append(
      try answer(to: [0, Instruction.list.rawValue, 0, 0, 1, 1], on: session))
    for number in 0..<information.stored {
      let name = try Self.name(number)
      let field = [TokenCore.Tag.name.rawValue, UInt8(name.bytes.count)] + name.bytes
      let count = [0, Instruction.countRecoveryCodes.rawValue, 0, 0, UInt8(field.count)] + field
      contents.answers.append(try answer(to: count, on: session))
      contents.codes.append(try code(number, on: session))
      while try session.countRecoveryCodes(for: name).left > 0, number % 4 != 3 {
        contents.recoveryCodes.append(try session.takeRecoveryCode(for: name).code.text)
      }
    }
    return contents
  }

  private func answer(to command: [UInt8], on session: TokenSession) throws -> [UInt8] {
    try session.framing.transact(.applet, command.span)
  }

  private func code(_ number: Int, on session: TokenSession) throws -> String {
    let credential = try Self.credential(number)
    let issued = try session.calculate(credential.name)
    guard let step = issued.validity?.step else { return issued.text }
    let key = OATHKey(algorithm: credential.algorithm, secret: Self.key(number).span)
    let code = HOTP.code(key: key, at: MovingFactor(step), digits: credential.digits)
    return "\(number) is \(issued.code == code ? "right" : "wrong")"
  }
}

/// A transport that is open already, and stays so.
final class Shared: TokenTransport {
  private let base: LoopbackTransport
  var place: String { base.place }

  init(_ base: LoopbackTransport) {
    self.base = base
  }

  func open() throws(TransportFailure) {}
  func close() {}
  func write(_ report: Report) throws(TransportFailure) { try base.write(report) }
  func read(before deadline: Deadline) throws(TransportFailure) -> Report? {
    try base.read(before: deadline)
  }
}

/// A token that a simulator serves on a socket, while this lives.
final class ServedToken: Sendable {
  let path: String
  private let stopSwitch = Mutex<StopSwitch?>(nil)
  private let isReady = DispatchSemaphore(value: 0)
  private let isOver = DispatchSemaphore(value: 0)

  init() throws {
    // Short, since the path of a socket has 107 bytes at most.
    var template = Array("/tmp/fob-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
    let folder = template.dropLast().map { UInt8(bitPattern: $0) }
    path = String(decoding: folder, as: UTF8.self) + "/token"
    Thread { [self] in
      if let server = try? SimulatorServer(at: path, token: LiveToken(board: .new())) {
        stopSwitch.withLock { $0 = server.stopSwitch }
        isReady.signal()
        try? server.run()
      }
      isReady.signal()
      isOver.signal()
    }.start()
    isReady.wait()
    try #require(stopSwitch.withLock { $0 } != nil, "no simulator at \(path)")
  }

  /// Ends the simulator, and waits for that.
  func stop() {
    stopSwitch.withLock { $0 }?.stop()
    isOver.wait()
    try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent)
  }
}
