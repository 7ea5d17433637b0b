import JSON
import RelyingParty

/// The description of the API (OpenAPI 3.1), written from the operations themselves.
enum OpenAPI {
  static let document: JSON = [
    "openapi": "3.1.0",
    "info": [
      "title": "Watchfob Console", "version": "1",
      "description": "Accounts, MFA, Organizations, sessions and recovery cases.",
    ],
    "servers": [["url": .string(API.version)]],
    "paths": paths,
    "components": [
      "securitySchemes": [
        "session": [
          "type": "http", "scheme": "bearer", "description": "A session, from the login.",
        ],
        "ticket": [
          "type": "http", "scheme": "bearer", "description": "A ticket, from the password step.",
        ],
      ],
      "schemas": schemas,
      "responses": [
        "Problem": [
          "description": .string(
            "Refused; nothing was changed. But after outcome-unknown it may have been, and after "
              + "saved-unshown it was."),
          "content": [
            "application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]
          ],
        ]
      ],
    ],
  ]

  private static var paths: JSON {
    var paths: JSON = [:]
    for operation in Operations.all {
      var path = paths[operation.path] ?? [:]
      path[operation.method.lowercased()] = describe(operation)
      paths[operation.path] = path
    }
    return paths
  }

  private static func describe(_ operation: Operation) -> JSON {
    var described: JSON = [
      "operationId": .string(operation.id), "summary": .string(operation.summary),
      "security": security(operation.bearer),
    ]
    if !operation.parameters.isEmpty {
      described["parameters"] = .array(
        operation.parameters.map {
          [
            "name": .string($0), "in": "path", "required": true,
            "schema": ($0 == "item" ? APISchemas.items : .number).schema,
          ]
        })
    }
    switch operation.body {
    case .nothing: break
    case .object(let properties):
      described["requestBody"] = [
        "required": true,
        "content": ["application/json": ["schema": Property.schema(of: properties)]],
      ]
    case .evidence: described["requestBody"] = evidence
    }
    var responses = answer(operation.answer)
    responses["default"] = ["$ref": "#/components/responses/Problem"]
    described["responses"] = responses
    return described
  }

  private static let evidence: JSON = [
    "required": true,
    "content": [
      "application/json": ["schema": Property.schema(of: [Property("text", .text)])],
      "multipart/form-data": [
        "schema": [
          "type": "object",
          "properties": ["document": ["type": "string", "contentMediaType": "application/pdf"]],
          "required": ["document"],
        ]
      ],
    ],
  ]

  private static func security(_ bearer: Operation.Bearer) -> JSON {
    switch bearer {
    case .nothing: []
    case .ticket: [["ticket": []]]
    case .session: [["session": []]]
    }
  }

  private static func answer(_ answer: Operation.Answer) -> JSON {
    switch answer {
    case .nothing: ["204": ["description": "Done."]]
    case .value(let status, let shape):
      JSON.object([
        String(status): [
          "description": "Done.", "content": ["application/json": ["schema": shape.schema]],
        ]
      ])
    case .file: ["200": ["description": "The document.", "content": ["*/*": [:]]]]
    }
  }

  private static var schemas: JSON {
    var schemas: JSON = [:]
    for (name, properties) in APISchemas.all {
      schemas[name] = Property.schema(of: properties)
    }
    schemas["Problem"] = [
      "type": "object",
      "description": "Problem details (RFC 9457).",
      "properties": [
        "type": ["type": "string", "format": "uri"],
        "title": ["type": "string"], "status": ["type": "integer"],
        "detail": ["type": "string"],
        "member": ["type": "string", "description": "The member of the body it is about."],
        "retryAfter": ["type": "integer", "description": "Seconds until another try is taken."],
      ],
      "required": ["type", "title", "status"],
    ]
    return schemas
  }
}
