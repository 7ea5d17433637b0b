import OATH

// CLOCK STATUS, CLOCK SYNC and CLOCK SET: Docs/protocol.md, section 6.
extension Applet {
  mutating func clockStatus<B: Board & ~Copyable>(
    board: inout B, response: inout MessageBuffer
  ) throws(StatusWord) {
    guard request.count == 0 else { throw .wrongData }
    let nonce = try freshNonce(board: &board)
    clockNonce = nonce
    response.appendField(.clockState, byte: timekeeper.state.rawValue)
    response.appendField(.challenge, nonce.span)
    guard let reading = timekeeper.reading(at: board.ticks()) else { return }
    appendReading(reading, response: &response)
    response.appendField(
      .lastSync, bigEndian: UInt64(bitPattern: timekeeper.syncPoint.corrected.microseconds))
    response.appendField(.allowance, bigEndian: UInt64(bitPattern: reading.allowance.rawValue))
    response.appendField(
      .frequency, bigEndian: UInt32(bitPattern: timekeeper.syncPoint.frequency.rawValue))
  }

  mutating func clockSync<B: Board & ~Copyable>(
    board: inout B, response: inout MessageBuffer
  ) throws(StatusWord) {
    var fields = FieldReader()
    let (time, uncertainty) = try takeTime(&fields)
    try fields.end(of: request)
    let now = board.ticks()
    let outcome: SyncOutcome
    if credentialCount() == 0 {
      // No secret is there whose codes somebody could harvest.
      timekeeper.set(to: time, uncertainty: uncertainty, at: now, in: board.tickEpoch)
      outcome = .set
    } else {
      outcome = try timekeeper.sync(
        to: time, uncertainty: uncertainty, at: now, in: board.tickEpoch)
    }
    try storeClock(board: &board)
    answer(outcome, at: now, response: &response)
  }

  mutating func clockSet<B: Board & ~Copyable>(
    board: inout B, response: inout MessageBuffer
  ) throws(StatusWord) {
    var fields = FieldReader()
    let (time, uncertainty) = try takeTime(&fields)
    let code = try fields.take(.response, sizes: 1...64, in: request)
    try fields.end(of: request)
    guard try accessKeyAuthorisesClock(board: &board), let key = try accessKey(board: &board) else {
      throw .noAccessKey
    }
    guard let nonce = clockNonce else { throw .conditionsNotSatisfied }
    clockNonce = nil  // Good for one try, right or wrong.

    var message = InlineArray<24, UInt8>(repeating: 0)
    for index in nonce.indices { message[index] = nonce[index] }
    var span = message.mutableSpan
    span.write(bigEndian: UInt64(bitPattern: time.microseconds), at: 8)
    span.write(bigEndian: UInt64(bitPattern: uncertainty.rawValue), at: 16)
    guard Self.isCode(request.data.span.extracting(code), of: message.span, key: key) else {
      throw .wrongData
    }

    let now = board.ticks()
    timekeeper.set(to: time, uncertainty: uncertainty, at: now, in: board.tickEpoch)
    try storeClock(board: &board)
    answer(.set, at: now, response: &response)
  }

  /// Takes up the clock where the store says that it was.
  mutating func resumeClock<B: Board & ~Copyable>(board: inout B) throws(StatusWord) {
    guard let length = try read(.clock, board: &board) else { return }
    timekeeper.resume(from: record.bytes.span.extracting(0..<length), in: board.tickEpoch)
  }
}

extension Applet {
  private mutating func storeClock<B: Board & ~Copyable>(board: inout B) throws(StatusWord) {
    let bytes = timekeeper.syncPoint.record()
    try write(.clock, bytes.span, board: &board)
  }

  /// Takes the fields `time` and `bound`.
  private func takeTime(
    _ fields: inout FieldReader
  ) throws(StatusWord) -> (UnixTime, Microseconds) {
    let timeRange = try fields.take(.time, sizes: 8...8, in: request)
    let boundRange = try fields.take(.bound, sizes: 8...8, in: request)
    let time = UnixTime(
      microseconds: Int64(bitPattern: request.data.span.bigEndian(at: timeRange.lowerBound)))
    let uncertainty = Microseconds(
      Int64(bitPattern: request.data.span.bigEndian(at: boundRange.lowerBound)))
    guard time.microseconds >= 0, time <= Timekeeper.latestTime,
      uncertainty >= .zero, uncertainty <= Timekeeper.largestUncertainty
    else { throw .wrongData }
    return (time, uncertainty)
  }

  private func answer(_ outcome: SyncOutcome, at now: Ticks, response: inout MessageBuffer) {
    response.appendField(.syncOutcome, byte: outcome.rawValue)
    guard let reading = timekeeper.reading(at: now) else { return }
    appendReading(reading, response: &response)
  }

  @inline(never)
  func appendReading(_ reading: Timekeeper.Reading, response: inout MessageBuffer) {
    response.appendField(.time, bigEndian: UInt64(bitPattern: reading.time.microseconds))
    response.appendField(.bound, bigEndian: UInt64(bitPattern: reading.bound.rawValue))
  }
}
