import OATH
import TokenCore

/// All that a host can find out about a token, by commands, and with what it knows of its keys.
///
/// Finding out uses counters, recovery codes and tries up, so it is done on a copy.
struct TokenObservation: Equatable {
  var identifier: [UInt8] = []
  /// The access key and the PIN that the token takes, of those that were tried.
  var accessKey: [UInt8]?
  var pin: [UInt8]?
  /// Tries of the PIN before any was used; nil without a PIN.
  var tries: Int?
  /// The names.
  var names: [String] = []
  /// By name: the next code, 4 bytes or a status word; the recovery codes left and stored, and the next.
  var codes: [String: [UInt8]] = [:]
  var recoveryCounts: [String: [UInt8]] = [:]
  var recoveryCodes: [String: [UInt8]] = [:]
  /// The clock's state, and its time and last correction if it runs.
  var clock: [[UInt8]] = []

  var isBlocked: Bool { tries == 0 }

  /// - Parameter models: what the token may be like; their keys are tried.
  init(_ session: inout TokenSession, knowing models: [TokenModel]) throws(Complaint) {
    try session.open()
    let selection = try session.select()
    identifier = Fields.value(0x71, in: selection) ?? []
    tries = Fields.value(0x82, in: selection)?.first.map(Int.init)
    if Fields.value(0x74, in: selection) != nil {
      accessKey = try session.validate(models.compactMap(\.accessKey))
    }
    if tries != nil, !isBlocked {
      for candidate in models.compactMap(\.pin) where pin == nil {
        if session.apdu(0xB2, Fields.field(0x80, candidate)).isSuccess { pin = candidate }
      }
      guard pin != nil else { throw Complaint("the token takes neither PIN") }
    }
    let status = session.apdu(0x50)
    clock = Fields.split(status.data).filter { $0.tag == 0xD2 || $0.tag == 0xD4 }.map(\.value)
    let list = session.apdu(0xA1)
    guard list.isSuccess else { return }
    names = Fields.split(list.data).map { String(decoding: $0.value.dropFirst(), as: UTF8.self) }
      .sorted()
    for name in names { try look(at: name, &session) }
  }

  private mutating func look(at name: String, _ session: inout TokenSession) throws(Complaint) {
    let field = Fields.field(0x71, name)
    let code = session.apdu(0xA2, p2: 0x81, field + Fields.field(0x74, [UInt8]()))
    codes[name] =
      Fields.value(0x76, in: code.data).map { Array($0.dropFirst()) }
      ?? Fields.bigEndian(code.status)
    let counts = session.apdu(0x5A, field)
    recoveryCounts[name] = Fields.value(0xD9, in: counts.data) ?? Fields.bigEndian(counts.status)
    let taken = session.apdu(0x59, field)
    recoveryCodes[name] = Fields.value(0xD8, in: taken.data) ?? Fields.bigEndian(taken.status)
  }

  /// - Throws: what `model` says otherwise.
  func expect(_ model: TokenModel, at time: Seconds) throws(Complaint) {
    guard tries == model.pin.map({ _ in model.tries }), pin == (isBlocked ? nil : model.pin) else {
      throw Complaint("\(tries.map(String.init) ?? "no") tries of another PIN: not \(model.tries)")
    }
    guard accessKey == model.accessKey else { throw Complaint("another access key") }
    if isBlocked { return }
    guard names == model.credentials.keys.sorted() else {
      throw Complaint("the credentials are \(names), not \(model.credentials.keys.sorted())")
    }
    for (name, credential) in model.credentials {
      let period: Int64 = name.hasPrefix("60/") ? 60 : 30
      let value = model.nextValue(of: name, atStep: UInt64(time.rawValue / period))
      guard codes[name] == value ?? [0x69, 0xF0] else {
        throw Complaint("\(name) has another code than it should")
      }
      guard
        recoveryCounts[name] == [UInt8(credential.codes.count), UInt8(credential.codesStored)],
        recoveryCodes[name] == credential.codes.first ?? [0x69, 0x84]
      else { throw Complaint("\(name) has other recovery codes than it should") }
    }
  }
}

extension TokenSession {
  mutating func select() throws(Complaint) -> [UInt8] {
    let answer = apdu(0xA4, p1: 4, [0xA0, 0, 0, 5, 0x27, 0x21, 1])
    guard answer.isSuccess else { throw Complaint("SELECT is answered with \(answer.status)") }
    return answer.data
  }

  /// Proves one of the keys after the other, until one is taken.
  mutating func validate(_ keys: [[UInt8]]) throws(Complaint) -> [UInt8] {
    for key in keys {
      guard let nonce = Fields.value(0x74, in: try select()) else { break }
      let response = Self.code(of: nonce, under: key)
      let proof = Fields.field(0x75, response) + Fields.field(0x74, [1, 2, 3, 4, 5, 6, 7, 8])
      if apdu(0xA3, proof).isSuccess { return key }
    }
    throw Complaint("the token takes neither access key")
  }

  /// The data of a command that proves for itself that its sender knows the access key.
  mutating func proving(
    _ instruction: UInt8, _ data: [UInt8], under key: [UInt8]
  ) throws(Complaint) -> [UInt8] {
    guard let nonce = Fields.value(0x74, in: apdu(0x5B).data) else {
      throw Complaint("the token gives no nonce")
    }
    return data + Fields.field(0xD7, Self.code(of: [instruction] + nonce + data, under: key))
  }

  /// HMAC-SHA-1.
  static func code(of message: [UInt8], under key: [UInt8]) -> [UInt8] {
    let oath = OATHKey(algorithm: .sha1, secret: key.span)
    var code = [UInt8](repeating: 0, count: 64)
    var span = code.mutableSpan
    let length = oath.authenticationCode(of: message.span, into: &span)
    return Array(code.prefix(length))
  }
}
