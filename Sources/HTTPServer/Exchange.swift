import CMicroHTTPD
import Glibc

/// One request while it arrives. It belongs to one thread at a time, libmicrohttpd's.
///
/// Forms are taken apart by libmicrohttpd's post processor. A body that is refused is still read to
/// its end, or the browser would not see the answer, but nothing of it is kept.
final class Exchange {
  private(set) var request: HTTPRequest
  private(set) var fault: HTTPFault?

  private let limits: HTTPServer.Limits
  private var processor: OpaquePointer?
  private var isJSON = false
  private var received = 0
  private var json: [UInt8] = []
  private var parts: [Part] = []

  /// A field of the form as it comes in, piece by piece.
  private struct Part {
    let name: [UInt8]
    let fileName: [UInt8]?
    var content: [UInt8]
  }

  init(
    _ connection: OpaquePointer, _ url: UnsafePointer<CChar>, _ method: UnsafePointer<CChar>,
    limits: HTTPServer.Limits
  ) {
    self.limits = limits
    request = HTTPRequest(
      method: String(cString: method), path: "/", address: Self.address(of: connection))
    guard let path = String(validatingCString: url), path.hasPrefix("/") else {
      fault = .malformed
      return
    }
    request.path = path
    read(connection)
    prepareBody(connection)
  }

  deinit {
    if let processor { MHD_destroy_post_processor(processor) }
  }

  // MARK: The headers

  private func read(_ connection: OpaquePointer) {
    let kinds: [MHD_ValueKind] = [.HEADER_KIND, .COOKIE_KIND, .GET_ARGUMENT_KIND]
    for kind in kinds {
      MHD_get_connection_values_n(
        connection, kind,
        { closure, kind, key, keySize, value, valueSize in
          let exchange = Unmanaged<Exchange>.fromOpaque(closure!).takeUnretainedValue()
          exchange.take(
            kind, Exchange.bytes(key, keySize), Exchange.bytes(value, valueSize))
          return .YES
        }, Unmanaged.passUnretained(self).toOpaque())
    }
  }

  private func take(_ kind: MHD_ValueKind, _ key: [UInt8], _ value: [UInt8]) {
    guard let name = String(validating: key, as: UTF8.self),
      let text = String(validating: value, as: UTF8.self)
    else {
      fault = .malformed
      return
    }
    switch kind {
    case .COOKIE_KIND: if request.cookies[name] == nil { request.cookies[name] = text }
    case .GET_ARGUMENT_KIND: if request.query[name] == nil { request.query[name] = text }
    default:
      let folded = name.lowercased()
      if request.headers[folded] == nil { request.headers[folded] = text }
    }
  }

  private func prepareBody(_ connection: OpaquePointer) {
    let length = request.headers["content-length"]
    let hasBody =
      request.headers["transfer-encoding"] != nil || (length != nil && length != "0")
    guard hasBody, fault == nil else { return }
    let type = request.headers["content-type"]?.split(separator: ";").first.map {
      $0.lowercased().filter { $0 != " " }
    }
    switch type {
    case "application/x-www-form-urlencoded", "multipart/form-data":
      processor = MHD_create_post_processor(
        connection, 32 << 10,
        { closure, _, key, fileName, _, _, data, offset, size in
          let exchange = Unmanaged<Exchange>.fromOpaque(closure!).takeUnretainedValue()
          return exchange.take(key, fileName, Exchange.bytes(data, size), offset)
        }, Unmanaged.passUnretained(self).toOpaque())
      if processor == nil { fault = .malformed }
    case "application/json":
      isJSON = true
    default:
      fault = .unsupportedType
    }
  }

  // MARK: The body

  func receive(_ bytes: UnsafePointer<CChar>, _ count: Int) {
    received += count
    if received > limits.body { refuse(.tooLarge(limit: limits.body)) }
    guard fault == nil else { return }
    if let processor {
      if MHD_post_process(processor, bytes, count) != .YES { refuse(.malformed) }
    } else if isJSON {
      if received > limits.json { return refuse(.tooLarge(limit: limits.json)) }
      json += Self.bytes(bytes, count)
    }
  }

  private func refuse(_ reason: HTTPFault) {
    if fault == nil { fault = reason }
    parts = []
    json = []
  }

  /// Takes a piece of a field; a new field starts at offset 0.
  private func take(
    _ key: UnsafePointer<CChar>?, _ fileName: UnsafePointer<CChar>?, _ bytes: [UInt8],
    _ offset: UInt64
  ) -> MHD_Result {
    guard fault == nil else { return .NO }
    let name = key.map { Array(String(cString: $0).utf8) } ?? []
    let file = fileName.map { Array(String(cString: $0).utf8) }
    if offset > 0, let last = parts.indices.last, parts[last].name == name {
      parts[last].content += bytes
    } else {
      guard parts.count < limits.fields else { return refused(.tooLarge(limit: limits.body)) }
      parts.append(Part(name: name, fileName: file, content: bytes))
    }
    if file == nil, parts[parts.count - 1].content.count > limits.field {
      return refused(.tooLarge(limit: limits.field))
    }
    return .YES
  }

  private func refused(_ reason: HTTPFault) -> MHD_Result {
    refuse(reason)
    return .NO
  }

  /// The body is there to its end.
  func finish() {
    if let processor {
      // The last field of a form without files is handed out only here.
      if MHD_destroy_post_processor(processor) != .YES { refuse(.malformed) }
      self.processor = nil
    }
    guard fault == nil else { return }
    if isJSON {
      request.body = .json(json)
    } else if received > 0 || !parts.isEmpty {
      request.body = form.map(HTTPBody.form) ?? .none
      if case .none = request.body { fault = .malformed }
    }
  }

  /// Nil if a text in it is not UTF-8.
  private var form: HTTPForm? {
    var form = HTTPForm()
    for part in parts {
      guard let name = String(validating: part.name, as: UTF8.self) else { return nil }
      if let fileName = part.fileName {
        let file = HTTPForm.File(
          name: String(decoding: fileName, as: UTF8.self), content: part.content)
        if form.files[name] == nil { form.files[name] = file }
      } else {
        guard let text = String(validating: part.content, as: UTF8.self) else { return nil }
        if form.fields[name] == nil { form.fields[name] = text }
      }
    }
    return form
  }

  // MARK: C

  private static func bytes(_ start: UnsafePointer<CChar>?, _ count: Int) -> [UInt8] {
    guard let start, count > 0 else { return [] }
    return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
  }

  private static func address(of connection: OpaquePointer) -> String {
    guard let peer = watchfob_peer(connection), peer.pointee.sa_family == AF_INET else {
      return "unknown"
    }
    return peer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { internet in
      var text = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
      var address = internet.pointee.sin_addr
      inet_ntop(AF_INET, &address, &text, socklen_t(INET_ADDRSTRLEN))
      return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
  }
}
