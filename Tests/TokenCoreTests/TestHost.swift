import OATH
import TokenCore

/// A message as the host sees it.
struct Message: Equatable {
  var channel: UInt32
  var command: UInt8
  var payload: [UInt8]
}

/// The plainest possible host: it packs messages into reports and unpacks what comes back, with no code
/// of the client's or the token's.
struct TestHost: ~Copyable {
  var token: Token<TestBoard>
  var channel: UInt32 = 0

  init(_ board: TestBoard = TestBoard()) {
    token = Token(board: board)
    channel = allocateChannel()
  }

  /// Pulls the cable and plugs it in again: RAM is gone, the flash stays, the battery counts on.
  mutating func replug(
    afterSeconds seconds: Double = 1, change: (inout TestBoard) -> Void = { _ in }
  ) {
    var board = token.board
    board.pass(seconds: seconds)
    change(&board)
    token = Token(board: board)
    channel = allocateChannel()
  }

  static func packets(_ channel: UInt32, _ command: UInt8, _ payload: [UInt8]) -> [[UInt8]] {
    let address = (0..<4).map { UInt8(truncatingIfNeeded: channel >> UInt32(24 - 8 * $0)) }
    var packets = [
      address + [0x80 | command, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        + payload.prefix(57)
    ]
    var rest = payload.dropFirst(57)
    var sequence: UInt8 = 0
    while !rest.isEmpty {
      packets.append(address + [sequence] + rest.prefix(59))
      rest = rest.dropFirst(59)
      sequence += 1
    }
    return packets.map { $0 + [UInt8](repeating: 0, count: 64 - $0.count) }
  }

  mutating func send(_ bytes: [UInt8]) {
    var report = Report()
    for index in 0..<64 { report.bytes[index] = bytes[index] }
    token.receive(report)
  }

  mutating func fetch() -> [UInt8]? {
    guard let report = token.nextReport() else { return nil }
    return (0..<64).map { report.bytes[$0] }
  }

  /// All whole messages that the token has to say now; keep-alives included.
  mutating func messages() -> [Message] {
    var messages: [Message] = []
    var wanted = 0
    while let report = fetch() {
      let channel = report[0..<4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      if report[4] & 0x80 != 0 {
        wanted = Int(report[5]) << 8 | Int(report[6])
        messages.append(
          Message(
            channel: channel, command: report[4] & 0x7F,
            payload: Array(report[7...].prefix(wanted))))
      } else if var last = messages.popLast() {
        last.payload += report[5...].prefix(wanted - last.payload.count)
        messages.append(last)
      }
    }
    return messages
  }

  mutating func transact(_ command: UInt8, _ payload: [UInt8], on channel: UInt32? = nil)
    -> [Message]
  {
    for packet in Self.packets(channel ?? self.channel, command, payload) { send(packet) }
    return messages()
  }

  mutating func allocateChannel() -> UInt32 {
    let nonce: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    guard let answer = transact(0x06, nonce, on: 0xFFFF_FFFF).first, answer.payload.count == 17
    else { return 0 }
    return answer.payload[8..<12].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
  }

  /// Sends a command APDU in extended form.
  mutating func begin(
    _ instruction: UInt8, p1: UInt8 = 0, p2: UInt8 = 0, _ data: [UInt8] = [],
    on channel: UInt32? = nil
  ) -> [Message] {
    var apdu: [UInt8] = [0, instruction, p1, p2]
    if !data.isEmpty { apdu += [0, UInt8(data.count >> 8), UInt8(data.count & 0xFF)] + data }
    return transact(0x70, apdu, on: channel)
  }

  /// Sends a command APDU and gives status word and data; status 0 when no answer came.
  mutating func apdu(
    _ instruction: UInt8, p1: UInt8 = 0, p2: UInt8 = 0, _ data: [UInt8] = [],
    on channel: UInt32? = nil
  ) -> (status: UInt16, data: [UInt8]) {
    Self.response(in: begin(instruction, p1: p1, p2: p2, data, on: channel))
  }

  static func response(in messages: [Message]) -> (status: UInt16, data: [UInt8]) {
    guard let answer = messages.last(where: { $0.command == 0x70 }), answer.payload.count >= 2
    else {
      return (0, [])
    }
    let status = UInt16(answer.payload[0]) << 8 | UInt16(answer.payload[1])
    return (status, Array(answer.payload.dropFirst(2)))
  }
}

// MARK: - Commands in short

func field(_ tag: UInt8, _ value: [UInt8]) -> [UInt8] {
  [tag] + (value.count < 0x80 ? [] : [0x81]) + [UInt8(value.count)] + value
}

func field(_ tag: UInt8, _ text: String) -> [UInt8] { field(tag, Array(text.utf8)) }

func bigEndian<N: FixedWidthInteger>(_ number: N) -> [UInt8] {
  withUnsafeBytes(of: number.bigEndian) { Array($0) }
}

/// The fields of a response; nothing after the first malformed one.
func fields(_ data: [UInt8]) -> [(tag: UInt8, value: [UInt8])] {
  var fields: [(UInt8, [UInt8])] = []
  var index = 0
  while index + 2 <= data.count, index + 2 + Int(data[index + 1]) <= data.count {
    let end = index + 2 + Int(data[index + 1])
    fields.append((data[index], Array(data[index + 2..<end])))
    index = end
  }
  return fields
}

func value(of tag: UInt8, in data: [UInt8]) -> [UInt8]? {
  fields(data).first { $0.tag == tag }?.value
}

func number(_ bytes: [UInt8]?) -> UInt64? {
  bytes.map { $0.reduce(0) { $0 << 8 | UInt64($1) } }
}

/// RFC 4226's and RFC 6238's key for SHA-1.
let rfcKey = Array("12345678901234567890".utf8)

/// 2026-01-01T00:00:00Z, in seconds: a multiple of 30.
let newYear: Int64 = 1_767_225_600

extension TestHost {
  mutating func syncClock(to seconds: Double, uncertainty: Double = 0) -> UInt16 {
    apdu(
      0x51,
      field(0xD0, bigEndian(Int64(seconds * 1e6)))
        + field(0xD1, bigEndian(Int64(uncertainty * 1e6)))
    ).status
  }

  mutating func put(
    _ name: String, kind: UInt8 = 0x21, digits: UInt8 = 6, key: [UInt8] = rfcKey,
    properties: UInt8? = nil, counter: UInt32? = nil, createOnly: Bool = false,
    instruction: UInt8 = 0x01
  ) -> UInt16 {
    var data = field(0x71, name) + field(0x73, [kind, digits] + key)
    if let properties { data += [0x78, properties] }
    if let counter { data += field(0x7A, bigEndian(counter)) }
    return apdu(instruction, p1: createOnly ? 1 : 0, data).status
  }

  /// Asks for a code, and for the token's own words if there is none.
  mutating func calculate(_ name: String, step: UInt64? = nil) -> (status: UInt16, code: String?) {
    let challenge = step.map { bigEndian($0) } ?? []
    let answer = apdu(0xA2, p2: 0x81, field(0x71, name) + field(0x74, challenge))
    return (answer.status, Self.code(in: answer.data))
  }

  /// A command that carries its own proof: the data, then the HMAC over the instruction, a fresh nonce
  /// and the data.
  mutating func proved(
    _ instruction: UInt8, _ data: [UInt8], key: [UInt8] = AccessKeyTests.key,
    on channel: UInt32? = nil
  ) -> [UInt8] {
    let nonce = value(of: 0x74, in: apdu(0x5B, on: channel).data) ?? []
    return data + field(0xD7, AccessKeyTests.hmac([instruction] + nonce + data, key: key))
  }

  static func code(in data: [UInt8]) -> String? {
    guard let value = value(of: 0x76, in: data), value.count == 5,
      let truncated = number(Array(value.dropFirst())), let digits = Digits(rawValue: Int(value[0]))
    else { return nil }
    var modulus: UInt64 = 1
    for _ in 0..<digits.rawValue { modulus *= 10 }
    let text = String(truncated % modulus)
    return String(repeating: "0", count: digits.rawValue - text.count) + text
  }

  mutating func names() -> [String] {
    fields(apdu(0xA1).data).map { String(decoding: $0.value.dropFirst(), as: UTF8.self) }
  }
}
