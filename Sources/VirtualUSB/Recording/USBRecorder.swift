import Glibc
import TokenSimulator

/// Writes what passes on the bus to a new pcapng file, as it passes; Wireshark opens it.
///
/// The file holds everything that host and token say to each other: keys that are put on the token,
/// and codes that it computes. It is this user's alone.
public final class USBRecorder {
  public let path: String
  private let file: FileDescriptor
  private var length = 0
  /// What ended the recording: the token goes on without.
  public private(set) var failure: SystemFailure?

  /// - Parameter path: where nothing is yet; what is there is left alone.
  public init(at path: String) throws(RecordingFailure) {
    do throws(SystemFailure) {
      file = try FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
    } catch {
      throw error.code == EEXIST ? .exists(path: path) : .system(path: path, error)
    }
    self.path = path
    append(PacketCapture.beginning(comment: "Traffic of a simulated token. It may hold secrets."))
    if let failure { throw .system(path: path, failure) }
  }

  /// - Parameter device: its address on the bus.
  public func record(_ event: RecordedEvent, device: UInt8) {
    guard failure == nil else { return }
    let now = MachineClock.timeOfDay()
    let bytes = USBMonHeader(event).bytes(device: device, at: now)
    append(PacketCapture.packet(bytes, at: UInt64(max(now.microseconds, 0))))
  }

  private func append(_ bytes: [UInt8]) {
    do throws(SystemFailure) {
      try file.write(bytes, at: length)
      length += bytes.count
    } catch {
      // Half a block at the end would make the file one that does not open.
      ftruncate(file.rawValue, off_t(length))
      failure = error
    }
  }
}
