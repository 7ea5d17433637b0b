#if hasFeature(Embedded)
  import Hardware
  import SerialFraming
  import TokenCore

  /// The firmware: the token on its board, served for ever.
  @main
  struct Main {
    static func main() {
      var token = Token(board: MicrobitBoard(bus: MemoryMappedBus()))
      while true {
        serveReports(&token)
        token.poll()
        while token.board.isReadyToSend(), let report = token.nextReport() {
          token.board.send(report)
        }
        Processor.clearStack()
        token.board.sleep()
      }
    }
  }

  /// Serves what has come. What the last host proved ends before the next one's first report.
  private func serveReports(_ token: inout Token<MicrobitBoard<MemoryMappedBus>>) {
    var isLast = false
    while !isLast {
      let report = token.board.receive()
      if token.board.takeNewHost() { token.busChanged() }
      if let report { token.receive(report) } else { isLast = true }
    }
  }

  /// Tells the host where the firmware trapped; the runtime resets it afterwards. Polls the port, whose
  /// state is unknown, for a bounded time.
  @c(board_fault)
  func tellTrap(address: UInt32, caller: UInt32) {
    var bus = MemoryMappedBus()
    let frame = TrapNotice(address: address, caller: caller).frame
    // A zero first ends whatever frame was cut off.
    send(0, &bus)
    for index in 0..<frame.count { send(frame.bytes[index], &bus) }
  }

  private func send(_ byte: UInt8, _ bus: inout MemoryMappedBus) {
    bus.write(UInt32(byte), to: UART.byteToSend)
    for _ in 0..<10_000 where bus.read(UART.sent) != 0 { break }
    bus.write(0, to: UART.sent)
  }
#endif
