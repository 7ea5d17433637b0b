/// Records: appending, overwriting, and looking at what is there.
extension RecordStore {
  /// What the key's record takes, in bytes; 0 without one.
  func recordSize<F: Flash & ~Copyable>(
    of key: RecordKey, in flash: inout F
  ) throws(StorageFailure) -> Int {
    guard let address = index[Int(key.rawValue)] else { return 0 }
    guard let header = header(at: address, in: &flash) else { throw .failed }
    return header.recordSize
  }

  /// The header at `address`, whatever state the record is in.
  @inline(never)
  func header<F: Flash & ~Copyable>(at address: Int, in flash: inout F) -> RecordHeader? {
    var buffer = InlineArray<16, UInt8>(repeating: 0)
    var bytes = buffer.mutableSpan
    flash.read(at: address, into: &bytes)
    return RecordHeader(parsing: bytes.span)
  }

  /// What the log has at `address`.
  @inline(never)
  func entry<F: Flash & ~Copyable>(at address: Int, in flash: inout F) -> LogEntry {
    var buffer = InlineArray<16, UInt8>(repeating: 0)
    var bytes = buffer.mutableSpan
    flash.read(at: address, into: &bytes)
    return LogEntry(parsing: bytes.span, room: geometry.room(from: address))
  }

  /// Appends a record at `end`, where there is room for it. It counts from this call's last
  /// operation on.
  ///
  /// - Returns: its address.
  @inline(never)
  mutating func append<F: Flash & ~Copyable>(
    _ kind: RecordHeader.Kind, key: UInt8, _ body: Span<UInt8>, to flash: inout F
  ) throws(StorageFailure) -> Int {
    guard nextSequence < UInt32.max else { throw .failed }
    let address = end
    let header = RecordHeader(kind, key: key, sequence: nextSequence, body: body)
    nextSequence += 1

    guard program(header, body, at: address, in: &flash) else {
      giveUp(at: address, in: &flash)
      throw .failed
    }
    end = address + header.recordSize
    return address
  }

  /// Overwrites the record, or what there is of it, of `size` bytes at `address`. The header goes
  /// last, so that a cut leaves the record's extent known; and only if the body is gone for certain.
  ///
  /// - Returns: whether all of it reads as zeros.
  @inline(never)
  func discard<F: Flash & ~Copyable>(at address: Int, size: Int, in flash: inout F) -> Bool {
    let isVoid = makeVoid(at: address, in: &flash)
    let isBodyClear = flash.clearChecked(
      at: address + RecordHeader.size, count: size - RecordHeader.size)
    guard isVoid && isBodyClear else { return false }
    return flash.clearChecked(at: address, count: RecordHeader.size)
  }

  /// Clears the high bits of the state, and no others: from `begun`, a cut must not come to look like
  /// `committed`.
  private func makeVoid<F: Flash & ~Copyable>(at address: Int, in flash: inout F) -> Bool {
    var buffer = InlineArray<1, UInt8>(repeating: 0)
    var state = buffer.mutableSpan
    flash.read(at: address + RecordHeader.stateOffset, into: &state)
    state[0] &= RecordState.voidMask
    flash.program(at: address + RecordHeader.stateOffset, state.span)
    flash.read(at: address + RecordHeader.stateOffset, into: &state)
    return RecordState(reading: state[0]) == .void
  }

  /// If the key's record is older than `sequence`, takes it out of the index and overwrites it.
  ///
  /// The state is not looked at: it may have been cut on its way to `void`.
  ///
  /// - Returns: whether nothing that old is left of the key.
  @inline(never)
  mutating func forget<F: Flash & ~Copyable>(
    _ key: Int, before sequence: UInt32, in flash: inout F
  ) -> Bool {
    guard let address = index[key] else { return true }
    guard let header = header(at: address, in: &flash) else { return false }
    guard header.sequence < sequence else { return true }
    index[key] = nil
    live -= header.recordSize
    return discard(at: address, size: header.recordSize, in: &flash)
  }

  /// Forgets every key whose record is older than `sequence`.
  ///
  /// - Returns: whether nothing that old is left.
  mutating func forgetAll<F: Flash & ~Copyable>(
    before sequence: UInt32, in flash: inout F
  ) -> Bool {
    var isClear = true
    for key in 0..<RecordKey.count where !forget(key, before: sequence, in: &flash) {
      isClear = false
    }
    return isClear
  }

  /// The steps by which a record comes to count, each read back.
  private func program<F: Flash & ~Copyable>(
    _ header: RecordHeader, _ body: Span<UInt8>, at address: Int, in flash: inout F
  ) -> Bool {
    let state = address + RecordHeader.stateOffset
    var buffer = InlineArray<16, UInt8>(repeating: 0xFF)
    var bytes = buffer.mutableSpan
    header.write(into: &bytes)
    let fields = buffer.span.extracting(0..<RecordHeader.programmedSize)

    return flash.programChecked(at: state, RecordState.begun.rawValue)
      && flash.programChecked(at: address, fields)
      && (body.isEmpty || flash.programChecked(at: address + RecordHeader.size, body))
      && flash.programChecked(at: state, RecordState.committed.rawValue)
  }

  /// Overwrites a record that the flash did not take, and puts `end` where a scan will find it.
  private mutating func giveUp<F: Flash & ~Copyable>(at address: Int, in flash: inout F) {
    let written = entry(at: address, in: &flash)
    if written.size > 0 { _ = discard(at: address, size: written.size, in: &flash) }
    switch entry(at: address, in: &flash) {
    case .cleared, .scrap(isVoid: true, _):
      end = address + written.size
    case .blank, .record, .scrap(isVoid: false, _):
      // A scan would end here, so nothing more goes into this sector.
      end = geometry.end(of: head)
    }
  }
}
