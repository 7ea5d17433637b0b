/// Why the sealing keys could not be had, or something sealed not opened.
public enum SealingFailure: Error, Equatable, Sendable {
  case cannotOpen(file: String, reason: String)
  /// Group or others may read or write the file; `mode` holds its permission bits.
  case exposed(file: String, mode: UInt32)
  case foreign(file: String)
  /// PostgreSQL is shared by machines, and its copies are wherever its keeper puts them.
  case fileNeeded
  case keyMissing(number: UInt32)
  /// It is not what was sealed for this place: another key's, another row's, or altered.
  case altered(place: String)
  case cannotSeal
  /// A key is to be removed that something is still sealed under.
  case olderInUse(file: String)

  public var cause: String {
    switch self {
    case .cannotOpen(let file, let reason):
      "The console's key file \(file) cannot be opened or written: \(reason)."
    case .exposed(let file, let mode):
      "The console's key file \(file) can be got at by others (mode 0\(String(mode, radix: 8)))."
    case .foreign(let file): "\(file) is not a console's key file."
    case .fileNeeded: "Secrets in a PostgreSQL database are sealed, and no key file was named."
    case .keyMissing(let number):
      "The key file has no key \(number), under which this database's secrets are sealed."
    case .altered(let place):
      "What is sealed in \(place) does not open: it was altered, or the key file is another"
        + " console's."
    case .olderInUse(let file): "Something is still sealed under an older key of \(file)."
    case .cannotSeal: "The system's libcrypto cannot seal a secret."
    }
  }

  public var wayOut: String {
    switch self {
    case .cannotOpen: "Check that the file exists and that you may read it."
    case .exposed(let file, _): "Allow only its owner: chmod 600 \(file)"
    case .foreign: "Nothing in it was changed; choose another file."
    case .fileNeeded: "Name one; it is the same for all machines that use the database."
    case .keyMissing, .altered: "Put back the key file that belongs to this database."
    case .olderInUse: "Nothing was changed. Run 'console keys seal' first."
    case .cannotSeal: "Nothing was changed."
    }
  }
}
