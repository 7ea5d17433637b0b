import TokenClient
import TokenCore
import TokenSimulator
import VirtualUSB

/// A port with firmware for a Raspberry Pi Pico in it, which runs in the emulator, in step with this
/// machine's time: what passes here goes to the firmware's own USB driver, transaction by
/// transaction.
///
/// It is strict, as `PicoTransport` is: when the firmware breaks a rule of the data sheet, or leaves the
/// bus by itself, `failure` says so, and nothing is plugged in any more.
public final class PicoPort: RunningPort {
  private let image: String
  private let storage: PicoTransport.Storage
  private let seed: UInt64
  private let place: String
  private let recorder: USBRecorder?
  private var plugged: Plugged?
  private var plugCount: UInt64 = 0
  /// What `Storage.memory` keeps while nothing is plugged in.
  private var kept: [UInt8]?
  public private(set) var failure: TransportFailure?

  public private(set) var deviceDescriptor = [UInt8](repeating: 0, count: 18)
  public private(set) var configurationDescriptor: [UInt8]?
  private var serialNumber = SerialNumber(rawValue: 0)
  private var button = Button.Mode.automatic
  /// Until when the button is held down, by hand.
  private var pressEnd = Nanoseconds.zero

  /// In the order in which they came.
  private var held: [HeldTransfer] = []
  private var completions: [Completion] = []

  private struct Plugged {
    let stick: PluggedPico
    let pacemaker: Pacemaker
    var pico: Pico { stick.pico }
  }

  private static let frame = Nanoseconds.milliseconds(1)
  private static let press = Nanoseconds.milliseconds(150)
  /// A device sees after 3 ms that its bus sleeps.
  private static let silence = Nanoseconds.milliseconds(10)
  /// Frames, at most, by which the Pico catches up at once.
  private static let portion = 50
  /// The only device on its bus.
  private static let address: UInt8 = 1

  /// - Parameters:
  ///   - image: a file of ELF, UF2 or plain bytes.
  ///   - storage: by default the file of that name with `.flash` behind it.
  ///   - seed: of the random bits; another one each time if it is `nil`.
  public init(
    image: String, storage: PicoTransport.Storage? = nil, seed: UInt64? = nil,
    recorder: USBRecorder? = nil
  ) {
    self.image = image
    self.storage = storage ?? .file(image + ".flash")
    self.seed = seed ?? UInt64.random(in: 0 ... .max)
    self.recorder = recorder
    place = "pico-emulated:\(image)"
  }

  deinit {
    disconnect()
  }

  /// The emulated Pico, while it is plugged in.
  public var pico: Pico? { plugged?.pico }

  // MARK: The cable

  public var isConnected: Bool { plugged != nil }
  public var hasFailed: Bool { failure != nil }
  public var isBusy: Bool { false }

  public func connect() {
    guard plugged == nil, failure == nil else { return }
    do throws(TransportFailure) {
      plugCount += 1
      let stick = try PluggedPico(
        image: image, storage, kept: kept, seed: seed &+ plugCount, place: place)
      deviceDescriptor = stick.device.deviceDescriptor
      configurationDescriptor = stick.device.configurationDescriptor
      plugged = Plugged(stick: stick, pacemaker: Pacemaker(.realTime, pico: stick.pico.now))
      serialNumber = readSerialNumber(stick)
      try stick.check()
    } catch {
      fail(error)
    }
  }

  public func disconnect() {
    guard let stick = plugged?.stick else { return }
    held = []
    completions = []
    configurationDescriptor = nil
    pressEnd = .zero
    plugged = nil
    let flash = stick.pullOut()
    if case .memory = storage { kept = flash }
  }

  public func reset() {
    guard let plugged else { return }
    held = []
    completions = []
    configurationDescriptor = nil
    let usb = plugged.pico.usb
    usb.reset()
    do throws(TransferFailure) {
      try usb.control(.setAddress(Int(Self.address)))
      try usb.control(.setConfiguration(plugged.stick.device.configurationValue))
      configurationDescriptor = plugged.stick.device.configurationDescriptor
    } catch {
      fail(plugged.stick.failure(error))
    }
  }

  private func fail(_ failure: TransportFailure) {
    self.failure = failure
    disconnect()
  }

  /// The string that the device descriptor names, sixteen hexadecimal digits (Docs/usb.md, 1).
  private func readSerialNumber(_ stick: PluggedPico) -> SerialNumber {
    var request = ControlRequest.descriptor(3, index: deviceDescriptor[16], length: 255)
    request.index = 0x0409
    let string = (try? stick.pico.usb.control(request)) ?? []
    let units = stride(from: 2, to: string.count, by: 2).map { string[$0] }
    return SerialNumber(rawValue: UInt64(String(decoding: units, as: UTF8.self), radix: 16) ?? 0)
  }

  // MARK: Hands

  public func perform(_ request: TokenSimulator.ControlRequest) throws(ControlFailure) {
    switch request {
    case .button(let mode): button = mode
    case .press:
      guard button == .manual else { throw .buttonNotManual(button) }
      if let pico { pressEnd = pico.now + Self.press }
    case .suspend:
      guard let pico else { return }
      pico.usb.suspend()
      pico.run(for: Self.silence)
      pico.usb.resume()
    case .plug, .unplug, .status, .stop:
      // Those are the lender's.
      break
    case .warp: throw .refused("An emulated Pico lives in this computer's time.")
    case .battery: throw .refused("A Pico has no battery.")
    case .snapshot, .restore:
      throw .refused("An emulated Pico has no snapshots; copy the file of its flash.")
    }
  }

  public var status: TokenStatus {
    TokenStatus(firmware: serialNumber, isPlugged: isConnected, button: button)
  }

  // MARK: Transfers

  public func submit(_ transfer: Transfer) -> Bool {
    guard isConnected, held.count + completions.count < USBDevice.Limits.transfers else {
      return false
    }
    recorder?.record(.submitted(transfer), device: Self.address)
    switch transfer.kind {
    case .control(let setup, let data): control(transfer, setup, data)
    case .input(let number, let length):
      hold(transfer, at: number | 0x80, length: length)
    case .output(let number, let data):
      hold(transfer, at: number, length: data.count)
    }
    return true
  }

  public func cancel(_ id: Transfer.ID) -> Bool {
    let cancelled = held.filter { $0.transfer.id == id }
    held.removeAll { $0.transfer.id == id }
    for entry in cancelled {
      recorder?.record(
        .completed(Completion(entry.transfer, .cancelled)), device: Self.address)
    }
    return !cancelled.isEmpty
  }

  public func nextCompletion() -> Completion? {
    guard !completions.isEmpty else { return nil }
    let completion = completions.removeFirst()
    recorder?.record(.completed(completion), device: Self.address)
    return completion
  }

  private func complete(
    _ transfer: Transfer, _ status: Completion.Status, data: [UInt8] = [], count: Int? = nil
  ) {
    completions.append(Completion(transfer, status, data: data, count: count))
  }

  /// Carries a control transfer out at once: its host waits for it, and the Pico's time does not
  /// stand still.
  private func control(_ transfer: Transfer, _ setup: SetupPacket, _ data: [UInt8]) {
    guard let plugged, data.count == (setup.isInput ? 0 : Int(setup.length)) else {
      return complete(transfer, .stalled)
    }
    let request = ControlRequest(
      requestType: setup.requestType, request: setup.request, value: setup.value,
      index: setup.index, length: setup.length)
    do throws(TransferFailure) {
      let reply = try plugged.pico.usb.control(request, data: data)
      follow(request, plugged.stick.device)
      complete(transfer, .done, data: reply, count: setup.isInput ? nil : data.count)
    } catch {
      complete(transfer, Completion.Status(error))
    }
  }

  /// A new configuration or setting begins anew: what was on its way is gone.
  private func follow(_ request: ControlRequest, _ device: EnumeratedDevice) {
    switch request.standard {
    case .setConfiguration:
      let isChosen = request.value == UInt16(device.configurationValue)
      configurationDescriptor = isChosen ? device.configurationDescriptor : nil
    case .setInterface: break
    default: return
    }
    for entry in held { complete(entry.transfer, .cancelled) }
    held = []
  }

  private func hold(_ transfer: Transfer, at endpoint: UInt8, length: Int) {
    let isThere = (configurationDescriptor.map(EnumeratedDevice.descriptors(in:)) ?? [])
      .contains { $0.count >= 7 && $0[1] == 5 && $0[2] == endpoint }
    guard isThere, length <= USBDevice.Limits.transferLength else {
      return complete(transfer, .stalled)
    }
    held.append(HeldTransfer(transfer: transfer))
  }

  // MARK: Time

  public func advance() -> Bool {
    guard let plugged, let target = plugged.pacemaker.target else { return true }
    var frames = 0
    // A control transfer may have taken the Pico ahead of this machine.
    while plugged.pico.now < target, frames < Self.portion {
      moveReports(plugged.pico)
      run(plugged, until: min(target, plugged.pico.now + Self.frame))
      frames += 1
    }
    do throws(TransportFailure) {
      try plugged.stick.check()
      if plugged.pico.state != .running { throw .vanished(place: place) }
      if !plugged.pico.usb.isDeviceAttached {
        throw plugged.stick.unusable("its firmware left the bus by itself")
      }
    } catch {
      fail(error)
    }
    return plugged.pico.now >= target
  }

  private func run(_ plugged: Plugged, until moment: Nanoseconds) {
    let pico = plugged.pico
    let finger = button == .automatic ? Finger.tapping : .absent
    pico.isBootselPressed =
      finger.isDown(at: pico.now - plugged.stick.beginning) || pico.now < pressEnd
    pico.run(until: moment)
  }

  /// One transaction an endpoint, as a host does in a frame. Later transfers to an endpoint wait for the
  /// first.
  private func moveReports(_ pico: Pico) {
    var asked: Set<UInt8> = []
    var index = 0
    while index < held.count {
      guard asked.insert(held[index].endpoint).inserted else {
        index += 1
        continue
      }
      if let status = held[index].move(on: pico.usb) {
        let entry = held.remove(at: index)
        let count = entry.isInput ? nil : entry.sent
        complete(entry.transfer, status, data: entry.received, count: count)
      } else {
        index += 1
      }
    }
  }
}
