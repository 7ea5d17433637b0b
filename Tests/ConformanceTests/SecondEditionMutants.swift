import TokenClient
import TokenCore

@testable import Conformance

// Tokens that do as the wire's first edition did, or that are lazy about one of the second's rules.
extension Fault {
  static let secondEdition: [Fault] = [
    .asked("knows its commands by their old numbers", ["apdu.interindustry", "apdu.instruction"]) {
      request in
      guard request.count >= 4, (0xC0...0xCC).contains(request[1]) else { return request }
      return [0, request[1] - 0x70] + request.dropFirst(2)
    },
    .asked("does not know the application by 8 bytes", ["select.eight"]) { request in
      guard isRequest(request, .selectOrCalculateAll, p1: 4), request.last == 1, request.count == 13
      else { return request }
      return request.dropLast() + [2]
    },
    .asked("looks at the application's first 7 bytes alone", ["select.other"]) { request in
      guard isRequest(request, .selectOrCalculateAll, p1: 4), request.count > 12 else {
        return request
      }
      return [0, 0xA4, 4, 0, 7] + request[5..<12]
    },

    form("always tells its time", ["code.bare", "code.refused", "all.bare", "unset.codes"]) {
      $0 | 0x80
    },
    form("never tells its time", ["code.bare", "code.neighbours", "code.refused", "all.bare"]) {
      $0 & 0x7F
    },
    .answered("fails as a whole for one credential", ["all.step", "unset.all"]) { request, answer in
      guard isRequest(request, .selectOrCalculateAll, p1: 0),
        let fields = Field.parse(Array(answer.dropFirst(2))),
        fields.contains(where: { $0.tag == TokenCore.Tag.noResponse.rawValue && $0.value == [6] })
      else { return answer }
      return bigEndian(StatusWord.securityStatusNotSatisfied.rawValue)
    },
    .answered("cuts off what does not fit", ["all.large"]) { request, answer in
      guard isRequest(request, .selectOrCalculateAll, p1: 0),
        answer == bigEndian(StatusWord.noSpace.rawValue)
      else { return answer }
      return ok + [UInt8](repeating: 0, count: 7_600)
    },
    field("tells of the button by PUT's bit", .list, .nameList, "put.properties", "pin.listed") {
      $0.dropLast() + [$0.last! & 1 == 1 ? 2 | $0.last! & ~1 : $0.last!]
    },
    field("does not tell of the PIN", .list, .nameList, "pin.listed") {
      $0.dropLast() + [$0.last! & ~2]
    },
    .asked("cuts a key to 64 bytes", ["put.keys"]) { request in
      guard isRequest(request, .put), let command = Field.ofPUT(request),
        command[1].value.count > 66
      else { return request }
      return Command(
        .put, p1: request[2],
        command[0].bytes + Field(.key, Array(command[1].value.prefix(66))).bytes
      ).bytes
    },
    Fault("takes SHA-512 keys of 64 bytes at most", ["put.keys"]) {
      var isLong = false
      return Mutant.Change(
        request: { request in
          isLong =
            isRequest(request, .put) && (Field.ofPUT(request)?[1].value.count ?? 0) > 66
          return request
        },
        answer: { _, answer in
          isLong ? bigEndian(StatusWord.wrongData.rawValue) : answer
        }, isAboutApplet: true)
    },
    .asked("gives a credential another period with its name", ["rename.period"]) { request in
      // As if it had been PUT anew, with what it had.
      guard isRequest(request, .rename) else { return request }
      return Command(.information).bytes
    },

    Fault("corrects its clock by any host in step", ["clock.unpaid"]) {
      var count: UInt64 = 0
      return Mutant.Change(
        answer: { request, answer in
          guard isRequest(request, .clockStatus),
            var fields = Field.parse(Array(answer.dropFirst(2))),
            let index = fields.firstIndex(where: { $0.tag == TokenCore.Tag.lastSync.rawValue })
          else { return answer }
          count += 1
          fields[index] = Field(.lastSync, bigEndian(number(fields[index].value) + count))
          return ok + fields.bytes
        }, isAboutApplet: true)
    },
    field("is paid nothing for a time", .clockStatus, .allowance, "clock.paid") { _ in
      bigEndian(UInt64(100_000))
    },
    .answered("takes no first time with credentials", ["reset.new"]) { request, answer in
      guard isRequest(request, .clockSync), answer.count > 2 else { return answer }
      return bigEndian(StatusWord.syncOutOfBounds.rawValue)
    },

    Fault("does not know how long a proof holds", ["session.idle", "session.longest"]) {
      Mutant.Change(letsTimePass: false)
    },
    Fault("does not notice that its bus sleeps", ["session.bus"]) {
      Mutant.Change(letsTimePass: false)
    },
    Fault("does not know how long a nonce is good", ["nonce.expires"]) {
      Mutant.Change(letsTimePass: false)
    },
    Fault("keeps a proof through SELECT", ["key.ends"]) {
      var first: [UInt8]?
      var isSpared = false
      return Mutant.Change(
        request: { request in
          isSpared = isRequest(request, .selectOrCalculateAll, p1: 4) && first != nil
          return isSpared ? Command(.information).bytes : request
        },
        answer: { request, answer in
          if isSpared { return first! }
          if isRequest(request, .validate), answer.prefix(2) == ok[...] { first = ok }
          return answer
        }, isAboutApplet: true)
    },
    Fault("lets a crowd push a proof out", ["session.crowd"]) {
      var count = 0
      return Mutant.Change(
        answer: { request, answer in
          if isRequest(request, .selectOrCalculateAll, p1: 4) { count += 1 }
          return isRequest(request, .list) && count > 8
            ? bigEndian(StatusWord.securityStatusNotSatisfied.rawValue) : answer
        }, isAboutApplet: true)
    },
    Fault("has room for three proofs", ["session.four"]) {
      var count = 0
      return Mutant.Change(
        answer: { request, answer in
          if isRequest(request, .validate) { count += 1 }
          return isRequest(request, .list) && count == 4
            ? bigEndian(StatusWord.securityStatusNotSatisfied.rawValue) : answer
        }, isAboutApplet: true)
    },
    .answered("never takes a proof", ["proof.key", "proof.clearing", "proof.pin", "clock.floor"]) {
      request, answer in
      guard isOwnCommand(request), answer.prefix(2) == ok[...] else { return answer }
      return bigEndian(StatusWord.wrongData.rawValue)
    },

    idle(.reset, "reset.button", "reset.wipes", "reset.new"),
    Fault("stops its clock at RESET", ["reset.wipes"]) {
      var isReset = false
      return Mutant.Change(
        answer: { request, answer in
          if isRequest(request, .reset) { isReset = true }
          guard isReset, isRequest(request, .clockStatus) else { return answer }
          return ok + [Field(.clockState, [0]), Field(.clockPolicy, [0])].bytes
        }, isAboutApplet: true)
    },
    Fault("wipes without its button", ["reset.button"]) {
      Mutant.Change(received: { frame in
        guard frame.isCommand(.keepAlive) else { return [frame] }
        return Frame.message(.applet, ok, on: frame.channel)
      })
    },
  ]

  /// Another P2 for the commands that compute codes.
  private static func form(
    _ name: String, _ checks: [String], _ change: @escaping @Sendable (UInt8) -> UInt8
  ) -> Fault {
    .asked(name, checks) { request in
      guard isRequest(request, .calculate) || isRequest(request, .selectOrCalculateAll, p1: 0)
      else { return request }
      return request.prefix(3) + [change(request[3])] + request.dropFirst(4)
    }
  }

  /// Whether a request ends with the proof of its own.
  private static func isOwnCommand(_ request: [UInt8]) -> Bool {
    let own: [Instruction] = [.setCode, .setPIN, .clockSet]
    guard own.contains(where: { isRequest(request, $0) }) else { return false }
    return Field.parse(Array(request.dropFirst(5)))?.last?.tag == TokenCore.Tag.proof.rawValue
  }
}

extension Field {
  /// Name and key of a PUT; `nil` with anything behind them.
  static func ofPUT(_ request: [UInt8]) -> [Field]? {
    // A short APDU has its data behind 5 bytes, an extended one behind 7.
    let start = request.count > 4 && request[4] == 0 ? 7 : 5
    guard let fields = parse(Array(request.dropFirst(start))), fields.count == 2 else { return nil }
    return fields
  }
}
