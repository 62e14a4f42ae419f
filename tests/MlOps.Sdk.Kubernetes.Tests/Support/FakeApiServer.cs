using System.Text;
using System.Text.Json.Nodes;

namespace MlOps.Sdk.Kubernetes.Tests;

/// <summary>
/// An API server on loopback: keeps objects, takes server-side applies, and lets Deployments and InferenceServices roll out as they are
/// looked at.
/// Thread-safe.
/// </summary>
internal sealed class FakeApiServer : FakeService
{
    public const string Token = "token-of-tests";

    private readonly Lock _lock = new();
    private readonly List<string> _calls = [];

    protected override string ContentType => "application/json";

    /// <summary>The objects by path.</summary>
    public Dictionary<string, JsonObject> Objects { get; } = [];

    /// <summary>How often a Deployment is looked at before it is rolled out.</summary>
    public int Looks { get; set; } = 2;

    /// <summary>The images that can be pulled, with what answers in them: the path after the proxy, the key and the body.</summary>
    public Dictionary<string, Func<string, string?, byte[], (int, byte[])>> Images { get; } = [];

    /// <summary>Deployments that stop being available.</summary>
    public HashSet<string> Broken { get; } = [];

    /// <summary>Whether Deployments never get ready.</summary>
    public bool Stalls { get; set; }

    /// <summary>
    /// What the Gateway says of routes: the state and the reason of the condition Accepted; <see langword="null"/> for nothing.
    /// </summary>
    public (string Status, string Reason)? Acceptance { get; set; } = ("True", "Accepted");

    /// <summary>Answers a request instead of the server.</summary>
    public Func<string, (int, string)?> Instead { get; set; } = _ => null;

    /// <summary>Hears of a request before it is carried out, and after; what it returns says whether a proxy answers instead.</summary>
    public Func<string, bool, bool> Breaks { get; set; } = (_, _) => false;

    /// <summary>Every body that was applied.</summary>
    public List<JsonObject> Applied { get; } = [];

    /// <summary>The requests: method and path.</summary>
    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (_lock) return [.. _calls];
        }
    }

    public IEnumerable<JsonObject> Of(string plural) => Objects.Where(entry => entry.Key.Contains($"/{plural}/", StringComparison.Ordinal))
        .Select(entry => entry.Value);

    protected override (int, byte[]) Answer(FakeRequest request)
    {
        var body = request.Body;
        if (request.Headers["Authorization"] != $"Bearer {Token}") return Status(401, "Unauthorized");
        var (path, call) = (request.Url.AbsolutePath, $"{request.HttpMethod} {request.Url.AbsolutePath}");
        lock (_lock)
        {
            _calls.Add(call);
            if (Breaks(call, false)) return (502, []);
            var answer = Instead(call) is var (status, text) ? (status, Encoding.UTF8.GetBytes(text)) : request.HttpMethod switch
            {
                "GET" when request.QueryString["labelSelector"] is { } selector => List(path, selector),
                "GET" => Objects.ContainsKey(path) ? Ok(Look(path)) : Status(404, $"{path} not found"),
                "PATCH" => Apply(request, path, body),
                "DELETE" => Objects.Remove(path) ? Status(200, "deleted") : Status(404, $"{path} not found"),
                "POST" when path.Contains(":http/proxy/", StringComparison.Ordinal) => Proxy(request, path, body),
                _ => Status(405, "not allowed"),
            };
            return Breaks(call, true) ? (502, []) : answer;
        }
    }

    private (int, byte[]) Apply(FakeRequest request, string path, byte[] body)
    {
        if (request.ContentType != "application/apply-patch+yaml") return Status(415, "media type");
        if (request.QueryString["fieldManager"] is null) return Status(422, "fieldManager is required for apply patch");
        var applied = JsonNode.Parse(body)!.AsObject();
        Applied.Add(applied.DeepClone().AsObject());
        var metadata = applied["metadata"]!.AsObject();
        if (applied["apiVersion"] is null || applied["kind"] is null || path.Split('/')[^1] != Text(metadata, "name")
            || path.Split('/')[^3] != Text(metadata, "namespace"))
        {
            return Status(400, "the name of the object does not match the name on the URL");
        }
        var before = Objects.GetValueOrDefault(path);
        var isSame = JsonNode.DeepEquals(before?["spec"], applied["spec"]);
        metadata["generation"] = (before?["metadata"]!["generation"]!.GetValue<int>() ?? 0) + (isSame ? 0 : 1);
        metadata["creationTimestamp"] = "2026-03-01T12:00:00Z";
        if (Text(applied, "kind") == "Deployment")
        {
            applied["status"] = isSame ? before!["status"]!.DeepClone() : new JsonObject { ["observedGeneration"] = 0, ["replicas"] = 0 };
            applied["looks"] = isSame ? before!["looks"]!.DeepClone() : Looks;
        }
        if (Text(applied, "kind") == "HTTPRoute" && before?["status"] is { } said) applied["status"] = said.DeepClone();
        if (Text(applied, "kind") == "InferenceService") KServeController.Apply(applied, before, Looks);
        Objects[path] = applied;
        return Ok(Shown(applied));
    }

    private JsonObject Look(string path)
    {
        var found = Objects[path];
        if (found.ContainsKey(KServeController.Member))
        {
            KServeController.Look(
                found,
                (revision, image) => Images.ContainsKey(image) && !Stalls && !Broken.Contains(revision),
                image => !Images.ContainsKey(image));
            return Shown(found);
        }
        if (Text(found, "kind") == "HTTPRoute") return LookAtRoute(found);
        if (Text(found, "kind") != "Deployment") return found;
        var (name, replicas) = (Text(found["metadata"]!.AsObject(), "name"), found["spec"]!["replicas"]!.GetValue<int>());
        var looks = found["looks"]!.GetValue<int>();
        found["looks"] = looks - 1;
        if (looks == 1) found["status"]!["observedGeneration"] = found["metadata"]!["generation"]!.GetValue<int>();
        var isReady = looks <= 0 && !Stalls && !Broken.Contains(name) && Images.ContainsKey(ImageOf(found));
        if (looks <= 0)
        {
            found["status"] = new JsonObject
            {
                ["observedGeneration"] = found["metadata"]!["generation"]!.GetValue<int>(),
                ["replicas"] = replicas,
                ["updatedReplicas"] = replicas,
                ["availableReplicas"] = isReady ? replicas : 0,
            };
        }
        if (Stalls && looks <= -3)
        {
            found["status"]!["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "Progressing", ["status"] = "False", ["reason"] = "ProgressDeadlineExceeded",
                ["message"] = "has timed out progressing.",
            });
        }
        return Shown(found);
    }

    private JsonObject LookAtRoute(JsonObject route)
    {
        if (Acceptance is not var (status, reason)) return Shown(route);
        route["status"] = new JsonObject
        {
            ["parents"] = new JsonArray(new JsonObject
            {
                ["parentRef"] = route["spec"]!["parentRefs"]![0]!.DeepClone(),
                ["controllerName"] = "example.com/gateway",
                ["conditions"] = new JsonArray(new JsonObject
                {
                    ["type"] = "Accepted", ["status"] = status, ["reason"] = reason, ["message"] = "as the listeners say.",
                    ["observedGeneration"] = route["metadata"]!["generation"]!.GetValue<int>(),
                    ["lastTransitionTime"] = "2026-03-01T12:00:00Z",
                }),
            }),
        };
        return Shown(route);
    }

    private (int, byte[]) List(string path, string selector)
    {
        var labels = selector.Split(',').Select(part => part.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        if (path.EndsWith("/pods", StringComparison.Ordinal))
        {
            var deployment = Of("deployments").FirstOrDefault(found => Matches(found["spec"]!["template"]!["metadata"]!, labels));
            var isMissing = deployment is not null && !Images.ContainsKey(ImageOf(deployment));
            return Ok(new JsonObject
            {
                ["apiVersion"] = "v1", ["kind"] = "PodList", ["metadata"] = new JsonObject(),
                ["items"] = isMissing ? new JsonArray(WaitingPod(ImageOf(deployment!))) : [],
            });
        }
        var items = Objects.Where(entry => entry.Key.StartsWith($"{path}/", StringComparison.Ordinal)
            && Matches(entry.Value["metadata"]!, labels));
        return Ok(new JsonObject
        {
            ["apiVersion"] = "apps/v1", ["kind"] = "DeploymentList", ["metadata"] = new JsonObject(),
            ["items"] = new JsonArray([.. items.Select(entry => (JsonNode)Shown(entry.Value))]),
        });
    }

    private (int, byte[]) Proxy(FakeRequest request, string path, byte[] body)
    {
        var at = path.IndexOf(":http/proxy/", StringComparison.Ordinal);
        var pathInPods = path[(at + ":http/proxy/".Length)..];
        if (!Objects.TryGetValue(path[..at], out var service))
        {
            var image = Of("inferenceservices").Select(found => KServeController.FindImage(found, path[..at].Split('/')[^1]))
                .FirstOrDefault(found => found is not null);
            return image is null ? Status(404, "no service") : Images[image](pathInPods, request.Headers["X-Api-Key"], body);
        }
        var release = Text(service["spec"]!["selector"]!.AsObject(), "mlops.sdk/release");
        var deployment = Of("deployments").FirstOrDefault(found =>
            Text(found["spec"]!["template"]!["metadata"]!["labels"]!.AsObject(), "mlops.sdk/release") == release);
        return deployment is not null && deployment["status"]!["availableReplicas"]?.GetValue<int>() > 0
            ? Images[ImageOf(deployment)](pathInPods, request.Headers["X-Api-Key"], body)
            : Status(503, "no endpoints available for service");
    }

    private static JsonObject WaitingPod(string image) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = "pod-1" },
        ["status"] = new JsonObject
        {
            ["containerStatuses"] = new JsonArray(new JsonObject
            {
                ["name"] = "model", ["image"] = image, ["imageID"] = "", ["ready"] = false, ["restartCount"] = 0,
                ["state"] = new JsonObject
                {
                    ["waiting"] = new JsonObject { ["reason"] = "ImagePullBackOff", ["message"] = $"Back-off pulling image \"{image}\"" },
                },
            }),
        },
    };

    private static bool Matches(JsonNode metadata, Dictionary<string, string> labels) =>
        labels.All(label => metadata["labels"]?[label.Key]?.GetValue<string>() == label.Value);

    private static string ImageOf(JsonObject deployment) =>
        Text(deployment["spec"]!["template"]!["spec"]!["containers"]![0]!.AsObject(), "image");

    private static JsonObject Shown(JsonObject found)
    {
        var copy = found.DeepClone().AsObject();
        copy.Remove("looks");
        copy.Remove(KServeController.Member);
        return copy;
    }

    private static string Text(JsonObject from, string member) => from[member]!.GetValue<string>();

    private static (int, byte[]) Ok(JsonObject answer) => (200, Encoding.UTF8.GetBytes(answer.ToJsonString()));

    private static (int, byte[]) Status(int code, string message) => (code, Encoding.UTF8.GetBytes(
        new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Status", ["message"] = message, ["code"] = code }.ToJsonString()));
}
