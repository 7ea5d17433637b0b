import OATH

// SELECT, SET CODE and VALIDATE: Docs/protocol.md, section 5.
extension Applet {
  /// The access key as the store has it.
  ///
  /// | offset | bytes | field |
  /// | --- | --- | --- |
  /// | 0 | 1 | format, 1 |
  /// | 1 | 1 | `kind` as SET CODE gave it; the low nibble is the algorithm |
  /// | 2 | 1 | 1 if it authorises CLOCK SET |
  /// | 3 | 1 ... 64 | key |
  private enum AccessKeyRecord {
    static let format: UInt8 = 1
    static let headerSize = 3
  }

  mutating func select<B: Board & ~Copyable>(
    on channel: ChannelID, board: inout B, response: inout MessageBuffer
  ) throws(StatusWord) {
    let application = AppletLimits.applicationIdentifier
    guard request.count == application.count else { throw .applicationNotFound }
    for index in application.indices where request.data[index] != application[index] {
      throw .applicationNotFound
    }
    let identifier = try deviceIdentifier(board: &board)
    sessions.forget(channel)
    response.appendField(.version, AppletLimits.version.span)
    response.appendField(.name, identifier.span)
    if let key = try readAccessKey(board: &board) {
      let nonce = try freshNonce(board: &board)
      sessions.select(channel, nonce: nonce)
      response.appendField(.challenge, nonce.span)
      response.appendField(.algorithm, byte: key.algorithm.rawValue)
    }
    appendPINTries(board: &board, response: &response)
  }

  mutating func setCode<B: Board & ~Copyable>(board: inout B) throws(StatusWord) {
    var fields = FieldReader()
    let key = try fields.take(.key, sizes: 0...1 + AppletLimits.keySize, in: request)
    if key.isEmpty {
      try fields.end(of: request)
      try remove(.accessKey, board: &board)
      return
    }
    let challenge = try fields.take(.challenge, sizes: 1...64, in: request)
    let response = try fields.take(.response, sizes: 1...64, in: request)
    try fields.end(of: request)
    guard key.count > 1,
      let algorithm = HashAlgorithm(rawValue: request.data[key.lowerBound] & 0x0F)
    else {
      throw .wrongData
    }
    let secret = key.lowerBound + 1..<key.upperBound
    let isProved = Self.isCode(
      request.data.span.extracting(response), of: request.data.span.extracting(challenge),
      key: OATHKey(algorithm: algorithm, secret: request.data.span.extracting(secret)))
    guard isProved else { throw .wrongData }

    let authorisesClock = try mayNewKeySetClock(board: &board)
    record.wipe()
    record.bytes[0] = AccessKeyRecord.format
    record.bytes[1] = request.data[key.lowerBound]
    record.bytes[2] = authorisesClock ? 1 : 0
    for index in 0..<secret.count {
      record.bytes[AccessKeyRecord.headerSize + index] = request.data[secret.lowerBound + index]
    }
    do throws(StorageFailure) {
      let length = AccessKeyRecord.headerSize + secret.count
      try store.write(.accessKey, record.bytes.span.extracting(0..<length), to: &board)
    } catch {
      throw StatusWord(error)
    }
    sessions.forgetAll()
  }

  mutating func validate<B: Board & ~Copyable>(
    on channel: ChannelID, board: inout B, response: inout MessageBuffer
  ) throws(StatusWord) {
    var fields = FieldReader()
    let answer = try fields.take(.response, sizes: 1...64, in: request)
    let challenge = try fields.take(.challenge, sizes: 8...8, in: request)
    try fields.end(of: request)
    guard let nonce = sessions.nonce(of: channel), let key = try accessKey(board: &board) else {
      throw .conditionsNotSatisfied
    }
    guard Self.isCode(request.data.span.extracting(answer), of: nonce.span, key: key) else {
      throw .wrongData
    }
    sessions.validate(channel)
    var code = InlineArray<64, UInt8>(repeating: 0)
    var span = code.mutableSpan
    let length = key.authenticationCode(of: request.data.span.extracting(challenge), into: &span)
    response.appendField(.response, code.span.extracting(0..<length))
  }
}

// MARK: - Keys, nonces, identifiers

extension Applet {
  /// The access key, ready for use; `nil` when none is set.
  mutating func accessKey<B: Board & ~Copyable>(
    board: inout B
  ) throws(StatusWord) -> OATHKey? {
    defer { record.wipe() }
    guard let key = try readAccessKey(board: &board) else { return nil }
    let range = AccessKeyRecord.headerSize..<key.end
    return OATHKey(algorithm: key.algorithm, secret: record.bytes.span.extracting(range))
  }

  /// Whether the access key may authorise CLOCK SET: not one that was put on a token with
  /// credentials by somebody who did not know the one before.
  mutating func accessKeyAuthorisesClock<B: Board & ~Copyable>(
    board: inout B
  ) throws(StatusWord) -> Bool {
    defer { record.wipe() }
    return try readAccessKey(board: &board) != nil && record.bytes[2] == 1
  }

  private mutating func mayNewKeySetClock<B: Board & ~Copyable>(
    board: inout B
  ) throws(StatusWord) -> Bool {
    // Setting a key while one is set takes a validated channel, so the right is handed on.
    if try readAccessKey(board: &board) != nil { return record.bytes[2] == 1 }
    return credentialCount() == 0
  }

  /// Reads the record into `record.bytes`, up to `end`.
  @inline(never)
  private mutating func readAccessKey<B: Board & ~Copyable>(
    board: inout B
  ) throws(StatusWord) -> (algorithm: HashAlgorithm, end: Int)? {
    guard let length = try read(.accessKey, board: &board) else { return nil }
    guard length > AccessKeyRecord.headerSize, record.bytes[0] == AccessKeyRecord.format,
      let algorithm = HashAlgorithm(rawValue: record.bytes[1] & 0x0F)
    else { throw .memoryFailure }
    return (algorithm, length)
  }

  /// Eight random bytes that name this token's present life; made anew by RESET.
  mutating func deviceIdentifier<B: Board & ~Copyable>(
    board: inout B
  ) throws(StatusWord) -> InlineArray<8, UInt8> {
    var identifier = InlineArray<8, UInt8>(repeating: 0)
    if let length = try read(.deviceIdentifier, board: &board), length == identifier.count {
      for index in identifier.indices { identifier[index] = record.bytes[index] }
      return identifier
    }
    identifier = try freshNonce(board: &board)
    try write(.deviceIdentifier, identifier.span, board: &board)
    return identifier
  }

  func freshNonce<B: Board & ~Copyable>(
    board: inout B
  ) throws(StatusWord) -> InlineArray<8, UInt8> {
    var nonce = InlineArray<8, UInt8>(repeating: 0)
    var span = nonce.mutableSpan
    guard board.fillWithEntropy(&span) else { throw .entropyFailure }
    return nonce
  }

  /// Whether `code` is the full HMAC of `message`; in constant time.
  static func isCode(_ code: Span<UInt8>, of message: Span<UInt8>, key: borrowing OATHKey) -> Bool {
    var expected = InlineArray<64, UInt8>(repeating: 0)
    var span = expected.mutableSpan
    let length = key.authenticationCode(of: message, into: &span)
    let isSame = ConstantTime.equal(expected.span.extracting(0..<length), code)
    wipe(&expected)
    return isSame
  }
}
