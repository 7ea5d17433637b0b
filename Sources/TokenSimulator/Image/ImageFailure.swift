import TokenCore

/// Why a token image cannot be used. The file is as it was.
public enum ImageFailure: Error, Equatable, Sendable {
  case notFound(path: String)
  /// A file is where a new one was to be made.
  case exists(path: String)
  case permissionDenied(path: String)
  /// A folder, a device, a socket or a symbolic link.
  case notAFile(path: String)
  /// The file belongs to someone else.
  case notOwned(path: String)
  /// Others may read or write the file; `mode` is its permission bits.
  case exposed(path: String, mode: UInt32)
  /// Another program holds the file; `process` is its number, if it is known.
  case inUse(path: String, process: Int32?)
  /// The file is something else than a token image.
  case foreign(path: String)
  /// An image that ends too early, or goes on too long. Sizes in bytes.
  case wrongSize(path: String, size: Int, expected: Int)
  /// An image of a version that is unknown here.
  case unknownVersion(path: String, version: Int)
  /// The header contradicts its checksum or itself.
  case corrupt(path: String)
  /// A snapshot of another token than the one that it was to be restored to.
  case otherToken(path: String, found: SerialNumber, expected: SerialNumber)
  case system(path: String, SystemFailure)
}

extension ImageFailure {
  public var path: String {
    switch self {
    case .notFound(let path), .exists(let path), .permissionDenied(let path), .notAFile(let path),
      .notOwned(let path), .exposed(let path, _), .inUse(let path, _), .foreign(let path),
      .wrongSize(let path, _, _), .unknownVersion(let path, _), .corrupt(let path),
      .otherToken(let path, _, _), .system(let path, _):
      path
    }
  }

  /// What completes 'PATH cannot be used: …', without a full stop.
  public var reason: String {
    switch self {
    case .notFound:
      "there is no such file"
    case .exists:
      "it is there already, and is not replaced; choose another name"
    case .permissionDenied:
      "you may not open it; check who owns it and its permissions"
    case .notAFile:
      "it is not a regular file; give the name of the image file itself"
    case .notOwned:
      "it belongs to another user; make a copy of your own"
    case .exposed(let path, let mode):
      "others may open it (mode \(String(mode, radix: 8))), and it holds secrets; "
        + "run: chmod 600 \(path)"
    case .inUse(_, let process):
      "another program is using it\(process.map { " (process \($0))" } ?? "")"
        + "; close that program, then try again"
    case .foreign:
      "it is not a token image"
    case .wrongSize(_, let size, let expected) where size < expected:
      "it is truncated, \(size) bytes instead of \(expected); restore it from a snapshot"
    case .wrongSize(_, let size, let expected):
      "it has \(size) bytes instead of \(expected); restore it from a snapshot"
    case .unknownVersion(_, let version):
      "it is a token image of version \(version), which needs a newer program"
    case .corrupt:
      "its header is damaged; restore it from a snapshot"
    case .otherToken(_, let found, let expected):
      "it is a snapshot of the token \(found.text), and this is \(expected.text)"
    case .system(_, let failure):
      failure.description
    }
  }
}

extension ImageFailure: CustomStringConvertible {
  public var description: String { "\(path) cannot be used: \(reason)." }
}
