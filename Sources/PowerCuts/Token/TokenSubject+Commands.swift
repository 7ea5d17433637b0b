import OATH
import TokenCore

extension TokenSubject {
  /// Sends the command, and requires that it is answered as it should be.
  func perform(_ command: TokenCommand, on session: inout TokenSession) throws(Complaint) {
    switch command {
    case .put(let name, let key, let counter):
      try expect(session.apdu(0x01, Self.credential(name, key, counter)))
    case .delete(let name):
      try expect(session.apdu(0x02, Fields.field(0x71, name)))
    case .rename(let old, let new):
      try expect(session.apdu(0x05, Fields.field(0x71, old) + Fields.field(0x71, new)))
    case .setAccessKey(let key):
      var data = Self.accessKey(key)
      if let old = modelBefore.accessKey {
        data = try session.proving(0x03, data, under: old)
      } else if let pin = modelBefore.pin {
        data += Fields.field(0x80, pin)
      }
      try expect(session.apdu(0x03, data))
    case .calculate(let name):
      // A TOTP code is refused while the clock is not set.
      let answer = session.apdu(
        0xA2, p2: 0x81, Fields.field(0x71, name) + Fields.field(0x74, [UInt8]()))
      guard answer.isSuccess || answer.status == 0x69F0 else { return try expect(answer) }
    case .update(let name, let key, let counter):
      try expect(session.apdu(0x54, Self.credential(name, key, counter)))
      if counter != nil {
        try expect(
          session.apdu(
            0x57, p2: 0x81, Fields.field(0x71, name) + Fields.field(0x74, [UInt8]())))
      }
      try expect(session.apdu(0x55, Fields.field(0x71, name)))
    case .storeCodes(let name, let codes):
      try expect(
        session.apdu(
          0x58, Fields.field(0x71, name) + codes.flatMap { Fields.field(0xD8, $0) }))
    case .takeCode(let name):
      try expect(session.apdu(0x59, Fields.field(0x71, name)))
    case .syncClock:
      let answer = session.apdu(
        0x51,
        Fields.field(0xD0, Fields.bigEndian(microseconds))
          + Fields.field(0xD1, Fields.bigEndian(Int64(50_000))))
      // Once a code was given, a clock that was never set stays so.
      guard answer.isSuccess || (answer.status == 0x69F3 && !modelBefore.isClockSet) else {
        return try expect(answer)
      }
    case .setPIN(let pin):
      var data = Fields.field(0x80, pin)
      if let key = modelBefore.accessKey { data = try session.proving(0xB4, data, under: key) }
      try expect(session.apdu(0xB4, data))
    case .verifyPIN(let pin):
      let answer = session.apdu(0xB2, Fields.field(0x80, pin))
      guard answer.isSuccess || answer.status == 0x6300 else { return try expect(answer) }
    case .changePIN(let new):
      let old = modelBefore.pin ?? []
      try expect(session.apdu(0xB3, Fields.field(0x80, old) + Fields.field(0x81, new)))
    case .reset:
      try expect(session.apdu(0x04, p1: 0xDE, p2: 0xAD))
    }
  }

  private func expect(_ answer: TokenSession.Answer) throws(Complaint) {
    guard answer.isSuccess else {
      throw Complaint("a command is answered with \(String(answer.status, radix: 16))")
    }
  }

  private static func credential(_ name: String, _ key: [UInt8], _ counter: UInt64?) -> [UInt8] {
    let kind: UInt8 = counter == nil ? 0x21 : 0x11
    var data = Fields.field(0x71, name) + Fields.field(0x73, [kind, 6] + key)
    if let counter { data += Fields.field(0x7A, Fields.bigEndian(UInt32(counter))) }
    return data
  }

  private static func accessKey(_ key: [UInt8]?) -> [UInt8] {
    guard let key else { return Fields.field(0x73, [UInt8]()) }
    let challenge: [UInt8] = [8, 7, 6, 5, 4, 3, 2, 1]
    return Fields.field(0x73, [0x01] + key) + Fields.field(0x74, challenge)
      + Fields.field(0x75, TokenSession.code(of: challenge, under: key))
  }
}
