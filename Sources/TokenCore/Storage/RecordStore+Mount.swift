/// Start-up: one look at the sector headers, one walk over the records, and whatever was interrupted
/// is finished on the way.
extension RecordStore {
  /// Takes up the store that is in `flash`, or makes one of erased flash.
  ///
  /// What was cut by a loss of power is finished or undone; an overwriting that the flash does not
  /// take is tried again by the next mount.
  ///
  /// - Throws: `.foreign` if the flash is neither erased nor a store of this geometry, `.failed` if it
  ///   contradicts itself. Nothing that counts was changed then, and the store stays unmounted.
  public mutating func mount<F: Flash & ~Copyable>(_ flash: inout F) throws(StorageFailure) {
    self = RecordStore()
    geometry = StoreGeometry(of: flash)
    if !findNewest(in: &flash) {
      try format(&flash)
      guard findNewest(in: &flash) else { throw .failed }
    }
    try findRing(in: &flash)
    if !isNextBlank { _ = eraseNext(in: &flash) }

    var sector = head
    for _ in 1..<used { sector = geometry.sector(before: sector) }
    for _ in 0..<used {
      try scan(sector, in: &flash)
      sector = geometry.sector(after: sector)
    }
    isMounted = true
  }

  /// Makes the sector that counts with the highest number the head.
  ///
  /// - Returns: whether there is one.
  private mutating func findNewest<F: Flash & ~Copyable>(in flash: inout F) -> Bool {
    headSequence = 0
    for sector in 0..<geometry.sectorCount {
      let header = header(of: sector, in: &flash)
      if header.isFilled, let sequence = header.sequence, sequence > headSequence {
        head = sector
        headSequence = sequence
      }
    }
    return headSequence > 0
  }

  /// Makes a store of erased flash, or of one that is part of the way there.
  private mutating func format<F: Flash & ~Copyable>(_ flash: inout F) throws(StorageFailure) {
    for sector in 0..<geometry.sectorCount {
      guard isUnformatted(sector, in: &flash) else { throw .foreign }
    }
    // The first sector is last: once it counts, the others are blank.
    for sector in (0..<geometry.sectorCount).reversed() {
      guard programIdentity(of: sector, in: &flash) else { throw .failed }
    }
    guard programNumber(SectorHeader.firstSequence, of: 0, in: &flash),
      programMark(at: SectorHeader.filledOffset, of: 0, in: &flash)
    else { throw .failed }
  }

  /// Whether formatting the sector leaves nothing behind but what it programs: the sector reads as
  /// erased, except for bits that formatting clears.
  private func isUnformatted<F: Flash & ~Copyable>(_ sector: Int, in flash: inout F) -> Bool {
    var buffer = InlineArray<32, UInt8>(repeating: 0xFF)
    var bytes = buffer.mutableSpan
    SectorHeader.writeIdentity(of: geometry, into: &bytes)
    if sector == 0 {
      SectorHeader.writeSequence(SectorHeader.firstSequence, into: &bytes)
      bytes[SectorHeader.filledOffset] = SectorHeader.mark
    }
    var found = InlineArray<32, UInt8>(repeating: 0)
    var there = found.mutableSpan
    flash.read(at: geometry.start(of: sector), into: &there)
    for offset in 0..<SectorHeader.size where there[offset] & bytes[offset] != bytes[offset] {
      return false
    }
    return flash.isErased(payload(of: sector))
  }

  /// Finds the sectors that count, from the newest back, and checks that the rest is blank.
  private mutating func findRing<F: Flash & ~Copyable>(
    in flash: inout F
  ) throws(StorageFailure) {
    // Had the head been passed, there would be a newer one.
    guard !header(of: head, in: &flash).isPassed else { throw .failed }
    used = 1
    var sector = geometry.sector(before: head)
    while used < geometry.sectorCount - 1, counts(header(of: sector, in: &flash), age: used) {
      used += 1
      sector = geometry.sector(before: sector)
    }
    let next = geometry.sector(after: head)
    while sector != next {
      guard header(of: sector, in: &flash).isBlank else { throw .failed }
      sector = geometry.sector(before: sector)
    }

    // Marks that may have been cut are set for good before anything relies on them.
    _ = programMark(at: SectorHeader.filledOffset, of: head, in: &flash)
    if used > 1 {
      let before = geometry.sector(before: head)
      _ = programMark(at: SectorHeader.passedOffset, of: before, in: &flash)
    }
    isNextBlank = header(of: next, in: &flash).isBlank && flash.isErased(payload(of: next))
  }

  /// Whether the header is that of a sector that counts, with the number `age` below the head's.
  private func counts(_ header: SectorHeader, age: Int) -> Bool {
    guard header.isFilled, let sequence = header.sequence else { return false }
    return sequence &+ UInt32(age) == headSequence
  }

  @inline(never)
  private func payload(of sector: Int) -> Range<Int> {
    geometry.start(of: sector) + SectorHeader.size..<geometry.end(of: sector)
  }

  /// Walks over the records of a sector, and leaves `end` behind the last.
  private mutating func scan<F: Flash & ~Copyable>(
    _ sector: Int, in flash: inout F
  ) throws(StorageFailure) {
    let addresses = payload(of: sector)
    var last: Int?
    end = addresses.lowerBound
    scanning: while end < addresses.upperBound {
      let entry = entry(at: end, in: &flash)
      switch entry {
      case .blank:
        break scanning
      case .cleared:
        break
      case .record(let header):
        last = adopt(header, at: end, in: &flash) ? end : nil
      case .scrap(let isVoid, let size):
        // What is not void was cut while it was appended, so nothing can come after it.
        guard isVoid || flash.isErased(end + size..<addresses.upperBound) else { throw .failed }
        _ = discard(at: end, size: size, in: &flash)
      }
      end += entry.size
    }
    if sector == head, let last { _ = settle(at: last, in: &flash) }
  }

  /// Takes a record that counts into the index; overwrites what it replaces or removes.
  ///
  /// - Returns: whether the index points at it now.
  private mutating func adopt<F: Flash & ~Copyable>(
    _ header: RecordHeader, at address: Int, in flash: inout F
  ) -> Bool {
    nextSequence = max(nextSequence, header.sequence + 1)
    let key = Int(header.key)
    switch header.kind {
    case .value:
      if let rival = rival(of: key, in: &flash) {
        guard rival < header.sequence else {
          _ = discard(at: address, size: header.recordSize, in: &flash)
          return false
        }
        guard settle(at: address, in: &flash) else { return false }
        _ = forget(key, before: header.sequence, in: &flash)
      }
      index[key] = address
      live += header.recordSize
      return true
    case .removal:
      if settle(at: address, in: &flash), forget(key, before: header.sequence, in: &flash) {
        _ = discard(at: address, size: header.recordSize, in: &flash)
      }
      return false
    case .removalOfAll:
      if settle(at: address, in: &flash), forgetAll(before: header.sequence, in: &flash) {
        _ = discard(at: address, size: header.recordSize, in: &flash)
      }
      return false
    }
  }

  /// The sequence number of the record that the key has so far.
  private func rival<F: Flash & ~Copyable>(of key: Int, in flash: inout F) -> UInt32? {
    guard let address = index[key] else { return nil }
    return header(at: address, in: &flash)?.sequence
  }

  /// Programs a record's commit mark once more: the program that set it may have been cut, and nothing
  /// that cannot be undone may rest on bits that could still read differently.
  private func settle<F: Flash & ~Copyable>(at address: Int, in flash: inout F) -> Bool {
    flash.programChecked(
      at: address + RecordHeader.stateOffset, RecordState.committed.rawValue)
  }
}
