import OATH
import TokenCore

/// A program on a token's bus, with no code of the client's: it sets the password, proves it, and sees
/// whether its proof still counts. So the tests of each body can tell what an event of its bus ends.
///
/// Each message that it sends or takes fits a report.
public struct PasswordClient {
  public struct NoAnswer: Error {}

  /// As it stands in reports.
  public let channel: [UInt8]
  private let send: ([UInt8]) -> Void
  private let receive: () -> [UInt8]?

  private static let key = Array("sixteen byte key".utf8)
  private static let challenge: [UInt8] = [8, 7, 6, 5, 4, 3, 2, 1]
  /// Reports for others that are passed over before an answer.
  private static let patience = 20

  /// Gets a channel.
  ///
  /// - Parameters:
  ///   - send: gives the token a report of 64 bytes.
  ///   - receive: its next report, whoever that is for; `nil` when none comes.
  public init(send: @escaping ([UInt8]) -> Void, receive: @escaping () -> [UInt8]?) throws {
    self.send = send
    self.receive = receive
    let nonce = (0..<8).map { _ in UInt8.random(in: 0...255) }
    send(Self.report([UInt8](repeating: 0xFF, count: 4), .initialize, nonce))
    for _ in 0..<Self.patience {
      guard let answer = receive() else { break }
      if answer[4] == 0x86, Array(answer[7..<15]) == nonce {
        channel = Array(answer[15..<19])
        return
      }
    }
    throw NoAnswer()
  }

  /// The same channel, as another program uses it that has seen its number.
  public init(
    _ other: PasswordClient, send: @escaping ([UInt8]) -> Void, receive: @escaping () -> [UInt8]?
  ) {
    channel = other.channel
    self.send = send
    self.receive = receive
  }

  // MARK: Commands

  /// Sets the password, on a token that has none.
  ///
  /// - Returns: the status word.
  public func setPassword() throws -> UInt16 {
    let data =
      Self.field(.key, [0x21] + Self.key) + Self.field(.challenge, Self.challenge)
      + Self.field(.response, Self.hmac(Self.challenge))
    return try command(.setCode, data).status
  }

  /// Proves the password: SELECT and VALIDATE.
  ///
  /// - Returns: the status word.
  public func prove() throws -> UInt16 {
    let application: [UInt8] = [0xA0, 0, 0, 5, 0x27, 0x21, 1]
    let selection = try command(.selectOrCalculateAll, p1: 4, application).data
    guard
      let start = selection.indices.dropLast(9).first(where: {
        selection[$0] == Tag.challenge.rawValue && selection[$0 + 1] == 8
      })
    else { throw NoAnswer() }
    let nonce = Array(selection[start + 2..<start + 10])
    let data =
      Self.field(.response, Self.hmac(nonce)) + Self.field(.challenge, Self.challenge)
    return try command(.validate, data).status
  }

  /// LIST: 9000 with a proof, 6982 without.
  public func list() throws -> UInt16 { try command(.list).status }

  /// Sets the password and proves it.
  public func secure() throws {
    guard try setPassword() == 0x9000, try prove() == 0x9000, try list() == 0x9000 else {
      throw NoAnswer()
    }
  }

  /// The first report of a PING of 200 bytes, whose others never come.
  public func beginMessage() {
    send(Self.report(channel, .ping, [UInt8](repeating: 1, count: 57), length: 200))
  }

  /// A PING whose answer has 200 bytes, of which nothing is fetched here.
  public func askForLongAnswer() {
    beginMessage()
    for sequence: UInt8 in 0..<3 { send(channel + [sequence] + [UInt8](repeating: 1, count: 59)) }
  }

  /// Whether PING is answered, and with nothing before it for this channel.
  public func isServed() -> Bool {
    send(Self.report(channel, .ping, [5]))
    return answer().map { $0[4] == 0x81 && $0[6] == 1 && $0[7] == 5 } ?? false
  }

  /// Sends a command APDU, and does not wait for its answer.
  public func begin(
    _ instruction: Instruction, p1: UInt8 = 0, p2: UInt8 = 0, _ data: [UInt8] = []
  ) {
    let apdu =
      [0, instruction.rawValue, p1, p2] + (data.isEmpty ? [] : [UInt8(data.count)] + data)
    send(Self.report(channel, .applet, apdu))
  }

  public func command(
    _ instruction: Instruction, p1: UInt8 = 0, p2: UInt8 = 0, _ data: [UInt8] = []
  ) throws -> (status: UInt16, data: [UInt8]) {
    begin(instruction, p1: p1, p2: p2, data)
    guard let answer = answer(), answer[4] == 0x80 | FramingCommand.applet.rawValue else {
      throw NoAnswer()
    }
    let length = Int(answer[5]) << 8 | Int(answer[6])
    return (UInt16(answer[7]) << 8 | UInt16(answer[8]), Array(answer[9..<7 + length]))
  }

  // MARK: Bytes

  public static func field(_ tag: Tag, _ value: [UInt8]) -> [UInt8] {
    [tag.rawValue, UInt8(value.count)] + value
  }

  /// The next report for this channel that is no KEEPALIVE.
  private func answer() -> [UInt8]? {
    for _ in 0..<Self.patience {
      guard let report = receive() else { return nil }
      let isKeepAlive = report[4] == 0x80 | FramingCommand.keepAlive.rawValue
      if Array(report[0..<4]) == channel, !isKeepAlive { return report }
    }
    return nil
  }

  private static func report(
    _ channel: [UInt8], _ command: FramingCommand, _ payload: [UInt8], length: Int? = nil
  ) -> [UInt8] {
    let length = length ?? payload.count
    let bytes =
      channel + [0x80 | command.rawValue, UInt8(length >> 8), UInt8(length & 0xFF)] + payload
    return bytes + [UInt8](repeating: 0, count: Report.size - bytes.count)
  }

  private static func hmac(_ message: [UInt8]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: 64)
    var span = code.mutableSpan
    let length = OATHKey(algorithm: .sha1, secret: key.span)
      .authenticationCode(of: message.span, into: &span)
    return Array(code.prefix(length))
  }
}
