// STORE, TAKE and COUNT RECOVERY CODES: Docs/protocol.md, section 8.
extension Applet {
  /// Recovery codes as the store has them. Used codes are not there any more.
  ///
  /// | offset | bytes | field |
  /// | --- | --- | --- |
  /// | 0 | 4 | incarnation of the credential |
  /// | 4 | 1 | codes left |
  /// | 5 | 1 | codes that were stored |
  /// | 6 | | for each that is left: length, `1 ... 24`; the code |
  ///
  /// At most 6 + 16 × 25 = 406 bytes.
  private enum RecoveryRecord {
    static let headerSize = 6
  }

  mutating func storeRecoveryCodes<B: Board & ~Copyable>(board: inout B) throws(StatusWord) {
    var fields = FieldReader()
    let name = try fields.take(.name, sizes: 1...AppletLimits.nameSize, in: request)
    let slot = try requiredSlot(named: name, board: &board)
    let incarnation = record.incarnation
    record.wipe()
    var count = 0
    var end = RecoveryRecord.headerSize
    while !fields.isAtEnd(of: request) {
      let code = try fields.take(
        .recoveryCode, sizes: 1...AppletLimits.recoveryCodeSize, in: request)
      guard count < AppletLimits.recoveryCodes else { throw .noSpace }
      record.bytes[end] = UInt8(code.count)
      for index in code {
        guard (0x20...0x7E).contains(request.data[index]) else { throw .wrongData }
        record.bytes[end + 1 + index - code.lowerBound] = request.data[index]
      }
      end += 1 + code.count
      count += 1
    }
    guard count > 0 else {
      try remove(.recoveryCodes(slot), board: &board)
      return
    }
    writeHeader(incarnation: incarnation, left: count, stored: count)
    try writeRecoveryCodes(of: slot, end: end, board: &board)
  }

  mutating func takeRecoveryCode<B: Board & ~Copyable>(
    isTouched: Bool, board: inout B, response: inout MessageBuffer
  ) throws(StatusWord) -> Progress {
    let name = try requestedName()
    let slot = try requiredSlot(named: name, board: &board)
    let needsTouch = record.properties.contains(.touch)
    let codes = try readRecoveryCodes(of: slot, incarnation: record.incarnation, board: &board)
    guard let codes, codes.left > 0 else { throw .noSuchObject }
    guard isTouched || !needsTouch else { return .touchNeeded }

    let start = RecoveryRecord.headerSize
    let length = Int(record.bytes[start])
    guard (1...AppletLimits.recoveryCodeSize).contains(length), start + 1 + length <= codes.end
    else {
      throw .memoryFailure
    }
    response.appendField(
      .recoveryCode, record.bytes.span.extracting(start + 1..<start + 1 + length))
    let end = codes.end - 1 - length
    for index in start..<end { record.bytes[index] = record.bytes[index + 1 + length] }
    record.bytes[4] = UInt8(codes.left - 1)
    try writeRecoveryCodes(of: slot, end: end, board: &board)
    appendCount(left: codes.left - 1, stored: codes.stored, response: &response)
    return .done
  }

  mutating func countRecoveryCodes<B: Board & ~Copyable>(
    board: inout B, response: inout MessageBuffer
  ) throws(StatusWord) {
    let name = try requestedName()
    let slot = try requiredSlot(named: name, board: &board)
    let codes = try readRecoveryCodes(of: slot, incarnation: record.incarnation, board: &board)
    appendCount(left: codes?.left ?? 0, stored: codes?.stored ?? 0, response: &response)
  }
}

extension Applet {
  /// Reads a slot's recovery codes into `record.bytes`.
  ///
  /// - Returns: `nil` when there are none of this incarnation.
  private mutating func readRecoveryCodes<B: Board & ~Copyable>(
    of slot: Int, incarnation: UInt32, board: inout B
  ) throws(StatusWord) -> (left: Int, stored: Int, end: Int)? {
    guard let length = try read(.recoveryCodes(slot), board: &board),
      length >= RecoveryRecord.headerSize, record.bytes.span.bigEndian(at: 0) == incarnation
    else { return nil }
    return (Int(record.bytes[4]), Int(record.bytes[5]), length)
  }

  private mutating func writeHeader(incarnation: UInt32, left: Int, stored: Int) {
    var span = record.bytes.mutableSpan
    span.write(bigEndian: incarnation, at: 0)
    span[4] = UInt8(left)
    span[5] = UInt8(stored)
  }

  private mutating func writeRecoveryCodes<B: Board & ~Copyable>(
    of slot: Int, end: Int, board: inout B
  ) throws(StatusWord) {
    do throws(StorageFailure) {
      try store.write(.recoveryCodes(slot), record.bytes.span.extracting(0..<end), to: &board)
    } catch {
      throw StatusWord(error)
    }
  }

  private func appendCount(left: Int, stored: Int, response: inout MessageBuffer) {
    response.beginField(.recoveryCount, length: 2)
    response.append(UInt8(left))
    response.append(UInt8(stored))
  }
}
