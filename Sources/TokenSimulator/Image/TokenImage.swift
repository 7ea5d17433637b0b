import Glibc
import TokenCore

/// A simulated board in a file: a header (`ImageHeader`), then the flash as it is.
///
/// Holding one is holding the file's lock, so that one token never runs twice. The file is open to
/// its owner alone. What `save` wrote survives the end of this process, however it ends; to the disk
/// it goes right after `close`, which does not wait for it: that would take longer than all the rest.
public struct TokenImage: ~Copyable {
  public let path: String
  private var file: FileDescriptor
  /// As it was when the file was opened.
  private let header: ImageHeader
  /// By sector, which is as large as a page of the system's.
  private var changedSectors: Set<Int> = []

  /// The longest gap between two runs that the clock takes as true.
  private static let longestGap = Microseconds(100 * 366 * 86_400 * 1_000_000)

  /// Makes a new file for `board`, and the folders above it.
  ///
  /// The file appears whole or not at all, and never in place of another.
  public static func create(
    at path: String, board: SimulatedBoard, now: UnixTime = MachineClock.timeOfDay()
  ) throws(ImageFailure) {
    let draft = try writeDraft(of: board, for: path, now: now, process: 0)
    defer { unlink(draft.path) }
    guard link(draft.path, path) == 0 else {
      throw errno == EEXIST ? .exists(path: path) : ImageFailure(path, SystemFailure("link"))
    }
  }

  /// Opens and locks a file.
  ///
  /// - Parameters:
  ///   - forReading: nothing will be saved; a file that cannot be written will do.
  ///   - patience: how many milliseconds to wait for another program to let go of it.
  public init(
    opening path: String, forReading: Bool = false, patience: Int = 5_000
  ) throws(ImageFailure) {
    let file = try Self.openLocked(path, forReading ? O_RDONLY : O_RDWR, patience: patience)
    header = try Self.readHeader(of: file, path)
    self.path = path
    self.file = file
  }

  /// The board as it is now: its clock went on by the time that passed since the file was saved,
  /// or not at all if the host's clock was set back since. It is off the cable.
  public func readBoard(
    now: UnixTime = MachineClock.timeOfDay()
  ) throws(ImageFailure) -> SimulatedBoard {
    var clock = header.clock
    clock.advance(by: TrueTicks(min(now - header.savedAt, Self.longestGap)))
    do throws(SystemFailure) {
      let bytes = try file.read(SimulatedFlash.size, at: ImageHeader.flashOffset)
      return SimulatedBoard(
        serialNumber: header.serialNumber, flash: SimulatedFlash(bytes: bytes), clock: clock,
        button: Button(mode: header.buttonMode))
    } catch {
      throw ImageFailure(path, error)
    }
  }

  /// Writes down where the clock is, then what the flash went through, in the order in which it did:
  /// whenever the process ends, the file holds a flash that a power cut could have left, and a
  /// clock that is not behind it.
  public mutating func save(
    _ board: SimulatedBoard, _ changes: [SimulatedFlash.Change],
    now: UnixTime = MachineClock.timeOfDay()
  ) throws(ImageFailure) {
    do throws(SystemFailure) {
      try writeHeader(ImageHeader(board, savedAt: now, process: getpid()))
      for change in changes {
        switch change {
        case .programmed(let address, let bytes):
          changedSectors.insert(address / SimulatedFlash.sectorSize)
          try file.write(bytes, at: ImageHeader.flashOffset + address)
        case .erased(let sector):
          changedSectors.insert(sector)
          let bytes = [UInt8](repeating: 0xFF, count: SimulatedFlash.sectorSize)
          let address = sector * SimulatedFlash.sectorSize
          try file.write(bytes, at: ImageHeader.flashOffset + address)
        }
      }
    } catch {
      throw ImageFailure(path, error)
    }
  }

  /// Saves, and lets go of the file. If the flash changed, the disk begins to write.
  public consuming func close(
    _ board: SimulatedBoard, _ changes: [SimulatedFlash.Change],
    now: UnixTime = MachineClock.timeOfDay()
  ) throws(ImageFailure) {
    try save(board, changes, now: now)
    do throws(SystemFailure) {
      try writeHeader(ImageHeader(board, savedAt: now, process: 0))
      for sector in changedSectors {
        // Has the system write a page out now that it does not need to keep, without a wait.
        posix_fadvise(
          file.rawValue, off_t(ImageHeader.flashOffset + sector * SimulatedFlash.sectorSize),
          off_t(SimulatedFlash.sectorSize), POSIX_FADV_DONTNEED)
      }
    } catch {
      throw ImageFailure(path, error)
    }
  }

  /// Puts a file with `board` in this one's place, at one instant.
  public mutating func replace(
    with board: SimulatedBoard, now: UnixTime = MachineClock.timeOfDay()
  ) throws(ImageFailure) {
    let draft = try Self.writeDraft(of: board, for: path, now: now, process: getpid())
    do throws(SystemFailure) {
      guard flock(draft.file.rawValue, LOCK_EX | LOCK_NB) == 0 else { throw SystemFailure("flock") }
      guard rename(draft.path, path) == 0 else { throw SystemFailure("rename") }
    } catch {
      unlink(draft.path)
      throw ImageFailure(path, error)
    }
    file = draft.file
  }

  private func writeHeader(_ header: ImageHeader) throws(SystemFailure) {
    try file.write(header.bytes, at: 0)
  }
}
