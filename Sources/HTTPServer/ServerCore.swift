import CMicroHTTPD
import Glibc

/// What the server's threads share: it never changes.
final class ServerCore: Sendable {
  let limits: HTTPServer.Limits
  let handler: HTTPServer.Handler
  let fault: HTTPServer.FaultHandler

  init(
    limits: HTTPServer.Limits, handler: @escaping HTTPServer.Handler,
    fault: @escaping HTTPServer.FaultHandler
  ) {
    self.limits = limits
    self.handler = handler
    self.fault = fault
  }

  /// libmicrohttpd's callback: once when the headers are there, once for each piece of the body, and
  /// once more at its end, when the answer is given.
  func `continue`(
    _ connection: OpaquePointer, _ url: UnsafePointer<CChar>, _ method: UnsafePointer<CChar>,
    _ upload: UnsafePointer<CChar>?, _ size: UnsafeMutablePointer<Int>,
    _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  ) -> MHD_Result {
    guard let known = state.pointee else {
      let exchange = Exchange(connection, url, method, limits: limits)
      state.pointee = Unmanaged.passRetained(exchange).toOpaque()
      return .YES
    }
    let exchange = Unmanaged<Exchange>.fromOpaque(known).takeUnretainedValue()
    if let upload, size.pointee > 0 {
      exchange.receive(upload, size.pointee)
      size.pointee = 0
      return .YES
    }
    exchange.finish()
    let response =
      if let fault = exchange.fault {
        self.fault(fault, exchange.request.path)
      } else {
        handler(exchange.request)
      }
    return Self.send(response, on: connection)
  }

  private static func send(_ response: HTTPResponse, on connection: OpaquePointer) -> MHD_Result {
    var body = response.body
    let made = body.withUnsafeMutableBytes {
      MHD_create_response_from_buffer($0.count, $0.baseAddress, .RESPMEM_MUST_COPY)
    }
    guard let made else { return .NO }
    defer { MHD_destroy_response(made) }
    for (name, value) in response.headers {
      guard MHD_add_response_header(made, name, value) == .YES else { return .NO }
    }
    return MHD_queue_response(connection, UInt32(response.status), made)
  }
}
