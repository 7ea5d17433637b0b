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
  /// The server or the disk does not answer, or not in time; what was begun was not saved.
  case unreachable(reason: String)
  /// The connection ended while a change was being saved, and nobody can tell whether it was.
  case outcomeUnknown
  /// It can be read only: a standby, or a disk that was made read-only.
  case readOnly
  /// Another one took the same name or number at the same moment.
  case collided
  /// A later version changed the layout while this program ran, or an earlier one was restored.
  case layoutChanged(version: Int, known: Int)
  /// Its texts are not in UTF-8.
  case wrongEncoding(address: String, encoding: String)
  /// This machine's clock and the server's differ by so many seconds.
  case clocksApart(seconds: Int64)
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
    case .unreachable(let reason): "The console's database does not answer: \(reason)."
    case .outcomeUnknown:
      "The console's database stopped answering while a change was being saved. It may have been "
        + "saved."
    case .readOnly: "The console's database can only be read at the moment."
    case .collided: "Another change of the same thing came first."
    case .layoutChanged(let version, let known):
      "The console's database has layout \(version) now, and this program knows layout \(known)."
    case .wrongEncoding(let address, let encoding):
      "The database \(address) keeps texts as \(encoding), not as UTF-8."
    case .clocksApart(let seconds):
      "This machine's clock is \(abs(seconds)) seconds \(seconds > 0 ? "behind" : "ahead of") the "
        + "database server's."
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
    case .unreachable, .readOnly: "Nothing was changed. Try again in a few seconds."
    case .outcomeUnknown: "Look at how things stand before you try again."
    case .collided: "Nothing was changed. Look at what is there now, and try again."
    case .layoutChanged: "Restart this console with the program that changed it."
    case .wrongEncoding: "Create it anew: createdb --encoding=UTF8 --template=template0 NAME"
    case .clocksApart: "Set this machine's clock (timedatectl set-ntp true), then start again."
    case .full: "Nothing was changed; free some space and try again."
    case .damaged:
      "Stop every console that uses it, and put the last backup in its place: 'console restore "
        + "BACKUP --replace'. It keeps the damaged file beside the new one."
    case .failed: "Nothing was changed; try again."
    }
  }
}

extension StorageFailure {
  /// Whether a new connection, a little later, may do what this one could not.
  var mayPass: Bool {
    switch self {
    case .busy, .unreachable, .readOnly, .collided: true
    default: false
    }
  }

  /// Whether the line to the server is of no more use.
  var endsLine: Bool {
    switch self {
    case .unreachable, .readOnly: true
    default: false
    }
  }
}

extension Refusal {
  /// Whether the database did not answer.
  public var isSilence: Bool {
    switch self {
    case .storage(.unreachable), .storage(.outcomeUnknown), .storage(.cannotOpen): true
    default: false
    }
  }
}
