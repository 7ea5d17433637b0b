import OATH

// PUT, DELETE, RENAME, LIST: Docs/protocol.md, section 5.
extension Applet {
  mutating func put<B: Board & ~Copyable>(board: inout B) throws(StatusWord) {
    let name = try composeRequested(board: &board)
    let slot: Int
    if let existing = try self.slot(named: name, board: &board) {
      guard request.p1 == 0 else { throw .nameExists }
      slot = existing
    } else if let free = firstFreeSlot() {
      slot = free
    } else {
      throw .noSpace
    }
    // `slot(named:)` has read other records into `record`: compose once more.
    _ = try composeRequested(board: &board)
    try writeCredential(to: slot, board: &board)
    dropStagedUpdate(of: name)
    try dropCompanions(of: slot, board: &board)
  }

  mutating func delete<B: Board & ~Copyable>(board: inout B) throws(StatusWord) {
    let name = try requestedName()
    let slot = try requiredSlot(named: name, board: &board)
    try remove(.credential(slot), board: &board)
    dropStagedUpdate(of: name)
    try dropCompanions(of: slot, board: &board)
  }

  mutating func rename<B: Board & ~Copyable>(board: inout B) throws(StatusWord) {
    var fields = FieldReader()
    let old = try fields.take(.name, sizes: 1...AppletLimits.nameSize, in: request)
    let new = try fields.take(.name, sizes: 1...AppletLimits.nameSize, in: request)
    try fields.end(of: request)
    _ = try requiredSlot(named: old, board: &board)
    guard try slot(named: new, board: &board) == nil else { throw .nameExists }
    let slot = try requiredSlot(named: old, board: &board)
    // A period is part of the name, and decides on the step: another one would give codes of other times.
    guard
      record.kind.type == .hotp
        || CredentialName.period(of: request.data.span.extracting(old))
          == CredentialName.period(of: request.data.span.extracting(new))
    else { throw .wrongData }
    record.rename(to: request.data.span.extracting(new))
    try writeCredential(to: slot, board: &board)
    dropStagedUpdate(of: old)
  }

  /// With the data `01`, each entry ends with a byte of Nitrokey's: bit 0 for a credential that needs the
  /// button, bit 1 for one that needs the PIN.
  mutating func list<B: Board & ~Copyable>(
    board: inout B, response: inout MessageBuffer
  ) throws(StatusWord) {
    let withProperties = request.count == 1 && request.data[0] == 1
    guard request.count == 0 || withProperties else { throw .wrongData }
    for slot in 0..<AppletLimits.credentials {
      guard try load(slot, board: &board) else { continue }
      let name = record.nameRange
      response.beginField(.nameList, length: 1 + name.count + (withProperties ? 1 : 0))
      response.append(record.kind.rawValue)
      response.append(record.bytes.span.extracting(name))
      if withProperties {
        let needsTouch: UInt8 = record.properties.contains(.touch) ? 1 : 0
        response.append(needsTouch | (store.contains(.pin) ? 2 : 0))
      }
    }
  }
}

// MARK: - Finding

extension Applet {
  /// Reads the credential in `slot` into `record`.
  ///
  /// - Returns: `false` when the slot is free.
  @inline(never)
  mutating func load<B: Board & ~Copyable>(
    _ slot: Int, board: inout B
  ) throws(StatusWord) -> Bool {
    guard let length = try read(.credential(slot), board: &board) else { return false }
    return record.adopt(length: length)
  }

  /// - Parameter name: where the name lies in the request.
  /// - Returns: the slot, its credential being in `record`; `nil` when there is none.
  mutating func slot<B: Board & ~Copyable>(
    named name: Range<Int>, board: inout B
  ) throws(StatusWord) -> Int? {
    for slot in 0..<AppletLimits.credentials {
      if try load(slot, board: &board), record.isNamed(request.data.span.extracting(name)) {
        return slot
      }
    }
    return nil
  }

  /// - Throws: `noSuchObject`.
  @inline(never)
  mutating func requiredSlot<B: Board & ~Copyable>(
    named name: Range<Int>, board: inout B
  ) throws(StatusWord) -> Int {
    guard let slot = try slot(named: name, board: &board) else { throw .noSuchObject }
    return slot
  }

  /// The request's only field, a name.
  func requestedName() throws(StatusWord) -> Range<Int> {
    var fields = FieldReader()
    let name = try fields.take(.name, sizes: 1...AppletLimits.nameSize, in: request)
    try fields.end(of: request)
    return name
  }

  /// How many credentials there are.
  func credentialCount() -> Int {
    var count = 0
    for slot in 0..<AppletLimits.credentials where store.contains(.credential(slot)) { count += 1 }
    return count
  }

  private func firstFreeSlot() -> Int? {
    for slot in 0..<AppletLimits.credentials where !store.contains(.credential(slot)) {
      return slot
    }
    return nil
  }
}

// MARK: - Writing

extension Applet {
  /// Composes the credential that PUT or STAGE describes in `record`, under a new incarnation.
  ///
  /// - Returns: where its name lies in the request.
  mutating func composeRequested<B: Board & ~Copyable>(
    board: inout B
  ) throws(StatusWord) -> Range<Int> {
    var fields = FieldReader()
    let name = try fields.take(.name, sizes: 1...AppletLimits.nameSize, in: request)
    let key = try fields.take(.key, sizes: 3...2 + AppletLimits.keySize, in: request)
    let properties = try fields.takeProperties(in: request)
    var firstCounter: UInt32 = 0
    if fields.nextTag(in: request) == Tag.counter.rawValue {
      let counter = try fields.take(.counter, sizes: 4...4, in: request)
      firstCounter = request.data.span.bigEndian(at: counter.lowerBound)
    }
    try fields.end(of: request)
    guard let kind = CredentialKind(rawValue: request.data[key.lowerBound]),
      let digits = Digits(rawValue: Int(request.data[key.lowerBound + 1])),
      key.count - 2 <= AppletLimits.keySize(for: kind.algorithm)
    else { throw .wrongData }

    var incarnation = InlineArray<4, UInt8>(repeating: 0)
    var span = incarnation.mutableSpan
    guard board.fillWithEntropy(&span) else { throw .entropyFailure }
    record.compose(
      kind: kind, digits: digits, properties: properties,
      incarnation: incarnation.span.bigEndian(at: 0), firstCounter: firstCounter,
      name: request.data.span.extracting(name),
      key: request.data.span.extracting(key.lowerBound + 2..<key.upperBound))
    return name
  }

  /// Writes `record` to `slot`.
  mutating func writeCredential<B: Board & ~Copyable>(
    to slot: Int, board: inout B
  ) throws(StatusWord) {
    do throws(StorageFailure) {
      try store.write(
        .credential(slot), record.bytes.span.extracting(0..<record.count), to: &board)
    } catch {
      throw StatusWord(error)
    }
  }

  /// Overwrites the counter and the recovery codes that belonged to the slot's former credential.
  /// They were void already, by their incarnation.
  mutating func dropCompanions<B: Board & ~Copyable>(
    of slot: Int, board: inout B
  ) throws(StatusWord) {
    try remove(.counter(slot), board: &board)
    try remove(.recoveryCodes(slot), board: &board)
  }

  /// Finishes what a power cut may have left of `dropCompanions`.
  mutating func dropOrphans<B: Board & ~Copyable>(board: inout B) throws(StatusWord) {
    defer { record.wipe() }
    for slot in 0..<AppletLimits.credentials {
      let isUsed = try load(slot, board: &board)
      let incarnation = record.incarnation
      try dropOrphan(.counter(slot), unlessOf: isUsed ? incarnation : nil, board: &board)
      try dropOrphan(.recoveryCodes(slot), unlessOf: isUsed ? incarnation : nil, board: &board)
    }
  }

  private mutating func dropOrphan<B: Board & ~Copyable>(
    _ key: RecordKey, unlessOf incarnation: UInt32?, board: inout B
  ) throws(StatusWord) {
    guard let length = try read(key, board: &board) else { return }
    if length < 4 || record.bytes.span.bigEndian(at: 0) != incarnation {
      try remove(key, board: &board)
    }
  }

  /// Drops the staged update of a credential that was just replaced, removed or renamed.
  private mutating func dropStagedUpdate(of name: Range<Int>) {
    if !staged.isEmpty, staged.credential.isNamed(request.data.span.extracting(name)) {
      staged.wipe()
    }
  }
}
