import OATH

// CLOCK STATUS, CLOCK SYNC, CLOCK SET and CLOCK POLICY: Docs/protocol.md, section 6.
extension Applet {
  @inline(never)
  mutating func clockStatus<B: Board & ~Copyable>(
    board: inout B, response: inout MessageBuffer
  ) throws(StatusWord) {
    guard request.count == 0 else { throw .wrongData }
    response.appendField(.clockState, byte: timekeeper.state.rawValue)
    if let reading = timekeeper.reading(at: board.ticks()) {
      appendStatus(reading, response: &response)
    }
    response.appendField(.clockPolicy, byte: clockPolicy.rawValue)
  }

  private func appendStatus(_ reading: Timekeeper.Reading, response: inout MessageBuffer) {
    appendReading(reading, response: &response)
    response.appendField(
      .lastSync, bigEndian: UInt64(bitPattern: timekeeper.lastSync.microseconds))
    response.appendField(.allowance, bigEndian: UInt64(bitPattern: reading.allowance.rawValue))
    response.appendField(
      .frequency, bigEndian: UInt32(bitPattern: reading.frequency.rawValue))
  }

  @inline(never)
  mutating func clockSync<B: Board & ~Copyable>(
    board: inout B, response: inout MessageBuffer
  ) throws(StatusWord) {
    var fields = FieldReader()
    let (time, uncertainty) = try takeTime(&fields)
    try fields.end(of: request)
    let now = board.ticks()
    let before = timekeeper
    let outcome: SyncOutcome
    if credentialCount() == 0 || isNew {
      // No secret is there whose codes somebody could harvest, or none of whose codes was ever given; and
      // nothing is believed that somebody may have taught the clock before its owner had it.
      timekeeper.forget()
      timekeeper.set(to: time, uncertainty: uncertainty, at: now, in: board.tickEpoch)
      outcome = .set
    } else {
      outcome = try timekeeper.sync(
        to: time, uncertainty: uncertainty, at: now, in: board.tickEpoch)
    }
    // A host that asks all day long does not wear the flash: what was not stored is as if it had not
    // been asked, after a restart.
    if outcome == .set || timekeeper.isWorthStoring(at: now) {
      try storeClock(board: &board, orReturnTo: before)
    }
    answer(outcome, at: now, response: &response)
  }

  /// Whether this token has never had a time, and has computed no code. What the store says counts: a
  /// clock record that cannot be read is no sign of a new token.
  private var isNew: Bool {
    guard timekeeper.state == .unset, !store.contains(.clock), !store.contains(.lastTime) else {
      return false
    }
    for slot in 0..<AppletLimits.credentials where store.contains(.counter(slot)) { return false }
    return true
  }

  @inline(never)
  mutating func clockSet<B: Board & ~Copyable>(
    on channel: ChannelID, board: inout B, response: inout MessageBuffer
  ) throws(StatusWord) {
    var fields = FieldReader()
    let (time, uncertainty) = try takeTime(&fields)
    if clockPolicy == .wipe {
      try fields.end(of: request)
      return try wipeAndSet(to: time, uncertainty, board: &board, response: &response)
    }
    guard try accessKeyAuthorisesClock(board: &board) else { throw .noAccessKey }
    try requireProof(&fields, on: channel, board: &board)
    try keepFloor(under: time, board: &board)
    try set(to: time, uncertainty, board: &board, response: &response)
  }

  /// Whoever knows the access key may set a clock that has run ever since it was set to any time, and see
  /// what it said before. One that was lost once said something up to then, and is never set to
  /// anything earlier: not at once, and not after it was set to something later.
  ///
  /// Record `timeFloor`: time, 8 bytes.
  ///
  /// - Throws: `timeBeforeLast`.
  @inline(never)
  private mutating func keepFloor<B: Board & ~Copyable>(
    under time: UnixTime, board: inout B
  ) throws(StatusWord) {
    let stored = try storedTime(.timeFloor, board: &board)
    if timekeeper.state == .running {
      if let stored, time < stored { throw .timeBeforeLast }
      // The last time in the flash is one that the owner takes back.
      if let last = try storedTime(.lastTime, board: &board), time < last {
        try remove(.lastTime, board: &board)
      }
      return
    }
    guard let known = try lastKnownTime(board: &board) else { return }
    let floor = max(known, stored ?? known)
    guard time >= floor else { throw .timeBeforeLast }
    if stored != floor { try write(floor, to: .timeFloor, board: &board) }
  }

  /// Chooses what becomes of the secrets when the clock is set.
  @inline(never)
  mutating func setClockPolicy<B: Board & ~Copyable>(board: inout B) throws(StatusWord) {
    var fields = FieldReader()
    let field = try fields.take(.clockPolicy, sizes: 1...1, in: request)
    try fields.end(of: request)
    guard let policy = ClockPolicy(rawValue: request.data[field.lowerBound]) else {
      throw .wrongData
    }
    switch policy {
    case .wipe:
      let byte: InlineArray<1, UInt8> = [policy.rawValue]
      try write(.clockPolicy, byte.span, board: &board)
    case .refuse:
      // Who holds credentials under 'wipe' relies on it, against whoever knows the key as well.
      guard credentialCount() == 0 else { throw .conditionsNotSatisfied }
      try remove(.clockPolicy, board: &board)
    }
  }

  /// Takes up the clock where the store says that it was.
  mutating func resumeClock<B: Board & ~Copyable>(board: inout B) throws(StatusWord) {
    guard let length = try read(.clock, board: &board) else { return }
    timekeeper.resume(from: record.bytes.span.extracting(0..<length), in: board.tickEpoch)
  }

  /// Keeps the time in the flash before a code of it leaves the token, once an hour.
  ///
  /// Record: time, 8 bytes.
  @inline(never)
  mutating func rememberTime<B: Board & ~Copyable>(board: inout B) throws(StatusWord) {
    guard let time = timekeeper.timeToRemember(at: board.ticks()) else { return }
    try write(time, to: .lastTime, board: &board)
    timekeeper.remember(time)
  }
}

extension Applet {
  @inline(never)
  private mutating func set<B: Board & ~Copyable>(
    to time: UnixTime, _ uncertainty: Microseconds, board: inout B,
    response: inout MessageBuffer
  ) throws(StatusWord) {
    let now = board.ticks()
    let before = timekeeper
    timekeeper.set(to: time, uncertainty: uncertainty, at: now, in: board.tickEpoch)
    try storeClock(board: &board, orReturnTo: before)
    answer(.set, at: now, response: &response)
  }

  /// Under the policy 'wipe' anybody may set the clock, and finds nothing then to get codes from:
  /// the store notes durably that all is to be wiped, wipes, and only then is there a time.
  @inline(never)
  private mutating func wipeAndSet<B: Board & ~Copyable>(
    to time: UnixTime, _ uncertainty: Microseconds, board: inout B,
    response: inout MessageBuffer
  ) throws(StatusWord) {
    if credentialCount() > 0 { try wipeAll(board: &board) }
    timekeeper.forget()
    try set(to: time, uncertainty, board: &board, response: &response)
  }

  private var clockPolicy: ClockPolicy { store.contains(.clockPolicy) ? .wipe : .refuse }

  /// The latest time that the token is known to have had, if it ever had one.
  private mutating func lastKnownTime<B: Board & ~Copyable>(
    board: inout B
  ) throws(StatusWord) -> UnixTime? {
    let stored = try storedTime(.lastTime, board: &board)
    guard timekeeper.state == .lost else { return stored }
    return max(timekeeper.lastTime, stored ?? timekeeper.lastTime)
  }

  /// - Returns: the time that a record of 8 bytes holds; `nil` without that record.
  @inline(never)
  private mutating func storedTime<B: Board & ~Copyable>(
    _ key: RecordKey, board: inout B
  ) throws(StatusWord) -> UnixTime? {
    defer { record.wipe() }
    guard try read(key, board: &board) == 8 else { return nil }
    return UnixTime(microseconds: Int64(bitPattern: record.bytes.span.bigEndian(at: 0)))
  }

  @inline(never)
  private mutating func write<B: Board & ~Copyable>(
    _ time: UnixTime, to key: RecordKey, board: inout B
  ) throws(StatusWord) {
    var bytes = InlineArray<8, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    span.write(bigEndian: UInt64(bitPattern: time.microseconds), at: 0)
    try write(key, bytes.span, board: &board)
  }

  /// As `storeClock`; a clock that the flash did not take is as it was before.
  @inline(never)
  private mutating func storeClock<B: Board & ~Copyable>(
    board: inout B, orReturnTo before: Timekeeper
  ) throws(StatusWord) {
    do throws(StatusWord) {
      try storeClock(board: &board)
    } catch {
      timekeeper = before
      throw error
    }
  }

  @inline(never)
  mutating func storeClock<B: Board & ~Copyable>(board: inout B) throws(StatusWord) {
    var bytes = record.bytes.mutableSpan
    timekeeper.writeRecord(into: &bytes)
    do throws(StorageFailure) {
      try store.write(.clock, record.bytes.span.extracting(0..<ClockRecord.size), to: &board)
    } catch {
      throw StatusWord(error)
    }
    timekeeper.hasBeenStored()
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
