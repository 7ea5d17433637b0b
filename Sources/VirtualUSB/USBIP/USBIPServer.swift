import Glibc
import TokenCore
import TokenSimulator

/// The device over USB/IP 1.1.1: other systems list it and attach it, over TCP.
///
/// One system has the device at a time. While the token is off its cable nobody has, and the list is
/// empty. It is another way to a token that a `SimulatorServer` runs.
public final class USBIPServer: TokenAttachment {
  public static let usualPort: UInt16 = 3240
  /// Programs that are connected at once. One more, and one that has no device has to go.
  static let clientLimit = 16
  /// The largest reply: to a request that moves as much as an interrupt endpoint may.
  static let largestReply = USBIPRequest.headerSize + USBDevice.Limits.transferLength

  /// The TCP port at which it listens.
  public var port: UInt16 { listener.port }

  private let listener: TCPListener
  private var busPort: USBPort
  private var clients: [USBIPClient] = []
  private let onEvent: (BusEvent) -> Void
  private var isPlugged = false
  private var round = 0
  /// Set when a client could not be accepted, so that it is not tried without pause.
  private var isAcceptPaused = false
  /// Milliseconds.
  private static let acceptPause: Int32 = 100

  /// - Parameters:
  ///   - address: an IPv4 or IPv6 address of this computer, in digits. Whoever can reach it has the
  ///     token.
  ///   - port: 0 for one that is free.
  ///   - onEvent: called on the server's thread.
  public init(
    address: String = "127.0.0.1", port: UInt16 = usualPort, identity: USBIdentity,
    recorder: USBRecorder? = nil, onEvent: @escaping (BusEvent) -> Void = { _ in }
  ) throws(SystemFailure) {
    listener = try TCPListener(address: address, port: port)
    busPort = USBPort(identity, recorder: recorder)
    self.onEvent = onEvent
  }

  // MARK: The server's loop

  public var awaited: [pollfd] {
    var entries: [pollfd] = []
    if !isAcceptPaused {
      entries.append(pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0))
    }
    for client in clients {
      let events =
        (client.isListenedTo ? POLLIN : 0) | (client.connection.wantsToWrite ? POLLOUT : 0)
      entries.append(
        pollfd(fd: client.connection.descriptor, events: Int16(events), revents: 0))
    }
    return entries
  }

  /// What came and was not looked at yet is looked at in the next round.
  public var patience: Int32? {
    if busPort.hasOutput || busPort.hasBusChanged { return 0 }
    if clients.contains(where: { $0.isBehind && $0.hasRoom }) { return 0 }
    return isAcceptPaused ? Self.acceptPause : nil
  }

  public func serve(_ token: inout LiveToken, ready: Set<Int32>) throws(ImageFailure) {
    round += 1
    followCable(isPlugged: token.isPlugged)
    accept(ready)
    for client in clients {
      if client.isListenedTo, ready.contains(client.connection.descriptor) {
        client.connection.receive()
        client.lastActive = round
      }
      answer(client)
    }
    busPort.tellBusChange(to: &token)
    // One report at a time, so that the token's answer is asked for before the next.
    if let output = busPort.nextOutput() { token.receive(output) }
    sendCompletions()
    flush()
    // The host may have gone just now.
    busPort.tellBusChange(to: &token)
  }

  public var demand: ReportDemand {
    guard busPort.isConnected, owner != nil else { return .never }
    return busPort.device.wantsInput ? .now : .later
  }

  public func take(_ report: Report) {
    busPort.offer(report)
    sendCompletions()
    flush()
  }

  public func tokenLeft() {
    followCable(isPlugged: false)
  }

  // MARK: Clients

  private var owner: USBIPClient? { clients.first { $0.hasDevice } }

  private func followCable(isPlugged: Bool) {
    guard isPlugged != self.isPlugged else { return }
    self.isPlugged = isPlugged
    if isPlugged {
      busPort.connect()
    } else {
      busPort.disconnect()
      owner?.connection.end()
      onEvent(.unplugged)
      clients.removeAll(where: \.connection.isClosed)
    }
  }

  private func accept(_ ready: Set<Int32>) {
    guard isAcceptPaused || ready.contains(listener.descriptor) else { return }
    let wasPaused = isAcceptPaused
    isAcceptPaused = false
    do throws(SystemFailure) {
      guard let connection = try listener.accept() else { return }
      let idle = clients.indices.filter { !clients[$0].hasDevice }
      if clients.count >= Self.clientLimit,
        let silent = idle.min(by: { clients[$0].lastActive < clients[$1].lastActive })
      {
        clients.remove(at: silent)
      }
      let client = USBIPClient(connection)
      client.lastActive = round
      clients.append(client)
    } catch {
      isAcceptPaused = true
      if !wasPaused { onEvent(.failed(error)) }
    }
  }

  private func flush() {
    for client in clients {
      client.connection.flush()
      if client.connection.isClosed && client.hasDevice { release(client) }
    }
    clients.removeAll(where: \.connection.isClosed)
  }

  /// Takes the device back. It is as new for the next one.
  private func release(_ client: USBIPClient) {
    client.hasDevice = false
    guard busPort.isConnected else { return }
    busPort.reset()
    onEvent(.released)
  }

  // MARK: Messages

  /// Answers as many messages as there are, or until there is a report for the token.
  private func answer(_ client: USBIPClient) {
    let connection = client.connection
    var used = 0
    do throws(ProtocolViolation) {
      client.isBehind = false
      while !connection.isClosed, !connection.isFinishing {
        guard client.hasRoom, !busPort.hasOutput else {
          client.isBehind = used < connection.input.count
          break
        }
        let rest = Array(connection.input[used...])
        let size =
          client.hasDevice ? try answerRequest(rest, client) : try answerOperation(rest, client)
        guard let size else { break }
        used += size
      }
      connection.input.removeFirst(used)
    } catch {
      onEvent(.violated(error))
      if !client.hasDevice { connection.send(USBIPOperation.refusal) }
      connection.finish()
    }
  }

  /// - Returns: the size of the message; `nil` while it is not whole.
  private func answerOperation(
    _ bytes: [UInt8], _ client: USBIPClient
  ) throws(ProtocolViolation) -> Int? {
    guard let (request, busID) = try USBIPOperation.parse(bytes) else { return nil }
    switch request {
    case .deviceList:
      var reply = USBIPOperation.reply(to: request, .done)
      reply.append(bigEndian: UInt32(busPort.isConnected ? 1 : 0))
      if busPort.isConnected {
        reply += USBIPExport.description(of: busPort) + USBIPExport.interfaces
      }
      client.connection.send(reply)
    case .importDevice:
      let status = importStatus(busID)
      var reply = USBIPOperation.reply(to: request, status)
      if status == .done {
        client.hasDevice = true
        busPort.markBusChanged()
        reply += USBIPExport.description(of: busPort)
        onEvent(.attached)
      }
      client.connection.send(reply)
    }
    return request.size
  }

  private func importStatus(_ busID: String) -> USBIPOperation.Status {
    guard busPort.isConnected, busID == USBIPExport.busID else { return .noDevice }
    guard owner == nil else {
      onEvent(.refusedSecondHost)
      return .busy
    }
    return .done
  }

  private func answerRequest(
    _ bytes: [UInt8], _ client: USBIPClient
  ) throws(ProtocolViolation) -> Int? {
    guard let (request, size) = try USBIPRequest.parse(bytes) else { return nil }
    switch request {
    case .submit(let device, let transfer):
      try requireDevice(device)
      if transfer.resetsPort {
        busPort.resetBus()
        sendCompletions()
        busPort.reset()
        client.connection.send(USBIPRequest.reply(Completion(transfer, .done)))
      } else if !busPort.submit(transfer) {
        client.connection.send(USBIPRequest.refusal(transfer))
      }
      sendCompletions()
    case .unlink(let device, let number, let target):
      try requireDevice(device)
      let wasHeld = busPort.cancel(Transfer.ID(target))
      client.connection.send(USBIPRequest.reply(unlink: number, wasHeld: wasHeld))
    }
    return size
  }

  private func requireDevice(_ number: UInt32) throws(ProtocolViolation) {
    guard number == USBIPExport.number(of: busPort) else { throw .device(number) }
  }

  /// Every transfer that ended is the owner's. One that does not read its replies loses the device.
  private func sendCompletions() {
    while let completion = busPort.nextCompletion() {
      guard let owner else { continue }
      if !owner.connection.send(USBIPRequest.reply(completion)) { owner.connection.end() }
    }
  }
}
