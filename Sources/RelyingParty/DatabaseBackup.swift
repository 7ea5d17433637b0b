import CSQLite
import Glibc
import OATH

/// Copies of the console's SQLite file, by SQLite's online backup: a file that is in use cannot be
/// copied by any other means, because part of what it holds is in its write-ahead log.
public enum DatabaseBackup {
  /// Writes a copy of the database as it is in this moment. Consoles that use it go on.
  ///
  /// - Parameter copy: the name of a file, which is made (mode 0600). One that is there is never
  ///   overwritten.
  public static func write(_ copy: String, of store: String) throws(Refusal) {
    guard !Database.isShared(store) else { throw .storage(.hasOwnTools(address: store)) }
    let (file, target) = (DatabaseFile(store), DatabaseFile(copy))
    try file.check()
    guard !target.exists else { throw .storage(.exists(file: copy)) }
    let source = try SQLiteConnection(copying: store)
    try write(to: target, from: source)
  }

  private static func write(
    to target: DatabaseFile, from source: SQLiteConnection
  ) throws(Refusal) {
    let draft = target.draft()
    do throws(Refusal) {
      try DatabaseFile(draft).claim()
      let made = try SQLiteConnection(empty: draft)
      try made.fill(from: source)
      try made.leaveLog()
      try made.checkWhole(thoroughly: true)
    } catch {
      unlink(draft)
      throw error
    }
    try target.take(draft)
  }

  /// Puts a backup in the place of the database. It is refused while a console uses the database.
  ///
  /// Sessions that the backup has are ended, and codes up to now count as used: both may have been
  /// used up since the backup was made.
  ///
  /// - Parameter replacing: whether a database that is there may be replaced. It is kept beside the
  ///   new one.
  /// - Returns: where the replaced database is now; nil if there was none.
  @discardableResult
  public static func restore(
    _ copy: String, to store: String, replacing: Bool,
    at now: Seconds = RelyingParty.systemClock()
  ) throws(Refusal) -> String? {
    guard !Database.isShared(store) else { throw .storage(.hasOwnTools(address: store)) }
    let (file, source) = (DatabaseFile(store), DatabaseFile(copy))
    try source.check()
    guard replacing || !file.exists else { throw .storage(.exists(file: store)) }
    let draft = file.draft()
    defer {
      for end in ["", "-wal", "-shm", "-journal"] { unlink(draft + end) }
    }
    try DatabaseFile(draft).claim()
    do {
      let made = try SQLiteConnection(empty: draft)
      let backup = try SQLiteConnection(copying: copy)
      try backup.checkWhole(thoroughly: true)
      guard try backup.isConsole() else { throw .storage(.foreign(file: copy)) }
      try made.fill(from: backup)
    }
    do {
      // Of today's layout, with nothing in it that was used up since.
      let party = Database(try SQLiteConnection(opening: draft))
      try party.immediately { () throws(Refusal) in
        try party.run("DELETE FROM ticket")
        try party.run(
          "UPDATE credential SET last_step = max(last_step, ? / period + drift + 1) WHERE is_active",
          now)
      }
    }
    do { try SQLiteConnection(copying: draft).leaveLog() }
    guard file.exists else {
      try file.take(draft)
      return nil
    }
    return try replace(file, by: draft)
  }

  private static func replace(
    _ file: DatabaseFile, by draft: String
  ) throws(Refusal) -> String {
    let kept = DatabaseFile("\(file.name).before-restore-\(time(nil))")
    guard !kept.exists else { throw .storage(.exists(file: kept.name)) }
    do throws(Refusal) {
      try file.check()
      let old = try SQLiteConnection(copying: file.name)
      guard try old.isConsole() else { throw .storage(.foreign(file: file.name)) }
      try old.claimAlone(named: file.name)
      try write(to: kept, from: old)
      try old.fill(from: SQLiteConnection(copying: draft))
    } catch .storage(.damaged) {
      try moveAside(file, to: kept)
      try file.take(draft)
    }
    return kept.name
  }

  /// A file that SQLite cannot read is kept as it is, with its log.
  private static func moveAside(
    _ file: DatabaseFile, to kept: DatabaseFile
  ) throws(Refusal) {
    guard !file.isLocked else { throw .storage(.inUse(file: file.name)) }
    for end in ["-wal", "-shm", "-journal", ""] {
      guard rename(file.path + end, kept.path + end) == 0 || errno == ENOENT else {
        throw file.cannotOpen(errno)
      }
    }
    file.syncFolder()
  }
}
