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

  @inline(never)
  mutating func select<B: Board & ~Copyable>(
    on channel: ChannelID, board: inout B, response: inout MessageBuffer
  ) throws(StatusWord) {
    sessions.forget(channel)
    guard isOwnIdentifier else { throw .applicationNotFound }
    let identifier = try deviceIdentifier(board: &board)
    response.appendField(.version, AppletLimits.version.span)
    response.appendField(.name, identifier.span)
    if let key = try readAccessKey(board: &board) {
      let nonce = try freshNonce(board: &board)
      sessions.select(channel, nonce: nonce, at: board.ticks())
      response.appendField(.challenge, nonce.span)
      response.appendField(.algorithm, byte: key.algorithm.rawValue)
    }
    appendPINTries(board: &board, response: &response)
  }

  /// Whether the request's data is YKOATH's application identifier, of 7 bytes or of all 8.
  private var isOwnIdentifier: Bool {
    let application = AppletLimits.applicationIdentifier
    guard request.count == application.count || request.count == application.count + 1 else {
      return false
    }
    for index in application.indices where request.data[index] != application[index] {
      return false
    }
    return request.count == application.count
      || request.data[application.count] == AppletLimits.applicationIdentifierEnd
  }

  /// SET CODE. On the bus it proves for itself that it may change who gets in: with the access key
  /// that is set, else with the PIN that is set.
  @inline(never)
  mutating func setCode<B: Board & ~Copyable>(
    on channel: ChannelID, isTouched: Bool, board: inout B
  ) throws(StatusWord) -> Progress {
    var fields = FieldReader()
    let key = try fields.take(.key, sizes: 0...1 + AppletLimits.accessKeySize, in: request)
    if !key.isEmpty { try checkNewKey(key, &fields) }
    if channel == .card {
      try fields.end(of: request)
    } else if store.contains(.accessKey) {
      try requireProof(&fields, on: channel, board: &board)
    } else if store.contains(.pin) {
      guard !fields.isAtEnd(of: request) else { throw .securityStatusNotSatisfied }
      let pin = try takePIN(&fields)
      try fields.end(of: request)
      guard try isPIN(pin, isTouched: isTouched, board: &board) else { return .touchNeeded }
    } else {
      try fields.end(of: request)
    }
    if key.isEmpty {
      try remove(.accessKey, board: &board)
    } else {
      try writeAccessKey(key, board: &board)
    }
    sessions.forgetAll()
    return .done
  }

  /// Takes the fields by which a host shows that it computes with the new key as the token does.
  private func checkNewKey(
    _ key: Range<Int>, _ fields: inout FieldReader
  ) throws(StatusWord) {
    let challenge = try fields.take(.challenge, sizes: 1...64, in: request)
    let response = try fields.take(.response, sizes: 1...64, in: request)
    guard key.count > 1,
      let algorithm = HashAlgorithm(rawValue: request.data[key.lowerBound] & 0x0F)
    else { throw .wrongData }
    let secret = request.data.span.extracting(key.lowerBound + 1..<key.upperBound)
    let isProved = Self.isCode(
      request.data.span.extracting(response), of: request.data.span.extracting(challenge),
      key: OATHKey(algorithm: algorithm, secret: secret))
    guard isProved else { throw .wrongData }
  }

  /// Stores the access key of the request's field `key`.
  ///
  /// It may authorise CLOCK SET only if no credential is stored: whoever comes to know the key of a token
  /// with credentials, or to replace it, gets no right to choose the time whose codes it computes.
  private mutating func writeAccessKey<B: Board & ~Copyable>(
    _ key: Range<Int>, board: inout B
  ) throws(StatusWord) {
    record.wipe()
    record.bytes[0] = AccessKeyRecord.format
    record.bytes[1] = request.data[key.lowerBound]
    record.bytes[2] = credentialCount() == 0 ? 1 : 0
    let secret = key.lowerBound + 1..<key.upperBound
    for index in 0..<secret.count {
      record.bytes[AccessKeyRecord.headerSize + index] = request.data[secret.lowerBound + index]
    }
    do throws(StorageFailure) {
      let length = AccessKeyRecord.headerSize + secret.count
      try store.write(.accessKey, record.bytes.span.extracting(0..<length), to: &board)
    } catch {
      throw StatusWord(error)
    }
  }

  @inline(never)
  mutating func validate<B: Board & ~Copyable>(
    on channel: ChannelID, board: inout B, response: inout MessageBuffer
  ) throws(StatusWord) {
    var fields = FieldReader()
    let answer = try fields.take(.response, sizes: 1...64, in: request)
    let challenge = try fields.take(.challenge, sizes: 8...8, in: request)
    try fields.end(of: request)
    guard let nonce = sessions.selectNonce(of: channel), let key = try accessKey(board: &board)
    else {
      throw .conditionsNotSatisfied
    }
    guard Self.isCode(request.data.span.extracting(answer), of: nonce.span, key: key) else {
      throw .wrongData
    }
    sessions.prove(.accessKey, on: channel, at: board.ticks())
    var code = InlineArray<64, UInt8>(repeating: 0)
    var span = code.mutableSpan
    let length = key.authenticationCode(of: request.data.span.extracting(challenge), into: &span)
    response.appendField(.response, code.span.extracting(0..<length))
  }
}

// MARK: - A command's own proof

extension Applet {
  /// NONCE: a number for the proof of one command of this channel.
  mutating func giveNonce<B: Board & ~Copyable>(
    on channel: ChannelID, board: inout B, response: inout MessageBuffer
  ) throws(StatusWord) {
    guard request.count == 0 else { throw .wrongData }
    let nonce = try freshNonce(board: &board)
    sessions.give(nonce, to: channel, at: board.ticks())
    response.appendField(.challenge, nonce.span)
  }

  /// Takes the request's last field, the command's own proof under the access key: the HMAC over the
  /// instruction, the channel's nonce, and all of the data field before it.
  ///
  /// The field uses the nonce up, right or wrong. A command that waited for the button was judged before.
  ///
  /// - Throws: `securityStatusNotSatisfied` without the field, `conditionsNotSatisfied` without a nonce
  ///   that is still good, `wrongData` for a wrong proof; `noAccessKey`.
  @inline(never)
  mutating func requireProof<B: Board & ~Copyable>(
    _ fields: inout FieldReader, on channel: ChannelID, board: inout B
  ) throws(StatusWord) {
    guard !fields.isAtEnd(of: request) else { throw .securityStatusNotSatisfied }
    guard !isRequestProved else { return }
    let nonce = sessions.commandNonce(of: channel, at: board.ticks())
    sessions.spendCommandNonce(of: channel)
    let covered = fields.position
    let proof = try fields.take(.proof, sizes: 1...64, in: request)
    try fields.end(of: request)
    guard let key = try accessKey(board: &board) else { throw .noAccessKey }
    guard let nonce else { throw .conditionsNotSatisfied }
    let isProved = isProof(proof, over: nonce, covered, key: key)
    isRequestProved = isProved
    guard isProved else { throw .wrongData }
  }
}

extension Applet {
  /// Whether the request's bytes `proof` are the proof over the instruction, `nonce` and the first
  /// `covered` bytes of the data field.
  @inline(never)
  private func isProof(
    _ proof: Range<Int>, over nonce: SessionTable.Nonce, _ covered: Int, key: borrowing OATHKey
  ) -> Bool {
    var start = InlineArray<9, UInt8>(repeating: request.instruction)
    for index in nonce.indices { start[1 + index] = nonce[index] }
    return Self.isCode(
      request.data.span.extracting(proof), of: start.span,
      request.data.span.extracting(0..<covered), key: key)
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

  /// Whether `code` is the full HMAC of a message, which may lie in two parts; in constant time.
  @inline(never)
  static func isCode(
    _ code: Span<UInt8>, of message: Span<UInt8>, _ rest: Span<UInt8> = Span(),
    key: borrowing OATHKey
  ) -> Bool {
    var expected = InlineArray<64, UInt8>(repeating: 0)
    var span = expected.mutableSpan
    let length = key.authenticationCode(of: message, rest, into: &span)
    let isSame = ConstantTime.equal(expected.span.extracting(0..<length), code)
    wipe(&expected)
    return isSame
  }
}
