/// The ring of sectors: going on to the next one, compaction on the way, and erasure.
///
/// The sectors that count are `used` neighbours in the ring, the newest of them `head`. The others
/// are blank, at least one. When one more has to be opened and only one is blank, the oldest, which
/// comes just after it, is copied into it without what no longer counts, and erased: so the gap goes
/// round the ring, and each round erases each sector once.
extension RecordStore {
  /// Refuses to work unmounted, and retries an erasure that failed.
  mutating func prepare<F: Flash & ~Copyable>(_ flash: inout F) throws(StorageFailure) {
    guard isMounted, isNextBlank || eraseNext(in: &flash) else { throw .failed }
  }

  /// Goes on round the ring until `head` has `size` bytes left.
  ///
  /// `write` took care that some sector has that much once compacted, so one round is enough.
  mutating func makeRoom<F: Flash & ~Copyable>(
    for size: Int, in flash: inout F
  ) throws(StorageFailure) {
    for _ in 0...geometry.sectorCount {
      if end + size <= geometry.end(of: head) { return }
      try advance(in: &flash)
    }
    throw .full
  }

  /// Erases the sector after `head`.
  ///
  /// The identity goes first: whatever a cut leaves of the erasure, the sector does not pass for a
  /// blank one, even if it reads as erased.
  ///
  /// - Returns: whether it is blank for certain.
  @inline(never)
  mutating func eraseNext<F: Flash & ~Copyable>(in flash: inout F) -> Bool {
    let next = geometry.sector(after: head)
    let addresses = geometry.start(of: next)..<geometry.end(of: next)
    _ = flash.clearChecked(at: addresses.lowerBound, count: SectorHeader.identitySize)
    flash.erase(sector: next)
    isNextBlank = flash.isErased(addresses) && programIdentity(of: next, in: &flash)
    return isNextBlank
  }

  /// Makes the next sector the head, with the oldest one's live records if only one is blank.
  private mutating func advance<F: Flash & ~Copyable>(in flash: inout F) throws(StorageFailure) {
    guard headSequence < UInt32.max - 1 else { throw .failed }
    let next = geometry.sector(after: head)
    let oldest = geometry.sector(after: next)
    let compacts = used == geometry.sectorCount - 1
    isNextBlank = false

    guard programNumber(headSequence + 1, of: next, in: &flash),
      !compacts || copyRecords(of: oldest, to: next, in: &flash),
      programMark(at: SectorHeader.filledOffset, of: next, in: &flash)
    else {
      _ = eraseNext(in: &flash)
      throw .failed
    }
    // From here on `next` counts, and nothing of the oldest does.
    _ = programMark(at: SectorHeader.passedOffset, of: head, in: &flash)
    head = next
    headSequence += 1
    adoptCopies(in: &flash)
    if compacts {
      guard eraseNext(in: &flash) else { throw .failed }
    } else {
      used += 1
      isNextBlank = true
    }
  }

  /// Copies the live records of one sector to the start of another.
  ///
  /// - Returns: whether the copies read the same.
  private func copyRecords<F: Flash & ~Copyable>(
    of source: Int, to destination: Int, in flash: inout F
  ) -> Bool {
    var from = geometry.start(of: source) + SectorHeader.size
    var to = geometry.start(of: destination) + SectorHeader.size
    while from < geometry.end(of: source) {
      let entry = entry(at: from, in: &flash)
      switch entry {
      case .blank:
        return true
      case .record(let header) where isLive(header, at: from):
        guard flash.copyChecked(from: from, to: to, count: header.recordSize) else { return false }
        to += header.recordSize
      case .record, .cleared, .scrap:
        break
      }
      from += entry.size
    }
    return true
  }

  /// Points the index at the records of a head that has nothing but copies in it, and `end` behind
  /// them.
  private mutating func adoptCopies<F: Flash & ~Copyable>(in flash: inout F) {
    end = geometry.start(of: head) + SectorHeader.size
    while end < geometry.end(of: head) {
      guard case .record(let header) = entry(at: end, in: &flash) else { return }
      index[Int(header.key)] = end
      end += header.recordSize
    }
  }

  private func isLive(_ header: RecordHeader, at address: Int) -> Bool {
    header.kind == .value && index[Int(header.key)] == address
  }
}
