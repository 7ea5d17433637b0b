import Glibc
import TokenCore
import TokenSimulator

/// What a recording holds of a token's traffic: the reports that its host sent.
///
/// It reads pcapng files of either byte order, as written here or by Wireshark on Linux.
public struct USBRecording: Sendable {
  /// A report, and when the host sent it.
  public struct Sent: Sendable {
    public let time: UnixTime
    public let report: Report
  }

  /// In the order of the file.
  public let sent: [Sent]

  /// The largest file, in bytes.
  public static let sizeLimit = 256 << 20

  public init(at path: String) throws(RecordingFailure) {
    let bytes: [UInt8]
    do throws(SystemFailure) {
      let file = try FileDescriptor(opening: path, O_RDONLY)
      let size = Int(try file.status().st_size)
      guard size <= Self.sizeLimit else {
        throw SystemFailure("read", code: EFBIG)
      }
      bytes = try file.read(size, at: 0)
    } catch {
      switch error.code {
      case ENOENT: throw .notFound(path: path)
      case EFBIG: throw .tooLarge(path: path, limit: Self.sizeLimit)
      default: throw .system(path: path, error)
      }
    }
    var reader = CaptureReader(bytes)
    var sent: [Sent] = []
    while true {
      guard let packet = reader.next() else { break }
      sent += Self.sent(in: packet)
    }
    if let offset = reader.damage { throw .malformed(path: path, offset: offset) }
    guard reader.sawUSB else { throw .notUSB(path: path) }
    self.sent = sent
  }

  /// The reports in one packet: transfers to the OUT endpoint, and SET_REPORT.
  private static func sent(in packet: CaptureReader.Packet) -> [Sent] {
    guard packet.isSubmission else { return [] }
    let isReport =
      switch packet.kind {
      case .interrupt: packet.endpoint == EndpointAddress.output.rawValue
      case .control: packet.setup.isSetReport
      }
    guard isReport else { return [] }
    return stride(from: 0, to: packet.data.count, by: Report.size).map { start in
      let end = min(start + Report.size, packet.data.count)
      return Sent(time: packet.time, report: Report(padding: packet.data[start..<end]))
    }
  }
}

extension SetupPacket {
  /// Whether the data are a report for the token.
  fileprivate var isSetReport: Bool {
    kind == .class && recipient == .interface && request == HIDRequest.setReport.rawValue
      && valueHigh == ReportKind.output.rawValue
  }
}
