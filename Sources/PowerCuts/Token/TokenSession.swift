import TokenCore

/// A powered token, and the plainest host: it packs a command into reports, and unpacks the answer.
struct TokenSession: ~Copyable {
  private var token: Token<CutBoard>
  private var channel: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]

  struct Answer: Equatable {
    let status: UInt16
    let data: [UInt8]
    static let success: UInt16 = 0x9000
    var isSuccess: Bool { status == Self.success }
  }

  /// Powers up: the store is mounted and whatever was cut is finished.
  init(_ flash: NORFlash, _ mutation: Mutation?, now: Ticks, seed: UInt64) {
    token = Token(board: CutBoard(MutantFlash(flash, mutation), now: now, seed: seed))
  }

  var flash: MutantFlash {
    get { token.board.flash }
    set { token.board.flash = newValue }
  }

  mutating func setTime(_ now: Ticks) { token.board.now = now }

  /// Takes a channel, as a host does when it opens the token.
  mutating func open() throws(Complaint) {
    let answer = transact(0x06, [1, 2, 3, 4, 5, 6, 7, 8])
    guard answer.count == 17 else { throw Complaint("no channel") }
    channel = Array(answer[8..<12])
  }

  /// Sends a command APDU. A command that wants the button gets it.
  mutating func apdu(_ instruction: UInt8, p1: UInt8 = 0, p2: UInt8 = 0, _ data: [UInt8] = [])
    -> Answer
  {
    var apdu: [UInt8] = [0, instruction, p1, p2]
    if !data.isEmpty { apdu += [0, UInt8(data.count >> 8), UInt8(data.count & 0xFF)] + data }
    let answer = transact(0x70, apdu)
    guard answer.count >= 2 else { return Answer(status: 0, data: []) }
    return Answer(
      status: UInt16(answer[0]) << 8 | UInt16(answer[1]), data: Array(answer.dropFirst(2)))
  }

  /// Sends a message and gives the answer's payload; empty for none.
  private mutating func transact(_ command: UInt8, _ payload: [UInt8]) -> [UInt8] {
    let head = channel + [0x80 | command, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
    send(head + payload.prefix(57))
    var rest = payload.dropFirst(57)
    var sequence: UInt8 = 0
    while !rest.isEmpty {
      send(channel + [sequence] + rest.prefix(59))
      rest = rest.dropFirst(59)
      sequence += 1
    }
    var polls = 0
    while token.wantsTouch, polls < 8 {
      token.poll()
      polls += 1
    }
    return receive(command)
  }

  private mutating func send(_ packet: [UInt8]) {
    var report = Report()
    for index in packet.indices { report.bytes[index] = packet[index] }
    token.receive(report)
  }

  private mutating func receive(_ command: UInt8) -> [UInt8] {
    var payload: [UInt8] = []
    var wanted = 0
    while let report = token.nextReport() {
      if report.bytes[4] == 0x80 | command {
        wanted = Int(report.bytes[5]) << 8 | Int(report.bytes[6])
        for index in 7..<min(64, 7 + wanted) { payload.append(report.bytes[index]) }
      } else if report.bytes[4] < 0x80 {
        for index in 5..<min(64, 5 + wanted - payload.count) { payload.append(report.bytes[index]) }
      }
    }
    return payload
  }
}

/// Fields of the wire: tag, length, value.
enum Fields {
  static func field(_ tag: UInt8, _ value: [UInt8]) -> [UInt8] {
    [tag, UInt8(value.count)] + value
  }

  static func field(_ tag: UInt8, _ text: String) -> [UInt8] { field(tag, Array(text.utf8)) }

  static func bigEndian<N: FixedWidthInteger>(_ number: N) -> [UInt8] {
    (0..<N.bitWidth / 8).map {
      UInt8(truncatingIfNeeded: number >> N(N.bitWidth - 8 * ($0 + 1)))
    }
  }

  static func split(_ data: [UInt8]) -> [(tag: UInt8, value: [UInt8])] {
    var fields: [(UInt8, [UInt8])] = []
    var index = 0
    while index + 2 <= data.count, index + 2 + Int(data[index + 1]) <= data.count {
      let end = index + 2 + Int(data[index + 1])
      fields.append((data[index], Array(data[index + 2..<end])))
      index = end
    }
    return fields
  }

  static func value(_ tag: UInt8, in data: [UInt8]) -> [UInt8]? {
    split(data).first { $0.tag == tag }?.value
  }
}
