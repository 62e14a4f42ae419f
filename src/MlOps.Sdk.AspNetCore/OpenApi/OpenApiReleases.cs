using System.Text.Json;

namespace MlOps.Sdk.AspNetCore;

/// <summary>What the OpenAPI document has for those who may change releases.</summary>
internal static class OpenApiReleases
{
    private const string Who = """
        "at":{"type":"string","format":"date-time"},"actor":{"type":"string"},"reason":{"type":"string"}
        """;

    private const string Arms = """
        "arms":{"type":"array","maxItems":8,"items":{"type":"object","required":["name","version","share"],"properties":{
        "name":{"type":"string"},"version":{"type":"integer"},"share":{"type":"number","minimum":0,"maximum":1},
        "isShadow":{"type":"boolean","default":false}}}}
        """;

    private static readonly (string Name, string Schema)[] Schemas =
    [
        ("PromoteRequest", """
            {"type":"object","required":["version","reason"],"properties":{"version":{"type":"integer"},
            "reason":{"type":"string","minLength":1,"maxLength":1000}},"additionalProperties":false}
            """),
        ("RollBackRequest", """
            {"type":"object","required":["reason"],"properties":{"version":{"type":"integer"},
            "reason":{"type":"string","minLength":1,"maxLength":1000}},"additionalProperties":false}
            """),
        ("ReasonRequest", """
            {"type":"object","required":["reason"],"properties":{"reason":{"type":"string","minLength":1,"maxLength":1000}},
            "additionalProperties":false}
            """),
        ("TrafficRequest", $$$$"""
            {"type":"object","required":["arms","reason"],"properties":{{{{{Arms}}}},"generation":{"type":"integer"},
            "reason":{"type":"string","minLength":1,"maxLength":1000}},"additionalProperties":false}
            """),
        ("Release", $$$$"""
            {"type":"object","properties":{"model":{"type":"string"},"version":{"type":"integer"},
            "previous":{"type":"integer"},{{{{Who}}}}}}
            """),
        ("Received", """
            {"type":"object","properties":{"model":{"type":"string"},"version":{"type":"integer"},"contentHash":{"type":"string"},
            "promotedAt":{"type":"string","format":"date-time"},"keyId":{"type":"string"},"isNew":{"type":"boolean"},
            "liveVersion":{"type":"integer"}}}
            """),
        ("Split", $$$$"""
            {"type":"object","properties":{"model":{"type":"string"},{{{{Arms}}}},"liveShare":{"type":"number"},
            "generation":{"type":"integer"},{{{{Who}}}}}}
            """),
        ("Switch", $$$$"""
            {"type":"object","properties":{"model":{"type":"string"},"stopped":{"type":"boolean"},{{{{Who}}}}}}
            """),
        ("Fallback", $$$$"""
            {"type":"object","properties":{"version":{"type":"integer"},"score":{"type":"number"},"label":{"type":"string"},
            "generation":{"type":"integer"},{{{{Who}}}}}}
            """),
        ("Rollout", $$$$"""
            {"type":"object","properties":{"id":{"type":"integer"},"version":{"type":"integer"},"liveVersion":{"type":"integer"},
            "strategy":{"type":"string"},"state":{"type":"string"},"share":{"type":"number"},
            "startedAt":{"type":"string","format":"date-time"},"findings":{"type":"array","items":{"type":"object","properties":{
            "guard":{"type":"string"},"state":{"type":"string"},"sentence":{"type":"string"} } } },{{{{Who}}}}}}
            """),
        ("Versions", """
            {"type":"object","properties":{"count":{"type":"integer"},"versions":{"type":"array","items":{"type":"object","properties":{
            "version":{"type":"integer"},"isBlessed":{"type":"boolean"},"aliases":{"type":"array","items":{"type":"string"}},
            "createdAt":{"type":"string","format":"date-time"},"contentHash":{"type":"string"},"runId":{"type":"string"}}}}}}
            """),
        ("Traffic", """
            {"type":"object","properties":{"split":{"$ref":"#/components/schemas/Split"},"stop":{"$ref":"#/components/schemas/Switch"},
            "fallback":{"$ref":"#/components/schemas/Fallback"},"rollout":{"$ref":"#/components/schemas/Rollout"}}}
            """),
        ("History", """
            {"type":"object","properties":{"releases":{"type":"array","items":{"$ref":"#/components/schemas/Release"}},
            "splits":{"type":"array","items":{"$ref":"#/components/schemas/Split"}},
            "switches":{"type":"array","items":{"$ref":"#/components/schemas/Switch"}},
            "rollouts":{"type":"array","items":{"$ref":"#/components/schemas/Rollout"}}}}
            """),
    ];

    /// <summary>The operations, those of a path together.</summary>
    public static IReadOnlyList<IReadOnlyList<OpenApiOperation>> Operations { get; } =
    [
        [new("post", "/promote", "promote", "Makes a blessed version the live one", "PromoteRequest", "Release")],
        [new("post", "/rollback", "rollback", "Goes back to an earlier version", "RollBackRequest", "Release")],
        [
            new("get", "/traffic", "getTraffic", "Tells how calls are divided, and whether the model is stopped", null, "Traffic"),
            new("post", "/traffic", "divideTraffic", "Divides the calls over versions", "TrafficRequest", "Split"),
        ],
        [new("post", "/stop", "stop", "Lets no version answer", "ReasonRequest", "Switch")],
        [new("post", "/resume", "resume", "Lets the model answer again", "ReasonRequest", "Switch")],
        [new("post", "/rollout/cancel", "cancelRollout", "Ends the rollout that is in progress", "ReasonRequest", "Rollout")],
        [
            new("post", "/releases", "receiveRelease", "Takes up a signed release of another workspace", null, "Received")
            {
                Binary = (MediaTypes.Zip, "A release, as a deployment target writes it"),
            },
        ],
        [new("get", "/versions", "getVersions", "Lists the newest versions", null, "Versions") { HasLimit = true }],
        [new("get", "/history", "getHistory", "Lists what was changed", null, "History") { HasLimit = true }],
    ];

    public static void WriteSchemas(Utf8JsonWriter json)
    {
        foreach (var (name, schema) in Schemas)
        {
            json.WritePropertyName(name);
            json.WriteRawValue(schema);
        }
    }
}
