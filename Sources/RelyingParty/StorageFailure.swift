/// Why the console's database could not be opened, read or written.
public enum StorageFailure: Error, Equatable, Sendable {
  /// The file or its folder, or the server at an address, cannot be opened; `reason` is the system's.
  case cannotOpen(file: String, reason: String)
  /// Group or others may read or write the file; `mode` holds its permission bits.
  case exposed(file: String, mode: UInt32)
  /// The file is something else: no database, or another program's.
  case foreign(file: String)
  /// The file was written by a later version of this program.
  case newer(file: String, version: Int, known: Int)
  /// There is a file of this name, and it is not to be overwritten.
  case exists(file: String)
  /// A console uses the file, which would have to be alone.
  case inUse(file: String)
  /// A server's database is backed up by the server's own programs.
  case hasOwnTools(address: String)
  /// Others held the database for longer than ten seconds, or came between again and again.
  case busy
  /// The disk is full, or the file may not grow.
  case full
  /// The database found its own data damaged.
  case damaged(reason: String)
  /// Anything else, with SQLite's extended result code or PostgreSQL's SQLSTATE.
  case failed(code: String, reason: String)

  /// What happened.
  public var cause: String {
    switch self {
    case .cannotOpen(let file, let reason):
      "The console's database \(file) cannot be opened: \(reason)."
    case .exposed(let file, let mode):
      "The console's database \(file) holds secrets, and others can get at it"
        + " (mode 0\(String(mode, radix: 8)))."
    case .foreign(let file): "\(file) is not a console's database."
    case .newer(let file, let version, let known):
      "\(file) was written by a later version (layout \(version); this one knows up to \(known))."
    case .exists(let file): "There is a file \(file) already."
    case .inUse(let file): "A console is using \(file)."
    case .hasOwnTools: "PostgreSQL backs its databases up with programs of its own."
    case .busy: "The console's database is busy with others."
    case .full: "The disk that holds the console's database is full."
    case .damaged(let reason): "The console's database is damaged: \(reason)."
    case .failed(let code, let reason): "The console's database failed (\(code)): \(reason)."
    }
  }

  /// What a person can do about it.
  public var wayOut: String {
    switch self {
    case .cannotOpen(let file, _) where Database.isShared(file):
      "Check the address, that the server runs, and that it lets you in."
    case .cannotOpen: "Check that the folder exists and that you may write in it."
    case .exposed(let file, _): "Allow only its owner: chmod 600 \(file)"
    case .foreign: "Nothing in it was changed; choose another file."
    case .newer: "Nothing in it was changed; use the later version."
    case .exists: "Nothing was changed. Choose another name, or move that file away."
    case .inUse: "Nothing was changed. Stop every console that uses it, and try again."
    case .hasOwnTools: "Use pg_dump and pg_restore, or pg_basebackup (Docs/console.md)."
    case .busy: "Nothing was changed; try again."
    case .full: "Nothing was changed; free some space and try again."
    case .damaged:
      "Stop every console that uses it, and put the last backup in its place: 'console restore "
        + "BACKUP --replace'. It keeps the damaged file beside the new one."
    case .failed: "Nothing was changed; try again."
    }
  }
}
