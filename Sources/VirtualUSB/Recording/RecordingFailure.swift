import TokenSimulator

/// Why something cannot be recorded, or a recording cannot be read.
public enum RecordingFailure: Error, Equatable, Sendable {
  case exists(path: String)
  case notFound(path: String)
  /// The file is no pcapng file, or is damaged; `offset` in bytes.
  case malformed(path: String, offset: Int)
  /// It is one of something else than USB.
  case notUSB(path: String)
  case tooLarge(path: String, limit: Int)
  case system(path: String, SystemFailure)
}

extension RecordingFailure: CustomStringConvertible {
  public var description: String {
    switch self {
    case .exists(let path):
      "\(path) exists already, and is left as it is. Choose another name for the recording."
    case .notFound(let path):
      "There is no file \(path). Make a recording with --record first."
    case .malformed(let path, let offset):
      "\(path) is no pcapng file, or is damaged at byte \(offset). Make the recording anew."
    case .notUSB(let path):
      "\(path) holds no USB traffic. Choose a recording made with --record."
    case .tooLarge(let path, let limit):
      "\(path) is larger than \(limit) bytes. Cut it with editcap first."
    case .system(let path, let failure):
      "\(path) cannot be used: \(failure)."
    }
  }
}
