import VirtualUSB

/// A transfer at an interrupt endpoint that waits for the Pico, and how much of it is done.
struct HeldTransfer {
  let transfer: Transfer
  private(set) var received: [UInt8] = []
  private(set) var sent = 0

  init(transfer: Transfer) {
    self.transfer = transfer
  }

  var isInput: Bool {
    if case .input = transfer.kind { true } else { false }
  }

  /// As bEndpointAddress has it.
  var endpoint: UInt8 {
    switch transfer.kind {
    case .control: 0
    case .input(let number, _): number | 0x80
    case .output(let number, _): number
    }
  }

  /// One transaction.
  ///
  /// - Returns: how the transfer ended; `nil` while it goes on.
  mutating func move(on usb: USBHost) -> Completion.Status? {
    do throws(TransferFailure) {
      switch transfer.kind {
      case .input(let number, let length):
        guard let packet = try usb.poll(Int(number)) else { return nil }
        received += packet.prefix(length - received.count)
        // A packet that is not short does not end a transfer.
        let isLast = packet.count < USBHost.packetSize || received.count == length
        return packet.count > length ? .overflowed : isLast ? .done : nil
      case .output(let number, let data):
        let packet = Array(data[sent...].prefix(USBHost.packetSize))
        guard try usb.offer(packet, to: Int(number)) else { return nil }
        sent += packet.count
        return sent == data.count ? .done : nil
      case .control: return .failed
      }
    } catch {
      return Completion.Status(error)
    }
  }
}

extension Completion.Status {
  init(_ failure: TransferFailure) {
    self =
      switch failure {
      case .stalled: .stalled
      case .overflowed: .overflowed
      case .silence, .timedOut: .failed
      }
  }
}
