using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MlOps.Sdk.Tests;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>
/// SageMaker on loopback: verifies signatures itself, holds requests to Amazon's description of them, and keeps models, configurations and
/// endpoints, which change as they are looked at. Thread-safe.
/// </summary>
internal sealed class FakeSageMaker : FakeService
{
    public const string AccessKey = "AKIDEXAMPLE";
    public const string Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    public const string Region = "eu-central-1";

    private const string Account = "111122223333";

    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly List<SageMakerCall> _calls = [];

    public FakeSageMaker(TimeProvider time) => _time = time;

    protected override string ContentType => "application/x-amz-json-1.1";

    public Dictionary<string, FakeResource> Models { get; } = [];

    public Dictionary<string, FakeResource> Configurations { get; } = [];

    public Dictionary<string, FakeEndpoint> Endpoints { get; } = [];

    public Dictionary<string, Dictionary<string, string>> Tags { get; } = [];

    /// <summary>How often an endpoint is looked at before a change of it ends.</summary>
    public int Looks { get; set; } = 2;

    /// <summary>Why the next change of an endpoint will fail.</summary>
    public string? NextFails { get; set; }

    /// <summary>Answers a call instead of the fake: a status and a body; <see langword="null"/> for the fake's own answer.</summary>
    public Func<SageMakerCall, (int Status, string Body)?> Instead { get; set; } = _ => null;

    /// <summary>Hears of a call before it is carried out, and after; what it returns says whether a proxy answers instead.</summary>
    public Func<SageMakerCall, bool, bool> Breaks { get; set; } = (_, _) => false;

    /// <summary>The containers: the environment, the address of the archive and the body of a call; the answer of the model.</summary>
    public Func<JsonObject, string, byte[], byte[]> Container { get; set; } =
        (_, _, _) => throw new InvalidOperationException("No container.");

    public IReadOnlyList<SageMakerCall> Calls
    {
        get
        {
            lock (_lock) return [.. _calls];
        }
    }

    public IEnumerable<string> CallNames => Calls.Select(call => call.Name);

    public static string ArnOf(string kind, string name) => $"arn:aws:sagemaker:{Region}:{Account}:{kind}/{name.ToLowerInvariant()}";

    protected override (int Status, byte[] Body) Answer(FakeRequest request)
    {
        var body = request.Body;
        if (FindWrongSignature(request, body) is { } wrong) return Error(403, "InvalidSignatureException", wrong);
        var headers = request.Headers.AllKeys.ToDictionary(key => key!, key => request.Headers[key]!, StringComparer.OrdinalIgnoreCase);
        var name = headers.GetValueOrDefault("X-Amz-Target") is { } target ? target.Split('.')[1] : "InvokeEndpoint";
        var call = new SageMakerCall(name, JsonNode.Parse(body)!.AsObject(), headers);
        lock (_lock)
        {
            _calls.Add(call);
            if (Breaks(call, false)) return (502, []);
            var answer = Instead(call) is { } instead
                ? (instead.Status, Encoding.UTF8.GetBytes(instead.Body))
                : Handle(call, request, body);
            return Breaks(call, true) ? (502, []) : answer;
        }
    }

    private (int Status, byte[] Body) Handle(SageMakerCall call, FakeRequest request, byte[] body)
    {
        if (call.Name == "InvokeEndpoint") return Invoke(request.Url.AbsolutePath.Split('/')[2], call, body);
        if (request.Headers["Content-Type"] != "application/x-amz-json-1.1") return Error(415, "SerializationException", "content type");
        using var parsed = JsonDocument.Parse(body);
        if (ServiceModel.Check(call.Name, parsed.RootElement) is { Count: > 0 } mistakes)
        {
            return Error(400, "ValidationException", string.Join("; ", mistakes));
        }
        var it = call.Request;
        return call.Name switch
        {
            "CreateModel" => Create(Models, "model", Text(it, "ModelName"), it, "ModelArn"),
            "CreateEndpointConfig" => VariantModels(it).FirstOrDefault(model => !Models.ContainsKey(model)) is { } missing
                ? Missing("model", missing)
                : Create(Configurations, "endpoint-config", Text(it, "EndpointConfigName"), it, "EndpointConfigArn"),
            "CreateEndpoint" => CreateEndpoint(it),
            "UpdateEndpoint" => UpdateEndpoint(it),
            "DescribeModel" => Describe(Models, "model", Text(it, "ModelName"), "ModelArn"),
            "DescribeEndpointConfig" => Describe(Configurations, "endpoint-config", Text(it, "EndpointConfigName"), "EndpointConfigArn"),
            "DescribeEndpoint" => DescribeEndpoint(Text(it, "EndpointName")),
            "DeleteModel" => Delete(Models, "model", Text(it, "ModelName")),
            "DeleteEndpointConfig" => Delete(Configurations, "endpoint-config", Text(it, "EndpointConfigName")),
            "DeleteEndpoint" => DeleteEndpoint(Text(it, "EndpointName")),
            "ListModels" => List(Models, it, "Models", "Model"),
            "ListEndpointConfigs" => List(Configurations, it, "EndpointConfigs", "EndpointConfig"),
            "ListTags" => ListTags(Text(it, "ResourceArn")),
            "AddTags" => AddTags(it),
            _ => Error(400, "UnknownOperationException", call.Name),
        };
    }

    private (int, byte[]) Create(Dictionary<string, FakeResource> resources, string kind, string name, JsonObject request, string member)
    {
        var arn = ArnOf(kind, name);
        if (resources.ContainsKey(name)) return Error(400, "ValidationException", $"Cannot create already existing {kind} \"{arn}\".");
        resources[name] = new FakeResource(request.DeepClone().AsObject(), arn, Now);
        Tag(arn, request);
        return Ok(new JsonObject { [member] = arn });
    }

    private (int, byte[]) CreateEndpoint(JsonObject request)
    {
        var (name, configuration) = (Text(request, "EndpointName"), Text(request, "EndpointConfigName"));
        if (Endpoints.ContainsKey(name))
        {
            return Error(400, "ValidationException", $"Cannot create already existing endpoint \"{ArnOf("endpoint", name)}\".");
        }
        if (!Configurations.ContainsKey(configuration)) return Missing("endpoint configuration", configuration);
        Endpoints[name] = new FakeEndpoint { Configuration = configuration, Looks = Looks, WillFail = TakeFailure() };
        Tag(ArnOf("endpoint", name), request);
        return Ok(new JsonObject { ["EndpointArn"] = ArnOf("endpoint", name) });
    }

    private (int, byte[]) UpdateEndpoint(JsonObject request)
    {
        var (name, configuration) = (Text(request, "EndpointName"), Text(request, "EndpointConfigName"));
        if (!Endpoints.TryGetValue(name, out var endpoint)) return Missing("endpoint", name);
        if (!Configurations.ContainsKey(configuration)) return Missing("endpoint configuration", configuration);
        if (endpoint.Status != "InService")
        {
            return Error(400, "ValidationException", $"Cannot update in-progress endpoint \"{ArnOf("endpoint", name)}\".");
        }
        (endpoint.Status, endpoint.Pending, endpoint.Looks, endpoint.WillFail) = ("Updating", configuration, Looks, TakeFailure());
        return Ok(new JsonObject { ["EndpointArn"] = ArnOf("endpoint", name) });
    }

    private (int, byte[]) DescribeEndpoint(string name)
    {
        if (!Endpoints.TryGetValue(name, out var endpoint)) return Missing("endpoint", name);
        if (endpoint.Status is "Creating" or "Updating" or "Deleting" && endpoint.Looks-- <= 0) Settle(name, endpoint);
        if (!Endpoints.ContainsKey(name)) return Missing("endpoint", name);
        var answer = new JsonObject
        {
            ["EndpointName"] = name,
            ["EndpointArn"] = ArnOf("endpoint", name),
            ["EndpointConfigName"] = endpoint.Configuration,
            ["EndpointStatus"] = endpoint.Status,
            ["CreationTime"] = Now,
            ["LastModifiedTime"] = Now,
        };
        if (endpoint.Pending is { } pending) answer["PendingDeploymentSummary"] = new JsonObject { ["EndpointConfigName"] = pending };
        if (endpoint.FailureReason is { } reason) answer["FailureReason"] = reason;
        return Ok(answer);
    }

    private void Settle(string name, FakeEndpoint endpoint)
    {
        if (endpoint.Status == "Deleting")
        {
            Endpoints.Remove(name);
            return;
        }
        endpoint.FailureReason = endpoint.WillFail;
        if (endpoint.WillFail is null) endpoint.Configuration = endpoint.Pending ?? endpoint.Configuration;
        endpoint.Status = endpoint.WillFail is not null && endpoint.Status == "Creating" ? "Failed" : "InService";
        (endpoint.Pending, endpoint.WillFail) = (null, null);
    }

    private (int, byte[]) Describe(Dictionary<string, FakeResource> resources, string kind, string name, string member)
    {
        if (!resources.TryGetValue(name, out var found)) return Missing(kind.Replace('-', ' '), name);
        var answer = found.Request.DeepClone().AsObject();
        answer.Remove(nameof(Tags));
        answer[member] = found.Arn;
        answer["CreationTime"] = found.CreatedAt;
        return Ok(answer);
    }

    private static (int, byte[]) Delete(Dictionary<string, FakeResource> resources, string kind, string name) =>
        resources.Remove(name) ? Ok([]) : Missing(kind.Replace('-', ' '), name);

    private (int, byte[]) DeleteEndpoint(string name)
    {
        if (!Endpoints.TryGetValue(name, out var endpoint)) return Missing("endpoint", name);
        (endpoint.Status, endpoint.Looks) = ("Deleting", Looks);
        return Ok([]);
    }

    private (int, byte[]) List(Dictionary<string, FakeResource> resources, JsonObject request, string list, string member)
    {
        // Pages of two, so that there are several.
        var from = request["NextToken"] is { } token ? int.Parse(token.GetValue<string>(), CultureInfo.InvariantCulture) : 0;
        var found = resources.Where(entry => entry.Key.Contains(Text(request, "NameContains"), StringComparison.Ordinal))
            .OrderBy(entry => entry.Key, StringComparer.Ordinal).ToList();
        var answer = new JsonObject
        {
            [list] = new JsonArray([.. found.Skip(from).Take(2).Select(entry => (JsonNode)new JsonObject
            {
                [$"{member}Name"] = entry.Key, [$"{member}Arn"] = entry.Value.Arn, ["CreationTime"] = entry.Value.CreatedAt,
            })]),
        };
        if (from + 2 < found.Count) answer["NextToken"] = (from + 2).ToString(CultureInfo.InvariantCulture);
        return Ok(answer);
    }

    private (int, byte[]) ListTags(string arn) => Ok(new JsonObject
    {
        [nameof(Tags)] = new JsonArray([.. Tags.GetValueOrDefault(arn, []).Select(tag =>
            (JsonNode)new JsonObject { ["Key"] = tag.Key, ["Value"] = tag.Value })]),
    });

    private (int, byte[]) AddTags(JsonObject request)
    {
        Tag(Text(request, "ResourceArn"), request);
        return Ok([]);
    }

    private (int, byte[]) Invoke(string name, SageMakerCall call, byte[] body)
    {
        if (!Endpoints.TryGetValue(name, out var endpoint) || endpoint.Status is not ("InService" or "Updating"))
        {
            return Error(400, "ValidationError", $"Endpoint {name} of account {Account} not found.");
        }
        var variants = Configurations[endpoint.Configuration].Request["ProductionVariants"]!.AsArray();
        var variant = variants.Single(found => Text(found!.AsObject(), "VariantName") == call.Headers["X-Amzn-SageMaker-Target-Variant"]);
        var container = Models[Text(variant!.AsObject(), "ModelName")].Request["PrimaryContainer"]!.AsObject();
        try
        {
            return (200, Container(container["Environment"]!.AsObject(), Text(container, "ModelDataUrl"), body));
        }
        catch (Exception e) when (e is not InvalidOperationException)
        {
            return Error(424, "ModelError", $"Received server error (500) from primary with message \"{e.Message}\".");
        }
    }

    private string? FindWrongSignature(FakeRequest request, byte[] body)
    {
        var parts = (request.Headers["Authorization"] ?? "").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        if (parts is not ["AWS4-HMAC-SHA256", _, _, _]) return "no signature";
        var values = parts[1..].Select(part => part.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        var (credential, signed) = (values["Credential"].Split('/', 2), values["SignedHeaders"].Split(';'));
        var time = request.Headers["X-Amz-Date"] ?? "";
        if (credential[0] != AccessKey) return "unknown key";
        if (credential[1] != $"{time[..8]}/{Region}/sagemaker/aws4_request") return "another scope";
        var at = DateTimeOffset.ParseExact(time, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        if ((_time.GetUtcNow() - at).Duration() > TimeSpan.FromMinutes(15)) return "signature expired";
        foreach (var needed in new[] { "host", "x-amz-date", "content-type" })
        {
            if (!signed.Contains(needed)) return $"{needed} is not signed";
        }
        if (request.Headers["X-Amz-Target"] is not null && !signed.Contains("x-amz-target")) return "x-amz-target is not signed";
        var signature = SigV4.Sign(
            Secret,
            credential[1],
            time,
            request.HttpMethod,
            request.Url.AbsolutePath,
            "",
            [.. signed.Select(name => new KeyValuePair<string, string>(name, request.Headers[name] ?? ""))],
            body);
        return signature == values["Signature"] ? null : "the signatures do not match";
    }

    private void Tag(string arn, JsonObject request)
    {
        if (!Tags.TryGetValue(arn, out var tags)) tags = Tags[arn] = [];
        foreach (var tag in request[nameof(Tags)]?.AsArray() ?? []) tags[Text(tag!.AsObject(), "Key")] = Text(tag.AsObject(), "Value");
    }

    private string? TakeFailure()
    {
        var failure = NextFails;
        NextFails = null;
        return failure;
    }

    private double Now => (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;

    private static IEnumerable<string> VariantModels(JsonObject configuration) =>
        new[] { "ProductionVariants", "ShadowProductionVariants" }
            .SelectMany(list => configuration[list]?.AsArray() ?? [])
            .Select(variant => Text(variant!.AsObject(), "ModelName"));

    private static string Text(JsonObject from, string member) => from[member]!.GetValue<string>();

    private static (int, byte[]) Ok(JsonObject answer) => (200, Encoding.UTF8.GetBytes(answer.ToJsonString()));

    private static (int, byte[]) Missing(string kind, string name) =>
        Error(400, "ValidationException", $"Could not find {kind} \"{name}\".");

    private static (int, byte[]) Error(int status, string code, string message) => (
        status,
        Encoding.UTF8.GetBytes(new JsonObject { ["__type"] = code, ["message"] = message }.ToJsonString()));
}
