import OATH

// SET PIN, CHANGE PIN and VERIFY PIN: Docs/protocol.md, section 10.
extension Applet {
  /// What the PIN is compared with, as the store has it. The PIN itself is nowhere.
  ///
  /// | offset | bytes | field |
  /// | --- | --- | --- |
  /// | 0 | 1 | format, 1 |
  /// | 1 | 8 | salt |
  /// | 9 | 32 | HMAC-SHA-256 of the PIN under the salt |
  ///
  /// How many tries are left is a record of its own, one byte, so that spending one does not rewrite
  /// this.
  private enum PINRecord {
    static let format: UInt8 = 1
    static let salt = 1..<9
    static let verifier = 9..<41
  }

  /// SET PIN: with an access key set, it carries its own proof under it.
  @inline(never)
  mutating func setPIN<B: Board & ~Copyable>(
    on channel: ChannelID, isTouched: Bool, board: inout B
  ) throws(StatusWord) -> Progress {
    guard !store.contains(.pin) else { throw .conditionsNotSatisfied }
    var fields = FieldReader()
    let pin = try takePIN(&fields)
    if store.contains(.accessKey) {
      try requireProof(&fields, on: channel, board: &board)
    } else {
      try fields.end(of: request)
    }
    guard isTouched else { return .touchNeeded }
    // The tries come first: without a PIN they mean nothing, a PIN without them is blocked.
    try write(triesLeft: AppletLimits.pinTries, board: &board)
    try writePIN(pin, board: &board)
    return .done
  }

  mutating func changePIN<B: Board & ~Copyable>(
    isTouched: Bool, board: inout B
  ) throws(StatusWord) -> Progress {
    var fields = FieldReader()
    let old = try takePIN(&fields)
    let new = try fields.take(.newPIN, sizes: 0...AppletLimits.longestPIN, in: request)
    try fields.end(of: request)
    guard new.isEmpty || new.count >= AppletLimits.shortestPIN else { throw .wrongData }
    guard try isPIN(old, isTouched: isTouched, board: &board) else { return .touchNeeded }
    sessions.endVerifications()
    if new.isEmpty {
      try remove(.pin, board: &board)
      try remove(.pinTries, board: &board)
    } else {
      try writePIN(new, board: &board)
    }
    return .done
  }

  mutating func verifyPIN<B: Board & ~Copyable>(
    on channel: ChannelID, isTouched: Bool, board: inout B
  ) throws(StatusWord) -> Progress {
    var fields = FieldReader()
    let pin = try takePIN(&fields)
    try fields.end(of: request)
    guard try isPIN(pin, isTouched: isTouched, board: &board) else { return .touchNeeded }
    sessions.prove(.pin, on: channel, at: board.ticks())
    return .done
  }

  /// Says how often the PIN may still be tried, if there is one.
  mutating func appendPINTries<B: Board & ~Copyable>(
    board: inout B, response: inout MessageBuffer
  ) {
    guard store.contains(.pin) else { return }
    // A record that cannot be read is one try less than one.
    let left = (try? triesLeft(board: &board)) ?? 0
    response.appendField(.pinTries, byte: UInt8(truncatingIfNeeded: left))
  }
}

extension Applet {
  func takePIN(_ fields: inout FieldReader) throws(StatusWord) -> Range<Int> {
    try fields.take(
      .pin, sizes: AppletLimits.shortestPIN...AppletLimits.longestPIN, in: request)
  }

  /// Judges a PIN: asks for the button, spends a try, reads back that it is spent, and only then
  /// compares and gives all tries back.
  ///
  /// - Returns: `false` while the button was not pressed: nothing was judged.
  /// - Throws: `wrongPIN`, and no channel has proved to know the PIN any more; `pinBlocked`;
  ///   `conditionsNotSatisfied` when there is no PIN.
  @inline(never)
  mutating func isPIN<B: Board & ~Copyable>(
    _ pin: Range<Int>, isTouched: Bool, board: inout B
  ) throws(StatusWord) -> Bool {
    guard store.contains(.pin) else { throw .conditionsNotSatisfied }
    let left = try triesLeft(board: &board)
    guard left > 0 else { throw .pinBlocked }
    guard isTouched else { return false }
    try write(triesLeft: left - 1, board: &board)
    guard try triesLeft(board: &board) == left - 1 else { throw .memoryFailure }
    guard try read(.pin, board: &board) == PINRecord.verifier.upperBound,
      record.bytes[0] == PINRecord.format
    else { throw .memoryFailure }
    let isRight = Self.isCode(
      record.bytes.span.extracting(PINRecord.verifier), of: request.data.span.extracting(pin),
      key: saltedKey())
    guard isRight else {
      sessions.endVerifications()
      throw .wrongPIN
    }
    try write(triesLeft: AppletLimits.pinTries, board: &board)
    return true
  }

  private mutating func writePIN<B: Board & ~Copyable>(
    _ pin: Range<Int>, board: inout B
  ) throws(StatusWord) {
    let salt = try freshNonce(board: &board)
    record.bytes[0] = PINRecord.format
    for index in salt.indices { record.bytes[PINRecord.salt.lowerBound + index] = salt[index] }
    var code = InlineArray<64, UInt8>(repeating: 0)
    var span = code.mutableSpan
    saltedKey().authenticationCode(of: request.data.span.extracting(pin), into: &span)
    for index in 0..<PINRecord.verifier.count {
      record.bytes[PINRecord.verifier.lowerBound + index] = code[index]
    }
    wipe(&code)
    try write(.pin, PINRecord.verifier.upperBound, board: &board)
  }

  /// HMAC's key out of the salt in `record`.
  private func saltedKey() -> OATHKey {
    OATHKey(algorithm: .sha256, secret: record.bytes.span.extracting(PINRecord.salt))
  }

  /// `0 ... 8`.
  private mutating func triesLeft<B: Board & ~Copyable>(
    board: inout B
  ) throws(StatusWord) -> Int {
    guard try read(.pinTries, board: &board) == 1 else { return 0 }
    return Int(record.bytes[0])
  }

  private mutating func write<B: Board & ~Copyable>(
    triesLeft: Int, board: inout B
  ) throws(StatusWord) {
    record.bytes[0] = UInt8(triesLeft)
    try write(.pinTries, 1, board: &board)
  }

  /// Writes the first `length` bytes of `record` as the value of `key`.
  private mutating func write<B: Board & ~Copyable>(
    _ key: RecordKey, _ length: Int, board: inout B
  ) throws(StatusWord) {
    do throws(StorageFailure) {
      try store.write(key, record.bytes.span.extracting(0..<length), to: &board)
    } catch {
      throw StatusWord(error)
    }
  }
}
